//! Creates, updates and deletes releases.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use jiff::Timestamp;
use release_links_domain::history::{Event, Origin, ReleaseState};
use release_links_domain::link::{Candidate, Link, LinkFaults, LinkFields, Outcome, Settled};
use release_links_domain::release::{LinksFaults, Release, ReleaseChanges, SentLinks};
use release_links_domain::version::{TagVersion, VersionKey};
use release_links_domain::{LinkId, ProjectId, ReleaseId, UserId};
use release_links_ports::{
    IfExists, NewRelease, Precondition, ReleaseChangeError, ReleaseNotChanged, ReleaseRefused, ReleaseWriteError,
    WriteError,
};
use release_links_sql::links::{self, link, unique};
use release_links_sql::releases::{id, without_links};

use crate::burning::is_burnt;
use crate::failure::Failure;
use crate::following::settle;
use crate::journal::created;
use crate::query::{Session, Values, parameters, together};
use crate::releases::reading::{MOST_LINKS, most_bytes, with_links};
use crate::removing;
use crate::tables::burnt_tags::IS_BURNT_ANYWHERE;
use crate::tables::history::END_STEPS;
use crate::tables::links::{ALIKE_TO_ANY, INSERT as INSERT_LINK, UPDATE as UPDATE_LINK};
use crate::tables::releases::{
    BY_ID, BY_TAG, ID_BY_TAG, INSERT, LINKS_BY_ID, LINKS_BY_TAG, LOCK, LOCK_AUTHOR, LOCK_PROJECT, SET_ACTIVITY,
    SET_IMMUTABLE, TAG_ID, UPDATE,
};
use crate::updating::{insert_link, write_link};

/// How many links are sent before their answers are awaited. [`try_join_all`] sends so few in order.
const LINKS_AT_ONCE: usize = 16;

/// Creates a release with its links, or does to the one of its tag what the new one says.
pub async fn create(session: &Session, new: NewRelease) -> Result<(Release, Outcome), ReleaseWriteError> {
    let (project, tag, author) = (new.project.get(), new.tag.as_str(), new.author.map(UserId::get));
    session
        .prepare(&[
            LOCK_PROJECT,
            LOCK_AUTHOR,
            TAG_ID,
            ID_BY_TAG,
            IS_BURNT_ANYWHERE,
            INSERT,
            SET_ACTIVITY,
            BY_TAG,
            LINKS_BY_TAG,
        ])
        .await?;
    session.prepare_journal().await?;
    let origin = Origin { at: new.created_at, user: new.author, token: new.token };
    let ((), has_project, (), is_burnt_anywhere, has_author, tag_id, existing) = together!(
        session.begin(),
        session.exists(LOCK_PROJECT, &[&project]),
        session.open_journal(new.project, origin),
        session.exists(IS_BURNT_ANYWHERE, &[&tag]),
        session.exists(LOCK_AUTHOR, &[&author]),
        session.first(TAG_ID, &[&project, &tag], |row| row.get::<i64>(0)),
        session.first(ID_BY_TAG, &[&project, &tag], |row| id(row, 0)),
    )?;
    if !has_project {
        return Err(WriteError::Gone);
    }
    if let Some(existing) = existing {
        return send_again(session, existing, new).await;
    }
    if is_burnt_anywhere && is_burnt(session, new.project, tag).await? {
        return Err(WriteError::Conflict(ReleaseRefused::Burnt));
    }
    let accepted = settle_all(session, tag, new.links.accept().map_err(refused)?).await?;
    let (first, at) = session.with_journal(|journal| {
        let next = journal.next();
        journal.record(Some(tag), Event::Release { before: None, after: Some(state_of(&new)) });
        for fields in &accepted {
            journal.record(Some(tag), created(fields));
        }
        next
    })?;
    let author = author.filter(|_| has_author);
    let (created_at, released_at) = (new.created_at.as_millisecond(), new.released_at.as_millisecond());
    let (texts, sizes) = links::held_by_all(&accepted);
    let (name, description, message, target) = (&new.name, &new.description, &new.tag_message, &new.target);
    let version = TagVersion::of(tag);
    let (prefix, key) = (version.as_ref().map(|version| version.prefix), version.as_ref().map(|version| &version.key));
    let (key, is_prerelease) = (key.map(VersionKey::as_bytes), key.is_some_and(VersionKey::is_prerelease));
    let tagged: Values<'_> = &[&project, &tag, message, target, &created_at, &tag_id];
    let release: Values<'_> = &[name, description, &released_at, &author, &key, &prefix, &is_prerelease, &at, &first];
    let values = [tagged, release, &parameters(&texts), &parameters(&sizes)].concat();
    let (_, _, made, links, ()) = together!(
        session.run(INSERT, &values),
        session.run(SET_ACTIVITY, &[&project]),
        session.first(BY_TAG, &[&project, &tag], |row| without_links(row, 0)),
        session.rows(LINKS_BY_TAG, &[&project, &tag, &MOST_LINKS, &most_bytes()]),
        session.commit(),
    )?;
    Ok((with_links(made.ok_or(WriteError::Gone)?, &links, 0)?, Outcome::Created))
}

