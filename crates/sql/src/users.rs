//! The table of users, and users from its rows.

use std::fmt::Debug;

use release_links_domain::user::User;
use release_links_ports::{StoreError, WriteError};

use crate::{Cells, Column, SqlRow};

columns! {
    ($) user_columns = numbered "users" {
        id: Integer read,
        name: Text read,
        email: Text read,
        administrator: Boolean read,
        bot: Boolean read,
        created_at: Integer,
    }
}

/// What is read of a user `u` with their namespace `un`.
#[macro_export]
macro_rules! user_selection {
    () => {
        concat!($crate::user_columns!("u"), ", un.id, un.path")
    };
}

/// How many columns `user_selection!` has.
pub const SELECTED: usize = COUNT + 2;

/// The path of the namespace, after its id.
const USERNAME: Column = Column { at: 1, name: "path" };

/// A user from the columns of `user_selection!`, of which the first is column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn user<R: SqlRow>(row: &R, at: usize) -> Result<User, R::Failure> {
    read(row, at, &Cells::new(row, TABLE.name, at)?)
}

/// As [`user`]; none when the columns are null.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn maybe_user<R: SqlRow>(row: &R, at: usize) -> Result<Option<User>, R::Failure> {
    Cells::maybe(row, TABLE.name, at)?.map(|cells| read(row, at, &cells)).transpose()
}

fn read<R: SqlRow>(row: &R, at: usize, cells: &Cells<'_, R>) -> Result<User, R::Failure> {
    Ok(User {
        id: cells.id()?,
        username: Cells::new(row, crate::namespaces::TABLE.name, at + COUNT)?.text(USERNAME)?,
        name: cells.string(COLUMNS.name)?,
        email: cells.stored(COLUMNS.email)?,
        administrator: cells.boolean(COLUMNS.administrator)?,
        bot: cells.boolean(COLUMNS.bot)?,
    })
}

/// What it means that the first user of a store was refused: without users there is nothing that could be in the way.
pub fn refused_first<T: Debug + Send + Sync + 'static>(refusal: WriteError<T>) -> StoreError {
    match refusal {
        WriteError::Store(error) => error,
        refused => StoreError::Internal(refused.into()),
    }
}
