//! Reads the direct and inherited members of projects and groups.

use release_links_domain::UserId;
use release_links_domain::access::Reader;
use release_links_ports::{
    Member, MemberFilter, MemberSource, MemberSourceRef, MemberSourceView, Page, PageRequest, Reach, Viewer,
};
use release_links_sql::paging::{clamped, json, limit_and_offset};
use rusqlite::types::Null;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{counted, open, statements};
use crate::tables::members::{all_members, direct_member};
use crate::tables::namespaces::named_group_view;
use crate::tables::users::IS_THERE;
use crate::view::view;

/// The direct members `m` of project `?1`.
macro_rules! of_project {
    () => {
        concat!(
            " FROM project_members m CROSS JOIN users u WHERE m.project_id = ?1 AND u.id = m.user_id AND ",
            IS_THERE!()
        )
    };
}

/// The direct members `m` of group `?1`.
macro_rules! of_group {
    () => {
        concat!(" FROM group_members m CROSS JOIN users u WHERE m.group_id = ?1 AND u.id = m.user_id AND ", IS_THERE!())
    };
}

/// The direct members `m` of namespace `a.namespace_id` and its ancestors, without the groups that user `?5` may not
/// see: those whose visibility is not one of `?4` and in which the user has no level.
macro_rules! of_groups_seen {
    () => {
        concat!(
            "CROSS JOIN namespaces g CROSS JOIN group_members m CROSS JOIN users u
        WHERE g.id = a.ancestor_id AND m.group_id = g.id AND u.id = m.user_id AND ",
            IS_THERE!(),
            " AND (instr(?4, g.visibility) > 0 OR EXISTS
            (SELECT 1 FROM namespace_ancestors up CROSS JOIN group_members own
                WHERE up.namespace_id = g.id AND own.group_id = up.ancestor_id AND own.user_id = ?5))"
        )
    };
}

/// The users with a level in project `?1`, and the level. A user may appear several times. Includes the owner of the
/// namespace, and excludes members of groups that user `?5` may not see.
macro_rules! over_project {
    ($and:literal) => {
        concat!(
            "(SELECT m.user_id AS id, m.level, 0 AS owns FROM project_members m CROSS JOIN users u
                WHERE m.project_id = ?1 AND u.id = m.user_id AND ",
            IS_THERE!(),
            $and,
            " UNION ALL SELECT m.user_id, m.level, 0 FROM projects p CROSS JOIN namespace_ancestors a ",
            of_groups_seen!(),
            " AND p.id = ?1 AND a.namespace_id = p.namespace_id",
            $and,
            " UNION ALL SELECT m.user_id, NULL, 1 FROM projects p CROSS JOIN namespaces m
                WHERE p.id = ?1 AND m.id = p.namespace_id AND m.user_id IS NOT NULL",
            $and,
            ")"
        )
    };
}

/// Like [`over_project`], for group `?1`.
macro_rules! over_group {
    ($and:literal) => {
        concat!(
            "(SELECT m.user_id AS id, m.level, 0 AS owns FROM namespace_ancestors a ",
            of_groups_seen!(),
            " AND a.namespace_id = ?1",
            $and,
            ")"
        )
    };
}

