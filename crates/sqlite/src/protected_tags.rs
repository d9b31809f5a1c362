//! The port of the tag protection rules.

use async_trait::async_trait;
use release_links_domain::access::{Reader, RuleObstacle, TagCreateLevel, TagRule};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagPattern;
use release_links_domain::{ProjectId, ProtectedTagId};
use release_links_ports::{
    Page, PageRequest, ProjectRead, ProtectedTagRepository, RuleWriteError, StoreError, WriteError,
};
use rusqlite::Connection;

use crate::SqliteStore;
use crate::tables::projects;
use crate::tables::protected_tags::{by_pattern, delete, insert_rule, page_of, rules_in};
use crate::view::view;

fn create(
    conn: &Connection,
    project: ProjectId,
    pattern: &TagPattern,
    create_level: TagCreateLevel,
) -> Result<TagRule, RuleWriteError> {
    if !projects::is_there(conn, project)? {
        return Err(WriteError::Gone);
    }
    let is_taken = by_pattern(conn, project, pattern.as_str())?.is_some();
    if let Some(obstacle) = RuleObstacle::to_one_more(rules_in(conn, project)?, is_taken) {
        return Err(WriteError::Conflict(obstacle));
    }
    insert_rule(conn, project, pattern, create_level)?;
    by_pattern(conn, project, pattern.as_str())?.ok_or(WriteError::Gone)
}

#[async_trait]
impl ProtectedTagRepository for SqliteStore {
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<TagRule>> {
        self.read(|conn| view(conn, project, reader, |project| page_of(conn, project, page).map(Some))).await
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, pattern: &str) -> ProjectRead<TagRule> {
        self.read(|conn| view(conn, project, reader, |project| by_pattern(conn, project, pattern))).await
    }

    async fn create(
        &self,
        project: ProjectId,
        pattern: TagPattern,
        create_level: TagCreateLevel,
    ) -> Result<TagRule, RuleWriteError> {
        self.write(move |conn| create(conn, project, &pattern, create_level)).await
    }

    async fn delete(&self, project: ProjectId, rule: ProtectedTagId) -> Result<bool, StoreError> {
        self.write(move |conn| Ok(delete(conn, project, rule)?)).await
    }
}
