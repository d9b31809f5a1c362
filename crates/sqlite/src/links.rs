//! The links port.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::channel::Selection;
use release_links_domain::history::Origin;
use release_links_domain::link::{
    Candidate, Link, LinkChanges, LinkConflict, Manifest, OnConflict, Outcome, ParsedDraft, Plan, Settled,
};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagName;
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{
    Batch, BearerRead, Claim, LinkNotCreated, LinkPage, LinkRefused, LinkRepository, LinkUpdateError, LinkWriteError,
    ManifestWriteError, PageRequest, Precondition, ProjectRead, ProjectView, ReleaseKey, Run, StoreError,
    WritableRelease, WriteError,
};
use rusqlite::Connection;

use crate::SqliteStore;
use crate::failure::Failure;
use crate::following::{self, settle};
use crate::manifests;
use crate::reader::Lane;
use crate::tables::history::Journal;
use crate::tables::links::{alike, delete_link, has_link, links_in, of_tag, of_tag_by_path, page_of, read_on, stored};
use crate::tables::newest::selected_asset;
use crate::tables::projects::on_conflict;
use crate::tables::protected_tags::rules_on;
use crate::tables::releases::{self, id_and_lock, release_id};
use crate::view::view;

fn for_write(
    conn: &Connection,
    project: ProjectId,
    key: &ReleaseKey,
    link: Option<LinkId>,
    candidate: &Candidate,
    lane: Lane,
) -> Result<Option<WritableRelease>, Failure> {
    let Some((id, immutable)) = id_and_lock(conn, project, &key.tag)? else { return Ok(None) };
    if let Some(link) = link
        && !has_link(conn, id, link)?
    {
        return Ok(None);
    }
    // An update adds no link, so neither the limit nor the project's setting applies.
    let (links, on_conflict) = match link {
        None => (links_in(conn, id)?, on_conflict(conn, project)?.unwrap_or_default()),
        Some(_) => (0, OnConflict::default()),
    };
    Ok(Some(WritableRelease {
        id,
        immutable,
        rules: rules_on(conn, project, &key.tag, lane)?,
        on_conflict,
        links,
        alike: alike(conn, id, link, candidate)?,
    }))
}

fn create(
    journal: &mut Journal<'_>,
    release: ReleaseId,
    draft: ParsedDraft,
    wanted: Option<OnConflict>,
) -> Result<(Link, Outcome), LinkWriteError> {
    let (conn, project) = (journal.conn, journal.project);
    let (tag, immutable) = releases::to_write(conn, project, release)?.ok_or(WriteError::Gone)?;
    let on_conflict = match wanted {
        Some(wanted) => wanted,
        None => on_conflict(conn, project)?.ok_or(WriteError::Gone)?,
    };
    let alike = alike(conn, release, None, &draft.candidate())?;
    if immutable && draft.alters(on_conflict, &alike) {
        return Err(WriteError::Conflict(LinkNotCreated::Immutable));
    }
    let settled = draft.settle(on_conflict, links_in(conn, release)?, &alike);
    let faulty = |faults| WriteError::Conflict(LinkNotCreated::Faults(faults));
    match settled.map_err(faulty)? {
        Settled::Create(fields) => {
            let fields = settle(journal, fields, None, None)?.map_err(faulty)?;
            let id = following::insert(journal, &tag, release, &fields)?;
            Ok((Link { id, fields }, Outcome::Created))
        }
        Settled::Leave(link, outcome) => Ok((link, outcome)),
        Settled::Replace(Link { id, fields }) => {
            let before = alike.iter().find(|current| current.id == id).ok_or(WriteError::Gone)?;
            let fields = settle(journal, fields, Some(id), Some(&before.fields))?.map_err(faulty)?;
            following::update(journal, &tag, id, &before.fields, &fields)?;
            let outcome = if before.fields == fields { Outcome::Unchanged } else { Outcome::Replaced };
            Ok((Link { id, fields }, outcome))
        }
    }
}

fn update(
    journal: &mut Journal<'_>,
    release: ReleaseId,
    id: LinkId,
    changes: LinkChanges,
    precondition: &Precondition<Link>,
) -> Result<Link, LinkUpdateError> {
    let (conn, project) = (journal.conn, journal.project);
    let current = stored(conn, project, release, id)?.ok_or(WriteError::Gone)?;
    let (tag, immutable) = releases::to_write(conn, project, release)?.ok_or(WriteError::Gone)?;
    let fields = changes.apply(current.fields.clone());
    if immutable && !current.fields.may_become(&fields) {
        return Err(WriteError::Conflict(LinkRefused::Immutable));
    }
    if !precondition.holds(&current) {
        return Err(WriteError::Conflict(LinkRefused::Precondition(Box::new(current))));
    }
    let candidate = Candidate::from(&fields);
    let taken = LinkConflict::between(&candidate, &alike(conn, release, Some(id), &candidate)?);
    if !taken.is_none() {
        return Err(WriteError::Conflict(LinkRefused::Taken(taken)));
    }
    let fields = settle(journal, fields, Some(id), Some(&current.fields))?;
    let fields = fields.map_err(|faults| WriteError::Conflict(LinkRefused::Faults(faults)))?;
    following::update(journal, &tag, id, &current.fields, &fields)?;
    Ok(Link { id, fields })
}

fn delete(
    journal: &mut Journal<'_>,
    release: ReleaseId,
    id: LinkId,
    precondition: &Precondition<Link>,
) -> Result<Link, LinkUpdateError> {
    let (conn, project) = (journal.conn, journal.project);
    let current = stored(conn, project, release, id)?.ok_or(WriteError::Gone)?;
    let (tag, immutable) = releases::to_write(conn, project, release)?.ok_or(WriteError::Gone)?;
    if immutable {
        return Err(WriteError::Conflict(LinkRefused::Immutable));
    }
    if !precondition.holds(&current) {
        return Err(WriteError::Conflict(LinkRefused::Precondition(Box::new(current))));
    }
    delete_link(journal, &tag, &current)?;
    Ok(current)
}

