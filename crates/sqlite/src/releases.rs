//! The releases port.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::channel::Selection;
use release_links_domain::history::Origin;
use release_links_domain::link::{Link, LinkFaults, Outcome, Settled};
use release_links_domain::location::ExternalUrl;
use release_links_domain::project::ProjectRef;
use release_links_domain::release::{LinksFaults, Release, ReleaseChanges, SentLinks};
use release_links_domain::tag::TagName;
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{
    Batch, BatchedPage, IfExists, NewRelease, PageRequest, Precondition, ProjectRead, ReleaseChangeError, ReleaseKey,
    ReleaseNotChanged, ReleaseOrder, ReleaseRefused, ReleaseRepository, ReleaseWriteError, Sort, StoreError,
    WritableProject, WriteError,
};
use rusqlite::Connection;

use crate::burning::is_burnt;
use crate::following::{self, settle};
use crate::reader::Lane;
use crate::tables::history::Journal;
use crate::tables::links::{alike, stored};
use crate::tables::newest::selected;
use crate::tables::projects;
use crate::tables::protected_tags::{rules, rules_on};
use crate::tables::releases::{
    by_id, by_tag, id_and_lock, insert_release, page_of, read_on, release_id, set_immutable, update_release,
};
use crate::tables::tags::{insert_tag, row_of};
use crate::view::view;
use crate::{SqliteStore, removing};

/// A release with more links than this gets a transaction of its own, so that other writes in its batch do not wait for
/// it.
pub const MANY_LINKS: usize = 32;

fn create(
    conn: &Connection,
    new: NewRelease,
    external: Option<Arc<ExternalUrl>>,
) -> Result<(Release, Outcome), ReleaseWriteError> {
    let (project, tag) = (new.project, new.tag.as_str());
    if !projects::is_there(conn, project)? {
        return Err(WriteError::Gone);
    }
    let origin = Origin { at: new.created_at, user: new.author, token: new.token };
    let mut journal = Journal::new(conn, project, origin).serving_at(external);
    if let Some(id) = release_id(conn, project, tag)? {
        let outcome = send_again(&mut journal, id, new)?;
        let release = by_id(conn, project, id, Link::MAX_PER_RELEASE)?.ok_or(WriteError::Gone)?;
        return Ok((release, outcome));
    }
    if is_burnt(conn, project, tag)? {
        return Err(WriteError::Conflict(ReleaseRefused::Burnt));
    }
    let links = new.links.accept().map_err(refused)?;
    let tag_row = match row_of(conn, project, &new.tag)? {
        Some(row) => row,
        None => insert_tag(conn, &new)?,
    };
    insert_release(&mut journal, &new, tag_row)?;
    let release = release_id(conn, project, tag)?.ok_or(WriteError::Gone)?;
    for fields in links {
        let fields = settle(&journal, fields, None, None)?.map_err(|faults| faulty(&faults))?;
        following::insert(&mut journal, tag, release, &fields)?;
    }
    projects::set_activity(conn, project)?;
    let made = by_tag(conn, project, tag, Lane::Long)?.ok_or(WriteError::Gone)?;
    Ok((made, Outcome::Created))
}

/// Does to a release that exists what a new one of its tag says.
fn send_again(journal: &mut Journal<'_>, id: ReleaseId, new: NewRelease) -> Result<Outcome, ReleaseWriteError> {
    let changes = match new.if_exists {
        IfExists::Fail => return Err(WriteError::Conflict(ReleaseRefused::Exists)),
        IfExists::Keep => return Ok(Outcome::Kept),
        IfExists::Replace(changes) => changes,
    };
    let current = by_id(journal.conn, new.project, id, 0)?.ok_or(WriteError::Gone)?;
    let mut found: BTreeMap<LinkId, Link> = BTreeMap::new();
    for candidate in new.links.candidates() {
        found.extend(alike(journal.conn, id, None, &candidate)?.into_iter().map(|link| (link.id, link)));
    }
    let alike: Vec<Link> = found.values().cloned().collect();
    if current.refuses(&changes, &new.links, &alike) {
        return Err(WriteError::Conflict(ReleaseRefused::Immutable));
    }
    let Some(links) = current.settle(&changes, new.links, alike).map_err(refused)? else {
        return Ok(Outcome::Unchanged);
    };
    let tag = new.tag.as_str();
    update_release(journal, &current, &changes.apply(current.clone()))?;
    for link in links {
        match link {
            Settled::Create(fields) => {
                let fields = settle(journal, fields, None, None)?.map_err(|faults| faulty(&faults))?;
                following::insert(journal, tag, id, &fields)?;
            }
            Settled::Replace(link) => {
                // The request may change a link more than once, or one that it has created.
                let before = stored(journal.conn, new.project, id, link.id)?.ok_or(WriteError::Gone)?;
                let fields = settle(journal, link.fields, Some(link.id), Some(&before.fields))?
                    .map_err(|faults| faulty(&faults))?;
                following::update(journal, tag, link.id, &before.fields, &fields)?;
            }
            Settled::Leave(..) => {}
        }
    }
    Ok(Outcome::Replaced)
}

