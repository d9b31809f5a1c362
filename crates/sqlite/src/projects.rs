//! The projects port. An old path keeps leading to its project after a change (docs/contract.md, "Permanent links").

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::namespace::NamespaceRef;
use release_links_domain::placement::{PlacementObstacle, ProjectPlacement, visibility_to_check};
use release_links_domain::project::{Project, ProjectRef};
use release_links_domain::{NamespaceId, ProjectId, UserId};
use release_links_ports::{
    NamespaceView, NewProject, Page, PageRequest, ProjectChanges, ProjectDetails, ProjectFilter, ProjectRead,
    ProjectRepository, StoreError, Transfer, Viewer, WriteError,
};
use rusqlite::Connection;

use crate::tables::left_places::{forget_whole, move_project};
use crate::tables::namespaces::{is_taken_by_another, named_namespace_view, own_namespace_view, path_is_taken};
use crate::tables::projects::{self, by_id, insert_project, update_project};
use crate::view::view;
use crate::{SqliteStore, removing};

/// Returns the namespace that will contain a project.
fn namespace(conn: &Connection, id: NamespaceId) -> Result<NamespaceView, WriteError<PlacementObstacle>> {
    named_namespace_view(conn, &NamespaceRef::Id(id), None)?.ok_or(WriteError::Gone)
}

fn create(conn: &Connection, new: &NewProject) -> Result<Project, WriteError<PlacementObstacle>> {
    let above = namespace(conn, new.namespace)?;
    let full_path = above.namespace.full_path.join(&new.path);
    let placement = ProjectPlacement {
        visibility: Some(new.visibility),
        namespace: (above.namespace.kind, above.visibility),
        path_is_taken: path_is_taken(conn, &full_path)?,
    };
    placement.check().map_err(WriteError::Conflict)?;
    forget_whole(conn, &full_path)?;
    let id = insert_project(conn, new)?;
    Ok(by_id(conn, id, None)?.ok_or(WriteError::Gone)?.project)
}

/// Updates a project.
fn update(
    conn: &Connection,
    id: ProjectId,
    changes: &ProjectChanges,
    viewer: UserId,
) -> Result<ProjectDetails, WriteError<PlacementObstacle>> {
    let project = by_id(conn, id.get(), None)?.ok_or(WriteError::Gone)?.project;
    let above = namespace(conn, changes.namespace.unwrap_or(project.namespace.id))?;
    let moves = above.namespace.id != project.namespace.id;
    let path = changes.path.as_ref().unwrap_or(&project.path);
    let old = project.full_path;
    let new = above.namespace.full_path.join(path);
    let placement = ProjectPlacement {
        visibility: visibility_to_check(project.rules.visibility, changes.visibility, moves),
        namespace: (above.namespace.kind, above.visibility),
        path_is_taken: is_taken_by_another(conn, &old, &new)?,
    };
    placement.check().map_err(WriteError::Conflict)?;
    if !old.as_str().eq_ignore_ascii_case(new.as_str()) {
        move_project(conn, id, &new)?;
    }
    update_project(conn, id, path, above.namespace.id, changes)?;
    by_id(conn, id.get(), Some(viewer))?.ok_or(WriteError::Gone)
}

#[async_trait]
impl ProjectRepository for SqliteStore {
    async fn get(&self, project: &ProjectRef, reader: Reader) -> ProjectRead<ProjectDetails> {
        self.read(|conn| view(conn, project, reader, |id| by_id(conn, id.get(), reader.user))).await
    }

    async fn namespace(
        &self,
        wanted: Option<NamespaceId>,
        viewer: UserId,
    ) -> Result<Option<NamespaceView>, StoreError> {
        self.read(|conn| match wanted {
            None => own_namespace_view(conn, viewer),
            Some(id) => named_namespace_view(conn, &NamespaceRef::Id(id), Some(viewer)),
        })
        .await
    }

    async fn load_for_transfer(
        &self,
        project: &ProjectRef,
        target: Option<NamespaceRef>,
        reader: Reader,
    ) -> ProjectRead<Transfer> {
        let viewer = reader.user;
        self.read(|conn| {
            view(conn, project, reader, |id| {
                let Some(details) = by_id(conn, id.get(), None)? else { return Ok(None) };
                let target = target.as_ref().map(|target| named_namespace_view(conn, target, viewer)).transpose()?;
                Ok(Some(Transfer { from: details.project.namespace.id, target: target.flatten() }))
            })
        })
        .await
    }

    async fn list(
        &self,
        viewer: Viewer,
        filter: ProjectFilter,
        page: PageRequest,
    ) -> Result<Page<ProjectDetails>, StoreError> {
        self.read_long(move |conn| projects::list(conn, &viewer, &filter, page)).await
    }

    async fn create(&self, project: NewProject) -> Result<Project, WriteError<PlacementObstacle>> {
        self.write(move |conn| create(conn, &project)).await
    }

    async fn update(
        &self,
        project: ProjectId,
        changes: ProjectChanges,
        viewer: UserId,
    ) -> Result<ProjectDetails, WriteError<PlacementObstacle>> {
        self.write(move |conn| update(conn, project, &changes, viewer)).await
    }

    async fn delete(&self, project: ProjectId) -> Result<bool, StoreError> {
        self.write_alone(move |conn| Ok(removing::project(conn, project)?)).await
    }
}
