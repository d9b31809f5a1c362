//! The tables of groups and the namespaces of users, and both from their rows.

use release_links_domain::access::{AccessLevel, Grants};
use release_links_domain::namespace::{FullPath, Group, Namespace, NamespaceKind, PathSegment};
use release_links_domain::project::Visibility;
use release_links_domain::{NamespaceId, UserId};
use release_links_ports::{GroupView, NamespaceView};

use crate::{Cells, Column, SqlRow};

columns! {
    ($) namespace_columns = numbered "namespaces" {
        id: Integer read,
        parent_id: Integer read,
        user_id: Integer read,
        name: Text read,
        path: Text read,
        full_path: Text read,
        visibility: Text read,
        since: Integer,
        created_at: Integer,
    }
}

/// The viewer's highest level over the groups from the namespace up, after its columns.
const LEVEL: Column = Column { at: COUNT, name: "level of its members" };
/// The names of a group and of those above it, after the level.
const FULL_NAME: Column = Column { at: COUNT + 1, name: "name of those above" };

/// How many columns a namespace has with the viewer's level.
pub const WITH_LEVEL: usize = COUNT + 1;
/// How many columns a group has with the viewer's level and its full name.
pub const GROUP: usize = COUNT + 2;

/// A group from its columns, the viewer's level and its full name, of which the first is column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn group<R: SqlRow>(row: &R, at: usize) -> Result<GroupView, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    let group = Group {
        id: cells.id()?,
        name: cells.stored(COLUMNS.name)?,
        path: cells.text(COLUMNS.path)?,
        full_path: cells.text(COLUMNS.full_path)?,
        parent: cells.optional_number(COLUMNS.parent_id)?,
        visibility: cells.text(COLUMNS.visibility)?,
        full_name: cells.string(FULL_NAME)?,
    };
    Ok(GroupView { group, level: cells.optional_number(LEVEL)? })
}

/// The id of a namespace in column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn id<R: SqlRow>(row: &R, at: usize) -> Result<NamespaceId, R::Failure> {
    Cells::new(row, TABLE.name, at)?.id()
}

/// The id of a namespace in column `at` and, in the next column, its full path.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn id_and_path<R: SqlRow>(row: &R, at: usize) -> Result<(NamespaceId, FullPath), R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok((cells.id()?, cells.text(Column { at: 1, ..COLUMNS.full_path })?))
}

/// A namespace, and what gives the viewer a level in it.
pub(crate) fn namespace<R: SqlRow>(
    row: &R,
    at: usize,
    viewer: Option<UserId>,
) -> Result<(Namespace, Grants), R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    let user: Option<UserId> = cells.optional_number(COLUMNS.user_id)?;
    let namespace = Namespace {
        id: cells.id()?,
        name: cells.string(COLUMNS.name)?,
        path: cells.text(COLUMNS.path)?,
        full_path: cells.text(COLUMNS.full_path)?,
        parent: cells.optional_number(COLUMNS.parent_id)?,
        kind: if user.is_some() { NamespaceKind::User } else { NamespaceKind::Group },
    };
    let inherited: Option<AccessLevel> = cells.optional_number(LEVEL)?;
    let owns_namespace = user.is_some() && user == viewer;
    Ok((namespace, Grants { direct: None, inherited, owns_namespace }))
}

/// A namespace from its columns and the viewer's level, of which the first is column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn namespace_view<R: SqlRow>(row: &R, at: usize, viewer: Option<UserId>) -> Result<NamespaceView, R::Failure> {
    let (namespace, access) = namespace(row, at, viewer)?;
    let visibility = Cells::new(row, TABLE.name, at)?.text(COLUMNS.visibility)?;
    Ok(NamespaceView { namespace, level: access.level(), visibility })
}

/// A row to be stored.
pub struct NewNamespace<'a> {
    /// The group right above.
    pub parent: Option<i64>,
    /// Whose own namespace it is.
    pub user: Option<i64>,
    /// The name people read.
    pub name: &'a str,
    /// Its own segment of the path.
    pub path: &'a PathSegment,
    /// The path from the top.
    pub full_path: &'a FullPath,
    /// Who may see it.
    pub visibility: Visibility,
    /// When it is made.
    pub created_at: i64,
}

impl<'a> NewNamespace<'a> {
    /// The own namespace of a new user.
    #[must_use]
    pub fn of_user(user: i64, name: &'a str, path: &'a PathSegment, full_path: &'a FullPath, created_at: i64) -> Self {
        Self { parent: None, user: Some(user), name, path, full_path, visibility: Visibility::Public, created_at }
    }
}
