//! The tables of the members of groups and projects, and the levels in their rows.

use release_links_domain::UserId;
use release_links_domain::access::{AccessLevel, Grants};

use crate::Kind::Integer;
use crate::{Cells, Column, SqlRow, Table};

/// The members of groups, for copies.
pub const OF_GROUPS: Table = Table::paired(
    "group_members",
    &[("group_id", Integer), ("user_id", Integer), ("level", Integer), ("created_at", Integer)],
);

/// The members of projects, for copies.
pub const OF_PROJECTS: Table = Table::paired(
    "project_members",
    &[("project_id", Integer), ("user_id", Integer), ("level", Integer), ("created_at", Integer)],
);

const TABLE: &str = "users";

/// The id of a user in column `at`, and the effective level out of the next two columns.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt), also when there is no level.
pub fn user_and_level<R: SqlRow>(row: &R, at: usize) -> Result<(UserId, AccessLevel), R::Failure> {
    Ok((Cells::new(row, TABLE, at)?.id()?, level(row, at, 1)?))
}

/// The effective level of the user whose id is in column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt), also when there is none.
pub fn level<R: SqlRow>(row: &R, at: usize, after: usize) -> Result<AccessLevel, R::Failure> {
    match optional_level(row, at, after)? {
        Some(level) => Ok(level),
        None => Cells::new(row, TABLE, at)?.number(highest(after)),
    }
}

/// The effective level of the user whose id is in column `at`, out of two columns that stand so many columns `after` it: the
/// highest level as a member, and whether the user owns the namespace.
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
