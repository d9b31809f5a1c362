//! Creates, updates and deletes releases.

use futures_util::future::try_join_all;
use release_links_domain::link::{Candidate, Link, Outcome, Settled};
use release_links_domain::release::{LinksFaults, Release, ReleaseChanges};
use release_links_domain::version::{TagVersion, VersionKey};
use release_links_domain::{ProjectId, ReleaseId, UserId};
use release_links_ports::{
    IfExists, NewRelease, Precondition, ReleaseChangeError, ReleaseRefused, ReleaseWriteError, WriteError,
};
use release_links_sql::links::{self, link, unique};
use release_links_sql::releases::{id, without_links};

use crate::failure::Failure;
use crate::links::{insert_link, write_link};
use crate::query::{Session, Values, parameters, together};
use crate::releases::reading::{MOST_LINKS, most_bytes, with_links};
use crate::removing;
use crate::tables::links::{ALIKE_TO_ANY, INSERT as INSERT_LINK, UPDATE as UPDATE_LINK};
use crate::tables::releases::{
    BY_ID, BY_TAG, ID_BY_TAG, INSERT, LINKS_BY_ID, LINKS_BY_TAG, LOCK, LOCK_AUTHOR, LOCK_PROJECT, SET_ACTIVITY, TAG_ID,
    UPDATE,
};

/// How many links are sent before their answers are awaited. [`try_join_all`] sends so few in order.
const LINKS_AT_ONCE: usize = 16;

/// Creates a release with its links, or does to the one of its tag what the new one says.
pub async fn create(session: &Session, new: NewRelease) -> Result<(Release, Outcome), ReleaseWriteError> {
    let (project, tag, author) = (new.project.get(), new.tag.as_str(), new.author.map(UserId::get));
    session
        .prepare(&[LOCK_PROJECT, LOCK_AUTHOR, TAG_ID, ID_BY_TAG, INSERT, SET_ACTIVITY, BY_TAG, LINKS_BY_TAG])
        .await?;
    let ((), has_project, has_author, tag_id, existing) = together!(
        session.begin(),
        session.exists(LOCK_PROJECT, &[&project]),
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
    let accepted = new.links.accept().map_err(refused)?;
    let author = author.filter(|_| has_author);
    let (created_at, released_at) = (new.created_at.as_millisecond(), new.released_at.as_millisecond());
    let (texts, sizes) = links::held_by_all(&accepted);
    let (name, description, message, target) = (&new.name, &new.description, &new.tag_message, &new.target);
    let version = TagVersion::of(tag);
    let (prefix, key) = (version.as_ref().map(|version| version.prefix), version.as_ref().map(|version| &version.key));
    let (key, is_prerelease) = (key.map(VersionKey::as_bytes), key.is_some_and(VersionKey::is_prerelease));
    let tagged: Values<'_> = &[&project, &tag, message, target, &created_at, &tag_id];
    let release: Values<'_> = &[name, description, &released_at, &author, &key, &prefix, &is_prerelease];
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
    session.prepare(&[ALIKE_TO_ANY, INSERT_LINK, UPDATE_LINK, UPDATE]).await?;
    let candidates = new.links.candidates();
    let (current, alike) =
        together!(locked(session, new.project.get(), release.get()), alike_to_any(session, release, &candidates))?;
    let current = current.ok_or(WriteError::Gone)?;
    let Some(changes) = changes else { return Ok((current, Outcome::Kept)) };
    let Some(links) = current.settle(&changes, new.links, alike).map_err(refused)? else {
        return Ok((current, Outcome::Unchanged));
    };
    for some in links.chunks(LINKS_AT_ONCE) {
        try_join_all(some.iter().map(|link| write_settled(session, &current, link))).await?;
    }
    Ok((write_release(session, &changes.apply(current)).await?.ok_or(WriteError::Gone)?, Outcome::Replaced))
}

/// Returns the links of a release that share a value with any of the candidates: once for each value.
async fn alike_to_any(session: &Session, release: ReleaseId, candidates: &[Candidate]) -> Result<Vec<Link>, Failure> {
    let values = |at: usize| candidates.iter().filter_map(|candidate| unique(candidate)[at]).collect::<Vec<_>>();
    let [names, urls, paths] = [values(0), values(1), values(2)];
    session.all(ALIKE_TO_ANY, &[&release.get(), &names, &urls, &paths], |row| link(row, 0)).await
}

async fn write_settled(session: &Session, release: &Release, link: &Settled) -> Result<(), Failure> {
    match link {
        Settled::Create(fields) => drop(insert_link(session, release.project, release.id, fields).await?),
        Settled::Replace(link) => write_link(session, link).await?,
        Settled::Leave(..) => {}
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
    precondition: &Precondition<Release>,
) -> Result<Release, ReleaseChangeError> {
    let (project, id) = (project.get(), id.get());
    session.prepare(&LOCKED).await?;
    session.prepare(&[UPDATE]).await?;
    let ((), current) = together!(session.begin(), locked(session, project, id))?;
    let current = current.ok_or(WriteError::Gone)?;
    if !precondition.holds(&current) {
        return Err(WriteError::Conflict(Box::new(current)));
    }
    let new = changes.apply(current);
    let (name, description, released_at) = (&new.name, &new.description, new.released_at.as_millisecond());
    let (_, updated, ()) = together!(
        session.run(UPDATE, &[&id, name, description, &released_at]),
        session.first(BY_ID, &[&project, &id], |row| without_links(row, 0)),
        session.commit(),
    )?;
    let release = updated.ok_or(WriteError::Gone)?;
    Ok(Release { links: new.links, link_count: new.link_count, ..release })
}

/// Deletes a release with its links. Locks the project before the release, in the order of [`create`].
pub async fn delete(
    session: &Session,
    project: ProjectId,
    id: ReleaseId,
    precondition: &Precondition<Release>,
) -> Result<Release, ReleaseChangeError> {
    let project = project.get();
    session.prepare(&LOCKED).await?;
    session.prepare(&[LOCK_PROJECT]).await?;
    let ((), _, found) =
        together!(session.begin(), session.exists(LOCK_PROJECT, &[&project]), locked(session, project, id.get()),)?;
    let found = found.ok_or(WriteError::Gone)?;
    if !precondition.holds(&found) {
        return Err(WriteError::Conflict(Box::new(found)));
    }
    removing::release(session, id).await?;
    session.run(SET_ACTIVITY, &[&project]).await?;
    session.commit().await?;
    Ok(found)
}