fn faulty(faults: &LinkFaults) -> ReleaseWriteError {
    refused(LinksFaults::of_link(faults))
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
                None => Ok(Some(WritableProject {
                    rules: rules(conn, project, lane)?,
                    release: None,
                    immutable: false,
                    burnt: false,
                })),
                Some(tag) => {
                    let found = id_and_lock(conn, project, tag.as_str())?;
                    Ok(Some(WritableProject {
                        rules: rules_on(conn, project, tag.as_str(), lane)?,
                        release: found.map(|(id, _)| id),
                        immutable: found.is_some_and(|(_, immutable)| immutable),
                        burnt: found.is_none() && is_burnt(conn, project, tag.as_str())?,
                    }))
                }
            })
        })
        .await
    }

    async fn create(&self, release: NewRelease) -> Result<(Release, Outcome), ReleaseWriteError> {
        let external = self.external();
        if release.links.len() > MANY_LINKS {
            self.write_alone(move |conn| create(conn, release, external)).await
        } else {
            self.write(move |conn| create(conn, release, external)).await
        }
    }

    async fn update(
        &self,
        project: ProjectId,
        id: ReleaseId,
        changes: ReleaseChanges,
        precondition: Precondition<Release>,
        origin: Origin,
    ) -> Result<Release, ReleaseChangeError> {
        self.write(move |conn| {
            // Only a precondition asks for the links.
            let links = if precondition.is_none() { 0 } else { Link::MAX_PER_RELEASE };
            let current = by_id(conn, project, id, links)?.ok_or(WriteError::Gone)?;
            if current.refuses(&changes, &SentLinks::default(), &[]) {
                return Err(WriteError::Conflict(ReleaseNotChanged::Immutable));
            }
            if !precondition.holds(&current) {
                return Err(WriteError::Conflict(ReleaseNotChanged::Precondition(Box::new(current))));
            }
            update_release(&mut Journal::new(conn, project, origin), &current, &changes.apply(current.clone()))?;
            by_id(conn, project, id, Link::MAX_PER_RELEASE)?.ok_or(WriteError::Gone)
        })
        .await
    }

    async fn delete(
        &self,
        project: ProjectId,
        id: ReleaseId,
        even_if_immutable: bool,
        precondition: Precondition<Release>,
        origin: Origin,
    ) -> Result<Release, ReleaseChangeError> {
        self.write_alone(move |conn| {
            let current = by_id(conn, project, id, Link::MAX_PER_RELEASE)?.ok_or(WriteError::Gone)?;
            if current.immutable && !even_if_immutable {
                return Err(WriteError::Conflict(ReleaseNotChanged::Immutable));
            }
            if !precondition.holds(&current) {
                return Err(WriteError::Conflict(ReleaseNotChanged::Precondition(Box::new(current))));
            }
            removing::release(&mut Journal::new(conn, project, origin), &current)?;
            projects::set_activity(conn, project)?;
            Ok(current)
        })
        .await
    }

    async fn set_immutable(
        &self,
        project: ProjectId,
        id: ReleaseId,
        immutable: bool,
        origin: Origin,
    ) -> Result<(Release, bool), WriteError<()>> {
        self.write(move |conn| {
            let current = by_id(conn, project, id, Link::MAX_PER_RELEASE)?.ok_or(WriteError::Gone)?;
            let is_new = set_immutable(&mut Journal::new(conn, project, origin), &current, immutable)?;
            Ok((Release { immutable, ..current }, is_new))
        })
        .await
    }
}
