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
use tokio_postgres::Row;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::protected_tags::rule;
use crate::rows::Cells;
use crate::users::maybe_user;
use crate::view::{FOUND_AT, view, viewed, views};

/// Where the columns of the author begin, after those of the release.
const AUTHOR_AFTER: usize = 8;
/// With more links than these, a release may take longer to make than a request is to wait for the database.
pub const MANY_LINKS: usize = 32;

/// The columns of a release `r` with its tag `t` and its author.
macro_rules! RELEASE {
    () => {
        concat!("r.id, r.project_id, r.tag, r.name, r.description, t.target, r.created_at, r.released_at, ", USER!())
    };
}

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

use {RELEASE, releases};

views! {
    NEWEST = viewed!("id, tag FROM releases WHERE project_id = p.id AND released_at <= $3
        ORDER BY released_at DESC, id DESC LIMIT 1");
    // One row for each rule, or one without.
    WEIGH = viewed!("p.id, r.id, t.id, t.pattern, t.create_level FROM (SELECT) always
        LEFT JOIN releases r ON r.project_id = p.id AND r.tag = $3
        LEFT JOIN protected_tags t ON t.project_id = p.id");
}

/// A release without its links, of which the columns begin at `at`.
fn bare(row: &Row, at: usize) -> Result<Release, Failure> {
    let cells = Cells::new(row, "releases", at)?;
    Ok(Release {
        id: cells.id()?,
        project: cells.number(1, "project_id")?,
        tag: cells.text(2, "tag")?,
        name: cells.raw(3, "name")?,
        description: cells.raw(4, "description")?,
        target: cells.raw(5, "target of its tag")?,
        created_at: cells.time(6, "created_at")?,
        released_at: cells.time(7, "released_at")?,
        author: maybe_user(row, at + AUTHOR_AFTER)?,
        links: Vec::new(),
        link_count: 0,
    })
}

fn weighed(rows: &[Row], tag: Option<&str>) -> Result<WritableProject, Failure> {
    let Some(first) = rows.first() else { return Ok(WritableProject { rules: Vec::new(), release: None }) };
    let release = Cells::new(first, "projects", FOUND_AT)?.optional_number(1, "id of a release")?;
    let mut rules = Vec::new();
    for row in rows {
        if row.try_get::<_, Option<i64>>(FOUND_AT + 2)?.is_some() {
            rules.extend(Some(rule(row, FOUND_AT + 2)?).filter(|rule| tag.is_none_or(|tag| rule.pattern.matches(tag))));
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
        let read =
            |rows: &[Row]| rows.first().map(|row| Cells::new(row, "releases", FOUND_AT)?.text(1, "tag")).transpose();
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
