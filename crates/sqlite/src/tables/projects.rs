//! The table of projects.

use release_links_domain::access::AccessLevel;
use release_links_domain::description::ProjectDescription;
use release_links_domain::link::OnConflict;
use release_links_domain::namespace::{DisplayName, FullPath, PathSegment};
use release_links_domain::project::{BranchName, ReleasesAccess, Visibility};
use release_links_domain::{NamespaceId, ProjectId, UserId};
use release_links_ports::{
    NewProject, Page, PageRequest, ProjectChanges, ProjectDetails, ProjectFilter, ProjectOrder, Sort, Viewer,
};
use release_links_sql::paging::{clamped, limit_and_offset, milliseconds, order_by};
use release_links_sql::project_on_conflict;
use release_links_sql::projects::{details, ids, json_texts, stored_topics};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, counted, exists, first, insert, open, run, statements};
use crate::tables::left_places::NOW;

/// The columns of project `p` in namespace `n`, the grants of user `?2` in it, and the names above it.
macro_rules! PROJECT {
    () => {
        concat!(
            $crate::tables::namespaces::NAMESPACE!(),
            ", ",
            release_links_sql::project_selection!(),
            ", (SELECT level FROM project_members WHERE project_id = p.id AND user_id = ?2), ",
            $crate::tables::namespaces::FULL_NAME!()
        )
    };
}

/// The ids of the projects in which user `?2` has at least level `?3`.
macro_rules! held {
    () => {
        "(SELECT m.project_id FROM project_members m WHERE m.user_id = ?2 AND m.level >= ?3
        UNION ALL SELECT below.id FROM group_members m CROSS JOIN namespace_ancestors a CROSS JOIN projects below
            WHERE m.user_id = ?2 AND m.level >= ?3 AND a.ancestor_id = m.group_id
            AND below.namespace_id = a.namespace_id
        UNION ALL SELECT own.id FROM namespaces home CROSS JOIN projects own
            WHERE home.user_id = ?2 AND own.namespace_id = home.id)"
    };
}

/// The ids of the projects in namespace `?14` and, if `?15` is true, in the groups below it.
macro_rules! within {
    () => {
        "(SELECT there.id FROM namespace_ancestors a CROSS JOIN projects there WHERE a.ancestor_id = ?14
            AND (?15 OR a.namespace_id = ?14) AND there.namespace_id = a.namespace_id)"
    };
}

/// The condition of the filter on a project `p` in namespace `n`.
macro_rules! FILTER {
    () => {
        " AND n.id = p.namespace_id AND n.full_path IS NOT NULL AND p.id BETWEEN ?4 AND ?5
        AND (?6 IS NULL OR p.visibility = ?6) AND (?7 IS NULL OR p.archived = ?7)
        AND (?8 IS NULL OR instr(lower(p.name), lower(?8)) > 0 OR instr(lower(p.path), lower(?8)) > 0)
        AND NOT EXISTS (SELECT 1 FROM json_each(?11)
            WHERE instr(char(10) || p.topics || char(10), char(10) || json_each.value || char(10)) = 0)
        AND (?12 IS NULL OR p.last_activity_at >= ?12) AND (?13 IS NULL OR p.last_activity_at <= ?13)"
    };
}

/// The projects that the viewer may see, and those in which the viewer has the level of the filter.
macro_rules! SEEN {
    () => {
        concat!("(instr(?1, p.visibility) > 0 OR p.id IN ", held!(), ")", FILTER!())
    };
}
macro_rules! HELD {
    () => {
        concat!("p.id IN ", held!(), FILTER!())
    };
}

/// The projects of a namespace that the viewer may see.
macro_rules! WITHIN {
    () => {
        concat!("p.id IN ", within!(), " AND ", SEEN!())
    };
}

