//! The links port.

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::channel::Selection;
use release_links_domain::history::{Event, Origin};
use release_links_domain::link::{
    Candidate, Change, Link, LinkChanges, LinkConflict, LinkFields, Manifest, OnConflict, Outcome, ParsedDraft, Plan,
    Settled,
};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagName;
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{
    Batch, BearerRead, Claim, LinkNotCreated, LinkPage, LinkRefused, LinkRepository, LinkUpdateError, LinkWriteError,
    ManifestWriteError, Page, PageRequest, Precondition, ProjectRead, ReleaseKey, Run, StoreError, WritableRelease,
    WriteError,
};
use release_links_sql::links::{COLUMNS, COUNT as COLUMNS_OF_A_LINK, id, link, size, unique};
use release_links_sql::projects::on_conflict;
use release_links_sql::protected_tags::rule;
use release_links_sql::releases;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::following::settle;
use crate::manifests;
use crate::newest::Search;
use crate::paging;
use crate::query::{Session, Values, parameters, together};
use crate::rows::Row;
use crate::tables::history::END_STEPS;
use crate::tables::links::{
    ALIKE, BY_IDS, COUNT, DELETE, INSERT, LIST, LOAD_FOR_WRITE, LOCK, LOCK_LINK, OF_TAG, OF_TAG_BY_PATH, SIZES, UPDATE,
};
use crate::tables::releases::LOCK_PROJECT;
use crate::updating::{insert_link, write_link};
use crate::view::{FOUND_AT, TOTAL_AT, view};

/// The first columns of the immutability, of the number of links, of the project's setting, of the conflicting link and of the tag rule in a row
/// that is loaded for a write.
const IMMUTABLE_AT: usize = FOUND_AT + 1;
const LINKS_AT: usize = FOUND_AT + 2;
const ON_CONFLICT_AT: usize = FOUND_AT + 3;
const ALIKE_AT: usize = FOUND_AT + 5;
const RULE_AT: usize = ALIKE_AT + COLUMNS_OF_A_LINK;

/// Reads the link whose columns begin at `at`, or only its id if the statement left out its text.
fn unless_large(row: &Row, at: usize) -> Result<Result<Link, LinkId>, Failure> {
    let has_text = row.get::<Option<&str>>(at + COLUMNS.name.at)?.is_some();
    Ok(if has_text { Ok(link(row, at)?) } else { Err(id(row, at)?) })
}

/// Reads the next batch of a list.
async fn read_on(session: &Session, project: ProjectId, links: Vec<LinkId>) -> Result<Batch<Link, LinkId>, Failure> {
    session.begin_snapshot().await?;
    let ids: Vec<i64> = links.iter().map(|id| id.get()).collect();
    let sizes: HashMap<LinkId, u64> =
        session.all(SIZES, &[&project.get(), &ids], |row| size(row, 0)).await?.into_iter().collect();
    let sizes = links.into_iter().map(|id| (id, sizes.get(&id).copied().unwrap_or_default())).collect();
    let (now, rest) = Batch::<Link, LinkId>::divide(sizes);
    let ids: Vec<i64> = now.iter().map(|id| id.get()).collect();
    let found = session.all(BY_IDS, &[&project.get(), &ids], |row| link(row, 0)).await?;
    session.commit().await?;
    let mut found: HashMap<_, _> = found.into_iter().map(|link| (link.id, link)).collect();
    Ok(Batch { rows: now.iter().filter_map(|id| found.remove(id)).collect(), rest })
}

fn found(rows: &[Row]) -> Result<Option<Link>, Failure> {
    rows.first().map(|row| link(row, FOUND_AT)).transpose()
}

/// Returns the links of a release, except the link `except`, that share a value with a candidate: once for each value.
async fn alike(
    session: &Session,
    release: ReleaseId,
    except: Option<LinkId>,
    candidate: &Candidate,
) -> Result<Vec<Link>, Failure> {
    let except = except.map(LinkId::get);
    let [name, url, path] = unique(candidate);
    session.all(ALIKE, &[&release.get(), &except, &name, &url, &path], |row| link(row, 0)).await
}

