//! The port of the tag protection rules.

use async_trait::async_trait;
use release_links_domain::access::{Reader, RuleObstacle, TagCreateLevel, TagRule};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagPattern;
use release_links_domain::{ProjectId, ProtectedTagId};
use release_links_ports::{
    Page, PageRequest, ProjectRead, ProtectedTagRepository, RuleWriteError, StoreError, WriteError,
};
use release_links_sql::protected_tags::rule;

use crate::PostgresStore;
use crate::paging;
use crate::query::{Session, together};
use crate::rows::Row;
use crate::tables::protected_tags::{COUNT, DELETE, GET, INSERT, LIST, LOCK, PATTERN_EXISTS};
use crate::view::{FOUND_AT, TOTAL_AT, view};

async fn create(
    session: &Session,
    project: ProjectId,
    pattern: TagPattern,
    create_level: TagCreateLevel,
) -> Result<TagRule, RuleWriteError> {
    let most = paging::stop_at(TagRule::MAX_PER_PROJECT);
    session.prepare(&[LOCK, PATTERN_EXISTS, COUNT, INSERT]).await?;
    let ((), is_there, is_taken, rules) = together!(
        session.begin(),
        session.exists(LOCK, &[&project.get()]),
        session.exists(PATTERN_EXISTS, &[&project.get(), &pattern.as_str()]),
        session.first(COUNT, &[&project.get(), &most], |row| row.get::<i64>(0))
    )?;
    if !is_there {
        return Err(WriteError::Gone);
    }
    if let Some(obstacle) = RuleObstacle::to_one_more(paging::counted(rules.unwrap_or_default()), is_taken) {
        return Err(WriteError::Conflict(obstacle));
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
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<TagRule>> {
        let session = self.session().await?;
        let [limit, offset, counted] = paging::values(page);
        let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, page, rule).map(Some);
        Ok(view(&session, LIST, project, reader, &[&limit, &offset, &counted], read).await?)
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, pattern: &str) -> ProjectRead<TagRule> {
        let session = self.session().await?;
        let read = |rows: &[Row]| rows.first().map(|row| rule(row, FOUND_AT)).transpose();
        Ok(view(&session, GET, project, reader, &[&pattern], read).await?)
    }

    async fn create(
        &self,
        project: ProjectId,
        pattern: TagPattern,
        create_level: TagCreateLevel,
    ) -> Result<TagRule, RuleWriteError> {
        let session = self.session().await?;
        let created = create(&session, project, pattern, create_level).await;
        session.settle(created).await
    }

    async fn delete(&self, project: ProjectId, rule: ProtectedTagId) -> Result<bool, StoreError> {
        Ok(self.session().await?.run(DELETE, &[&project.get(), &rule.get()]).await? > 0)
    }
}
