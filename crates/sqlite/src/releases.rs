//! The releases port.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::channel::Selection;
use release_links_domain::link::{Link, Outcome, Settled};
use release_links_domain::project::ProjectRef;
use release_links_domain::release::{LinksFaults, Release, ReleaseChanges};
use release_links_domain::tag::TagName;
use release_links_domain::{ProjectId, ReleaseId};
use release_links_ports::{
    Batch, BatchedPage, IfExists, NewRelease, PageRequest, Precondition, ProjectRead, ReleaseChangeError, ReleaseKey,
    ReleaseOrder, ReleaseRefused, ReleaseRepository, ReleaseWriteError, Sort, StoreError, WritableProject, WriteError,
};
use rusqlite::Connection;

use crate::reader::Lane;
use crate::tables::links::{alike, insert_link, update_link};
use crate::tables::newest::selected;
use crate::tables::projects;
use crate::tables::protected_tags::{rules, rules_on};
use crate::tables::releases::{by_id, by_tag, insert_release, page_of, read_on, release_id, update_release};
use crate::tables::tags::{insert_tag, row_of};
use crate::view::view;
use crate::{SqliteStore, removing};

/// A release with more links than this gets a transaction of its own, so that other writes in its batch do not wait for
/// it.
pub const MANY_LINKS: usize = 32;

fn create(conn: &Connection, new: NewRelease) -> Result<(Release, Outcome), ReleaseWriteError> {
    let (project, tag) = (new.project, new.tag.as_str());
    if !projects::is_there(conn, project)? {
        return Err(WriteError::Gone);
    }
    if let Some(id) = release_id(conn, project, tag)? {
        let outcome = send_again(conn, id, new)?;
        let release = by_id(conn, project, id, Link::MAX_PER_RELEASE)?.ok_or(WriteError::Gone)?;
        return Ok((release, outcome));
    }
    let links = new.links.accept().map_err(refused)?;
    let tag_row = match row_of(conn, project, &new.tag)? {
        Some(row) => row,
        None => insert_tag(conn, &new)?,
    };
    insert_release(conn, &new, tag_row)?;
    let release = release_id(conn, project, tag)?.ok_or(WriteError::Gone)?;
    for fields in &links {
        insert_link(conn, project, release, fields)?;
    }
    projects::set_activity(conn, project)?;
    let made = by_tag(conn, project, tag, Lane::Long)?.ok_or(WriteError::Gone)?;
    Ok((made, Outcome::Created))
}

/// Does to a release that exists what a new one of its tag says.
fn send_again(conn: &Connection, id: ReleaseId, new: NewRelease) -> Result<Outcome, ReleaseWriteError> {
    let project = new.project;
    let changes = match new.if_exists {
        IfExists::Fail => return Err(WriteError::Conflict(ReleaseRefused::Exists)),
        IfExists::Keep => return Ok(Outcome::Kept),
        IfExists::Replace(changes) => changes,
    };
    let current = by_id(conn, project, id, 0)?.ok_or(WriteError::Gone)?;
    let mut found = Vec::new();
    for candidate in new.links.candidates() {
        found.append(&mut alike(conn, id, None, &candidate)?);
    }
    let Some(links) = current.settle(&changes, new.links, found).map_err(refused)? else {
        return Ok(Outcome::Unchanged);
    };
    for link in links {
        match link {
            Settled::Create(fields) => drop(insert_link(conn, project, id, &fields)?),
            Settled::Replace(link) => update_link(conn, link.id, &link.fields)?,
            Settled::Leave(..) => {}
        }
    }
    update_release(conn, &changes.apply(current))?;
    Ok(Outcome::Replaced)
}

fn refused(faults: LinksFaults) -> ReleaseWriteError {
    WriteError::Conflict(ReleaseRefused::Links(faults))
}

#[async_trait]
impl ReleaseRepository for SqliteStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        order: ReleaseOrder,
        sort: Sort,
        page: PageRequest,
    ) -> ProjectRead<BatchedPage<Release, ReleaseId>> {
        let project = project.clone();
        self.read_any(move |conn, lane| {
            view(conn, &project, reader, |project| page_of(conn, project, (order, sort), page, lane).map(Some))
        })
        .await
    }

    async fn read_on(
        &self,
        project: ProjectId,
        releases: Vec<ReleaseId>,
    ) -> Result<Batch<Release, ReleaseId>, StoreError> {
        self.read_long(move |conn| read_on(conn, project, releases)).await
    }

    async fn get(&self, key: &ReleaseKey) -> ProjectRead<Release> {
        let key = key.clone();
        self.read_any(move |conn, lane| {
            view(conn, &key.project, key.reader, |project| by_tag(conn, project, &key.tag, lane))
        })
        .await
    }

    async fn selected(
        &self,
        project: &ProjectRef,
        reader: Reader,
        selection: Selection,
        now: Timestamp,
    ) -> ProjectRead<TagName> {
        self.read(|conn| view(conn, project, reader, |project| selected(conn, project, &selection, now))).await
    }

    async fn load_for_write(
        &self,
        project: &ProjectRef,
        reader: Reader,
        tag: Option<TagName>,
    ) -> ProjectRead<WritableProject> {
        let project = project.clone();
        self.read_any(move |conn, lane| {
            view(conn, &project, reader, |project| match &tag {
                None => Ok(Some(WritableProject { rules: rules(conn, project, lane)?, release: None })),
                Some(tag) => Ok(Some(WritableProject {
                    rules: rules_on(conn, project, tag.as_str(), lane)?,
                    release: release_id(conn, project, tag.as_str())?,
                })),
            })
        })
        .await
    }

    async fn create(&self, release: NewRelease) -> Result<(Release, Outcome), ReleaseWriteError> {
        if release.links.len() > MANY_LINKS {
            self.write_alone(move |conn| create(conn, release)).await
        } else {
            self.write(move |conn| create(conn, release)).await
        }
    }

    async fn update(
        &self,
        project: ProjectId,
        id: ReleaseId,
        changes: ReleaseChanges,
        precondition: Precondition<Release>,
    ) -> Result<Release, ReleaseChangeError> {
        self.write(move |conn| {
            // Only a precondition asks for the links.
            let links = if precondition.is_none() { 0 } else { Link::MAX_PER_RELEASE };
            let current = by_id(conn, project, id, links)?.ok_or(WriteError::Gone)?;
            if !precondition.holds(&current) {
                return Err(WriteError::Conflict(Box::new(current)));
            }
            update_release(conn, &changes.apply(current))?;
            by_id(conn, project, id, Link::MAX_PER_RELEASE)?.ok_or(WriteError::Gone)
        })
        .await
    }

    async fn delete(
        &self,
        project: ProjectId,
        id: ReleaseId,
        precondition: Precondition<Release>,
    ) -> Result<Release, ReleaseChangeError> {
        self.write_alone(move |conn| {
            let current = by_id(conn, project, id, Link::MAX_PER_RELEASE)?.ok_or(WriteError::Gone)?;
            if !precondition.holds(&current) {
                return Err(WriteError::Conflict(Box::new(current)));
            }
            removing::release(conn, id)?;
            projects::set_activity(conn, project)?;
            Ok(current)
        })
        .await
    }
}