fn for_write(rows: &[Row], tag: &str) -> Result<Option<WritableRelease>, Failure> {
    let Some(first) = rows.first() else { return Ok(None) };
    let (mut alike, mut rules) = (Vec::new(), Vec::new());
    for row in rows {
        if row.holds(ALIKE_AT)? {
            alike.push(link(row, ALIKE_AT)?);
        } else if row.holds(RULE_AT)? {
            rules.extend(Some(rule(row, RULE_AT)?).filter(|rule| rule.pattern.matches(tag)));
        }
    }
    let links = paging::counted(first.get(LINKS_AT)?);
    let on_conflict = on_conflict(first, ON_CONFLICT_AT)?;
    Ok(Some(WritableRelease {
        id: releases::id(first, FOUND_AT)?,
        immutable: first.get(IMMUTABLE_AT)?,
        rules,
        on_conflict,
        links,
        alike,
    }))
}

/// Counts the links of a release, up to the limit of links per release.
async fn links_in(session: &Session, release: ReleaseId) -> Result<usize, Failure> {
    let most = paging::stop_at(Link::MAX_PER_RELEASE);
    let links = session.first(COUNT, &[&release.get(), &most], |row| row.get(0)).await?;
    Ok(paging::counted(links.unwrap_or_default()))
}

/// A release whose links are written.
struct Locked {
    /// What its project does about a link that is sent again.
    on_conflict: OnConflict,
    tag: String,
    immutable: bool,
}

/// Locks a project and then one of its releases, and begins what the transaction adds to the history.
async fn lock(
    session: &Session,
    project: ProjectId,
    release: ReleaseId,
    origin: Origin,
) -> Result<Option<Locked>, Failure> {
    let (_, (), locked) = together!(
        session.exists(LOCK_PROJECT, &[&project.get()]),
        session.open_journal(project, origin),
        session.first(LOCK, &[&project.get(), &release.get()], |row| {
            Ok(Locked { on_conflict: on_conflict(row, 0)?, tag: row.get(2)?, immutable: row.get(3)? })
        }),
    )?;
    Ok(locked)
}

/// Prepares the statements of [`lock`], and those that write links.
async fn prepare(session: &Session, statements: &[&str]) -> Result<(), Failure> {
    session.prepare_journal().await?;
    session.prepare(&[LOCK_PROJECT, LOCK, END_STEPS]).await?;
    session.prepare(statements).await
}

async fn create(
    session: &Session,
    project: ProjectId,
    release: ReleaseId,
    draft: ParsedDraft,
    wanted: Option<OnConflict>,
    origin: Origin,
) -> Result<(Link, Outcome), LinkWriteError> {
    prepare(session, &[ALIKE, COUNT, INSERT, UPDATE]).await?;
    let candidate = draft.candidate();
    let ((), locked, alike, links) = together!(
        session.begin(),
        lock(session, project, release, origin),
        alike(session, release, None, &candidate),
        links_in(session, release)
    )?;
    let Locked { on_conflict, tag, immutable } = locked.ok_or(WriteError::Gone)?;
    let wanted = wanted.unwrap_or(on_conflict);
    if immutable && draft.alters(wanted, &alike) {
        return Err(WriteError::Conflict(LinkNotCreated::Immutable));
    }
    let settled = draft.settle(wanted, links, &alike);
    let faulty = |faults| WriteError::Conflict(LinkNotCreated::Faults(faults));
    match settled.map_err(faulty)? {
        Settled::Create(fields) => {
            let fields = settle(session, &tag, fields, None).await?.map_err(faulty)?;
            let (id, ()) = together!(insert_link(session, release, &tag, &fields), session.commit())?;
            let id = LinkId::try_from(id).map_err(|error| StoreError::Internal(error.into()))?;
            Ok((Link { id, fields }, Outcome::Created))
        }
        Settled::Leave(link, outcome) => Ok((link, outcome)),
        Settled::Replace(Link { id, fields }) => {
            let before = alike.iter().find(|current| current.id == id).ok_or(WriteError::Gone)?;
            let fields = settle(session, &tag, fields, Some((id, &before.fields))).await?.map_err(faulty)?;
            let outcome = if before.fields == fields { Outcome::Unchanged } else { Outcome::Replaced };
            let link = Link { id, fields };
            together!(write_link(session, &tag, &before.fields, &link), session.commit())?;
            Ok((link, outcome))
        }
    }
}

