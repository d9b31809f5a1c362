//! The table of tag protection rules, and the conversion of its rows.

use release_links_domain::access::TagRule;

use crate::{Cells, SqlRow};

columns! {
    ($) rule_columns = numbered "protected_tags" {
        id: Integer read,
        project_id: Integer,
        pattern: Text read,
        create_level: Integer read,
    }
}

/// Reads a rule whose columns begin at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn rule<R: SqlRow>(row: &R, at: usize) -> Result<TagRule, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    let (pattern, create_level) = (cells.text(COLUMNS.pattern)?, cells.number(COLUMNS.create_level)?);
    Ok(TagRule { id: cells.id()?, pattern, create_level })
}
