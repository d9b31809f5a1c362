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
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::groups::path_is_taken;
use crate::moves::{NOW, forget_whole};
use crate::query::{Session, Values, statements};
use crate::rows::Cells;
use crate::view::{FOUND_AT, view, viewed, views};
use crate::{PostgresStore, changing, listing, removing};

/// The columns of a namespace `n`, and the highest level that user `$2` has over the groups from it up.
macro_rules! NAMESPACE_OF {
    () => {
        "n.id, n.name, n.path, n.full_path, n.parent_id, n.user_id,
        (SELECT max(m.level) FROM namespace_ancestors a JOIN group_members m
            ON m.group_id = a.ancestor_id AND m.user_id = $2 WHERE a.namespace_id = n.id)"
    };
}

/// The columns of a project `p` in namespace `n`, and what levels user `$2` has over it.
macro_rules! PROJECT {
    () => {
        concat!(
            $crate::projects::NAMESPACE_OF!(),
            ", p.id, p.name, p.path, n.full_path || '/' || p.path, p.visibility, p.archived, p.releases_access, p.creator_id,
            p.created_at, (SELECT level FROM project_members WHERE project_id = p.id AND user_id = $2)"
        )
    };
}

pub(crate) use {NAMESPACE_OF, PROJECT};

/// Where what belongs to the namespace alone ends.
const NAMESPACE_COLUMNS: usize = 7;

/// What the project stands in, and the namespace `n` for which `$condition` holds, with nulls where there is none.
macro_rules! transfer {
    ($condition:literal) => {
        viewed!(concat!(
            "p.namespace_id AS source, target.* FROM (SELECT) always LEFT JOIN (SELECT ",
            NAMESPACE_OF!(),
            ", n.visibility FROM namespaces n WHERE ",
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
    NAMESPACE = concat!("SELECT ", NAMESPACE_OF!(), ", n.visibility FROM namespaces n
        WHERE n.id = $1 AND n.full_path IS NOT NULL");
    OWN_NAMESPACE = concat!("SELECT ", NAMESPACE_OF!(), ", n.visibility FROM namespaces n WHERE n.user_id = $1");
    INSERT = concat!("INSERT INTO projects
            (namespace_id, name, path, visibility, releases_access, creator_id, since, created_at)
        VALUES ($1, $2, $3, $4, $5, (SELECT id FROM users WHERE id = $6 AND email IS NOT NULL), ", NOW!(), ", $7)
        RETURNING id");
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

fn namespace(row: &Row, at: usize) -> Result<Found, Failure> {
    let cells = Cells::new(row, "namespaces", at)?;
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

/// A project from the columns of [`PROJECT`], of which the first is column `at`.
pub fn details(row: &Row, at: usize, viewer: Option<UserId>) -> Result<ProjectDetails, Failure> {
    let found = namespace(row, at)?;
    let own = found.is_own(viewer);
    let cells = Cells::new(row, "projects", at + NAMESPACE_COLUMNS)?;
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
pub async fn by_id(session: &Session, project: i64, viewer: Option<UserId>) -> Result<Option<ProjectDetails>, Failure> {
    session.first(GET, &[&project, &viewer.map(UserId::get)], |row| details(row, 0, viewer)).await
}

/// The path of a namespace, as it is now.
pub async fn namespace_path(session: &Session, namespace: NamespaceId) -> Result<Option<FullPath>, Failure> {
    let found = session.first(NAMESPACE, &[&namespace.get(), &None::<i64>], |row| self::namespace(row, 0)).await?;
    Ok(found.map(|found| found.namespace.full_path))
}

/// A namespace from the columns of [`NAMESPACE_OF`] and its visibility, of which the first is column `at`.
fn namespace_view(row: &Row, at: usize, viewer: Option<UserId>) -> Result<NamespaceView, Failure> {
    let found = namespace(row, at)?;
    let level = if found.is_own(viewer) { Some(AccessLevel::Owner) } else { found.group_access };
    let visibility = Cells::new(row, "namespaces", at)?.text(NAMESPACE_COLUMNS, "visibility")?;
    Ok((found.namespace, level, visibility))
}

fn transfer(row: &Row, viewer: Option<UserId>) -> Result<Transfer, Failure> {
    let target: Option<i64> = row.try_get(FOUND_AT + 1)?;
    let target = target.map(|_| namespace_view(row, FOUND_AT + 1, viewer)).transpose()?;
    Ok(Transfer { from: Cells::new(row, "namespaces", FOUND_AT)?.id()?, target })
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
        let (sql, id) = wanted.map_or((OWN_NAMESPACE, viewer.get()), |id| (NAMESPACE, id.get()));
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
