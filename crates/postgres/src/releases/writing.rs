//! Releases that are made, changed and removed.

use release_links_domain::link::AssetPath;
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::{ProjectId, ReleaseId, UserId};
use release_links_ports::{NewRelease, ReleaseWriteError, StoreError, TakenError};
use release_links_sql::releases::without_links;
use release_links_sql::{link_columns, release_columns, release_selection, tag_columns};

use super::reading::{MOST_LINKS, with_links};
use super::releases;
use crate::failure::Failure;
use crate::query::{Session, Values, statements, together};
use crate::removing;

statements! {
    BY_TAG = concat!("SELECT ", release_selection!(), " FROM ", releases!("r.project_id = $1 AND r.tag = $2"));
    BY_ID = concat!("SELECT ", release_selection!(), " FROM ", releases!("r.project_id = $1 AND r.id = $2"));
    LINKS_BY_TAG = concat!("SELECT ", link_columns!("l"), ", l.release_id, count(*) OVER ()
        FROM releases r JOIN links l ON l.release_id = r.id
        WHERE r.project_id = $1 AND r.tag = $2 ORDER BY l.id DESC LIMIT $3");
    LINKS_BY_ID = concat!("SELECT ", link_columns!("l"), ", l.release_id, count(*) OVER ()
        FROM releases r JOIN links l ON l.release_id = r.id
        WHERE r.project_id = $1 AND r.id = $2 ORDER BY l.id DESC LIMIT $3");
    // Whoever makes releases in a project, or removes tags of it, waits here for the others.
    LOCK_PROJECT = "SELECT 1 FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL FOR NO KEY UPDATE OF p";
    // An author who is being deleted waits until the release is made; one who is gone leaves it without.
    LOCK_AUTHOR = "SELECT 1 FROM users WHERE id = $1 AND email IS NOT NULL FOR KEY SHARE";
    TAG_ID = "SELECT id FROM tags WHERE project_id = $1 AND name = $2";
    RELEASE_EXISTS = "SELECT 1 FROM releases WHERE project_id = $1 AND tag = $2";
    INSERT = concat!("WITH made_tag AS (
            INSERT INTO tags (", tag_columns!(new), ")
            SELECT $1::bigint, $2::text, $3::text, $4::text, $5::bigint WHERE $6::bigint IS NULL RETURNING id
        ), made AS (
            INSERT INTO releases (", release_columns!(new), ")
            SELECT $1, coalesce($6, (SELECT id FROM made_tag)), $2, $7::text, $8::text, $5, $9::bigint, $10::bigint
            RETURNING id
        )
        INSERT INTO links (", link_columns!(new), ") SELECT $1, made.id, ", link_columns!(held "link"), "
        FROM made, unnest($11::text[], $12::text[], $13::text[], $14::text[])
            WITH ORDINALITY AS link (", link_columns!(held), ", place)
        ORDER BY link.place");
    // Whoever writes links of it waits until it is decided.
    LOCK = "SELECT 1 FROM releases WHERE project_id = $1 AND id = $2 FOR UPDATE";
    UPDATE = "UPDATE releases SET name = $2, description = $3, released_at = $4 WHERE id = $1";
}

/// Makes a release with its links.
pub async fn create(session: &Session, new: &NewRelease) -> Result<Release, ReleaseWriteError> {
    let (project, tag, author) = (new.project.get(), new.tag.as_str(), new.author.map(UserId::get));
    session.prepare(&[LOCK_PROJECT, LOCK_AUTHOR, TAG_ID, RELEASE_EXISTS, INSERT, BY_TAG, LINKS_BY_TAG]).await?;
    let ((), has_project, has_author, tag_id, is_taken) = together!(
        session.begin(),
        session.exists(LOCK_PROJECT, &[&project]),
        session.exists(LOCK_AUTHOR, &[&author]),
        session.first(TAG_ID, &[&project, &tag], |row| row.get::<i64>(0)),
        session.exists(RELEASE_EXISTS, &[&project, &tag]),
    )?;
    if !has_project {
        return Err(TakenError::Gone);
    }
    if is_taken {
        return Err(TakenError::Taken(()));
    }
    let author = author.filter(|_| has_author);
    let (created_at, released_at) = (new.created_at.as_millisecond(), new.released_at.as_millisecond());
    let names: Vec<_> = new.links.iter().map(|link| link.name.as_str()).collect();
    let urls: Vec<_> = new.links.iter().map(|link| link.url.as_str()).collect();
    let paths: Vec<_> = new.links.iter().map(|link| link.path.as_ref().map(AssetPath::as_str)).collect();
    let types: Vec<_> = new.links.iter().map(|link| link.link_type.as_str()).collect();
    let (name, description, message, target) = (&new.name, &new.description, &new.tag_message, &new.target);
    let values: Values<'_> = &[
        &project,
        &tag,
        message,
        target,
        &created_at,
        &tag_id,
        name,
        description,
        &released_at,
        &author,
        &names,
        &urls,
        &paths,
        &types,
    ];
    let (_, made, links, ()) = together!(
        session.run(INSERT, values),
        session.first(BY_TAG, &[&project, &tag], |row| without_links(row, 0)),
        session.rows(LINKS_BY_TAG, &[&project, &tag, &MOST_LINKS]),
        session.commit(),
    )?;
    Ok(with_links(made.ok_or(TakenError::Gone)?, &links, 0)?)
}

/// Begins, and finds a release that nobody else may write on until the end.
async fn begin_with(session: &Session, project: i64, id: i64) -> Result<Option<Release>, Failure> {
    session.prepare(&[LOCK, BY_ID, LINKS_BY_ID]).await?;
    let ((), _, found, links) = together!(
        session.begin(),
        session.exists(LOCK, &[&project, &id]),
        session.first(BY_ID, &[&project, &id], |row| without_links(row, 0)),
        session.rows(LINKS_BY_ID, &[&project, &id, &MOST_LINKS]),
    )?;
    found.map(|release| with_links(release, &links, 0)).transpose()
}

/// Changes a release.
pub async fn update(
    session: &Session,
    project: ProjectId,
    id: ReleaseId,
    changes: ReleaseChanges,
) -> Result<Option<Release>, StoreError> {
    let (project, id) = (project.get(), id.get());
    session.prepare(&[UPDATE]).await?;
    let Some(current) = begin_with(session, project, id).await? else { return Ok(None) };
    let new = changes.apply(current);
    let (name, description, released_at) = (&new.name, &new.description, new.released_at.as_millisecond());
    let (_, updated, ()) = together!(
        session.run(UPDATE, &[&id, name, description, &released_at]),
        session.first(BY_ID, &[&project, &id], |row| without_links(row, 0)),
        session.commit(),
    )?;
    Ok(updated.map(|release| Release { links: new.links, link_count: new.link_count, ..release }))
}

/// Removes a release with its links.
pub async fn delete(session: &Session, project: ProjectId, id: ReleaseId) -> Result<Option<Release>, StoreError> {
    let Some(found) = begin_with(session, project.get(), id.get()).await? else { return Ok(None) };
    removing::release(session, id).await?;
    session.commit().await?;
    Ok(Some(found))
}
