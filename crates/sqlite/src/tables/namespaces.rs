//! The table of groups and user namespaces, and that of their ancestors.

use release_links_domain::access::AccessLevel;
use release_links_domain::description::ShortDescription;
use release_links_domain::namespace::{DisplayName, FullPath, Group, GroupRef, NamespaceRef, PathSegment};
use release_links_domain::project::Visibility;
use release_links_domain::{GroupId, UserId};
use release_links_ports::{
    GroupChanges, GroupFilter, GroupOrder, GroupView, NamespaceView, Page, PageRequest, Sort, Viewer,
};
use release_links_sql::namespace_columns;
pub use release_links_sql::namespaces::Reach;
use release_links_sql::namespaces::{self, NewNamespace, group};
use release_links_sql::paging::{clamped, json, limit_and_offset, order_by};
use rusqlite::{Connection, ToSql, params};

use crate::failure::Failure;
use crate::query::{all, counted, exists, first, insert, one_of, open, run, statements};
use crate::tables::left_places::{NOW, forget_whole};

/// The columns of namespace `n`, and the highest level of user `?2` in it and its ancestors.
macro_rules! NAMESPACE {
    () => {
        concat!(
            release_links_sql::namespace_columns!("n"),
            ", (SELECT max(m.level) FROM namespace_ancestors a CROSS JOIN group_members m
                WHERE a.namespace_id = n.id AND m.group_id = a.ancestor_id AND m.user_id = ?2)"
        )
    };
}

/// The names of namespace `n` and its ancestors, from the top down.
macro_rules! FULL_NAME {
    () => {
        "(SELECT group_concat(above.name, ' / ' ORDER BY length(above.full_path)) FROM namespace_ancestors a
            CROSS JOIN namespaces above WHERE a.namespace_id = n.id AND above.id = a.ancestor_id)"
    };
}

/// The ids of the groups above the projects that user `?2` is a direct member of.
macro_rules! ABOVE_PROJECTS {
    () => {
        "(SELECT up.ancestor_id FROM project_members own CROSS JOIN projects there CROSS JOIN namespaces home
            CROSS JOIN namespace_ancestors up WHERE own.user_id = ?2 AND there.id = own.project_id
            AND home.id = there.namespace_id AND home.full_path IS NOT NULL AND up.namespace_id = home.id)"
    };
}

/// The columns of group `n` with that level, its full name, and whether the user is a direct member of a project below.
macro_rules! GROUP {
    () => {
        concat!(
            $crate::tables::namespaces::NAMESPACE!(),
            ", ",
            $crate::tables::namespaces::FULL_NAME!(),
            ", n.id IN ",
            $crate::tables::namespaces::ABOVE_PROJECTS!()
        )
    };
}

pub(crate) use {ABOVE_PROJECTS, FULL_NAME, NAMESPACE};

/// The ids of the groups in which user `?2` has at least level `?9`.
macro_rules! held {
    () => {
        "(SELECT a.namespace_id FROM group_members m CROSS JOIN namespace_ancestors a
            WHERE m.user_id = ?2 AND m.level >= ?9 AND a.ancestor_id = m.group_id)"
    };
}

/// The condition of the filter on a group `n`.
macro_rules! FILTER {
    () => {
        " AND n.user_id IS NULL AND n.full_path IS NOT NULL AND (?3 = 0 OR n.parent_id IS NULL)
        AND (?4 IS NULL OR instr(lower(n.name), lower(?4)) > 0 OR instr(lower(n.path), lower(?4)) > 0)
        AND (?7 IS NULL OR n.visibility = ?7) AND n.id NOT IN (SELECT value FROM json_each(?8))"
    };
}

/// The groups that the viewer may see, and those in which the viewer has the level of the filter.
macro_rules! SEEN {
    () => {
        concat!(
            "(instr(?1, n.visibility) > 0 OR n.id IN ",
            held!(),
            " OR ?1 <> '' AND n.id IN ",
            ABOVE_PROJECTS!(),
            ")",
            FILTER!()
        )
    };
}
macro_rules! HELD {
    () => {
        concat!("n.id IN ", held!(), FILTER!())
    };
}

/// The groups directly below group `?10` that the viewer may see.
macro_rules! BELOW {
    () => {
        concat!("n.parent_id = ?10 AND ", SEEN!())
    };
}

