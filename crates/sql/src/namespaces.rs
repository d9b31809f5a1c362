//! The table of groups and user namespaces, and the conversion of its rows.

use release_links_domain::access::{AccessLevel, Grants};
use release_links_domain::description::ShortDescription;
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
        description: Text read,
    }
}

/// The viewer's highest level in the namespace and its ancestors, after the namespace's columns.
const LEVEL: Column = Column { at: COUNT, name: "level of the viewer" };
/// The names of the group and its ancestors, after the level.
const FULL_NAME: Column = Column { at: COUNT + 1, name: "names of its ancestors" };

/// Whether the viewer is a direct member of a project below, after the names.
const MEMBER_BELOW: Column = Column { at: COUNT + 2, name: "membership of the viewer below" };

/// The number of columns of a namespace and the viewer's level.
pub const WITH_LEVEL: usize = COUNT + 1;
/// The number of columns of a group, the viewer's level, the group's full name and the viewer's membership below.
pub const GROUP: usize = COUNT + 3;

/// Reads a group from its columns, the viewer's level, the full name and the viewer's membership below, starting at column `at`.
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
        description: cells.optional_stored(COLUMNS.description)?,
        full_name: cells.string(FULL_NAME)?,
    };
    Ok(GroupView { group, level: cells.optional_number(LEVEL)?, member_below: cells.boolean(MEMBER_BELOW)? })
}

/// Reads a namespace's id from column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn id<R: SqlRow>(row: &R, at: usize) -> Result<NamespaceId, R::Failure> {
    Cells::new(row, TABLE.name, at)?.id()
}

/// Reads a namespace's id from column `at` and its full path from the next column.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn id_and_path<R: SqlRow>(row: &R, at: usize) -> Result<(NamespaceId, FullPath), R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok((cells.id()?, cells.text(Column { at: 1, ..COLUMNS.full_path })?))
}

/// Reads a namespace and the viewer's grants in it.
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

/// Reads a namespace from its columns and the viewer's level, starting at column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn namespace_view<R: SqlRow>(row: &R, at: usize, viewer: Option<UserId>) -> Result<NamespaceView, R::Failure> {
    let (namespace, access) = namespace(row, at, viewer)?;
    let visibility = Cells::new(row, TABLE.name, at)?.text(COLUMNS.visibility)?;
    Ok(NamespaceView { namespace, level: access.level(), visibility })
}

/// The groups below one, itself included, as a move of that group needs them.
#[derive(Clone, Copy, Default)]
pub struct Reach {
    /// Whether the new parent is one of them.
    pub includes_parent: bool,
    /// The depth of the deepest, counting from the top level.
    pub deepest: usize,
}

/// A row to insert.
pub struct NewNamespace<'a> {
    /// The parent group.
    pub parent: Option<i64>,
    /// The user whose own namespace it is.
    pub user: Option<i64>,
    /// The display name.
    pub name: &'a str,
    /// The last segment of the path.
    pub path: &'a PathSegment,
    /// The full path.
    pub full_path: &'a FullPath,
    /// Who may see it.
    pub visibility: Visibility,
    /// The creation time, in milliseconds since the epoch.
    pub created_at: i64,
    /// A group's description.
    pub description: Option<&'a ShortDescription>,
}

impl<'a> NewNamespace<'a> {
    /// Returns the row for the own namespace of a new user.
    #[must_use]
    pub fn of_user(user: i64, name: &'a str, path: &'a PathSegment, full_path: &'a FullPath, created_at: i64) -> Self {
        let (parent, visibility, description) = (None, Visibility::Public, None);
        Self { parent, user: Some(user), name, path, full_path, visibility, created_at, description }
    }
}
