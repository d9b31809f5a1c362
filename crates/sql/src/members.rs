//! The tables of group and project members, and the conversion of their access levels.

use release_links_domain::UserId;
use release_links_domain::access::{AccessLevel, Grants};

use crate::Kind::Integer;
use crate::{Cells, Column, SqlRow, Table};

/// The table of group members, for copies.
pub const OF_GROUPS: Table = Table::paired(
    "group_members",
    &[("group_id", Integer), ("user_id", Integer), ("level", Integer), ("created_at", Integer)],
);

/// The table of project members, for copies.
pub const OF_PROJECTS: Table = Table::paired(
    "project_members",
    &[("project_id", Integer), ("user_id", Integer), ("level", Integer), ("created_at", Integer)],
);

/// An adapter's statements on one of the two tables.
#[allow(missing_docs, reason = "each is the statement of its name")]
pub struct Statements {
    pub one: &'static str,
    pub insert: &'static str,
    pub update: &'static str,
    pub delete: &'static str,
}

const TABLE: &str = "users";

/// Reads a user's id from column `at` and their effective level from the next two columns.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt), also if there is no level.
pub fn user_and_level<R: SqlRow>(row: &R, at: usize) -> Result<(UserId, AccessLevel), R::Failure> {
    Ok((Cells::new(row, TABLE, at)?.id()?, level(row, at, 1)?))
}

/// Like [`optional_level`], for a user who must have a level.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt), also if there is no level.
pub fn level<R: SqlRow>(row: &R, at: usize, after: usize) -> Result<AccessLevel, R::Failure> {
    match optional_level(row, at, after)? {
        Some(level) => Ok(level),
        None => Cells::new(row, TABLE, at)?.number(highest(after)),
    }
}

/// Reads the effective level of the user whose id is in column `at` from two columns, the first of which is column
/// `at + after`: the highest level as a member, and whether the user owns the namespace.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn optional_level<R: SqlRow>(row: &R, at: usize, after: usize) -> Result<Option<AccessLevel>, R::Failure> {
    let cells = Cells::new(row, TABLE, at)?;
    let owns = Column { at: after + 1, name: "ownership of the namespace" };
    let access = Grants {
        direct: cells.optional_number(highest(after))?,
        inherited: None,
        owns_namespace: cells.optional_boolean(owns)?.unwrap_or(false),
    };
    Ok(access.level())
}

const fn highest(after: usize) -> Column {
    Column { at: after, name: "level as a member" }
}
