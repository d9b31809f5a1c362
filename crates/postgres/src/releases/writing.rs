//! Creates, updates and deletes releases.

use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::version::VersionKey;
use release_links_domain::{ProjectId, ReleaseId, UserId};
use release_links_ports::{NewRelease, Precondition, ReleaseChangeError, ReleaseWriteError, WriteError};
use release_links_sql::links;
use release_links_sql::releases::without_links;

use crate::failure::Failure;
use crate::query::{Session, Values, parameters, together};
use crate::releases::reading::{MOST_LINKS, most_bytes, with_links};
use crate::removing;
use crate::tables::releases::{
    BY_ID, BY_TAG, INSERT, LINKS_BY_ID, LINKS_BY_TAG, LOCK, LOCK_AUTHOR, LOCK_PROJECT, RELEASE_EXISTS, SET_ACTIVITY,
    TAG_ID, UPDATE,
};

/// Creates a release with its links.
pub async fn create(session: &Session, new: &NewRelease) -> Result<Release, ReleaseWriteError> {
    let (project, tag, author) = (new.project.get(), new.tag.as_str(), new.author.map(UserId::get));
    session
        .prepare(&[LOCK_PROJECT, LOCK_AUTHOR, TAG_ID, RELEASE_EXISTS, INSERT, SET_ACTIVITY, BY_TAG, LINKS_BY_TAG])
        .await?;
    let ((), has_project, has_author, tag_id, is_taken) = together!(
        session.begin(),
        session.exists(LOCK_PROJECT, &[&project]),
        session.exists(LOCK_AUTHOR, &[&author]),
        session.first(TAG_ID, &[&project, &tag], |row| row.get::<i64>(0)),
        session.exists(RELEASE_EXISTS, &[&project, &tag]),
    )?;
    if !has_project {
        return Err(WriteError::Gone);
    }
    if is_taken {
        return Err(WriteError::Conflict(()));
    }
    let author = author.filter(|_| has_author);
    let (created_at, released_at) = (new.created_at.as_millisecond(), new.released_at.as_millisecond());
    let (texts, sizes) = links::held_by_all(&new.links);
    let (name, description, message, target) = (&new.name, &new.description, &new.tag_message, &new.target);
    let version = VersionKey::of(tag);
    let version = version.as_ref().map(VersionKey::as_bytes);
    let release: Values<'_> =
        &[&project, &tag, message, target, &created_at, &tag_id, name, description, &released_at, &author, &version];
    let values = [release, &parameters(&texts), &parameters(&sizes)].concat();
    let (_, _, made, links, ()) = together!(
        session.run(INSERT, &values),
        session.run(SET_ACTIVITY, &[&project]),
        session.first(BY_TAG, &[&project, &tag], |row| without_links(row, 0)),
        session.rows(LINKS_BY_TAG, &[&project, &tag, &MOST_LINKS, &most_bytes()]),
        session.commit(),
    )?;
    Ok(with_links(made.ok_or(WriteError::Gone)?, &links, 0)?)
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