/// Gives new links of a tag's release the digests and sizes of the files that they follow.
async fn settle_all(
    session: &Session,
    tag: &str,
    links: Vec<LinkFields>,
) -> Result<Vec<LinkFields>, ReleaseWriteError> {
    let mut settled = Vec::with_capacity(links.len());
    for fields in links {
        settled.push(settle(session, tag, fields, None).await?.map_err(|faults| faulty(&faults))?);
    }
    Ok(settled)
}

fn faulty(faults: &LinkFaults) -> ReleaseWriteError {
    refused(LinksFaults::of_link(faults))
}

fn refused(faults: LinksFaults) -> ReleaseWriteError {
    WriteError::Conflict(ReleaseRefused::Links(faults))
}

/// Does to a release that exists what a new one of its tag says. Locks the release after the project, as [`delete`] does.
async fn send_again(
    session: &Session,
    release: ReleaseId,
    new: NewRelease,
) -> Result<(Release, Outcome), ReleaseWriteError> {
    let changes = match new.if_exists {
        IfExists::Fail => return Err(WriteError::Conflict(ReleaseRefused::Exists)),
        IfExists::Keep => None,
        IfExists::Replace(changes) => Some(changes),
    };
    session.prepare(&LOCKED).await?;
    session.prepare(&[ALIKE_TO_ANY, INSERT_LINK, UPDATE_LINK, END_STEPS, UPDATE]).await?;
    let candidates = new.links.candidates();
    let (current, alike) =
        together!(locked(session, new.project.get(), release.get()), alike_to_any(session, release, &candidates))?;
    let current = current.ok_or(WriteError::Gone)?;
    let Some(changes) = changes else { return Ok((current, Outcome::Kept)) };
    if current.refuses(&changes, &new.links, &alike) {
        return Err(WriteError::Conflict(ReleaseRefused::Immutable));
    }
    let mut before: HashMap<LinkId, LinkFields> = alike.iter().map(|link| (link.id, link.fields.clone())).collect();
    let Some(links) = current.settle(&changes, new.links, alike).map_err(refused)? else {
        return Ok((current, Outcome::Unchanged));
    };
    record_update(session, &current, &changes.clone().apply(current.clone()))?;
    // A link may be changed more than once.
    let (mut writes, tag) = (Vec::with_capacity(links.len()), new.tag.as_str());
    for link in links {
        writes.push(match link {
            Settled::Replace(Link { id, fields }) => {
                let so_far = before.get(&id).map(|before| (id, before));
                let fields = settle(session, tag, fields, so_far).await?.map_err(|faults| faulty(&faults))?;
                let so_far = before.insert(id, fields.clone());
                (Settled::Replace(Link { id, fields }), so_far)
            }
            Settled::Create(fields) => {
                let fields = settle(session, tag, fields, None).await?.map_err(|faults| faulty(&faults))?;
                (Settled::Create(fields), None)
            }
            Settled::Leave(..) => (link, None),
        });
    }
    for some in writes.chunks(LINKS_AT_ONCE) {
        try_join_all(some.iter().map(|(link, before)| write_settled(session, &current, link, before.as_ref()))).await?;
    }
    Ok((write_release(session, &changes.apply(current)).await?.ok_or(WriteError::Gone)?, Outcome::Replaced))
}

