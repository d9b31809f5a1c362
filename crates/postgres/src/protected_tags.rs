//! The port of the rules that protect tags.

use async_trait::async_trait;
use release_links_domain::access::{TagCreateLevel, TagRule};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagPattern;
use release_links_domain::{ProjectId, ProtectedTagId, UserId};
use release_links_ports::{Page, PageRequest, ProjectView, ProtectedTagRepository, StoreError, TakenError};
use tokio_postgres::Row;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::paging;
use crate::query::{Session, statements, together};
use crate::rows::Cells;
use crate::view::{FOUND_AT, TOTAL_AT, view, viewed, viewed_page, views};

views! {
    LIST = viewed_page!("id, pattern, create_level", of "protected_tags WHERE project_id = p.id", by "pattern");
    /// All rules of a project, in no order that counts.
    RULES = viewed!("id, pattern, create_level FROM protected_tags WHERE project_id = p.id");
    GET = viewed!("id, pattern, create_level FROM protected_tags WHERE project_id = p.id AND pattern = $3");
}

statements! {
    // Whoever adds a rule to a project waits here for the others.
    LOCK = "SELECT 1 FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL FOR NO KEY UPDATE OF p";
    PATTERN_EXISTS = "SELECT 1 FROM protected_tags WHERE project_id = $1 AND pattern = $2";
    INSERT = "INSERT INTO protected_tags (project_id, pattern, create_level) VALUES ($1, $2, $3) RETURNING id";
    DELETE = "DELETE FROM protected_tags WHERE project_id = $1 AND id = $2";
}

/// A rule from its id, pattern and level, of which the first is column `at`.
pub fn rule(row: &Row, at: usize) -> Result<TagRule, Failure> {
    let cells = Cells::new(row, "protected_tags", at)?;
    let (pattern, create_level) = (cells.text(1, "pattern")?, cells.number(2, "create_level")?);
    Ok(TagRule { id: cells.id()?, pattern, create_level })
}

/// All rules that protect the tags of a project, in rows found by [`RULES`].
pub fn rules(rows: &[Row]) -> Result<Vec<TagRule>, Failure> {
    rows.iter().map(|row| rule(row, FOUND_AT)).collect()
}

async fn create(
    session: &Session,
    project: ProjectId,
    pattern: TagPattern,
    create_level: TagCreateLevel,
) -> Result<TagRule, TakenError<()>> {
    session.prepare(&[LOCK, PATTERN_EXISTS, INSERT]).await?;
    let ((), is_there, is_taken) = together!(
        session.begin(),
        session.exists(LOCK, &[&project.get()]),
        session.exists(PATTERN_EXISTS, &[&project.get(), &pattern.as_str()])
    )?;
    if !is_there {
        return Err(TakenError::Gone);
    }
    if is_taken {
        return Err(TakenError::Taken(()));
    }
    let (id, ()) = together!(
        session.insert(INSERT, &[&project.get(), &pattern.as_str(), &create_level.number()]),
        session.commit()
    )?;
    let id = ProtectedTagId::try_from(id).map_err(|error| StoreError::Internal(error.into()))?;
    Ok(TagRule { id, pattern, create_level })
}

#[async_trait]
impl ProtectedTagRepository for PostgresStore {
    async fn list(
        &self,
        project: &ProjectRef,
        viewer: Option<UserId>,
        page: PageRequest,
    ) -> Result<Option<ProjectView<Page<TagRule>>>, StoreError> {
        let session = self.session().await?;
        let [limit, offset, counted] = paging::values(page);
        let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, page, rule);
        Ok(view(&session, LIST, project, viewer, &[&limit, &offset, &counted], read).await?)
    }

    async fn get(
        &self,
        project: &ProjectRef,
        viewer: Option<UserId>,
        pattern: &str,
    ) -> Result<Option<ProjectView<Option<TagRule>>>, StoreError> {
        let session = self.session().await?;
        let read = |rows: &[Row]| rows.first().map(|row| rule(row, FOUND_AT)).transpose();
        Ok(view(&session, GET, project, viewer, &[&pattern], read).await?)
    }

    async fn create(
        &self,
        project: ProjectId,
        pattern: TagPattern,
        create_level: TagCreateLevel,
    ) -> Result<TagRule, TakenError<()>> {
        let session = self.session().await?;
        let created = create(&session, project, pattern, create_level).await;
        session.settle(created).await
    }

    async fn delete(&self, project: ProjectId, rule: ProtectedTagId) -> Result<bool, StoreError> {
        Ok(self.session().await?.run(DELETE, &[&project.get(), &rule.get()]).await? > 0)
    }
}