statements! {
    IS_GROUP = "SELECT 1 FROM namespaces WHERE id = ?1 AND user_id IS NULL AND full_path IS NOT NULL";
    GET = concat!("SELECT ", GROUP!(), " FROM namespaces n WHERE n.id = ?1 AND n.user_id IS NULL
        AND n.full_path IS NOT NULL");
    GET_BY_PATH = concat!("SELECT ", GROUP!(), " FROM namespaces n WHERE n.full_path = ?1 AND n.user_id IS NULL");
    NAMESPACE_AT = "SELECT 1 FROM namespaces WHERE full_path = ?1";
    PROJECT_AT = "SELECT 1 FROM namespaces n CROSS JOIN projects p
        WHERE n.full_path = ?1 AND p.namespace_id = n.id AND p.path = ?2";
    INSERT = concat!("INSERT INTO namespaces (", namespace_columns!(new), ")
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ", NOW!(), ", ?7, ?8)");
    INSERT_ANCESTORS = "INSERT INTO namespace_ancestors (namespace_id, ancestor_id)
        SELECT ?1, ancestor_id FROM namespace_ancestors WHERE namespace_id = ?2 UNION ALL SELECT ?1, ?1";
    HOLDS_PROJECTS = "SELECT 1 FROM projects WHERE namespace_id = ?1 AND instr(?2, visibility) > 0";
    HOLDS_GROUPS = "SELECT 1 FROM namespaces WHERE parent_id = ?1 AND full_path IS NOT NULL
        AND instr(?2, visibility) > 0";
    IS_BELOW = "SELECT 1 FROM namespace_ancestors WHERE namespace_id = ?2 AND ancestor_id = ?1";
    DEEPEST = "SELECT max(length(n.full_path) - length(replace(n.full_path, '/', ''))) + 1
        FROM namespace_ancestors a CROSS JOIN namespaces n WHERE a.ancestor_id = ?1 AND n.id = a.namespace_id";
    SET_PARENT = "UPDATE namespaces SET parent_id = ?2 WHERE id = ?1";
    // The ancestors of everything below change in those that are above the group itself.
    LEAVE_ANCESTORS = "DELETE FROM namespace_ancestors
        WHERE namespace_id IN (SELECT namespace_id FROM namespace_ancestors WHERE ancestor_id = ?1)
            AND ancestor_id IN (SELECT ancestor_id FROM namespace_ancestors WHERE namespace_id = ?1 AND ancestor_id <> ?1)";
    JOIN_ANCESTORS = "INSERT INTO namespace_ancestors (namespace_id, ancestor_id)
        SELECT below.namespace_id, above.ancestor_id FROM namespace_ancestors below CROSS JOIN namespace_ancestors above
            WHERE below.ancestor_id = ?1 AND above.namespace_id = ?2";
    NAMESPACE_BY_ID = concat!("SELECT ", NAMESPACE!(), " FROM namespaces n
        WHERE n.id = ?1 AND n.full_path IS NOT NULL");
    NAMESPACE_BY_PATH = concat!("SELECT ", NAMESPACE!(), " FROM namespaces n WHERE n.full_path = ?1");
    OWN_NAMESPACE = concat!("SELECT ", NAMESPACE!(), " FROM namespaces n WHERE n.user_id = ?1");
    SET_GROUP = "UPDATE namespaces SET name = ifnull(?2, name), path = ifnull(?3, path),
        visibility = ifnull(?4, visibility), description = iif(?5, description, ?6) WHERE id = ?1";
    COUNT_SEEN = concat!("SELECT count(*) FROM (SELECT 1 FROM namespaces n INDEXED BY groups_by_name
        WHERE n.name COLLATE NOCASE >= '' AND ", SEEN!(), " LIMIT ?5 OFFSET ?6)");
    COUNT_HELD = concat!("SELECT count(*) FROM (SELECT 1 FROM namespaces n WHERE ", HELD!(), " LIMIT ?5 OFFSET ?6)");
    COUNT_BELOW = concat!("SELECT count(*) FROM (SELECT 1 FROM namespaces n WHERE ", BELOW!(), " LIMIT ?5 OFFSET ?6)");
}

/// Returns whether a group exists and is not deleted.
pub fn is_group(conn: &Connection, group: GroupId) -> Result<bool, Failure> {
    exists(conn, IS_GROUP, params![group.get()])
}

/// Returns whether a user, group or project has this path.
pub fn path_is_taken(conn: &Connection, path: &FullPath) -> Result<bool, Failure> {
    let (above, own) = path.split();
    Ok(exists(conn, NAMESPACE_AT, params![path.as_str()])? || exists(conn, PROJECT_AT, params![above, own])?)
}

/// Inserts a namespace, whose path must be free.
pub fn insert_namespace(conn: &Connection, new: &NewNamespace<'_>) -> Result<i64, Failure> {
    let NewNamespace { parent, user, name, path, full_path, visibility, created_at, description } = *new;
    let (path, at, visibility) = (path.as_str(), full_path.as_str(), visibility.as_str());
    let description = description.map(ShortDescription::as_str);
    let values = params![parent, user, name, path, at, visibility, created_at, description];
    let id = insert(conn, INSERT, values)?;
    run(conn, INSERT_ANCESTORS, params![id, parent])?;
    forget_whole(conn, full_path)?;
    Ok(id)
}

/// Returns a group with the viewer's level in it.
pub fn group_view(conn: &Connection, group: i64, viewer: Option<UserId>) -> Result<Option<GroupView>, Failure> {
    first(conn, GET, params![group, viewer.map(UserId::get)], |row| self::group(row, 0))
}

/// Like [`group_view`], for the group that a request names by id or path.
pub fn named_group_view(
    conn: &Connection,
    group: &GroupRef,
    viewer: Option<UserId>,
) -> Result<Option<GroupView>, Failure> {
    match group {
        GroupRef::Id(id) => group_view(conn, id.get(), viewer),
        GroupRef::Path(path) => {
            first(conn, GET_BY_PATH, params![path.as_str(), viewer.map(UserId::get)], |row| self::group(row, 0))
        }
    }
}

/// Returns whether the path `new` is taken by something other than the holder of the path `old`.
pub fn is_taken_by_another(conn: &Connection, old: &FullPath, new: &FullPath) -> Result<bool, Failure> {
    Ok(!old.as_str().eq_ignore_ascii_case(new.as_str()) && path_is_taken(conn, new)?)
}

/// Returns whether a group directly contains projects, and whether it contains groups, of one of these visibilities.
pub fn holds(conn: &Connection, group: GroupId, visibilities: &[Visibility]) -> Result<[bool; 2], Failure> {
    if visibilities.is_empty() {
        return Ok([false; 2]);
    }
    let values = params![group.get(), one_of(visibilities)];
    Ok([exists(conn, HOLDS_PROJECTS, values)?, exists(conn, HOLDS_GROUPS, values)?])
}

/// Returns how far a group reaches below, and whether that includes its new parent.
pub fn reach_below(conn: &Connection, group: GroupId, parent: Option<GroupId>) -> Result<Reach, Failure> {
    let includes_parent = exists(conn, IS_BELOW, params![group.get(), parent.map(GroupId::get)])?;
    let deepest = counted(conn, DEEPEST, params![group.get()])?;
    Ok(Reach { includes_parent, deepest: usize::try_from(deepest).unwrap_or(usize::MAX) })
}

/// Moves a group, with everything below it, under another parent.
pub fn set_parent(conn: &Connection, group: GroupId, parent: Option<GroupId>) -> Result<(), Failure> {
    let parent = parent.map(GroupId::get);
    run(conn, SET_PARENT, params![group.get(), parent])?;
    run(conn, LEAVE_ANCESTORS, params![group.get()])?;
    run(conn, JOIN_ANCESTORS, params![group.get(), parent])
}

/// Returns the namespace that `sql` finds, and the viewer's level in it.
fn namespace_view(
    conn: &Connection,
    sql: &str,
    wanted: impl ToSql,
    viewer: Option<UserId>,
) -> Result<Option<NamespaceView>, Failure> {
    first(conn, sql, params![wanted, viewer.map(UserId::get)], |row| namespaces::namespace_view(row, 0, viewer))
}

/// Returns the namespace that a request names by id or path, and the viewer's level in it.
pub fn named_namespace_view(
    conn: &Connection,
    wanted: &NamespaceRef,
    viewer: Option<UserId>,
) -> Result<Option<NamespaceView>, Failure> {
    match wanted {
        NamespaceRef::Id(id) => namespace_view(conn, NAMESPACE_BY_ID, id.get(), viewer),
        NamespaceRef::Path(path) => namespace_view(conn, NAMESPACE_BY_PATH, path.as_str(), viewer),
    }
}

/// Returns a user's own namespace.
pub fn own_namespace_view(conn: &Connection, user: UserId) -> Result<Option<NamespaceView>, Failure> {
    namespace_view(conn, OWN_NAMESPACE, user.get(), Some(user))
}

/// Updates the row of a group.
pub fn update_group(conn: &Connection, id: GroupId, changes: &GroupChanges) -> Result<(), Failure> {
    let path = changes.path.as_ref().map(PathSegment::as_str);
    let visibility = changes.visibility.map(Visibility::as_str);
    let name = changes.name.as_ref().map(DisplayName::as_str);
    let (keeps_description, description) = (changes.description.is_keep(), changes.description.clone().apply(None));
    let description = description.as_ref().map(ShortDescription::as_str);
    run(conn, SET_GROUP, params![id.get(), name, path, visibility, keeps_description, description])
}

/// Returns the statement of a page of the groups that the viewer may see. Each order has an index, which the first
/// condition selects.
fn seen(order: GroupOrder, sort: Sort) -> String {
    let (from, key) = match order {
        GroupOrder::Name => ("INDEXED BY groups_by_name WHERE n.name COLLATE NOCASE >= ''", "n.name COLLATE NOCASE"),
        GroupOrder::Path => ("INDEXED BY groups_by_path WHERE n.path >= ''", "n.path"),
        GroupOrder::Id => ("INDEXED BY groups_by_id WHERE n.id > 0", "n.id"),
    };
    let order = order_by([key, "n.id"], sort);
    format!("SELECT {} FROM namespaces n {from} AND {} ORDER BY {order} LIMIT ?5 OFFSET ?6", GROUP!(), SEEN!())
}

/// Returns the statement of a page of the few groups that match a condition: it reads and sorts all of these.
fn sorted(condition: &str, order: GroupOrder, sort: Sort) -> String {
    let key = match order {
        GroupOrder::Name => "n.name COLLATE NOCASE",
        GroupOrder::Path => "n.path",
        GroupOrder::Id => "n.id",
    };
    let order = order_by([key, "n.id"], sort);
    format!("SELECT {} FROM namespaces n WHERE {condition} ORDER BY {order} LIMIT ?5 OFFSET ?6", GROUP!())
}

/// Returns a page of groups.
pub fn list_groups(
    conn: &Connection,
    viewer: &Viewer,
    filter: &GroupFilter,
    wanted: PageRequest,
) -> Result<Page<Group>, Failure> {
    let (order, sort) = (filter.order, filter.sort);
    let (sql, counting) = match filter {
        GroupFilter { parent: Some(_), .. } => (sorted(BELOW!(), order, sort), COUNT_BELOW),
        GroupFilter { least_level: Some(_), .. } => (sorted(HELD!(), order, sort), COUNT_HELD),
        _ => (seen(order, sort), COUNT_SEEN),
    };
    // A filter by level leaves out what the viewer sees without one.
    let open = if filter.least_level.is_none() { open(viewer) } else { String::new() };
    let user = viewer.user.map(UserId::get);
    let GroupFilter { search, top_level_only: top, .. } = filter;
    let least = filter.least_level.unwrap_or(AccessLevel::LOWEST).number();
    let (visibility, except) = (filter.visibility.map(Visibility::as_str), json(filter.except.iter()));
    let [limit, offset] = limit_and_offset(wanted);
    let parent = filter.parent.map(GroupId::get);
    let count = if parent.is_some() { 10 } else { 9 };
    let values = params![open, user, top, search, limit, offset, visibility, except, least, parent];
    let rows: Vec<GroupView> = all(conn, &sql, &values[..count], |row| group(row, 0))?;
    let page = Page::of(rows, wanted, |limit| {
        let values = params![open, user, top, search, clamped(limit), 0, visibility, except, least, parent];
        counted(conn, counting, &values[..count])
    })?;
    Ok(page.map(|view| view.group))
}

/// Returns the statements of the lists of groups that the viewer may see.
#[cfg(test)]
pub fn listings() -> Vec<String> {
    GroupOrder::ALL.iter().flat_map(|&order| Sort::BOTH.map(|sort| seen(order, sort))).collect()
}

/// Returns the statements of the lists of the viewer's own groups and of a group's subgroups, which they read whole.
#[cfg(test)]
pub fn sorted_listings() -> Vec<String> {
    let all = |&order: &GroupOrder| {
        Sort::BOTH.into_iter().flat_map(move |sort| [HELD!(), BELOW!()].map(|of| sorted(of, order, sort)))
    };
    GroupOrder::ALL.iter().flat_map(all).collect()
}