/// The condition of the filter on the member whose user id is `$id`.
macro_rules! filtered {
    ($id:literal) => {
        concat!(
            " AND (?6 IS NULL OR EXISTS (SELECT 1 FROM users fu CROSS JOIN namespaces home
                WHERE fu.id = ",
            $id,
            " AND home.user_id = fu.id AND (instr(lower(fu.name), lower(?6)) > 0 OR instr(lower(home.path), lower(?6)) > 0)))
            AND (?7 IS NULL OR ",
            $id,
            " IN (SELECT value FROM json_each(?7))) AND ",
            $id,
            " NOT IN (SELECT value FROM json_each(?8)) "
        )
    };
}

statements! {
    OF_PROJECT = concat!("SELECT m.user_id, m.level, 0", of_project!(), filtered!("m.user_id"), "ORDER BY m.user_id LIMIT ?2 OFFSET ?3");
    COUNT_OF_PROJECT = concat!("SELECT count(*) FROM (SELECT 1", of_project!(), filtered!("m.user_id"), "LIMIT ?2 OFFSET ?3)");
    OF_GROUP = concat!("SELECT m.user_id, m.level, 0", of_group!(), filtered!("m.user_id"), "ORDER BY m.user_id LIMIT ?2 OFFSET ?3");
    COUNT_OF_GROUP = concat!("SELECT count(*) FROM (SELECT 1", of_group!(), filtered!("m.user_id"), "LIMIT ?2 OFFSET ?3)");
    OVER_PROJECT = concat!("SELECT id, max(level), max(owns) FROM ", over_project!(""), " held WHERE TRUE", filtered!("held.id"),
        "GROUP BY id ORDER BY id LIMIT ?2 OFFSET ?3");
    COUNT_OVER_PROJECT = concat!("SELECT count(*) FROM (SELECT DISTINCT id FROM ", over_project!(""), " held WHERE TRUE", filtered!("held.id"),
        "LIMIT ?2 OFFSET ?3)");
    OVER_GROUP = concat!("SELECT id, max(level), max(owns) FROM ", over_group!(""), " held WHERE TRUE", filtered!("held.id"),
        "GROUP BY id ORDER BY id LIMIT ?2 OFFSET ?3");
    COUNT_OVER_GROUP = concat!("SELECT count(*) FROM (SELECT DISTINCT id FROM ", over_group!(""), " held WHERE TRUE", filtered!("held.id"),
        "LIMIT ?2 OFFSET ?3)");
    ONE_OVER_PROJECT = concat!("SELECT id, max(level), max(owns) FROM ", over_project!(" AND m.user_id = ?2"), " GROUP BY id");
    ONE_OVER_GROUP = concat!("SELECT id, max(level), max(owns) FROM ", over_group!(" AND m.user_id = ?2"), " GROUP BY id");
}

/// Returns a project or group, the reader's level in it and, if the reader may see it, the result of `find`.
pub fn member_source_view<T>(
    conn: &Connection,
    source: &MemberSourceRef,
    reader: Reader,
    find: impl FnOnce(MemberSource) -> Result<Option<T>, Failure>,
) -> Result<Option<MemberSourceView<T>>, Failure> {
    match source {
        MemberSourceRef::Project(project) => {
            Ok(view(conn, project, reader, |id| find(MemberSource::Project(id)))?.map(MemberSourceView::Project))
        }
        MemberSourceRef::Group(group) => {
            let Some(group) = named_group_view(conn, group, reader.user)? else { return Ok(None) };
            let sees = reader.access_in_namespace(group.level).sees(group.group.visibility);
            let found = if sees { find(MemberSource::Group(group.group.id))? } else { None };
            Ok(Some(MemberSourceView::Group(group, found)))
        }
    }
}

/// Returns a page of members, ordered by user id.
pub fn members(
    conn: &Connection,
    source: MemberSource,
    viewer: &Viewer,
    reach: Reach,
    filter: &MemberFilter,
    wanted: PageRequest,
) -> Result<Page<Member>, Failure> {
    let (id, sql, counting) = match (source, reach) {
        (MemberSource::Project(id), Reach::Direct) => (id.get(), OF_PROJECT, COUNT_OF_PROJECT),
        (MemberSource::Group(id), Reach::Direct) => (id.get(), OF_GROUP, COUNT_OF_GROUP),
        (MemberSource::Project(id), Reach::Inherited) => (id.get(), OVER_PROJECT, COUNT_OVER_PROJECT),
        (MemberSource::Group(id), Reach::Inherited) => (id.get(), OVER_GROUP, COUNT_OVER_GROUP),
    };
    let (open, user) = (open(viewer), viewer.user.map(UserId::get));
    let (search, only, except) = (&filter.search, filter.only.as_ref().map(json), json(&filter.except));
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all_members(conn, sql, params![id, limit, offset, open, user, search, only, except])?;
    Page::of(rows, wanted, |limit| {
        counted(conn, counting, params![id, clamped(limit), 0, open, user, search, only, except])
    })
}

/// Returns one of the members that [`members`] lists.
pub fn member(
    conn: &Connection,
    source: MemberSource,
    viewer: &Viewer,
    reach: Reach,
    user: UserId,
) -> Result<Option<Member>, Failure> {
    let (id, sql) = match (source, reach) {
        (source, Reach::Direct) => return direct_member(conn, source, user),
        (MemberSource::Project(id), Reach::Inherited) => (id.get(), ONE_OVER_PROJECT),
        (MemberSource::Group(id), Reach::Inherited) => (id.get(), ONE_OVER_GROUP),
    };
    let values = params![id, user.get(), Null, open(viewer), viewer.user.map(UserId::get)];
    Ok(all_members(conn, sql, values)?.pop())
}
