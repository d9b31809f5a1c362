//! Places that something has left, and the projects that had an address last (docs/contract.md, "Permanent links"). The rule is the domain's,
//! in [`release_links_domain::address`]; here are the stays that it asks for.

use release_links_domain::address::{Holder, Question, Stay, Trail};
use release_links_domain::namespace::FullPath;
use release_links_domain::{NamespaceId, ProjectId};
use release_links_sql::left_places::{Occupancy, TOP, holder_ids, occupancy, stay};
use release_links_sql::paging::clamped;
use release_links_sql::place_columns;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, first, insert, run, statements};

/// The number of the last move, as an expression: what is created now stays where it is since then.
macro_rules! NOW {
    () => {
        "(SELECT ifnull(max(id), 0) FROM left_places)"
    };
}

pub(crate) use NOW;

statements! {
    LEFT = "SELECT id, below, namespace_id, project_id, since, id FROM left_places WHERE below = ?1 AND segment = ?2
        ORDER BY id DESC LIMIT ?3";
    // A removed group keeps the groups below it, so that trails through it still end.
    NAMESPACE_THERE = "SELECT id, parent_id, id, NULL, since, NULL FROM namespaces WHERE parent_id = ?1 AND path = ?2";
    NAMESPACE_AT_TOP = "SELECT id, 0, id, NULL, since, NULL FROM namespaces WHERE full_path = ?1";
    PROJECT_THERE = "SELECT id, namespace_id, NULL, id, since, NULL FROM projects WHERE namespace_id = ?1 AND path = ?2";
    EARLIER = "SELECT min(since) FROM left_places WHERE below = ?1 AND segment = ?2 AND namespace_id IS ?3
        AND project_id IS ?4";
    FORGET_EARLIER = "DELETE FROM left_places WHERE below = ?1 AND segment = ?2 AND namespace_id IS ?3
        AND project_id IS ?4";
    LEAVE = concat!("INSERT INTO left_places (", place_columns!(new), ") VALUES (?1, ?2, ?3, ?4, ?5)");
    FORGET_OLDEST = "DELETE FROM left_places WHERE id IN (SELECT id FROM left_places WHERE below = ?1 AND segment = ?2
        ORDER BY id DESC LIMIT -1 OFFSET ?3)";
    FORGET_WHOLE = "DELETE FROM left_places WHERE below = 0 AND segment = ?1 AND project_id IS NOT NULL";
    PLACE_OF_NAMESPACE = "SELECT id, ifnull(parent_id, 0), path, since FROM namespaces WHERE id = ?1";
    PLACE_OF_PROJECT = "SELECT id, namespace_id, path, since FROM projects WHERE id = ?1 AND namespace_id IS NOT NULL";
    ARRIVE_NAMESPACE = "UPDATE namespaces SET since = ?2 WHERE id = ?1";
    ARRIVE_PROJECT = "UPDATE projects SET since = ?2 WHERE id = ?1";
    MOVE_NAMESPACES_BELOW = "UPDATE namespaces SET full_path = ?2 || substr(full_path, ?3)
        WHERE id IN (SELECT namespace_id FROM namespace_ancestors WHERE ancestor_id = ?1) AND full_path IS NOT NULL";
}

/// The project that had a path last which none has now.
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

/// Where a project stands, unless it was removed.
pub fn place_of_project(conn: &Connection, project: ProjectId) -> Result<Option<Occupancy>, Failure> {
    first(conn, PLACE_OF_PROJECT, params![project.get()], |row| occupancy(row, 0))
}

/// Where a namespace stands.
pub fn place_of_namespace(conn: &Connection, namespace: NamespaceId) -> Result<Option<Occupancy>, Failure> {
    first(conn, PLACE_OF_NAMESPACE, params![namespace.get()], |row| occupancy(row, 0))
}

/// Notes that something leaves the place where it stands, and gives the move's number. What leaves the same place again
/// counts as if it had been there ever since, so that moving to and fro does not pile up; the oldest stays beyond
/// [`Trail::MOST`] are forgotten.
pub fn leave(conn: &Connection, place: &Occupancy, holder: Holder) -> Result<i64, Failure> {
    let Occupancy { below, segment, since } = place;
    let (namespace, project) = holder_ids(holder);
    let earlier: Option<i64> =
        first(conn, EARLIER, params![below, segment, namespace, project], |row| row.get(0))?.flatten();
    run(conn, FORGET_EARLIER, params![below, segment, namespace, project])?;
    let since = earlier.map_or(*since, |earlier| earlier.min(*since));
    let number = insert(conn, LEAVE, params![below, segment, namespace, project, since])?;
    run(conn, FORGET_OLDEST, params![below, segment, Trail::MOST])?;
    Ok(number)
}

/// Lets a project go from where it stands to a path that is free.
pub fn move_project(conn: &Connection, project: ProjectId, new: &FullPath) -> Result<(), Failure> {
    if let Some(place) = place_of_project(conn, project)? {
        let number = leave(conn, &place, Holder::Project(project))?;
        run(conn, ARRIVE_PROJECT, params![project.get(), number])?;
    }
    forget_whole(conn, new)
}

/// Gives a namespace, which now has the path `old`, another that is free, and with it every namespace below.
pub fn move_namespace(
    conn: &Connection,
    namespace: NamespaceId,
    old: &FullPath,
    new: &FullPath,
) -> Result<(), Failure> {
    // In another case, the place is the same.
    if !old.as_str().eq_ignore_ascii_case(new.as_str())
        && let Some(place) = place_of_namespace(conn, namespace)?
    {
        let number = leave(conn, &place, Holder::Namespace(namespace))?;
        run(conn, ARRIVE_NAMESPACE, params![namespace.get(), number])?;
        forget_whole(conn, new)?;
    }
    // Paths are ASCII: bytes are characters, which SQL counts from one.
    let rest = clamped(old.as_str().len() as u64 + 1);
    run(conn, MOVE_NAMESPACES_BELOW, params![namespace.get(), new.as_str(), rest])
}

/// Takes a path from the project that left it when paths were still kept as a whole.
pub fn forget_whole(conn: &Connection, path: &FullPath) -> Result<(), Failure> {
    run(conn, FORGET_WHOLE, params![path.as_str()])
}