async fn update(
    session: &Session,
    project: ProjectId,
    release: ReleaseId,
    id: LinkId,
    changes: LinkChanges,
    (precondition, origin): (&Precondition<Link>, Origin),
) -> Result<Link, LinkUpdateError> {
    prepare(session, &[LOCK_LINK, ALIKE, UPDATE]).await?;
    // A value that does not change conflicts with nothing.
    let candidate = Candidate {
        name: changes.name.clone(),
        url: changes.url.clone(),
        path: if let Change::Set(path) = &changes.path { Some(path.clone()) } else { None },
    };
    let ((), locked, current, alike) = together!(
        session.begin(),
        lock(session, project, release, origin),
        session.first(LOCK_LINK, &[&project.get(), &release.get(), &id.get()], |row| link(row, 0)),
        alike(session, release, Some(id), &candidate)
    )?;
    let (Some(Locked { tag, immutable, .. }), Some(current)) = (locked, current) else { return Err(WriteError::Gone) };
    let link = Link { id, fields: changes.apply(current.fields.clone()) };
    if immutable && !current.fields.may_become(&link.fields) {
        return Err(WriteError::Conflict(LinkRefused::Immutable));
    }
    if !precondition.holds(&current) {
        return Err(WriteError::Conflict(LinkRefused::Precondition(Box::new(current))));
    }
    let taken = LinkConflict::between(&candidate, &alike);
    if !taken.is_none() {
        return Err(WriteError::Conflict(LinkRefused::Taken(taken)));
    }
    let settled = settle(session, &tag, link.fields, Some((id, &current.fields))).await?;
    let fields = settled.map_err(|faults| WriteError::Conflict(LinkRefused::Faults(faults)))?;
    let link = Link { id, fields };
    together!(write_link(session, &tag, &current.fields, &link), session.commit())?;
    Ok(link)
}

async fn delete(
    session: &Session,
    project: ProjectId,
    release: ReleaseId,
    id: LinkId,
    (precondition, origin): (&Precondition<Link>, Origin),
) -> Result<Link, LinkUpdateError> {
    prepare(session, &[LOCK_LINK, DELETE]).await?;
    let values = [project.get(), release.get(), id.get()];
    let values: Values<'_> = &parameters(&values);
    let ((), locked, current) = together!(
        session.begin(),
        lock(session, project, release, origin),
        session.first(LOCK_LINK, values, |row| link(row, 0))
    )?;
    let (Some(Locked { tag, immutable, .. }), Some(current)) = (locked, current) else { return Err(WriteError::Gone) };
    if immutable {
        return Err(WriteError::Conflict(LinkRefused::Immutable));
    }
    if !precondition.holds(&current) {
        return Err(WriteError::Conflict(LinkRefused::Precondition(Box::new(current))));
    }
    let (_, at) = session.with_journal(|journal| journal.next())?;
    session.record(Some(&tag), Event::Link { id, before: Some(current.fields.clone()), after: None })?;
    together!(session.run(END_STEPS, &[&vec![id.get()], &at, &tag]), session.run(DELETE, values), session.commit())?;
    Ok(current)
}

