//! The table of former addresses (docs/contract.md, "Permanent links"): which namespace or project had one, and what
//! remains after its holder is deleted. The rule is in [`release_links_domain::address`]; this file loads the stays for
//! it.

use release_links_domain::address::{Holder, Question, Stay, Trail};
use release_links_domain::namespace::FullPath;
use release_links_domain::{NamespaceId, ProjectId};
use release_links_sql::left_places::{Occupancy, Paths, TOP, holder_ids, left, occupancy, stay};
use release_links_sql::paging::clamped;
use release_links_sql::place_columns;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, exists, first, insert, run, statements};

/// An SQL expression for the number of the last move. A new row's stay begins there.
macro_rules! NOW {
    () => {
        "(SELECT ifnull(max(id), 0) FROM left_places)"
    };
}

pub(crate) use NOW;

statements! {
    LEFT = "SELECT id, below, namespace_id, project_id, since, id FROM left_places WHERE below = ?1 AND segment = ?2
        ORDER BY id DESC LIMIT ?3";
    // Hidden groups count: a deleted group keeps its subgroups, so that old paths through it still resolve.
    NAMESPACE_THERE = "SELECT id, parent_id, id, NULL, since, NULL FROM namespaces WHERE parent_id = ?1 AND path = ?2";
    NAMESPACE_AT_TOP = "SELECT id, 0, id, NULL, since, NULL FROM namespaces WHERE full_path = ?1";
    PROJECT_THERE = "SELECT id, namespace_id, NULL, id, since, NULL FROM projects WHERE namespace_id = ?1 AND path = ?2";
    EARLIER = "SELECT min(since) FROM left_places WHERE below = ?1 AND segment = ?2 AND namespace_id IS ?3
        AND project_id IS ?4";
    DELETE_EARLIER = "DELETE FROM left_places WHERE below = ?1 AND segment = ?2 AND namespace_id IS ?3
        AND project_id IS ?4";
    LEAVE = concat!("INSERT INTO left_places (", place_columns!(new), ") VALUES (?1, ?2, ?3, ?4, ?5)");
    DELETE_OLDEST = "DELETE FROM left_places WHERE id IN (SELECT id FROM left_places WHERE below = ?1 AND segment = ?2
        ORDER BY id DESC LIMIT -1 OFFSET ?3)";
    DELETE_WHOLE_PATH = "DELETE FROM left_places WHERE below = 0 AND segment = ?1 AND project_id IS NOT NULL";
    PLACE_OF_NAMESPACE = "SELECT id, ifnull(parent_id, 0), path, since FROM namespaces WHERE id = ?1";
    PLACE_OF_PROJECT = "SELECT id, namespace_id, path, since FROM projects WHERE id = ?1 AND namespace_id IS NOT NULL";
    ARRIVE_NAMESPACE = "UPDATE namespaces SET since = ?2 WHERE id = ?1";
    ARRIVE_PROJECT = "UPDATE projects SET since = ?2 WHERE id = ?1";
    MOVE_NAMESPACES_BELOW = "UPDATE namespaces SET full_path = ?2 || substr(full_path, ?3)
        WHERE id IN (SELECT namespace_id FROM namespace_ancestors WHERE ancestor_id = ?1) AND full_path IS NOT NULL";
    // Another project had this address, or another namespace had the address of one of the ancestors, so that the
    // address may resolve to either.
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
    LEFT_BY_NAMESPACE = concat!("SELECT ", place_columns!(), " FROM left_places WHERE namespace_id = ?1 LIMIT ?2");
    DELETE = "DELETE FROM left_places WHERE id = ?1";
    CLEAR_HOLDER = "UPDATE left_places SET project_id = NULL WHERE id = ?1";
}

/// Returns the project that had `path` last, for a path that no project has now.
pub fn last_holder(conn: &Connection, path: &FullPath) -> Result<Option<ProjectId>, Failure> {
    let mut trail = Trail::of(path);
    while let Some(Question { below, segment }) = trail.question() {
        let mut stays = Vec::new();
        for place in below {
            stays.extend(stays_at(conn, place, segment)?);
        }
        trail.answer(&stays);
    }
    Ok(trail.end())
}

fn stays_at(conn: &Connection, place: Option<NamespaceId>, segment: &str) -> Result<Vec<Stay>, Failure> {
    let below = place.map_or(TOP, NamespaceId::get);
    let mut stays = all(conn, LEFT, params![below, segment, Trail::MOST], |row| stay(row, 0))?;
    if place.is_none() {
        stays.extend(first(conn, NAMESPACE_AT_TOP, params![segment], |row| stay(row, 0))?);
    } else {
        for sql in [NAMESPACE_THERE, PROJECT_THERE] {
            stays.extend(all(conn, sql, params![below, segment], |row| stay(row, 0))?);
        }
    }
    Ok(stays)
}

/// Returns the current address of a project, or `None` if the project is deleted.
pub fn address_of_project(conn: &Connection, project: ProjectId) -> Result<Option<Occupancy>, Failure> {
    first(conn, PLACE_OF_PROJECT, params![project.get()], |row| occupancy(row, 0))
}

