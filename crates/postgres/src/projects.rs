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
use release_links_sql::namespaces::{self, namespace_view};
use release_links_sql::projects::details;

use crate::failure::Failure;
use crate::groups::{NAMESPACE, path_is_taken};
use crate::moves::{NOW, forget_whole};
use crate::query::{Session, Values, statements};
use crate::rows::Row;
use crate::view::{FOUND_AT, view, viewed, views};
use crate::{PostgresStore, changing, listing, removing};

/// The columns of a project `p` in namespace `n`, and what levels user `$2` has over it.
macro_rules! PROJECT {
    () => {
        concat!(
            $crate::groups::NAMESPACE!(),
            ", ",
            release_links_sql::project_selection!(),
            ", (SELECT level FROM project_members WHERE project_id = p.id AND user_id = $2)"
        )
    };
}

pub(crate) use PROJECT;

/// Where the columns begin of what a project is to stand in.
const TARGET_AT: usize = FOUND_AT + 1;

/// What the project stands in, and the namespace `n` for which `$condition` holds, with nulls where there is none.
macro_rules! transfer {
    ($condition:literal) => {
        viewed!(concat!(
            "p.namespace_id AS source, target.* FROM (SELECT) always LEFT JOIN (SELECT ",
            NAMESPACE!(),
            " FROM namespaces n WHERE ",
            $condition,
            ") target ON TRUE"
        ))
    };
}

views! {
    VIEWED = viewed!(PROJECT!());
    TRANSFER = transfer!("n.id = $3 AND n.full_path IS NOT NULL");
    TRANSFER_TO_PATH = transfer!("lower(n.full_path) = lower($3 COLLATE \"C\")");
}

statements! {
    GET = concat!("SELECT ", PROJECT!(), " FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL");
    NAMESPACE_BY_ID = concat!("SELECT ", NAMESPACE!(), " FROM namespaces n
        WHERE n.id = $1 AND n.full_path IS NOT NULL");
    OWN_NAMESPACE = concat!("SELECT ", NAMESPACE!(), " FROM namespaces n WHERE n.user_id = $1");
    INSERT = concat!("INSERT INTO projects
            (namespace_id, name, path, visibility, releases_access, creator_id, since, created_at)
        VALUES ($1, $2, $3, $4, $5, (SELECT id FROM users WHERE id = $6 AND email IS NOT NULL), ", NOW!(), ", $7)
        RETURNING id");
}

/// One project, with the viewer's levels in it.
pub async fn by_id(session: &Session, project: i64, viewer: Option<UserId>) -> Result<Option<ProjectDetails>, Failure> {
    session.first(GET, &[&project, &viewer.map(UserId::get)], |row| details(row, 0, viewer)).await
}

/// The path of a namespace, as it is now.
pub async fn namespace_path(session: &Session, namespace: NamespaceId) -> Result<Option<FullPath>, Failure> {
    let values: Values<'_> = &[&namespace.get(), &None::<i64>];
    let found = session.first(NAMESPACE_BY_ID, values, |row| namespace_view(row, 0, None)).await?;
    Ok(found.map(|(namespace, ..)| namespace.full_path))
}

fn transfer(row: &Row, viewer: Option<UserId>) -> Result<Transfer, Failure> {
    let has_target = row.holds(TARGET_AT)?;
    let target = has_target.then(|| namespace_view(row, TARGET_AT, viewer)).transpose()?;
    Ok(Transfer { from: namespaces::id(row, FOUND_AT)?, target })
}

async fn create(session: &Session, new: &NewProject) -> Result<Project, TakenError<()>> {
    session.begin_on_tree().await?;
    let full_path = namespace_path(session, new.namespace).await?.ok_or(TakenError::Gone)?.join(&new.path);
    if path_is_taken(session, &full_path).await? {
        return Err(TakenError::Taken(()));
    }
    forget_whole(session, &full_path).await?;
    let row: Values<'_> = &[
        &new.namespace.get(),
        &new.name.as_str(),
        &new.path.as_str(),
        &new.visibility.as_str(),
        &new.releases.as_str(),
        &new.creator.get(),
        &new.created_at.as_millisecond(),
    ];
    let id = session.insert(INSERT, row).await?;
    Ok(by_id(session, id, None).await?.ok_or(TakenError::Gone)?.project)
}

#[async_trait]
impl ProjectRepository for PostgresStore {
    async fn get(
        &self,
        project: &ProjectRef,
        reader: Reader,
    ) -> Result<Option<ProjectView<ProjectDetails>>, StoreError> {
        let session = self.session().await?;
        let read = |rows: &[Row]| rows.first().map(|row| details(row, FOUND_AT, reader.user)).transpose();
        let found = view(&session, VIEWED, project, reader, &[], read).await?;
        Ok(found.map(|view| view.flat_map(|details| details)))
    }

    async fn namespace(
        &self,
        wanted: Option<NamespaceId>,
        viewer: UserId,
    ) -> Result<Option<NamespaceView>, StoreError> {
        let (sql, id) = wanted.map_or((OWN_NAMESPACE, viewer.get()), |id| (NAMESPACE_BY_ID, id.get()));
        let session = self.session().await?;
        Ok(session.first(sql, &[&id, &viewer.get()], |row| namespace_view(row, 0, Some(viewer))).await?)
    }

    async fn weigh_transfer(
        &self,
        project: &ProjectRef,
        target: Option<NamespaceRef>,
        reader: Reader,
    ) -> Result<Option<ProjectView<Transfer>>, StoreError> {
        let session = self.session().await?;
        let read = |rows: &[Row]| rows.first().map(|row| transfer(row, reader.user)).transpose();
        let found = if let Some(NamespaceRef::Path(path)) = &target {
            view(&session, TRANSFER_TO_PATH, project, reader, &[&path.as_str()], read).await?
        } else {
            let id = if let Some(NamespaceRef::Id(id)) = &target { Some(id.get()) } else { None };
            view(&session, TRANSFER, project, reader, &[&id], read).await?
        };
        Ok(found.map(|view| view.flat_map(|transfer| transfer)))
    }

    async fn list(
        &self,
        viewer: Viewer,
        filter: ProjectFilter,
        page: PageRequest,
    ) -> Result<Page<ProjectDetails>, StoreError> {
        Ok(listing::projects(&self.session_for_list().await?, &viewer, &filter, page).await?)
    }

    async fn create(&self, project: NewProject) -> Result<Project, TakenError<()>> {
        let session = self.session().await?;
        let outcome = create(&session, &project).await;
        session.settle(outcome).await
    }

    async fn update(
        &self,
        project: ProjectId,
        changes: ProjectChanges,
        viewer: UserId,
    ) -> Result<ProjectDetails, TakenError<()>> {
        let session = self.session().await?;
        let outcome = changing::project(&session, project, &changes, viewer).await;
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