statements! {
    GET = concat!("SELECT ", PROJECT!(), " FROM projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL");
    IS_THERE = "SELECT 1 FROM projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL";
    AT_PATH = "SELECT p.id FROM namespaces n CROSS JOIN projects p
        WHERE n.full_path = ?1 AND p.namespace_id = n.id AND p.path = ?2";
    INSERT = concat!("INSERT INTO projects
            (namespace_id, name, path, visibility, releases_access, creator_id, since, created_at, last_activity_at,
            description, default_branch, topics)
        VALUES (?1, ?2, ?3, ?4, ?5, (SELECT id FROM users WHERE id = ?6 AND email IS NOT NULL), ", NOW!(), ", ?7, ?7,
            ?8, ?9, ?10)");
    SET_PROJECT = "UPDATE projects SET name = ifnull(?2, name), path = ifnull(?3, path),
        namespace_id = ifnull(?4, namespace_id), visibility = ifnull(?5, visibility),
        releases_access = ifnull(?6, releases_access), archived = ifnull(?7, archived),
        description = iif(?8, description, ?9), default_branch = ifnull(?10, default_branch),
        topics = ifnull(?11, topics), links_on_conflict = ifnull(?12, links_on_conflict),
        generic_duplicates_allowed = ifnull(?13, generic_duplicates_allowed) WHERE id = ?1";
    ON_CONFLICT = concat!("SELECT ", project_on_conflict!(), " FROM projects p WHERE p.id = ?1");
    SET_ACTIVITY = "UPDATE projects SET last_activity_at =
            ifnull((SELECT max(created_at) FROM releases WHERE project_id = ?1), created_at) WHERE id = ?1";
    COUNT_SEEN = concat!("SELECT count(*) FROM (SELECT 1 FROM projects p CROSS JOIN namespaces n
        WHERE ", SEEN!(), " LIMIT ?9 OFFSET ?10)");
    COUNT_HELD = concat!("SELECT count(*) FROM (SELECT 1 FROM projects p CROSS JOIN namespaces n
        WHERE ", HELD!(), " LIMIT ?9 OFFSET ?10)");
    COUNT_WITHIN = concat!("SELECT count(*) FROM (SELECT 1 FROM projects p CROSS JOIN namespaces n
        WHERE ", WITHIN!(), " LIMIT ?9 OFFSET ?10)");
}

/// Returns a project with the viewer's grants in it.
pub fn by_id(conn: &Connection, project: i64, viewer: Option<UserId>) -> Result<Option<ProjectDetails>, Failure> {
    first(conn, GET, params![project, viewer.map(UserId::get)], |row| details(row, 0, viewer))
}

/// Returns whether a project exists and is not deleted.
pub fn is_there(conn: &Connection, project: ProjectId) -> Result<bool, Failure> {
    exists(conn, IS_THERE, params![project.get()])
}

/// Returns the project that has a path now.
pub fn at_path(conn: &Connection, path: &FullPath) -> Result<Option<ProjectId>, Failure> {
    let (above, own) = path.split();
    let found: Option<i64> = first(conn, AT_PATH, params![above, own], |row| row.get(0))?;
    Ok(found.and_then(|id| ProjectId::try_from(id).ok()))
}

/// Inserts a project, whose path must be free.
pub fn insert_project(conn: &Connection, new: &NewProject) -> Result<i64, Failure> {
    insert(
        conn,
        INSERT,
        params![
            new.namespace.get(),
            new.name.as_str(),
            new.path.as_str(),
            new.visibility.as_str(),
            new.releases.as_str(),
            new.creator.get(),
            new.created_at.as_millisecond(),
            new.description.as_ref().map(ProjectDescription::as_str),
            new.default_branch.as_str(),
            stored_topics(&new.topics)
        ],
    )
}

/// Updates the row of a project.
pub fn update_project(
    conn: &Connection,
    id: ProjectId,
    path: &PathSegment,
    namespace: NamespaceId,
    changes: &ProjectChanges,
) -> Result<(), Failure> {
    let visibility = changes.visibility.map(Visibility::as_str);
    let releases = changes.releases.map(ReleasesAccess::as_str);
    let name = changes.name.as_ref().map(DisplayName::as_str);
    let (path, namespace) = (path.as_str(), namespace.get());
    let (keeps_description, description) = (changes.description.is_keep(), changes.description.clone().apply(None));
    let values = params![
        id.get(),
        name,
        path,
        namespace,
        visibility,
        releases,
        changes.archived,
        keeps_description,
        description.as_ref().map(ProjectDescription::as_str),
        changes.default_branch.as_ref().map(BranchName::as_str),
        changes.topics.as_ref().map(stored_topics),
        changes.links_on_conflict.map(OnConflict::as_str),
        changes.generic_duplicates_allowed
    ];
    run(conn, SET_PROJECT, values)
}

/// Returns what a project does about a link that is sent again.
pub fn on_conflict(conn: &Connection, project: ProjectId) -> Result<Option<OnConflict>, Failure> {
    first(conn, ON_CONFLICT, params![project.get()], |row| release_links_sql::projects::on_conflict(row, 0))
}

/// Updates the time of a project's last activity after one of its releases was created or deleted.
pub fn set_activity(conn: &Connection, project: ProjectId) -> Result<(), Failure> {
    run(conn, SET_ACTIVITY, params![project.get()])
}

/// Returns the statement of a page of the projects that the viewer may see. Each order has an index, which the first
/// condition selects.
fn seen(order: ProjectOrder, sort: Sort) -> String {
    let (indexed, first, key) = match order {
        ProjectOrder::Id => ("", "p.id > 0", "p.id"),
        ProjectOrder::Name => ("INDEXED BY projects_by_name", "p.name COLLATE NOCASE >= ''", "p.name COLLATE NOCASE"),
        ProjectOrder::Path => ("INDEXED BY projects_by_last_segment", "p.path >= ''", "p.path"),
        ProjectOrder::CreatedAt => {
            ("INDEXED BY projects_by_creation", "p.created_at >= -9223372036854775808", "p.created_at")
        }
        ProjectOrder::LastActivityAt => {
            ("INDEXED BY projects_by_activity", "p.last_activity_at >= -9223372036854775808", "p.last_activity_at")
        }
    };
    let order = order_by([key, "p.id"], sort);
    format!(
        "SELECT {} FROM projects p {indexed} CROSS JOIN namespaces n WHERE {first} AND {}
        ORDER BY {order} LIMIT ?9 OFFSET ?10",
        PROJECT!(),
        SEEN!()
    )
}

/// Returns the statement of a page of the few projects that match a condition: it reads and sorts all of these rather
/// than filter all projects.
fn sorted(condition: &str, order: ProjectOrder, sort: Sort) -> String {
    let key = match order {
        ProjectOrder::Id => "p.id",
        ProjectOrder::Name => "p.name COLLATE NOCASE",
        ProjectOrder::Path => "p.path",
        ProjectOrder::CreatedAt => "p.created_at",
        ProjectOrder::LastActivityAt => "p.last_activity_at",
    };
    let order = order_by([key, "p.id"], sort);
    format!(
        "SELECT {} FROM projects p CROSS JOIN namespaces n WHERE {condition} ORDER BY {order} LIMIT ?9 OFFSET ?10",
        PROJECT!()
    )
}

/// Returns a page of projects.
pub fn list(
    conn: &Connection,
    viewer: &Viewer,
    filter: &ProjectFilter,
    wanted: PageRequest,
) -> Result<Page<ProjectDetails>, Failure> {
    // At most one project has no order.
    let order = if viewer.only.is_some() { ProjectOrder::Id } else { filter.order };
    let (sql, counting) = match filter {
        ProjectFilter { within: Some(_), .. } => (sorted(WITHIN!(), order, filter.sort), COUNT_WITHIN),
        ProjectFilter { least_level: Some(_), .. } => (sorted(HELD!(), order, filter.sort), COUNT_HELD),
        _ => (seen(order, filter.sort), COUNT_SEEN),
    };
    // A filter by level leaves out what the viewer sees without one.
    let open = if filter.least_level.is_none() { open(viewer) } else { String::new() };
    let namespace = filter.within.map(|within| within.namespace.get());
    let subgroups = filter.within.map(|within| within.subgroups);
    let user = viewer.user.map(UserId::get);
    let least = filter.least_level.unwrap_or(AccessLevel::ALL[0]).number();
    let [from, to] = ids(viewer, filter);
    let visibility = filter.visibility.map(Visibility::as_str);
    let (archived, search) = (filter.archived, &filter.search);
    let topics = json_texts(&filter.topics);
    let [after, before] = milliseconds(filter.active);
    let [limit, offset] = limit_and_offset(wanted);
    let count = if namespace.is_some() { 15 } else { 13 };
    let values = params![
        open, user, least, from, to, visibility, archived, search, limit, offset, topics, after, before, namespace,
        subgroups
    ];
    let rows = all(conn, &sql, &values[..count], |row| details(row, 0, viewer.user))?;
    Page::of(rows, wanted, |limit| {
        let limit = clamped(limit);
        let values = params![
            open, user, least, from, to, visibility, archived, search, limit, 0, topics, after, before, namespace,
            subgroups
        ];
        counted(conn, counting, &values[..count])
    })
}

/// Returns the statements of the lists of projects that the viewer may see.
#[cfg(test)]
pub fn listings() -> Vec<String> {
    ProjectOrder::ALL.iter().flat_map(|&order| Sort::BOTH.map(|sort| seen(order, sort))).collect()
}

/// Returns the statements of the lists of the viewer's own projects and of those of a namespace, which they read whole.
#[cfg(test)]
pub fn sorted_listings() -> Vec<String> {
    let all = |&order: &ProjectOrder| {
        Sort::BOTH.into_iter().flat_map(move |sort| [HELD!(), WITHIN!()].map(|of| sorted(of, order, sort)))
    };
    ProjectOrder::ALL.iter().flat_map(all).collect()
}
