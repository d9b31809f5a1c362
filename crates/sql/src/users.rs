//! The table of users, and the conversion of its rows.

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

/// The columns of user `u` and their namespace `un`.
#[macro_export]
macro_rules! user_selection {
    () => {
        concat!($crate::user_columns!("u"), ", un.id, un.path")
    };
}

/// The number of columns of `user_selection!`.
pub const SELECTED: usize = COUNT + 2;

/// The path of the namespace, in the column after its id.
const USERNAME: Column = Column { at: 1, name: "path" };

/// Reads a user from the columns of `user_selection!`, starting at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn user<R: SqlRow>(row: &R, at: usize) -> Result<User, R::Failure> {
    read(row, at, &Cells::new(row, TABLE.name, at)?)
}

/// Like [`user`], but returns `None` if the columns are null.
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

/// Converts the refusal of a store's first user: without users there is nothing to conflict with, so a conflict is an
/// internal error.
pub fn refused_first<T: Debug + Send + Sync + 'static>(refusal: WriteError<T>) -> StoreError {
    match refusal {
        WriteError::Store(error) => error,
        refused => StoreError::Internal(refused.into()),
    }
}
