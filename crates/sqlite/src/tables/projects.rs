//! The table of projects.

use release_links_domain::access::AccessLevel;
use release_links_domain::description::ProjectDescription;
use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::project::{BranchName, ReleasesAccess, Visibility};
use release_links_domain::{NamespaceId, ProjectId, UserId};
use release_links_ports::{NewProject, Page, PageRequest, ProjectChanges, ProjectDetails, ProjectFilter, Viewer};
use release_links_sql::paging::{clamped, limit_and_offset};
use release_links_sql::projects::{details, stored_topics};
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

/// The projects `p` that match `$condition` and the filter.
macro_rules! projects_where {
    ($condition:expr) => {
        concat!(
            " FROM projects p CROSS JOIN namespaces n WHERE n.id = p.namespace_id AND n.full_path IS NOT NULL AND p.id BETWEEN ?4 AND ?5 AND ",
            $condition,
            " AND (?6 IS NULL OR p.visibility = ?6) AND (?7 IS NULL OR p.archived = ?7)
            AND (?8 IS NULL OR instr(lower(p.name), lower(?8)) > 0 OR instr(lower(p.path), lower(?8)) > 0)"
        )
    };
}

macro_rules! list_projects {
    ($condition:expr) => {
        concat!("SELECT ", PROJECT!(), projects_where!($condition), " ORDER BY p.id DESC LIMIT ?9 OFFSET ?10")
    };
}

macro_rules! count_projects {
    ($condition:expr) => {
        concat!("SELECT count(*) FROM (SELECT 1", projects_where!($condition), " LIMIT ?9)")
    };
}

/// The condition under which the viewer may see project `p`.
macro_rules! seen {
    () => {
        concat!("(instr(?1, p.visibility) > 0 OR p.id IN ", held!(), ")")
    };
}

statements! {
    GET = concat!("SELECT ", PROJECT!(), " FROM projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL");
    IS_THERE = "SELECT 1 FROM projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL";
    INSERT = concat!("INSERT INTO projects
            (namespace_id, name, path, visibility, releases_access, creator_id, since, created_at, last_activity_at,
            description, default_branch, topics)
        VALUES (?1, ?2, ?3, ?4, ?5, (SELECT id FROM users WHERE id = ?6 AND email IS NOT NULL), ", NOW!(), ", ?7, ?7,
            ?8, ?9, ?10)");
    SET_PROJECT = "UPDATE projects SET name = ifnull(?2, name), path = ifnull(?3, path),
        namespace_id = ifnull(?4, namespace_id), visibility = ifnull(?5, visibility),
        releases_access = ifnull(?6, releases_access), archived = ifnull(?7, archived),
        description = iif(?8, description, ?9), default_branch = ifnull(?10, default_branch),
        topics = ifnull(?11, topics) WHERE id = ?1";
    SET_ACTIVITY = "UPDATE projects SET last_activity_at =
            ifnull((SELECT max(created_at) FROM releases WHERE project_id = ?1), created_at) WHERE id = ?1";
    SEEN_PROJECTS = list_projects!(seen!());
    COUNT_SEEN_PROJECTS = count_projects!(seen!());
    // Separate statements, so that SQL reads only the viewer's projects rather than filtering all.
    HELD_PROJECTS = list_projects!(concat!("p.id IN ", held!()));
    COUNT_HELD_PROJECTS = count_projects!(concat!("p.id IN ", held!()));
}

/// Returns a project with the viewer's grants in it.
pub fn by_id(conn: &Connection, project: i64, viewer: Option<UserId>) -> Result<Option<ProjectDetails>, Failure> {
    first(conn, GET, params![project, viewer.map(UserId::get)], |row| details(row, 0, viewer))
}

/// Returns whether a project exists and is not deleted.
pub fn is_there(conn: &Connection, project: ProjectId) -> Result<bool, Failure> {
    exists(conn, IS_THERE, params![project.get()])
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
        changes.topics.as_ref().map(stored_topics)
    ];
    run(conn, SET_PROJECT, values)
}

/// Updates the time of a project's last activity after one of its releases was created or deleted.
pub fn set_activity(conn: &Connection, project: ProjectId) -> Result<(), Failure> {
    run(conn, SET_ACTIVITY, params![project.get()])
}

/// Returns a page of projects, newest first.
pub fn list(
    conn: &Connection,
    viewer: &Viewer,
    filter: &ProjectFilter,
    wanted: PageRequest,
) -> Result<Page<ProjectDetails>, Failure> {
    let (list, count) = match filter.least_level {
        None => (SEEN_PROJECTS, COUNT_SEEN_PROJECTS),
        Some(_) => (HELD_PROJECTS, COUNT_HELD_PROJECTS),
    };
    let open = open(viewer);
    let user = viewer.user.map(UserId::get);
    let least = filter.least_level.unwrap_or(AccessLevel::ALL[0]).number();
    let (from, to) = viewer.only.map_or((0, i64::MAX), |only| (ProjectId::get(only), ProjectId::get(only)));
    let visibility = filter.visibility.map(Visibility::as_str);
    let (archived, search) = (filter.archived, &filter.search);
    let [limit, offset] = limit_and_offset(wanted);
    let rows =
        all(conn, list, params![open, user, least, from, to, visibility, archived, search, limit, offset], |row| {
            details(row, 0, viewer.user)
        })?;
    Page::of(rows, wanted, |limit| {
        let limit = clamped(limit);
        counted(conn, count, params![open, user, least, from, to, visibility, archived, search, limit])
    })
}