/// Returns what the history keeps of a new release.
fn state_of(new: &NewRelease) -> ReleaseState {
    let (name, description) = (new.name.clone(), new.description.clone());
    ReleaseState { name, description, released_at: in_milliseconds(new.released_at) }
}

/// Returns a time as it is stored.
fn in_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// Adds a row for a change of a release, unless it stays as it is.
fn record_update(session: &Session, current: &Release, new: &Release) -> Result<(), Failure> {
    let [before, after] = [current, new].map(|release| {
        let state = ReleaseState::from(release);
        Some(ReleaseState { released_at: in_milliseconds(state.released_at), ..state })
    });
    session.record(Some(current.tag.as_str()), Event::Release { before, after })
}

/// Returns the links of a release that share a value with any of the candidates: once for each value.
async fn alike_to_any(session: &Session, release: ReleaseId, candidates: &[Candidate]) -> Result<Vec<Link>, Failure> {
    let values = |at: usize| candidates.iter().filter_map(|candidate| unique(candidate)[at]).collect::<Vec<_>>();
    let [names, urls, paths] = [values(0), values(1), values(2)];
    session.all(ALIKE_TO_ANY, &[&release.get(), &names, &urls, &paths], |row| link(row, 0)).await
}

async fn write_settled(
    session: &Session,
    release: &Release,
    link: &Settled,
    before: Option<&LinkFields>,
) -> Result<(), Failure> {
    match (link, before) {
        (Settled::Create(fields), _) => drop(insert_link(session, release.id, release.tag.as_str(), fields).await?),
        (Settled::Replace(link), Some(before)) => write_link(session, release.tag.as_str(), before, link).await?,
        (Settled::Replace(_), None) | (Settled::Leave(..), _) => {}
    }
    Ok(())
}

/// Writes a release, commits, and returns it with the links that it has then.
async fn write_release(session: &Session, new: &Release) -> Result<Option<Release>, Failure> {
    let (project, id, released_at) = (new.project.get(), new.id.get(), new.released_at.as_millisecond());
    let (_, written, links, ()) = together!(
        session.run(UPDATE, &[&id, &new.name, &new.description, &released_at]),
        session.first(BY_ID, &[&project, &id], |row| without_links(row, 0)),
        session.rows(LINKS_BY_ID, &[&project, &id, &MOST_LINKS, &most_bytes()]),
        session.commit(),
    )?;
    written.map(|release| with_links(release, &links, 0)).transpose()
}

/// The statements of [`locked`].
const LOCKED: [&str; 3] = [LOCK, BY_ID, LINKS_BY_ID];

/// Locks and returns a release.
async fn locked(session: &Session, project: i64, id: i64) -> Result<Option<Release>, Failure> {
    let (_, found, links) = together!(
        session.exists(LOCK, &[&project, &id]),
        session.first(BY_ID, &[&project, &id], |row| without_links(row, 0)),
        session.rows(LINKS_BY_ID, &[&project, &id, &MOST_LINKS, &most_bytes()]),
    )?;
    found.map(|release| with_links(release, &links, 0)).transpose()
}