#[async_trait]
impl LinkRepository for SqliteStore {
    async fn list(&self, key: &ReleaseKey, page: PageRequest) -> ProjectRead<LinkPage> {
        let find = |conn: &Connection, key: &ReleaseKey| {
            view(conn, &key.project, key.reader, |project| release_id(conn, project, &key.tag))
        };
        let list = move |conn: &Connection, seen: Option<ProjectView<ReleaseId>>| {
            let Some(ProjectView { project, level, found }) = seen else { return Ok(None) };
            let found = found.map(|release| page_of(conn, release, page)).transpose()?;
            Ok(Some(ProjectView { project, level, found }))
        };
        // SQLite also steps through the rows before the page.
        if Lane::Short.admit_rows(page.offset()).is_ok() {
            self.read_remembered(|conn, answers| {
                let seen = answers.releases.recall(key, |kept| kept == key, || key.clone(), || find(conn, key))?;
                list(conn, seen)
            })
            .await
        } else {
            let key = key.clone();
            self.read_long(move |conn| list(conn, find(conn, &key)?)).await
        }
    }

    async fn read_on(&self, project: ProjectId, links: Vec<LinkId>) -> Result<Batch<Link, LinkId>, StoreError> {
        self.read_long(move |conn| read_on(conn, project, links)).await
    }

    async fn get(&self, key: &ReleaseKey, id: LinkId) -> ProjectRead<Link> {
        let find =
            |conn: &Connection| view(conn, &key.project, key.reader, |project| of_tag(conn, project, &key.tag, id));
        self.read_remembered(|conn, answers| {
            let is = |kept: &(ReleaseKey, LinkId)| kept.1 == id && kept.0 == *key;
            answers.links.recall((key, id), is, || (key.clone(), id), || find(conn))
        })
        .await
    }

    async fn get_for_bearer(&self, claim: &Claim, project: &ProjectRef, tag: &str, link: LinkId) -> BearerRead<Link> {
        let read = |reader| async move {
            self.get(&ReleaseKey { project: project.clone(), tag: tag.to_owned(), reader }, link).await
        };
        claim.find_and_read(self, read).await
    }

    async fn get_by_path(&self, key: &ReleaseKey, path: &str) -> ProjectRead<Link> {
        let find = |conn: &Connection| {
            view(conn, &key.project, key.reader, |project| of_tag_by_path(conn, project, &key.tag, path))
        };
        self.read_remembered(|conn, answers| {
            let is = |kept: &(ReleaseKey, String)| kept.1 == path && kept.0 == *key;
            answers.by_path.recall((key, path), is, || (key.clone(), path.to_owned()), || find(conn))
        })
        .await
    }

    async fn get_selected_by_path(
        &self,
        project: &ProjectRef,
        reader: Reader,
        selection: Selection,
        now: Timestamp,
        path: &str,
    ) -> ProjectRead<(TagName, Link)> {
        let read = move |conn: &Connection, selection: &Selection, project: &ProjectRef, path: &str| {
            view(conn, project, reader, |project| selected_asset(conn, project, selection, now, path))
        };
        if selection.searched() > 1 {
            let (project, path) = (project.clone(), path.to_owned());
            self.read_long(move |conn| read(conn, &selection, &project, &path)).await
        } else {
            self.read(|conn| read(conn, &selection, project, path)).await
        }
    }

    async fn load_for_write(
        &self,
        key: &ReleaseKey,
        link: Option<LinkId>,
        candidate: &Candidate,
    ) -> ProjectRead<WritableRelease> {
        let (key, candidate) = (key.clone(), candidate.clone());
        self.read_any(move |conn, lane| {
            view(conn, &key.project, key.reader, |project| for_write(conn, project, &key, link, &candidate, lane))
        })
        .await
    }

    async fn create(
        &self,
        project: ProjectId,
        release: ReleaseId,
        draft: ParsedDraft,
        on_conflict: Option<OnConflict>,
        origin: Origin,
    ) -> Result<(Link, Outcome), LinkWriteError> {
        let external = self.external();
        self.write(move |conn| {
            create(&mut Journal::new(conn, project, origin).serving_at(external), release, draft, on_conflict)
        })
        .await
    }

    async fn update(
        &self,
        project: ProjectId,
        release: ReleaseId,
        id: LinkId,
        changes: LinkChanges,
        precondition: Precondition<Link>,
        origin: Origin,
    ) -> Result<Link, LinkUpdateError> {
        let external = self.external();
        self.write(move |conn| {
            update(&mut Journal::new(conn, project, origin).serving_at(external), release, id, changes, &precondition)
        })
        .await
    }

    async fn apply(
        &self,
        project: ProjectId,
        release: ReleaseId,
        manifest: Manifest,
        precondition: Precondition<Vec<Link>>,
        origin: Origin,
        run: Run,
    ) -> Result<Plan, ManifestWriteError> {
        let external = self.external();
        self.write_alone(move |conn| {
            manifests::apply(
                &mut Journal::new(conn, project, origin).serving_at(external),
                release,
                manifest,
                &precondition,
                run,
            )
        })
        .await
    }

    async fn delete(
        &self,
        project: ProjectId,
        release: ReleaseId,
        id: LinkId,
        precondition: Precondition<Link>,
        origin: Origin,
    ) -> Result<Link, LinkUpdateError> {
        self.write(move |conn| delete(&mut Journal::new(conn, project, origin), release, id, &precondition)).await
    }
}
