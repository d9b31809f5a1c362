//! The projects port.

use async_trait::async_trait;
use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::{Namespace, NamespaceKind};
use release_links_domain::project::{Project, ProjectRef, ProjectRules, Visibility};
use release_links_domain::{NamespaceId, UserId};
use release_links_ports::{NewProject, ProjectDetails, ProjectRepository, ProjectView, StoreError, TakenError};
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::groups::{forget_moved_path, path_is_taken};
use crate::query::{first, insert, statements};
use crate::rows::Cells;
use crate::{SqliteStore, view::view};

/// The columns of a namespace `n`, and the highest level that user `?2` has over the groups from it up.
macro_rules! namespace {
    () => {
        "n.id, n.name, n.path, n.full_path, n.parent_id, n.user_id,
        (SELECT max(m.level) FROM namespace_ancestors a CROSS JOIN group_members m
            WHERE a.namespace_id = n.id AND m.group_id = a.ancestor_id AND m.user_id = ?2)"
    };
}

/// Where what belongs to the namespace alone ends.
const NAMESPACE_COLUMNS: usize = 7;

statements! {
    GET = concat!("SELECT ", namespace!(), ", p.id, p.name, p.path, p.full_path, p.visibility, p.archived,
            p.releases_access, p.creator_id, p.created_at,
            (SELECT level FROM project_members WHERE project_id = p.id AND user_id = ?2)
        FROM projects p JOIN namespaces n ON n.id = p.namespace_id WHERE p.id = ?1");
    NAMESPACE = concat!("SELECT ", namespace!(), ", n.visibility FROM namespaces n WHERE n.id = ?1");
    OWN_NAMESPACE = concat!("SELECT ", namespace!(), ", n.visibility FROM namespaces n WHERE n.user_id = ?1");
    INSERT = "INSERT INTO projects (namespace_id, name, path, full_path, visibility, creator_id, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, (SELECT id FROM users WHERE id = ?6), ?7)";
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

fn details(row: &Row<'_>, viewer: Option<UserId>) -> Result<ProjectDetails, Failure> {
    let found = namespace(row)?;
    let own = found.is_own(viewer);
    let cells = Cells::new(row, "projects", NAMESPACE_COLUMNS)?;
    let project = Project {
        id: cells.id()?,
        name: cells.raw(1, "name")?,
        path: cells.text(2, "path")?,
        full_path: cells.text(3, "full_path")?,
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

fn by_id(conn: &Connection, project: i64, viewer: Option<UserId>) -> Result<Option<ProjectDetails>, Failure> {
    first(conn, GET, params![project, viewer.map(UserId::get)], |row| details(row, viewer))
}

fn create(conn: &Connection, new: &NewProject) -> Result<Project, TakenError<()>> {
    let parent = first(conn, NAMESPACE, params![new.namespace.get(), None::<i64>], namespace)?;
    let full_path = parent.ok_or(TakenError::Gone)?.namespace.full_path.join(&new.path);
    if path_is_taken(conn, &full_path)? {
        return Err(TakenError::Taken(()));
    }
    forget_moved_path(conn, &full_path)?;
    let id = insert(
        conn,
        INSERT,
        params![
            new.namespace.get(),
            new.name,
            new.path.as_str(),
            full_path.as_str(),
            new.visibility.as_str(),
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
        viewer: Option<UserId>,
    ) -> Result<Option<ProjectView<ProjectDetails>>, StoreError> {
        self.read(|conn| {
            let found = view(conn, project, viewer, |id| by_id(conn, id.get(), viewer))?;
            // The project is there: both statements read one snapshot.
            Ok(found.and_then(|view| {
                view.found.map(|found| ProjectView { project: view.project, level: view.level, found })
            }))
        })
    }

    async fn namespace(
        &self,
        wanted: Option<NamespaceId>,
        viewer: UserId,
    ) -> Result<Option<(Namespace, Option<AccessLevel>, Visibility)>, StoreError> {
        let (sql, id) = wanted.map_or((OWN_NAMESPACE, viewer.get()), |id| (NAMESPACE, id.get()));
        self.read(|conn| {
            first(conn, sql, params![id, viewer.get()], |row| {
                let found = namespace(row)?;
                let level = if found.is_own(Some(viewer)) { Some(AccessLevel::Owner) } else { found.group_access };
                let visibility = Cells::new(row, "namespaces", 0)?.text(NAMESPACE_COLUMNS, "visibility")?;
                Ok((found.namespace, level, visibility))
            })
        })
    }

    async fn create(&self, project: NewProject) -> Result<Project, TakenError<()>> {
        self.write(move |conn| create(conn, &project)).await
    }
}
