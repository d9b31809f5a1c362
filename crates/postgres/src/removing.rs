//! Deletes users, groups, projects and large releases: hides them at once, in a transaction whose size does not depend
//! on theirs, and leaves their rows to [`crate::sweeping`].
//!
//! A deleted user has no email address, a deleted namespace no full path, and a project that was deleted on its own no
//! namespace. Reads join on these columns, so they find nothing that is deleted. Ids and rows stay until they are
//! swept; names are free at once.

use release_links_domain::channel::Channel;
use release_links_domain::history::{Event, HistoryAction};
use release_links_domain::release::Release;
use release_links_domain::{GroupId, ProjectId, TokenId, UserId};
use release_links_ports::LINKS_REMOVED_AT_ONCE;
use release_links_sql::channels::channel;
use release_links_sql::removals::Removed;

use crate::burning::{burn, burn_project};
use crate::failure::Failure;
use crate::hiding::hide_namespace;
use crate::query::{Session, Values, statements};
use crate::tables::channels::OF_RELEASE;
use crate::tables::history::{END_STEPS_OF_RELEASE, INSERT_DELETED_LINKS};
use crate::tables::left_places::reserve_address_of;
use crate::tables::namespaces;
use crate::tables::removals::enqueue;

statements! {
    // Excludes transactions that create something in the project.
    LOCK_PROJECT = "SELECT FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL FOR UPDATE OF p";
    HIDE_PROJECT = "UPDATE projects SET namespace_id = NULL WHERE id = $1";
    HAS_MANY_LINKS = "SELECT FROM links WHERE release_id = $1 LIMIT 1 OFFSET $2";
    INSERT_HIDDEN_PROJECT = "INSERT INTO projects (name, path, visibility, since, created_at) VALUES ('', '', 'private', 0, 0)
        RETURNING id";
    INSERT_HIDDEN_TAG = "INSERT INTO tags (project_id, name, created_at) VALUES ($1, '', 0) RETURNING id";
    DELETE_CHANNELS = "DELETE FROM release_channels WHERE release_id = $1";
    HIDE_RELEASE = "UPDATE releases SET project_id = $2, tag_id = $3, immutable = FALSE WHERE id = $1";
    DELETE_RELEASE = "DELETE FROM releases WHERE id = $1";
}

/// Hides a project and everything in it. Returns whether there was one.
pub async fn project(session: &Session, project: ProjectId) -> Result<bool, Failure> {
    session.begin_on_tree().await?;
    if !session.exists(LOCK_PROJECT, &[&project.get()]).await? {
        return Ok(false);
    }
    burn_project(session, project).await?;
    reserve_address_of(session, project).await?;
    session.run(HIDE_PROJECT, &[&project.get()]).await?;
    enqueue(session, Removed::Project, project.get()).await?;
    Ok(true)
}

/// Hides a group and everything below it. Returns whether there was one.
pub async fn group(session: &Session, group: GroupId) -> Result<bool, Failure> {
    session.begin_on_tree().await?;
    if !namespaces::is_group(session, group).await? {
        return Ok(false);
    }
    hide_namespace(session, group).await?;
    Ok(true)
}

/// Deletes an existing release, which must be locked. One with more links than today's limit is moved to a hidden
/// project, which is deleted; its tag stays.
pub async fn release(session: &Session, release: &Release) -> Result<(), Failure> {
    let (id, tag) = (release.id.get(), release.tag.as_str());
    if release.immutable {
        burn(session, release.project, &[tag.to_owned()]).await?;
    }
    let ((seq, at), (user, token)) = session.with_journal(|journal| (journal.next(), journal.by()))?;
    session.run(END_STEPS_OF_RELEASE, &[&id, &at, &tag]).await?;
    let (user, token) = (user.map(UserId::get), token.map(TokenId::get));
    let (before, action) = (seq - 1, HistoryAction::LinkDelete.as_str());
    let links = session.run(INSERT_DELETED_LINKS, &[&id, &before, &at, &user, &token, &action, &tag]).await?;
    session.with_journal(|journal| journal.skip(i64::try_from(links).unwrap_or(i64::MAX)))?;
    let values: Values<'_> = &[&release.project.get(), &id];
    for Channel { name, tag, .. } in session.all(OF_RELEASE, values, |row| channel(row, 0)).await? {
        session.record(Some(tag.as_str()), Event::Channel { name, before: Some(tag.clone()), after: None })?;
    }
    session.record(Some(tag), Event::Release { before: Some(release.into()), after: None })?;
    if !session.exists(HAS_MANY_LINKS, &[&id, &LINKS_REMOVED_AT_ONCE]).await? {
        session.run(DELETE_RELEASE, &[&id]).await?;
        return Ok(());
    }
    session.run(DELETE_CHANNELS, &[&id]).await?;
    let project = session.insert(INSERT_HIDDEN_PROJECT, &[]).await?;
    let tag = session.insert(INSERT_HIDDEN_TAG, &[&project]).await?;
    session.run(HIDE_RELEASE, &[&id, &project, &tag]).await?;
    enqueue(session, Removed::Project, project).await
}
