//! The table of former addresses (docs/contract.md, "Permanent links"): which namespace or project had one, and what
//! remains after its holder is deleted. The rule is in [`release_links_domain::address`]; this file loads the stays for
//! it.

use release_links_domain::address::{Holder, Question, Trail};
use release_links_domain::namespace::FullPath;
use release_links_domain::{NamespaceId, ProjectId};
use release_links_sql::left_places::{Occupancy, Paths, TOP, holder_ids, left, occupancy, stay};
use release_links_sql::paging::clamped;
use release_links_sql::place_columns;

use crate::failure::Failure;
use crate::query::{Session, Values, statements};

/// An SQL expression for the number of the last move. A new row's stay begins there.
macro_rules! NOW {
    () => {
        "(SELECT coalesce(max(id), 0) FROM left_places)"
    };
}

/// The condition that row `$row` is about the address `$segment` below `$below`. The index covers only a prefix, as an
/// older version stored whole paths, which may be longer than an index entry.
macro_rules! AT {
    ($row:literal, $below:literal, $segment:literal) => {
        concat!(
            $row,
            ".below = ",
            $below,
            " AND left(lower(",
            $row,
            ".segment), 255) = left(lower(",
            $segment,
            " COLLATE \"C\"), 255) AND lower(",
            $row,
            ".segment) = lower(",
            $segment,
            " COLLATE \"C\")"
        )
    };
}

pub(crate) use {AT, NOW};

