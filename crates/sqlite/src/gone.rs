//! What is kept of places whose holders are deleted: an address does not fall back to the project that had it before.

use release_links_domain::ProjectId;
use release_links_domain::address::Holder;
use release_links_sql::left_places::{Occupancy, left};
use release_links_sql::place_columns;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::moves::{leave, place_of_project};
use crate::query::{all, exists, run, statements};

statements! {
    // Another project has been there, or something on the way there shares a place with another namespace, so that an
    // address may lead to either.
    CONTESTED = "SELECT 1 FROM left_places WHERE below = ?1 AND segment = ?2 AND namespace_id IS NULL
            AND project_id IS NOT ?3
        UNION ALL SELECT 1 FROM namespace_ancestors a CROSS JOIN namespaces n CROSS JOIN left_places other
            WHERE a.namespace_id = ?1 AND n.id = a.ancestor_id AND other.below = ifnull(n.parent_id, 0)
                AND other.segment = n.path AND other.namespace_id <> n.id
        UNION ALL SELECT 1 FROM namespace_ancestors a CROSS JOIN left_places own CROSS JOIN left_places other
            WHERE a.namespace_id = ?1 AND own.namespace_id = a.ancestor_id AND other.below = own.below
                AND other.segment = own.segment AND other.namespace_id <> own.namespace_id
        UNION ALL SELECT 1 FROM namespace_ancestors a CROSS JOIN left_places own CROSS JOIN namespaces n
            WHERE a.namespace_id = ?1 AND own.namespace_id = a.ancestor_id AND n.parent_id = own.below
                AND n.path = own.segment AND n.id <> own.namespace_id
        UNION ALL SELECT 1 FROM namespace_ancestors a CROSS JOIN left_places own CROSS JOIN namespaces n
            WHERE a.namespace_id = ?1 AND own.namespace_id = a.ancestor_id AND own.below = 0
                AND n.full_path = own.segment AND n.id <> own.namespace_id
        LIMIT 1";
    LEFT_BY = concat!("SELECT ", place_columns!(), " FROM left_places WHERE project_id = ?1 LIMIT ?2");
    FORGET = "DELETE FROM left_places WHERE id = ?1";
    KEEP_FOR_NOBODY = "UPDATE left_places SET project_id = NULL WHERE id = ?1";
}

/// Whether an earlier holder of an address would come back if a project left this place without a trace.
fn is_contested(conn: &Connection, place: &Occupancy, project: ProjectId) -> Result<bool, Failure> {
    exists(conn, CONTESTED, params![place.below, place.segment, project.get()])
}

/// Keeps the place where a project stands from those who had it before, where there are any. It is about to go.
pub fn keep_place_of(conn: &Connection, project: ProjectId) -> Result<(), Failure> {
    if let Some(place) = place_of_project(conn, project)?
        && is_contested(conn, &place, project)?
    {
        leave(conn, &place, Holder::Nobody)?;
    }
    Ok(())
}

/// Does the same with places that a project has left, at most `limit` of them. What each of them was below.
pub fn keep_left_places_of(conn: &Connection, project: ProjectId, limit: i64) -> Result<Vec<i64>, Failure> {
    let left = all(conn, LEFT_BY, params![project.get(), limit], |row| left(row, 0))?;
    for (id, place) in &left {
        let sql = if is_contested(conn, place, project)? { KEEP_FOR_NOBODY } else { FORGET };
        run(conn, sql, params![id])?;
    }
    Ok(left.into_iter().map(|(_, place)| place.below).collect())
}