/// Returns the current address of a namespace.
pub fn address_of_namespace(conn: &Connection, namespace: NamespaceId) -> Result<Option<Occupancy>, Failure> {
    first(conn, PLACE_OF_NAMESPACE, params![namespace.get()], |row| occupancy(row, 0))
}

/// Returns up to `most` paths that a project has or had, in lower case, whatever they lead to now.
pub fn paths_of_project(conn: &Connection, project: ProjectId, most: usize) -> Result<Vec<String>, Failure> {
    let limit = clamped(most as u64);
    let now = address_of_project(conn, project)?;
    let left = all(conn, LEFT_BY, params![project.get(), limit], |row| occupancy(row, 0))?;
    let mut paths = Paths::from(now.into_iter().chain(left), most);
    while let Some((namespace, path)) = paths.above() {
        let now = address_of_namespace(conn, namespace)?;
        let left = all(conn, LEFT_BY_NAMESPACE, params![namespace.get(), limit], |row| occupancy(row, 0))?;
        paths.add(&path, now.into_iter().chain(left));
    }
    Ok(paths.end())
}

/// Records that `holder` leaves an address, and returns the number of the move. Repeated stays of the same holder
/// become one, from the first to the last, so that moving back and forth adds no rows. Deletes the oldest stays beyond
/// [`Trail::MOST`].
pub fn record_departure(conn: &Connection, place: &Occupancy, holder: Holder) -> Result<i64, Failure> {
    let Occupancy { below, segment, since } = place;
    let (namespace, project) = holder_ids(holder);
    let earlier: Option<i64> =
        first(conn, EARLIER, params![below, segment, namespace, project], |row| row.get(0))?.flatten();
    run(conn, DELETE_EARLIER, params![below, segment, namespace, project])?;
    let since = earlier.map_or(*since, |earlier| earlier.min(*since));
    let number = insert(conn, LEAVE, params![below, segment, namespace, project, since])?;
    run(conn, DELETE_OLDEST, params![below, segment, Trail::MOST])?;
    Ok(number)
}

/// Records that a project moves to the free path `new`.
pub fn move_project(conn: &Connection, project: ProjectId, new: &FullPath) -> Result<(), Failure> {
    if let Some(place) = address_of_project(conn, project)? {
        let number = record_departure(conn, &place, Holder::Project(project))?;
        run(conn, ARRIVE_PROJECT, params![project.get(), number])?;
    }
    forget_whole(conn, new)
}

/// Moves a namespace, with all its descendants, from the path `old` to the free path `new`.
pub fn move_namespace(
    conn: &Connection,
    namespace: NamespaceId,
    old: &FullPath,
    new: &FullPath,
) -> Result<(), Failure> {
    // Paths ignore case, so a change of case alone is no move.
    if !old.as_str().eq_ignore_ascii_case(new.as_str())
        && let Some(place) = address_of_namespace(conn, namespace)?
    {
        let number = record_departure(conn, &place, Holder::Namespace(namespace))?;
        run(conn, ARRIVE_NAMESPACE, params![namespace.get(), number])?;
        forget_whole(conn, new)?;
    }
    // Paths are ASCII, so the byte length is the character length; SQL counts from one.
    let rest = clamped(old.as_str().len() as u64 + 1);
    run(conn, MOVE_NAMESPACES_BELOW, params![namespace.get(), new.as_str(), rest])
}

/// Deletes the record of a former path that an older version stored as a whole.
pub fn forget_whole(conn: &Connection, path: &FullPath) -> Result<(), Failure> {
    run(conn, DELETE_WHOLE_PATH, params![path.as_str()])
}

/// Returns whether an address would resolve to an earlier holder once this stay of the project is deleted.
fn is_contested(conn: &Connection, place: &Occupancy, project: ProjectId) -> Result<bool, Failure> {
    exists(conn, CONTESTED, params![place.below, place.segment, project.get()])
}

/// Records the current address of a project that is about to be deleted, if the address would otherwise resolve to an
/// earlier holder.
pub fn reserve_address_of(conn: &Connection, project: ProjectId) -> Result<(), Failure> {
    if let Some(place) = address_of_project(conn, project)?
        && is_contested(conn, &place, project)?
    {
        record_departure(conn, &place, Holder::Nobody)?;
    }
    Ok(())
}

/// Deletes up to `limit` former addresses of a project, but keeps those, without a holder, that would otherwise resolve
/// to an earlier one. Returns the parent of each.
pub fn reserve_former_addresses_of(conn: &Connection, project: ProjectId, limit: i64) -> Result<Vec<i64>, Failure> {
    let left = all(conn, LEFT_BY, params![project.get(), limit], |row| left(row, 0))?;
    for (id, place) in &left {
        let sql = if is_contested(conn, place, project)? { CLEAR_HOLDER } else { DELETE };
        run(conn, sql, params![id])?;
    }
    Ok(left.into_iter().map(|(_, place)| place.below).collect())
}
