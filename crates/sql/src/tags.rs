//! The table of tags, and tags from its rows.

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
        created_at: Integer,
    }
}

/// What is read of a tag `t` with its release `r`.
#[macro_export]
macro_rules! tag_selection {
    () => {
        concat!($crate::tag_columns!("t"), ", r.id, r.description")
    };
}

/// How many columns `tag_selection!` has.
pub const SELECTED: usize = COUNT + 2;

const RELEASE: Column = Column { at: COUNT, name: "id of its release" };
const DESCRIPTION: Column = Column { at: COUNT + 1, name: "description of its release" };
const BYTES: Column = Column { at: 2, name: "bytes of its text" };

/// A tag from the columns of `tag_selection!`, of which the first is column `at`.
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
        release: release.map(|_| TagRelease { description }),
    })
}

/// The name of a tag, after its id in column `at`, and the bytes of text that it has in the next.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn size<R: SqlRow>(row: &R, at: usize) -> Result<(TagName, u64), R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok((cells.text(COLUMNS.name)?, cells.count(BYTES)?))
}

/// A search as a pattern for `LIKE`, in which a backslash escapes.
#[must_use]
pub fn pattern(search: &TagSearch) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    match search {
        TagSearch::Start(text) => format!("{}%", escaped(text)),
        TagSearch::End(text) => format!("%{}", escaped(text)),
        TagSearch::Anywhere(text) => format!("%{}%", escaped(text)),
        // Only an empty name is like this, and no tag has one.
        TagSearch::Nothing => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pattern_gives_a_meaning_is_escaped() {
        assert_eq!(pattern(&TagSearch::Anywhere("1_0%\\".to_owned())), "%1\\_0\\%\\\\%");
        assert_eq!(pattern(&TagSearch::Start("v".to_owned())), "v%");
        assert_eq!(pattern(&TagSearch::End("v".to_owned())), "%v");
    }
}
