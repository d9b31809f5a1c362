//! The port of the rules that protect tags.

use async_trait::async_trait;
use release_links_domain::access::{Reader, RuleObstacle, TagCreateLevel, TagRule};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagPattern;
use release_links_domain::{ProjectId, ProtectedTagId};
use release_links_ports::{
    Page, PageRequest, ProjectView, ProtectedTagRepository, RuleWriteError, StoreError, TakenError,
};
use release_links_sql::paging::limit_and_offset;
use release_links_sql::protected_tags::rule;
use release_links_sql::rule_columns;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, count_changed, exists, first, insert, statements};
use crate::releases::count;
use crate::{SqliteStore, view::view};

statements! {
    LIST = concat!("SELECT ", rule_columns!(), " FROM protected_tags WHERE project_id = ?1
        ORDER BY pattern LIMIT ?2 OFFSET ?3");
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM protected_tags WHERE project_id = ?1 LIMIT ?2)";
    GET = concat!("SELECT ", rule_columns!(), " FROM protected_tags WHERE project_id = ?1 AND pattern = ?2");
    PROJECT_EXISTS = "SELECT 1 FROM projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL";
    INSERT = concat!("INSERT INTO protected_tags (", rule_columns!(new), ") VALUES (?1, ?2, ?3)");
    DELETE = "DELETE FROM protected_tags WHERE project_id = ?1 AND id = ?2";
}

fn page_of(conn: &Connection, project: ProjectId, wanted: PageRequest) -> Result<Page<TagRule>, Failure> {
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, LIST, params![project.get(), limit, offset], |row| rule(row, 0))?;
    Page::of(rows, wanted, |limit| count(conn, COUNT, project.get(), limit))
}

fn by_pattern(conn: &Connection, project: ProjectId, pattern: &str) -> Result<Option<TagRule>, Failure> {
    first(conn, GET, params![project.get(), pattern], |row| rule(row, 0))
}

fn create(
    conn: &Connection,
    project: ProjectId,
    pattern: &TagPattern,
    create_level: TagCreateLevel,
) -> Result<TagRule, RuleWriteError> {
    if !exists(conn, PROJECT_EXISTS, params![project.get()])? {
        return Err(TakenError::Gone);
    }
    let rules = count(conn, COUNT, project.get(), TagRule::MAX_PER_PROJECT as u64)?;
    let is_taken = by_pattern(conn, project, pattern.as_str())?.is_some();
    if let Some(obstacle) = RuleObstacle::to_one_more(usize::try_from(rules).unwrap_or(usize::MAX), is_taken) {
        return Err(TakenError::Taken(obstacle));
    }
    insert(conn, INSERT, params![project.get(), pattern.as_str(), create_level.number()])?;
    by_pattern(conn, project, pattern.as_str())?.ok_or(TakenError::Gone)
}

#[async_trait]
impl ProtectedTagRepository for SqliteStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        page: PageRequest,
    ) -> Result<Option<ProjectView<Page<TagRule>>>, StoreError> {
        self.read(|conn| view(conn, project, reader, |project| page_of(conn, project, page))).await
    }

    async fn get(
        &self,
        project: &ProjectRef,
        reader: Reader,
        pattern: &str,
    ) -> Result<Option<ProjectView<Option<TagRule>>>, StoreError> {
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
        let deleted: Result<_, StoreError> =
            self.write(move |conn| Ok(count_changed(conn, DELETE, params![project.get(), rule.get()])?)).await;
        Ok(deleted? > 0)
    }
}
