//! What is kept of places whose holders are deleted: an address does not fall back to the project that had it before.

use release_links_domain::ProjectId;
use release_links_domain::address::Holder;
use release_links_sql::left_places::{Occupancy, left};
use release_links_sql::place_columns;

use crate::failure::Failure;
use crate::moves::{AT, leave, place_of_project};
use crate::query::{Session, statements};

statements! {
    // Another project has been there, or something on the way there shares a place with another namespace, so that an
    // address may lead to either.
    CONTESTED = concat!("SELECT FROM left_places l WHERE ", AT!("l", "$1", "$2"), "
            AND l.namespace_id IS NULL AND l.project_id IS DISTINCT FROM $3
        UNION ALL SELECT FROM namespace_ancestors a JOIN namespaces n ON n.id = a.ancestor_id
            JOIN left_places other ON ", AT!("other", "coalesce(n.parent_id, 0)", "n.path"), "
            WHERE a.namespace_id = $1 AND other.namespace_id <> n.id
        UNION ALL SELECT FROM namespace_ancestors a JOIN left_places own ON own.namespace_id = a.ancestor_id
            JOIN left_places other ON ", AT!("other", "own.below", "own.segment"), "
            WHERE a.namespace_id = $1 AND other.namespace_id <> own.namespace_id
        UNION ALL SELECT FROM namespace_ancestors a JOIN left_places own ON own.namespace_id = a.ancestor_id
            JOIN namespaces n ON n.parent_id = own.below AND lower(n.path) = lower(own.segment)
            WHERE a.namespace_id = $1 AND n.id <> own.namespace_id
        UNION ALL SELECT FROM namespace_ancestors a JOIN left_places own ON own.namespace_id = a.ancestor_id
            JOIN namespaces n ON lower(n.full_path) = lower(own.segment)
            WHERE a.namespace_id = $1 AND own.below = 0 AND n.id <> own.namespace_id
        LIMIT 1");
    LEFT_BY = concat!("SELECT ", place_columns!(), " FROM left_places WHERE project_id = $1 LIMIT $2");
    FORGET = "DELETE FROM left_places WHERE id = $1";
    KEEP_FOR_NOBODY = "UPDATE left_places SET project_id = NULL WHERE id = $1";
}

/// Whether an earlier holder of an address would come back if a project left this place without a trace.
async fn is_contested(session: &Session, place: &Occupancy, project: ProjectId) -> Result<bool, Failure> {
    session.exists(CONTESTED, &[&place.below, &place.segment, &project.get()]).await
}

/// Keeps the place where a project stands from those who had it before, where there are any. It is about to go.
pub async fn keep_place_of(session: &Session, project: ProjectId) -> Result<(), Failure> {
    if let Some(place) = place_of_project(session, project).await?
        && is_contested(session, &place, project).await?
    {
        leave(session, &place, Holder::Nobody).await?;
    }
    Ok(())
}

/// Does the same with places that a project has left, at most `limit` of them. What each of them was below.
pub async fn keep_left_places_of(session: &Session, project: ProjectId, limit: i64) -> Result<Vec<i64>, Failure> {
    let left = session.all(LEFT_BY, &[&project.get(), &limit], |row| left(row, 0)).await?;
    for (id, place) in &left {
        let sql = if is_contested(session, place, project).await? { KEEP_FOR_NOBODY } else { FORGET };
        session.run(sql, &[id]).await?;
    }
    Ok(left.into_iter().map(|(_, place)| place.below).collect())
}
