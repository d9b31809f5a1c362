//! The projects port.

use async_trait::async_trait;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::namespace::{FullPath, Namespace, NamespaceKind, NamespaceRef};
use release_links_domain::project::{Project, ProjectRef, ProjectRules};
use release_links_domain::{NamespaceId, ProjectId, UserId};
use release_links_ports::{
    NamespaceView, NewProject, Page, PageRequest, ProjectChanges, ProjectDetails, ProjectFilter, ProjectRepository,
    ProjectView, StoreError, TakenError, Transfer, Viewer,
};
use rusqlite::{Connection, Row, ToSql, params};

use crate::failure::Failure;
use crate::groups::path_is_taken;
use crate::moves::{NOW, forget_whole};
use crate::query::{first, insert, statements};
use crate::rows::Cells;
use crate::{SqliteStore, changing, listing, removing, view::view};

/// The columns of a project `p` in namespace `n`, and what levels user `?2` has over it.
macro_rules! PROJECT {
    () => {
        concat!(
            NAMESPACE_OF!(),
            ", p.id, p.name, p.path, n.full_path || '/' || p.path, p.visibility, p.archived, p.releases_access, p.creator_id,
            p.created_at, (SELECT level FROM project_members WHERE project_id = p.id AND user_id = ?2)"
        )
    };
}

/// The columns of a namespace `n`, and the highest level that user `?2` has over the groups from it up.
macro_rules! NAMESPACE_OF {
    () => {
        "n.id, n.name, n.path, n.full_path, n.parent_id, n.user_id,
        (SELECT max(m.level) FROM namespace_ancestors a CROSS JOIN group_members m
            WHERE a.namespace_id = n.id AND m.group_id = a.ancestor_id AND m.user_id = ?2)"
    };
}

pub(crate) use {NAMESPACE_OF, PROJECT};

/// Where what belongs to the namespace alone ends.
const NAMESPACE_COLUMNS: usize = 7;

