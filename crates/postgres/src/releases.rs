//! The releases port.

pub mod reading;
pub mod writing;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::project::ProjectRef;
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::tag::TagName;
use release_links_domain::{ProjectId, ReleaseId};
use release_links_ports::{
    Batch, BatchedPage, NewRelease, PageRequest, ProjectView, ReleaseKey, ReleaseOrder, ReleaseRepository, ReleaseSort,
    ReleaseWriteError, StoreError, WritableProject,
};
use release_links_sql::protected_tags::rule;
use release_links_sql::releases::{id, tag};
use release_links_sql::rule_columns;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::rows::Row;
use crate::view::{FOUND_AT, view, viewed, views};

/// Where the release of a tag stands in what a write is decided by, and where the columns of a rule begin.
const RELEASE_AT: usize = FOUND_AT + 1;
const RULE_AT: usize = FOUND_AT + 2;
/// With more links than these, a release may take longer to make than a request is to wait for the database.
pub const MANY_LINKS: usize = 32;

/// The releases `r` for which `$condition` holds, with their tags and authors.
macro_rules! releases {
    ($condition:literal) => {
        concat!(
            "releases r JOIN tags t ON t.id = r.tag_id
            LEFT JOIN users u ON u.id = r.author_id AND ",
            $crate::users::IS_THERE!(),
            " LEFT JOIN namespaces un ON un.user_id = u.id WHERE ",
            $condition
        )
    };
}

use releases;

views! {
    NEWEST = viewed!("id, tag FROM releases WHERE project_id = p.id AND released_at <= $3
        ORDER BY released_at DESC, id DESC LIMIT 1");
    // One row for each rule, or one without.
    WEIGH = viewed!(concat!("p.id, r.id, ", rule_columns!("t"), " FROM (SELECT) always
        LEFT JOIN releases r ON r.project_id = p.id AND r.tag = $3
        LEFT JOIN protected_tags t ON t.project_id = p.id"));
}

fn weighed(rows: &[Row], tag: Option<&str>) -> Result<WritableProject, Failure> {
    let Some(first) = rows.first() else { return Ok(WritableProject { rules: Vec::new(), release: None }) };
    let release = if first.holds(RELEASE_AT)? { Some(id(first, RELEASE_AT)?) } else { None };
    let mut rules = Vec::new();
    for row in rows {
        if row.holds(RULE_AT)? {
            rules.extend(Some(rule(row, RULE_AT)?).filter(|rule| tag.is_none_or(|tag| rule.pattern.matches(tag))));
        }
    }
    Ok(WritableProject { rules, release })
}

#[async_trait]
impl ReleaseRepository for PostgresStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        order: ReleaseOrder,
        sort: ReleaseSort,
        page: PageRequest,
    ) -> Result<Option<ProjectView<BatchedPage<Release, ReleaseId>>>, StoreError> {
        let sql = match (order, sort) {
            (ReleaseOrder::ReleasedAt, ReleaseSort::Descending) => reading::NEWEST_RELEASED,
            (ReleaseOrder::ReleasedAt, ReleaseSort::Ascending) => reading::OLDEST_RELEASED,
            (ReleaseOrder::CreatedAt, ReleaseSort::Descending) => reading::NEWEST_CREATED,
            (ReleaseOrder::CreatedAt, ReleaseSort::Ascending) => reading::OLDEST_CREATED,
        };
        Ok(reading::list(&self.session_for_list().await?, project, reader, sql, page).await?)
    }

    async fn read_on(
        &self,
        project: ProjectId,
        releases: Vec<ReleaseId>,
    ) -> Result<Batch<Release, ReleaseId>, StoreError> {
        Ok(reading::read_on(&self.session_for_list().await?, project, releases).await?)
    }

    async fn get(&self, key: &ReleaseKey) -> Result<Option<ProjectView<Option<Release>>>, StoreError> {
        Ok(reading::get(&self.session().await?, key).await?)
    }

    async fn newest(
        &self,
        project: &ProjectRef,
        reader: Reader,
        now: Timestamp,
    ) -> Result<Option<ProjectView<Option<TagName>>>, StoreError> {
        let session = self.session().await?;
        let read = |rows: &[Row]| rows.first().map(|row| tag(row, FOUND_AT)).transpose();
        Ok(view(&session, NEWEST, project, reader, &[&now.as_millisecond()], read).await?)
    }

    async fn weigh(
        &self,
        project: &ProjectRef,
        reader: Reader,
        tag: Option<TagName>,
    ) -> Result<Option<ProjectView<WritableProject>>, StoreError> {
        let session = self.session().await?;
        let tag = tag.as_ref().map(TagName::as_str);
        Ok(view(&session, WEIGH, project, reader, &[&tag], |rows| weighed(rows, tag)).await?)
    }

    async fn create(&self, release: NewRelease) -> Result<Release, ReleaseWriteError> {
        let many = release.links.len() > MANY_LINKS;
        let session = if many { self.session_for_long().await? } else { self.session().await? };
        let created = writing::create(&session, &release).await;
        session.settle(created).await
    }

    async fn update(
        &self,
        project: ProjectId,
        id: ReleaseId,
        changes: ReleaseChanges,
    ) -> Result<Option<Release>, StoreError> {
        let session = self.session().await?;
        let updated = writing::update(&session, project, id, changes).await;
        session.settle(updated).await
    }

    async fn delete(&self, project: ProjectId, id: ReleaseId) -> Result<Option<Release>, StoreError> {
        // It may have any number of links.
        let session = self.session_for_long().await?;
        let deleted = writing::delete(&session, project, id).await;
        let deleted = session.settle(deleted).await?;
        self.wake_sweeper();
        Ok(deleted)
    }
}
