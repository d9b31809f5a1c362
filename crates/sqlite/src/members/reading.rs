//! Reads the direct and inherited members of projects and groups.

use release_links_domain::UserId;
use release_links_domain::access::Reader;
use release_links_ports::{Member, MemberSource, MemberSourceRef, MemberSourceView, Page, PageRequest, Reach, Viewer};
use release_links_sql::paging::{clamped, limit_and_offset};
use rusqlite::types::Null;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{count, counted, open, statements};
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

statements! {
    OF_PROJECT = concat!("SELECT m.user_id, m.level, 0", of_project!(), " ORDER BY m.user_id LIMIT ?2 OFFSET ?3");
    COUNT_OF_PROJECT = concat!("SELECT count(*) FROM (SELECT 1", of_project!(), " LIMIT ?2)");
    OF_GROUP = concat!("SELECT m.user_id, m.level, 0", of_group!(), " ORDER BY m.user_id LIMIT ?2 OFFSET ?3");
    COUNT_OF_GROUP = concat!("SELECT count(*) FROM (SELECT 1", of_group!(), " LIMIT ?2)");
    OVER_PROJECT = concat!("SELECT id, max(level), max(owns) FROM ", over_project!(""), " GROUP BY id ORDER BY id LIMIT ?2 OFFSET ?3");
    COUNT_OVER_PROJECT = concat!("SELECT count(*) FROM (SELECT DISTINCT id FROM ", over_project!(""), " LIMIT ?2)");
    OVER_GROUP = concat!("SELECT id, max(level), max(owns) FROM ", over_group!(""), " GROUP BY id ORDER BY id LIMIT ?2 OFFSET ?3");
    COUNT_OVER_GROUP = concat!("SELECT count(*) FROM (SELECT DISTINCT id FROM ", over_group!(""), " LIMIT ?2)");
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
    wanted: PageRequest,
) -> Result<Page<Member>, Failure> {
    let [limit, offset] = limit_and_offset(wanted);
    match reach {
        Reach::Direct => {
            let (id, sql, counting) = match source {
                MemberSource::Project(id) => (id.get(), OF_PROJECT, COUNT_OF_PROJECT),
                MemberSource::Group(id) => (id.get(), OF_GROUP, COUNT_OF_GROUP),
            };
            let rows = all_members(conn, sql, params![id, limit, offset])?;
            Page::of(rows, wanted, |limit| count(conn, counting, id, limit))
        }
        Reach::Inherited => {
            let (id, sql, counting) = match source {
                MemberSource::Project(id) => (id.get(), OVER_PROJECT, COUNT_OVER_PROJECT),
                MemberSource::Group(id) => (id.get(), OVER_GROUP, COUNT_OVER_GROUP),
            };
            let (open, user) = (open(viewer), viewer.user.map(UserId::get));
            let rows = all_members(conn, sql, params![id, limit, offset, open, user])?;
            Page::of(rows, wanted, |limit| counted(conn, counting, params![id, clamped(limit), Null, open, user]))
        }
    }
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
