//! The table of tags, and the conversion of its rows.

use release_links_domain::ReleaseId;
use release_links_domain::tag::{Tag, TagName, TagRelease, TagSearch};

use crate::{Cells, Column, SqlRow};

columns! {
    ($) tag_columns = numbered "tags" {
        id: Integer read,
        project_id: Integer,
        name: Text read,
        message: Text read,
        target: Text read,
        created_at: Integer read,
        version: Bytes,
    }
}

/// The columns of tag `t` and its release `r`.
#[macro_export]
macro_rules! tag_selection {
    () => {
        concat!($crate::tag_columns!("t"), ", r.id, r.description")
    };
}

/// The number of columns of `tag_selection!`.
pub const SELECTED: usize = COUNT + 2;

const RELEASE: Column = Column { at: COUNT, name: "id of its release" };
const DESCRIPTION: Column = Column { at: COUNT + 1, name: "description of its release" };
const BYTES: Column = Column { at: 2, name: "bytes of its text" };

/// Reads a tag from the columns of `tag_selection!`, starting at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn tag<R: SqlRow>(row: &R, at: usize) -> Result<Tag, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    let release: Option<ReleaseId> = cells.optional_number(RELEASE)?;
    let description = cells.optional_string(DESCRIPTION)?;
    Ok(Tag {
        name: cells.text(COLUMNS.name)?,
        message: cells.optional_string(COLUMNS.message)?,
        target: cells.optional_string(COLUMNS.target)?,
        created_at: cells.time(COLUMNS.created_at)?,
        release: release.map(|_| TagRelease { description }),
    })
}

/// Reads a tag's name and its number of bytes of text from the two columns after its id, which is column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn size<R: SqlRow>(row: &R, at: usize) -> Result<(TagName, u64), R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok((cells.text(COLUMNS.name)?, cells.count(BYTES)?))
}

/// Returns the `LIKE` pattern of a search, with the backslash as escape character.
#[must_use]
pub fn pattern(search: &TagSearch) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    match search {
        TagSearch::Start(text) => format!("{}%", escaped(text)),
        TagSearch::End(text) => format!("%{}", escaped(text)),
        TagSearch::Anywhere(text) => format!("%{}%", escaped(text)),
        // Matches only the empty name, which no tag has.
        TagSearch::Nothing => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_escaped() {
        assert_eq!(pattern(&TagSearch::Anywhere("1_0%\\".to_owned())), "%1\\_0\\%\\\\%");
        assert_eq!(pattern(&TagSearch::Start("v".to_owned())), "v%");
        assert_eq!(pattern(&TagSearch::End("v".to_owned())), "%v");
    }
}
