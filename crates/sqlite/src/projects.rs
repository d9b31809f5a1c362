//! The projects port.

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::namespace::{FullPath, NamespaceRef};
use release_links_domain::project::{Project, ProjectRef};
use release_links_domain::{NamespaceId, ProjectId, UserId};
use release_links_ports::{
    NamespaceView, NewProject, Page, PageRequest, ProjectChanges, ProjectDetails, ProjectFilter, ProjectRepository,
    ProjectView, StoreError, TakenError, Transfer, Viewer,
};
use release_links_sql::namespaces;
use release_links_sql::projects::details;
use rusqlite::{Connection, ToSql, params};

use crate::failure::Failure;
use crate::groups::{NAMESPACE, path_is_taken};
use crate::moves::{NOW, forget_whole};
use crate::query::{first, insert, statements};
use crate::{SqliteStore, changing, listing, removing, view::view};

/// The columns of a project `p` in namespace `n`, and what levels user `?2` has over it.
macro_rules! PROJECT {
    () => {
        concat!(
            $crate::groups::NAMESPACE!(),
            ", ",
            release_links_sql::project_selection!(),
            ", (SELECT level FROM project_members WHERE project_id = p.id AND user_id = ?2)"
        )
    };
}

pub(crate) use PROJECT;

statements! {
    GET = concat!("SELECT ", PROJECT!(), " FROM projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL");
    NAMESPACE_BY_ID = concat!("SELECT ", NAMESPACE!(), " FROM namespaces n
        WHERE n.id = ?1 AND n.full_path IS NOT NULL");
    NAMESPACE_BY_PATH = concat!("SELECT ", NAMESPACE!(), " FROM namespaces n WHERE n.full_path = ?1");
    OWN_NAMESPACE = concat!("SELECT ", NAMESPACE!(), " FROM namespaces n WHERE n.user_id = ?1");
    INSERT = concat!("INSERT INTO projects
            (namespace_id, name, path, visibility, releases_access, creator_id, since, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, (SELECT id FROM users WHERE id = ?6 AND email IS NOT NULL), ", NOW!(), ", ?7)");
}

/// One project, with the viewer's levels in it.
pub fn by_id(conn: &Connection, project: i64, viewer: Option<UserId>) -> Result<Option<ProjectDetails>, Failure> {
    first(conn, GET, params![project, viewer.map(UserId::get)], |row| details(row, 0, viewer))
}

/// The path of a namespace, as it is now.
pub fn namespace_path(conn: &Connection, namespace: NamespaceId) -> Result<Option<FullPath>, Failure> {
    let found = namespace_view(conn, NAMESPACE_BY_ID, namespace.get(), None)?;
    Ok(found.map(|(namespace, ..)| namespace.full_path))
}

fn namespace_view(
    conn: &Connection,
    sql: &str,
    wanted: impl ToSql,
    viewer: Option<UserId>,
) -> Result<Option<NamespaceView>, Failure> {
    first(conn, sql, params![wanted, viewer.map(UserId::get)], |row| namespaces::namespace_view(row, 0, viewer))
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
        let (sql, id) = wanted.map_or((OWN_NAMESPACE, viewer.get()), |id| (NAMESPACE_BY_ID, id.get()));
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
                    Some(NamespaceRef::Id(id)) => namespace_view(conn, NAMESPACE_BY_ID, id.get(), viewer)?,
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
