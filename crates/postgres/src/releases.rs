//! The releases port.

pub mod reading;
pub mod writing;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::channel::Selection;
use release_links_domain::history::Origin;
use release_links_domain::link::Outcome;
use release_links_domain::project::ProjectRef;
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::tag::TagName;
use release_links_domain::{ProjectId, ReleaseId};
use release_links_ports::{
    Batch, BatchedPage, NewRelease, PageRequest, Precondition, ProjectRead, ProjectView, ReleaseChangeError,
    ReleaseKey, ReleaseOrder, ReleaseRepository, ReleaseWriteError, Sort, StoreError, WritableProject, WriteError,
};
use release_links_sql::protected_tags::rule;
use release_links_sql::releases::id;

use crate::PostgresStore;
use crate::burning::is_burnt;
use crate::failure::Failure;
use crate::newest::Search;
use crate::rows::Row;
use crate::tables::releases::{LOAD_FOR_WRITE, NEWEST_CREATED, NEWEST_RELEASED, OLDEST_CREATED, OLDEST_RELEASED};
use crate::view::{FOUND_AT, view};

/// The columns of the tag's release, of its immutability and of whether the tag is burnt, and the first column of a tag rule,
/// in a row that is loaded for a write.
const RELEASE_AT: usize = FOUND_AT + 1;
const IMMUTABLE_AT: usize = FOUND_AT + 2;
const BURNT_AT: usize = FOUND_AT + 3;
const RULE_AT: usize = FOUND_AT + 4;
/// Creating a release with more links than this gets the timeout of long operations.
pub const MANY_LINKS: usize = 32;

fn for_write(rows: &[Row], tag: Option<&str>) -> Result<WritableProject, Failure> {
    let Some(first) = rows.first() else {
        return Ok(WritableProject { rules: Vec::new(), release: None, immutable: false, burnt: false });
    };
    let release = if first.holds(RELEASE_AT)? { Some(id(first, RELEASE_AT)?) } else { None };
    let mut rules = Vec::new();
    for row in rows {
        if row.holds(RULE_AT)? {
            rules.extend(Some(rule(row, RULE_AT)?).filter(|rule| tag.is_none_or(|tag| rule.pattern.matches(tag))));
        }
    }
    let immutable = first.get::<Option<bool>>(IMMUTABLE_AT)?.unwrap_or_default();
    let burnt = release.is_none() && first.get::<Option<bool>>(BURNT_AT)?.unwrap_or_default();
    Ok(WritableProject { rules, release, immutable, burnt })
}

#[async_trait]
impl ReleaseRepository for PostgresStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        order: ReleaseOrder,
        sort: Sort,
        page: PageRequest,
    ) -> ProjectRead<BatchedPage<Release, ReleaseId>> {
        let sql = match (order, sort) {
            (ReleaseOrder::ReleasedAt, Sort::Descending) => NEWEST_RELEASED,
            (ReleaseOrder::ReleasedAt, Sort::Ascending) => OLDEST_RELEASED,
            (ReleaseOrder::CreatedAt, Sort::Descending) => NEWEST_CREATED,
            (ReleaseOrder::CreatedAt, Sort::Ascending) => OLDEST_CREATED,
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

    async fn get(&self, key: &ReleaseKey) -> ProjectRead<Release> {
        Ok(reading::get(&self.session().await?, key).await?)
    }

    async fn selected(
        &self,
        project: &ProjectRef,
        reader: Reader,
        selection: Selection,
        now: Timestamp,
    ) -> ProjectRead<TagName> {
        let session = self.session().await?;
        Ok(Search { session: &session, project, reader, now }.release(&selection).await?)
    }

    async fn load_for_write(
        &self,
        project: &ProjectRef,
        reader: Reader,
        tag: Option<TagName>,
    ) -> ProjectRead<WritableProject> {
        let session = self.session().await?;
        let tag = tag.as_ref().map(TagName::as_str);
        let mut loaded =
            view(&session, LOAD_FOR_WRITE, project, reader, &[&tag], |rows| for_write(rows, tag).map(Some)).await?;
        // So far `burnt` tells about all projects.
        if let (Some(ProjectView { project, found: Some(found), .. }), Some(tag)) = (&mut loaded, tag)
            && found.burnt
        {
            found.burnt = found.release.is_none() && is_burnt(&session, project.id, tag).await?;
        }
        Ok(loaded)
    }

    async fn create(&self, release: NewRelease) -> Result<(Release, Outcome), ReleaseWriteError> {
        let many = release.links.len() > MANY_LINKS;
        let session = if many { self.session_for_long().await? } else { self.session().await? };
        let created = Box::pin(writing::create(&session, release)).await;
        session.settle(created).await
    }

    async fn update(
        &self,
        project: ProjectId,
        id: ReleaseId,
        changes: ReleaseChanges,
        precondition: Precondition<Release>,
        origin: Origin,
    ) -> Result<Release, ReleaseChangeError> {
        let session = self.session().await?;
        let updated = writing::update(&session, project, id, changes, (&precondition, origin)).await;
        session.settle(updated).await
    }

    async fn delete(
        &self,
        project: ProjectId,
        id: ReleaseId,
        even_if_immutable: bool,
        precondition: Precondition<Release>,
        origin: Origin,
    ) -> Result<Release, ReleaseChangeError> {
        // The release may have any number of links.
        let session = self.session_for_long().await?;
        let deleted = writing::delete(&session, project, id, even_if_immutable, (&precondition, origin)).await;
        let deleted = session.settle(deleted).await?;
        self.wake_sweeper();
        Ok(deleted)
    }

    async fn set_immutable(
        &self,
        project: ProjectId,
        id: ReleaseId,
        immutable: bool,
        origin: Origin,
    ) -> Result<(Release, bool), WriteError<()>> {
        let session = self.session().await?;
        let set = writing::set_immutable(&session, project, id, immutable, origin).await;
        session.settle(set).await
    }
}