statements! {
    // Hidden groups count: a deleted group keeps its subgroups, so that old paths through it still resolve.
    STAYS = concat!("SELECT stay.* FROM unnest($1::bigint[]) AS place (id) CROSS JOIN LATERAL (
            (SELECT l.id AS number, l.below, l.namespace_id, l.project_id, l.since, l.id AS until FROM left_places l
                WHERE ", AT!("l", "place.id", "$2"), " ORDER BY l.id DESC LIMIT $3)
            UNION ALL SELECT n.id, n.parent_id, n.id, NULL, n.since, NULL FROM namespaces n
                WHERE n.parent_id = place.id AND lower(n.path) = lower($2 COLLATE \"C\")
            UNION ALL SELECT n.id, 0, n.id, NULL, n.since, NULL FROM namespaces n
                WHERE place.id = 0 AND lower(n.full_path) = lower($2 COLLATE \"C\")
            UNION ALL SELECT p.id, p.namespace_id, NULL, p.id, p.since, NULL FROM projects p
                WHERE p.namespace_id = place.id AND lower(p.path) = lower($2 COLLATE \"C\")
        ) stay");
    DELETE_EARLIER = concat!("DELETE FROM left_places l WHERE ", AT!("l", "$1", "$2"), "
        AND l.namespace_id IS NOT DISTINCT FROM $3 AND l.project_id IS NOT DISTINCT FROM $4 RETURNING l.since");
    LEAVE = concat!("INSERT INTO left_places (", place_columns!(new), ") VALUES ($1, $2, $3, $4, $5) RETURNING id");
    DELETE_OLDEST = concat!("DELETE FROM left_places WHERE id IN (SELECT l.id FROM left_places l
        WHERE ", AT!("l", "$1", "$2"), " ORDER BY l.id DESC OFFSET $3)");
    DELETE_WHOLE_PATH = concat!("DELETE FROM left_places l WHERE ", AT!("l", "0", "$1"), " AND l.project_id IS NOT NULL");
    PLACE_OF_NAMESPACE = "SELECT id, coalesce(parent_id, 0), path, since FROM namespaces WHERE id = $1";
    PLACE_OF_PROJECT = "SELECT id, namespace_id, path, since FROM projects WHERE id = $1 AND namespace_id IS NOT NULL";
    ARRIVE_NAMESPACE = "UPDATE namespaces SET since = $2 WHERE id = $1";
    ARRIVE_PROJECT = "UPDATE projects SET since = $2 WHERE id = $1";
    MOVE_NAMESPACES_BELOW = "UPDATE namespaces SET full_path = $3 || substr(full_path, length($2) + 1)
        WHERE id IN (SELECT namespace_id FROM namespace_ancestors WHERE ancestor_id = $1) AND full_path IS NOT NULL";
    // Another project had this address, or another namespace had the address of one of the ancestors, so that the
    // address may resolve to either.
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
    LEFT_BY_NAMESPACE = concat!("SELECT ", place_columns!(), " FROM left_places WHERE namespace_id = $1 LIMIT $2");
    DELETE = "DELETE FROM left_places WHERE id = $1";
    CLEAR_HOLDER = "UPDATE left_places SET project_id = NULL WHERE id = $1";
}

/// Returns the project that had `path` last, for a path that no project has now.
pub async fn last_holder(session: &Session, path: &FullPath) -> Result<Option<ProjectId>, Failure> {
    let mut trail = Trail::of(path);
    while let Some(Question { below, segment }) = trail.question() {
        let below: Vec<i64> = below.into_iter().map(|place| place.map_or(TOP, NamespaceId::get)).collect();
        trail.answer(&session.all(STAYS, &[&below, &segment, &i64::from(Trail::MOST)], |row| stay(row, 0)).await?);
    }
    Ok(trail.end())
}

/// Returns the current address of a project, or `None` if the project is deleted.
pub async fn address_of_project(session: &Session, project: ProjectId) -> Result<Option<Occupancy>, Failure> {
    session.first(PLACE_OF_PROJECT, &[&project.get()], |row| occupancy(row, 0)).await
}

/// Returns the current address of a namespace.
pub async fn address_of_namespace(session: &Session, namespace: NamespaceId) -> Result<Option<Occupancy>, Failure> {
    session.first(PLACE_OF_NAMESPACE, &[&namespace.get()], |row| occupancy(row, 0)).await
}

/// Returns up to `most` paths that a project has or had, in lower case, whatever they lead to now.
pub async fn paths_of_project(session: &Session, project: ProjectId, most: usize) -> Result<Vec<String>, Failure> {
    let limit = clamped(most as u64);
    let now = address_of_project(session, project).await?;
    let left = session.all(LEFT_BY, &[&project.get(), &limit], |row| occupancy(row, 0)).await?;
    let mut paths = Paths::from(now.into_iter().chain(left), most);
    while let Some((namespace, path)) = paths.above() {
        let now = address_of_namespace(session, namespace).await?;
        let left = session.all(LEFT_BY_NAMESPACE, &[&namespace.get(), &limit], |row| occupancy(row, 0)).await?;
        paths.add(&path, now.into_iter().chain(left));
    }
    Ok(paths.end())
}

/// Records that `holder` leaves an address, and returns the number of the move. Repeated stays of the same holder
/// become one, from the first to the last, so that moving back and forth adds no rows. Deletes the oldest stays beyond
/// [`Trail::MOST`].
pub async fn record_departure(session: &Session, place: &Occupancy, holder: Holder) -> Result<i64, Failure> {
    let Occupancy { below, segment, since } = place;
    let (namespace, project) = holder_ids(holder);
    let values: Values<'_> = &[below, segment, &namespace, &project];
    let earlier = session.all(DELETE_EARLIER, values, |row| row.get::<i64>(0)).await?;
    let since = earlier.into_iter().fold(*since, i64::min);
    let number = session.insert(LEAVE, &[below, segment, &namespace, &project, &since]).await?;
    session.run(DELETE_OLDEST, &[below, segment, &i64::from(Trail::MOST)]).await?;
    Ok(number)
}

/// Records that a project moves to the free path `new`.
pub async fn move_project(session: &Session, project: ProjectId, new: &FullPath) -> Result<(), Failure> {
    if let Some(place) = address_of_project(session, project).await? {
        let number = record_departure(session, &place, Holder::Project(project)).await?;
        session.run(ARRIVE_PROJECT, &[&project.get(), &number]).await?;
    }
    forget_whole(session, new).await
}

/// Moves a namespace, with all its descendants, from the path `old` to the free path `new`.
pub async fn move_namespace(
    session: &Session,
    namespace: NamespaceId,
    old: &FullPath,
    new: &FullPath,
) -> Result<(), Failure> {
    // Paths ignore case, so a change of case alone is no move.
    if !old.as_str().eq_ignore_ascii_case(new.as_str())
        && let Some(place) = address_of_namespace(session, namespace).await?
    {
        let number = record_departure(session, &place, Holder::Namespace(namespace)).await?;
        session.run(ARRIVE_NAMESPACE, &[&namespace.get(), &number]).await?;
        forget_whole(session, new).await?;
    }
    session.run(MOVE_NAMESPACES_BELOW, &[&namespace.get(), &old.as_str(), &new.as_str()]).await?;
    Ok(())
}

/// Deletes the record of a former path that an older version stored as a whole.
pub async fn forget_whole(session: &Session, path: &FullPath) -> Result<(), Failure> {
    session.run(DELETE_WHOLE_PATH, &[&path.as_str()]).await?;
    Ok(())
}

/// Returns whether an address would resolve to an earlier holder once this stay of the project is deleted.
async fn is_contested(session: &Session, place: &Occupancy, project: ProjectId) -> Result<bool, Failure> {
    session.exists(CONTESTED, &[&place.below, &place.segment, &project.get()]).await
}

/// Records the current address of a project that is about to be deleted, if the address would otherwise resolve to an
/// earlier holder.
pub async fn reserve_address_of(session: &Session, project: ProjectId) -> Result<(), Failure> {
    if let Some(place) = address_of_project(session, project).await?
        && is_contested(session, &place, project).await?
    {
        record_departure(session, &place, Holder::Nobody).await?;
    }
    Ok(())
}

/// Deletes up to `limit` former addresses of a project, but keeps those, without a holder, that would otherwise resolve
/// to an earlier one. Returns the parent of each.
pub async fn reserve_former_addresses_of(
    session: &Session,
    project: ProjectId,
    limit: i64,
) -> Result<Vec<i64>, Failure> {
    let left = session.all(LEFT_BY, &[&project.get(), &limit], |row| left(row, 0)).await?;
    for (id, place) in &left {
        let sql = if is_contested(session, place, project).await? { CLEAR_HOLDER } else { DELETE };
        session.run(sql, &[id]).await?;
    }
    Ok(left.into_iter().map(|(_, place)| place.below).collect())
}
