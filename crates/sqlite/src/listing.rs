//! Lists of groups and projects: of all there are, what one viewer may see.
//!
//! The rule is the domain's: what shows itself without a level comes as [`Viewer::open`], and any level shows the rest.

use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::Group;
use release_links_domain::project::Visibility;
use release_links_domain::{ProjectId, UserId};
use release_links_ports::{GroupFilter, GroupView, Page, PageRequest, ProjectDetails, ProjectFilter, Viewer};
use release_links_sql::namespaces::group;
use release_links_sql::paging::{self, clamped, limit_and_offset};
use release_links_sql::projects::details;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::groups::GROUP;
use crate::projects::PROJECT;
use crate::query::{all, first, statements};

/// The ids of the projects over which user `?2` has at least level `?3`.
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

/// The projects `p` for which `$condition` and the filter hold.
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

/// What a project is seen by.
macro_rules! seen {
    () => {
        concat!("(instr(?1, p.visibility) > 0 OR p.id IN ", held!(), ")")
    };
}

macro_rules! groups {
    () => {
        " FROM namespaces n INDEXED BY groups_by_name WHERE n.user_id IS NULL AND n.full_path IS NOT NULL AND n.name COLLATE NOCASE >= ''
        AND (instr(?1, n.visibility) > 0 OR n.id IN (SELECT a.namespace_id FROM group_members m
            CROSS JOIN namespace_ancestors a WHERE m.user_id = ?2 AND a.ancestor_id = m.group_id))
        AND (?3 = 0 OR n.parent_id IS NULL)
        AND (?4 IS NULL OR instr(lower(n.name), lower(?4)) > 0 OR instr(lower(n.path), lower(?4)) > 0)"
    };
}

statements! {
    SEEN_PROJECTS = list_projects!(seen!());
    COUNT_SEEN_PROJECTS = count_projects!(seen!());
    // Apart from the others, so that few are looked at when few are held.
    HELD_PROJECTS = list_projects!(concat!("p.id IN ", held!()));
    COUNT_HELD_PROJECTS = count_projects!(concat!("p.id IN ", held!()));
    GROUPS = concat!("SELECT ", GROUP!(), groups!(), " ORDER BY n.name COLLATE NOCASE, n.id LIMIT ?5 OFFSET ?6");
    COUNT_GROUPS = concat!("SELECT count(*) FROM (SELECT 1", groups!(), " LIMIT ?5)");
}

/// The open visibilities as one text: no word of them is part of another.
pub fn open(viewer: &Viewer) -> String {
    viewer.open.iter().copied().map(Visibility::as_str).collect::<Vec<_>>().join(" ")
}

/// A page of projects, newest first.
pub fn projects(
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
    let (from, to) = filter.only.map_or((0, i64::MAX), |only| (ProjectId::get(only), ProjectId::get(only)));
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

/// A page of groups, by name.
pub fn groups(
    conn: &Connection,
    viewer: &Viewer,
    filter: &GroupFilter,
    wanted: PageRequest,
) -> Result<Page<Group>, Failure> {
    let open = open(viewer);
    let user = viewer.user.map(UserId::get);
    let (top_level_only, search) = (filter.top_level_only, &filter.search);
    let [limit, offset] = limit_and_offset(wanted);
    let rows: Vec<GroupView> =
        all(conn, GROUPS, params![open, user, top_level_only, search, limit, offset], |row| group(row, 0))?;
    let page = Page::of(rows, wanted, |limit| {
        counted(conn, COUNT_GROUPS, params![open, user, top_level_only, search, clamped(limit)])
    })?;
    Ok(page.map(|view| view.group))
}

/// How many rows `sql` counts.
pub fn counted(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<u64, Failure> {
    Ok(paging::counted(first(conn, sql, params, |row| row.get(0))?))
}
