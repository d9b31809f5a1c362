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
use release_links_sql::namespaces::{self, namespace_view};
use release_links_sql::projects::details;

use crate::failure::Failure;
use crate::query::Session;
use crate::rows::Row;
use crate::tables::left_places::{forget_whole, move_project};
use crate::tables::namespaces::{is_taken_by_another, namespace_by_id, namespace_of, path_is_taken};
use crate::tables::projects::{self, TRANSFER, TRANSFER_TO_PATH, VIEWED, by_id, insert_project, update_project};
use crate::view::{FOUND_AT, view};
use crate::{PostgresStore, removing};

/// The first column of the namespace into which a project is transferred.
const TARGET_AT: usize = FOUND_AT + 1;

fn transfer(row: &Row, viewer: Option<UserId>) -> Result<Transfer, Failure> {
    let has_target = row.holds(TARGET_AT)?;
    let target = has_target.then(|| namespace_view(row, TARGET_AT, viewer)).transpose()?;
    Ok(Transfer { from: namespaces::id(row, FOUND_AT)?, target })
}

async fn create(session: &Session, new: &NewProject) -> Result<Project, WriteError<PlacementObstacle>> {
    session.begin_on_tree().await?;
    let above = namespace_by_id(session, new.namespace).await?.ok_or(WriteError::Gone)?;
    let full_path = above.namespace.full_path.join(&new.path);
    let placement = ProjectPlacement {
        visibility: Some(new.visibility),
        namespace: (above.namespace.kind, above.visibility),
        path_is_taken: path_is_taken(session, &full_path).await?,
    };
    placement.check().map_err(WriteError::Conflict)?;
    forget_whole(session, &full_path).await?;
    let id = insert_project(session, new).await?;
    Ok(by_id(session, id, None).await?.ok_or(WriteError::Gone)?.project)
}

/// Updates a project.
async fn update(
    session: &Session,
    id: ProjectId,
    changes: &ProjectChanges,
    viewer: UserId,
) -> Result<ProjectDetails, WriteError<PlacementObstacle>> {
    session.begin_on_tree().await?;
    let project = by_id(session, id.get(), None).await?.ok_or(WriteError::Gone)?.project;
    let namespace = changes.namespace.unwrap_or(project.namespace.id);
    let above = namespace_by_id(session, namespace).await?.ok_or(WriteError::Gone)?;
    let moves = namespace != project.namespace.id;
    let path = changes.path.as_ref().unwrap_or(&project.path);
    let old = project.full_path;
    let new = above.namespace.full_path.join(path);
    let placement = ProjectPlacement {
        visibility: visibility_to_check(project.rules.visibility, changes.visibility, moves),
        namespace: (above.namespace.kind, above.visibility),
        path_is_taken: is_taken_by_another(session, &old, &new).await?,
    };
    placement.check().map_err(WriteError::Conflict)?;
    if !old.as_str().eq_ignore_ascii_case(new.as_str()) {
        move_project(session, id, &new).await?;
    }
    update_project(session, id, path, namespace, changes).await?;
    by_id(session, id.get(), Some(viewer)).await?.ok_or(WriteError::Gone)
}

#[async_trait]
impl ProjectRepository for PostgresStore {
    async fn get(&self, project: &ProjectRef, reader: Reader) -> ProjectRead<ProjectDetails> {
        let session = self.session().await?;
        let read = |rows: &[Row]| rows.first().map(|row| details(row, FOUND_AT, reader.user)).transpose();
        Ok(view(&session, VIEWED, project, reader, &[], read).await?)
    }

    async fn namespace(
        &self,
        wanted: Option<NamespaceId>,
        viewer: UserId,
    ) -> Result<Option<NamespaceView>, StoreError> {
        Ok(namespace_of(&self.session().await?, wanted, viewer).await?)
    }

    async fn load_for_transfer(
        &self,
        project: &ProjectRef,
        target: Option<NamespaceRef>,
        reader: Reader,
    ) -> ProjectRead<Transfer> {
        let session = self.session().await?;
        let read = |rows: &[Row]| rows.first().map(|row| transfer(row, reader.user)).transpose();
        Ok(if let Some(NamespaceRef::Path(path)) = &target {
            view(&session, TRANSFER_TO_PATH, project, reader, &[&path.as_str()], read).await?
        } else {
            let id = if let Some(NamespaceRef::Id(id)) = &target { Some(id.get()) } else { None };
            view(&session, TRANSFER, project, reader, &[&id], read).await?
        })
    }

    async fn list(
        &self,
        viewer: Viewer,
        filter: ProjectFilter,
        page: PageRequest,
    ) -> Result<Page<ProjectDetails>, StoreError> {
        Ok(projects::list(&self.session_for_list().await?, &viewer, &filter, page).await?)
    }

    async fn create(&self, project: NewProject) -> Result<Project, WriteError<PlacementObstacle>> {
        let session = self.session().await?;
        let outcome = create(&session, &project).await;
        session.settle(outcome).await
    }

    async fn update(
        &self,
        project: ProjectId,
        changes: ProjectChanges,
        viewer: UserId,
    ) -> Result<ProjectDetails, WriteError<PlacementObstacle>> {
        let session = self.session().await?;
        let outcome = update(&session, project, &changes, viewer).await;
        session.settle(outcome).await
    }

    async fn delete(&self, project: ProjectId) -> Result<bool, StoreError> {
        let session = self.session_for_long().await?;
        let outcome = removing::project(&session, project).await.map_err(StoreError::from);
        let removed = session.settle(outcome).await?;
        self.sweep_what_is_small().await;
        Ok(removed)
    }
}