statements! {
    GET = concat!("SELECT ", PROJECT!(), " FROM projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL");
    NAMESPACE = concat!("SELECT ", NAMESPACE_OF!(), ", n.visibility FROM namespaces n
        WHERE n.id = ?1 AND n.full_path IS NOT NULL");
    NAMESPACE_BY_PATH = concat!("SELECT ", NAMESPACE_OF!(), ", n.visibility FROM namespaces n WHERE n.full_path = ?1");
    OWN_NAMESPACE = concat!("SELECT ", NAMESPACE_OF!(), ", n.visibility FROM namespaces n WHERE n.user_id = ?1");
    INSERT = concat!("INSERT INTO projects
            (namespace_id, name, path, visibility, releases_access, creator_id, since, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, (SELECT id FROM users WHERE id = ?6 AND email IS NOT NULL), ", NOW!(), ", ?7)");
}

/// A namespace, whose own it is, and the viewer's level over its groups.
struct Found {
    namespace: Namespace,
    user: Option<UserId>,
    group_access: Option<AccessLevel>,
}

impl Found {
    fn is_own(&self, viewer: Option<UserId>) -> bool {
        self.user.is_some() && self.user == viewer
    }
}

fn namespace(row: &Row<'_>) -> Result<Found, Failure> {
    let cells = Cells::new(row, "namespaces", 0)?;
    let user = cells.optional_number(5, "user_id")?;
    let namespace = Namespace {
        id: cells.id()?,
        name: cells.raw(1, "name")?,
        path: cells.text(2, "path")?,
        full_path: cells.text(3, "full_path")?,
        parent: cells.optional_number(4, "parent_id")?,
        kind: if user.is_some() { NamespaceKind::User } else { NamespaceKind::Group },
    };
    Ok(Found { namespace, user, group_access: cells.optional_number(6, "level of its members")? })
}

/// A project from the columns of [`PROJECT`].
pub fn details(row: &Row<'_>, viewer: Option<UserId>) -> Result<ProjectDetails, Failure> {
    let found = namespace(row)?;
    let own = found.is_own(viewer);
    let cells = Cells::new(row, "projects", NAMESPACE_COLUMNS)?;
    let project = Project {
        id: cells.id()?,
        name: cells.stored(1, "name")?,
        path: cells.text(2, "path")?,
        full_path: cells.text(3, "path")?,
        namespace: found.namespace,
        rules: ProjectRules {
            visibility: cells.text(4, "visibility")?,
            archived: cells.raw(5, "archived")?,
            releases: cells.text(6, "releases_access")?,
        },
        creator: cells.optional_number(7, "creator_id")?,
        created_at: cells.time(8, "created_at")?,
    };
    let member = cells.optional_number(9, "level of its members")?;
    let project_access = if own { Some(AccessLevel::Owner) } else { member };
    Ok(ProjectDetails { project, project_access, group_access: found.group_access })
}

/// One project, with the viewer's levels in it.
pub fn by_id(conn: &Connection, project: i64, viewer: Option<UserId>) -> Result<Option<ProjectDetails>, Failure> {
    first(conn, GET, params![project, viewer.map(UserId::get)], |row| details(row, viewer))
}

/// The path of a namespace, as it is now.
pub fn namespace_path(conn: &Connection, namespace: NamespaceId) -> Result<Option<FullPath>, Failure> {
    let found = first(conn, NAMESPACE, params![namespace.get(), None::<i64>], self::namespace)?;
    Ok(found.map(|found| found.namespace.full_path))
}

fn namespace_view(
    conn: &Connection,
    sql: &str,
    wanted: impl ToSql,
    viewer: Option<UserId>,
) -> Result<Option<NamespaceView>, Failure> {
    first(conn, sql, params![wanted, viewer.map(UserId::get)], |row| {
        let found = namespace(row)?;
        let level = if found.is_own(viewer) { Some(AccessLevel::Owner) } else { found.group_access };
        let visibility = Cells::new(row, "namespaces", 0)?.text(NAMESPACE_COLUMNS, "visibility")?;
        Ok((found.namespace, level, visibility))
    })
}

fn create(conn: &Connection, new: &NewProject) -> Result<Project, TakenError<()>> {
    let full_path = namespace_path(conn, new.namespace)?.ok_or(TakenError::Gone)?.join(&new.path);
    if path_is_taken(conn, &full_path)? {
        return Err(TakenError::Taken(()));
    }
    forget_whole(conn, &full_path)?;
    let id = insert(
        conn,
        INSERT,
        params![
            new.namespace.get(),
            new.name.as_str(),
            new.path.as_str(),
            new.visibility.as_str(),
            new.releases.as_str(),
            new.creator.get(),
            new.created_at.as_millisecond()
        ],
    )?;
    Ok(by_id(conn, id, None)?.ok_or(TakenError::Gone)?.project)
}

#[async_trait]
impl ProjectRepository for SqliteStore {
    async fn get(
        &self,
        project: &ProjectRef,
        reader: Reader,
    ) -> Result<Option<ProjectView<ProjectDetails>>, StoreError> {
        self.read(|conn| {
            let found = view(conn, project, reader, |id| by_id(conn, id.get(), reader.user))?;
            Ok(found.map(|view| view.flat_map(|details| details)))
        })
        .await
    }

    async fn namespace(
        &self,
        wanted: Option<NamespaceId>,
        viewer: UserId,
    ) -> Result<Option<NamespaceView>, StoreError> {
        let (sql, id) = wanted.map_or((OWN_NAMESPACE, viewer.get()), |id| (NAMESPACE, id.get()));
        self.read(|conn| namespace_view(conn, sql, id, Some(viewer))).await
    }

    async fn weigh_transfer(
        &self,
        project: &ProjectRef,
        target: Option<NamespaceRef>,
        reader: Reader,
    ) -> Result<Option<ProjectView<Transfer>>, StoreError> {
        let viewer = reader.user;
        self.read(|conn| {
            let found = view(conn, project, reader, |id| {
                let target = match &target {
                    None => None,
                    Some(NamespaceRef::Id(id)) => namespace_view(conn, NAMESPACE, id.get(), viewer)?,
                    Some(NamespaceRef::Path(path)) => namespace_view(conn, NAMESPACE_BY_PATH, path.as_str(), viewer)?,
                };
                Ok((by_id(conn, id.get(), None)?, target))
            })?;
            Ok(found.map(|view| {
                view.flat_map(|(details, target)| Some(Transfer { from: details?.project.namespace.id, target }))
            }))
        })
        .await
    }

    async fn list(
        &self,
        viewer: Viewer,
        filter: ProjectFilter,
        page: PageRequest,
    ) -> Result<Page<ProjectDetails>, StoreError> {
        self.read_long(move |conn| listing::projects(conn, &viewer, &filter, page)).await
    }

    async fn create(&self, project: NewProject) -> Result<Project, TakenError<()>> {
        self.write(move |conn| create(conn, &project)).await
    }

    async fn update(
        &self,
        project: ProjectId,
        changes: ProjectChanges,
        viewer: UserId,
    ) -> Result<ProjectDetails, TakenError<()>> {
        self.write(move |conn| changing::project(conn, project, &changes, viewer)).await
    }

    async fn delete(&self, project: ProjectId) -> Result<bool, StoreError> {
        self.write_alone(move |conn| Ok(removing::project(conn, project)?)).await
    }
}