/// Updates a release.
pub async fn update(
    session: &Session,
    project: ProjectId,
    id: ReleaseId,
    changes: ReleaseChanges,
    (precondition, origin): (&Precondition<Release>, Origin),
) -> Result<Release, ReleaseChangeError> {
    session.prepare(&[UPDATE]).await?;
    let current = begin(session, project, id, origin).await?.ok_or(WriteError::Gone)?;
    let (project, id) = (project.get(), id.get());
    if current.refuses(&changes, &SentLinks::default(), &[]) {
        return Err(WriteError::Conflict(ReleaseNotChanged::Immutable));
    }
    if !precondition.holds(&current) {
        return Err(WriteError::Conflict(ReleaseNotChanged::Precondition(Box::new(current))));
    }
    let new = changes.apply(current.clone());
    record_update(session, &current, &new)?;
    let (name, description, released_at) = (&new.name, &new.description, new.released_at.as_millisecond());
    let (_, updated, ()) = together!(
        session.run(UPDATE, &[&id, name, description, &released_at]),
        session.first(BY_ID, &[&project, &id], |row| without_links(row, 0)),
        session.commit(),
    )?;
    let release = updated.ok_or(WriteError::Gone)?;
    Ok(Release { links: new.links, link_count: new.link_count, ..release })
}

/// Begins a transaction that writes a release, and returns the release.
async fn begin(
    session: &Session,
    project: ProjectId,
    id: ReleaseId,
    origin: Origin,
) -> Result<Option<Release>, Failure> {
    prepare_lock(session).await?;
    let ((), found) = together!(session.begin(), lock(session, project, id, origin))?;
    Ok(found)
}

/// Prepares the statements of [`lock`], so that they are sent in its order.
async fn prepare_lock(session: &Session) -> Result<(), Failure> {
    session.prepare(&LOCKED).await?;
    session.prepare(&[LOCK_PROJECT]).await?;
    session.prepare_journal().await
}

/// Locks a project and then one of its releases, in the order of [`create`], begins what the transaction adds to the history,
/// and returns the release. Its statements must be [prepared](prepare_lock).
async fn lock(
    session: &Session,
    project: ProjectId,
    id: ReleaseId,
    origin: Origin,
) -> Result<Option<Release>, Failure> {
    let (has_project, (), found) = together!(
        session.exists(LOCK_PROJECT, &[&project.get()]),
        session.open_journal(project, origin),
        locked(session, project.get(), id.get()),
    )?;
    Ok(found.filter(|_| has_project))
}

/// Deletes a release with its links.
pub async fn delete(
    session: &Session,
    project: ProjectId,
    id: ReleaseId,
    even_if_immutable: bool,
    (precondition, origin): (&Precondition<Release>, Origin),
) -> Result<Release, ReleaseChangeError> {
    let found = begin(session, project, id, origin).await?.ok_or(WriteError::Gone)?;
    if found.immutable && !even_if_immutable {
        return Err(WriteError::Conflict(ReleaseNotChanged::Immutable));
    }
    if !precondition.holds(&found) {
        return Err(WriteError::Conflict(ReleaseNotChanged::Precondition(Box::new(found))));
    }
    removing::release(session, &found).await?;
    session.run(SET_ACTIVITY, &[&project.get()]).await?;
    session.commit().await?;
    Ok(found)
}

/// Makes a release immutable, or mutable again, and returns it and whether it was not so before. Holds the tree's lock, so that
/// no project or group is deleted meanwhile: its immutable releases are looked for without locking each project.
pub async fn set_immutable(
    session: &Session,
    project: ProjectId,
    id: ReleaseId,
    immutable: bool,
    origin: Origin,
) -> Result<(Release, bool), WriteError<()>> {
    prepare_lock(session).await?;
    session.begin_on_tree().await?;
    let current = lock(session, project, id, origin).await?.ok_or(WriteError::Gone)?;
    let is_new = current.immutable != immutable;
    if is_new {
        let event = if immutable { Event::Immutable } else { Event::Thaw };
        session.record(Some(current.tag.as_str()), event)?;
        session.run(SET_IMMUTABLE, &[&id.get(), &immutable]).await?;
    }
    Ok((Release { immutable, ..current }, is_new))
}