#[async_trait]
impl LinkRepository for PostgresStore {
    async fn list(&self, key: &ReleaseKey, page: PageRequest) -> ProjectRead<LinkPage> {
        let session = self.session_for_list().await?;
        let [limit, offset, counted] = paging::values(page);
        let most = paging::stop_at(LinkFields::MAX_TEXT_BYTES);
        let values: Values<'_> = &[&limit, &offset, &counted, &key.tag, &most];
        let read = |rows: &[Row]| {
            if rows.is_empty() {
                return Ok(None);
            }
            let Page { rows, total, has_next } = paging::read(rows, TOTAL_AT, page, unless_large)?;
            Ok(Some(LinkPage { batch: Batch::until_unread(rows, |link| link.id), total, has_next }))
        };
        Ok(view(&session, LIST, &key.project, key.reader, values, read).await?)
    }

    async fn read_on(&self, project: ProjectId, links: Vec<LinkId>) -> Result<Batch<Link, LinkId>, StoreError> {
        Ok(read_on(&self.session_for_list().await?, project, links).await?)
    }

    async fn get(&self, key: &ReleaseKey, id: LinkId) -> ProjectRead<Link> {
        let session = self.session().await?;
        Ok(view(&session, OF_TAG, &key.project, key.reader, &[&key.tag, &id.get()], found).await?)
    }

    async fn get_for_bearer(&self, claim: &Claim, project: &ProjectRef, tag: &str, id: LinkId) -> BearerRead<Link> {
        let session = self.session().await?;
        Ok(self.bearers().view(&session, claim, OF_TAG, project, &[&tag, &id.get()], found).await?)
    }

    async fn get_by_path(&self, key: &ReleaseKey, path: &str) -> ProjectRead<Link> {
        let session = self.session().await?;
        Ok(view(&session, OF_TAG_BY_PATH, &key.project, key.reader, &[&key.tag, &path], found).await?)
    }

    async fn get_selected_by_path(
        &self,
        project: &ProjectRef,
        reader: Reader,
        selection: Selection,
        now: Timestamp,
        path: &str,
    ) -> ProjectRead<(TagName, Link)> {
        let session = self.session().await?;
        Ok(Search { session: &session, project, reader, now }.asset(&selection, path).await?)
    }

    async fn load_for_write(
        &self,
        key: &ReleaseKey,
        link: Option<LinkId>,
        candidate: &Candidate,
    ) -> ProjectRead<WritableRelease> {
        let session = self.session().await?;
        let [name, url, path] = unique(candidate);
        let (link, most) = (link.map(LinkId::get), paging::stop_at(Link::MAX_PER_RELEASE));
        let values: Values<'_> = &[&key.tag, &link, &name, &url, &path, &most];
        Ok(view(&session, LOAD_FOR_WRITE, &key.project, key.reader, values, |rows| for_write(rows, &key.tag)).await?)
    }

    async fn create(
        &self,
        project: ProjectId,
        release: ReleaseId,
        draft: ParsedDraft,
        on_conflict: Option<OnConflict>,
        origin: Origin,
    ) -> Result<(Link, Outcome), LinkWriteError> {
        let session = self.session().await?;
        let created = create(&session, project, release, draft, on_conflict, origin).await;
        session.settle(created).await
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
        let session = self.session().await?;
        let updated = update(&session, project, release, id, changes, (&precondition, origin)).await;
        session.settle(updated).await
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
        let session = self.session().await?;
        let applied = manifests::apply(&session, project, release, manifest, (&precondition, origin, run));
        let applied = Box::pin(applied).await;
        session.settle(applied).await
    }

    async fn delete(
        &self,
        project: ProjectId,
        release: ReleaseId,
        id: LinkId,
        precondition: Precondition<Link>,
        origin: Origin,
    ) -> Result<Link, LinkUpdateError> {
        let session = self.session().await?;
        let deleted = delete(&session, project, release, id, (&precondition, origin)).await;
        session.settle(deleted).await
    }
}
