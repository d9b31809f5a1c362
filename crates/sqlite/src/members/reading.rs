//! Who is a member, and why.

use release_links_domain::UserId;
use release_links_ports::{Member, Page, PageRequest, Place, PlaceRef, PlaceView, Reach};
use rusqlite::{Connection, Params, params};

use super::table;
use crate::failure::Failure;
use crate::groups::named_group_view;
use crate::query::{all, statements};
use crate::releases::count;
use crate::rows::{Cells, clamped};
use crate::users::{IS_THERE, user_by_id};
use crate::view::view;

/// The members `m` of project `?1`.
macro_rules! of_project {
    () => {
        concat!(
            " FROM project_members m CROSS JOIN users u WHERE m.project_id = ?1 AND u.id = m.user_id AND ",
            IS_THERE!()
        )
    };
}

/// The members `m` of group `?1`.
macro_rules! of_group {
    () => {
        concat!(" FROM group_members m CROSS JOIN users u WHERE m.group_id = ?1 AND u.id = m.user_id AND ", IS_THERE!())
    };
}

/// Who has a level over project `?1`, and which: a user may stand there several times.
macro_rules! over_project {
    ($and:literal) => {
        concat!(
            "(SELECT m.user_id AS id, m.level FROM project_members m CROSS JOIN users u
                WHERE m.project_id = ?1 AND u.id = m.user_id AND ",
            IS_THERE!(),
            $and,
            " UNION ALL SELECT m.user_id, m.level FROM projects p CROSS JOIN namespace_ancestors a CROSS JOIN group_members m
                CROSS JOIN users u WHERE p.id = ?1 AND a.namespace_id = p.namespace_id AND m.group_id = a.ancestor_id
                    AND u.id = m.user_id AND ",
            IS_THERE!(),
            $and,
            " UNION ALL SELECT m.user_id, 50 FROM projects p CROSS JOIN namespaces m
                WHERE p.id = ?1 AND m.id = p.namespace_id AND m.user_id IS NOT NULL",
            $and,
            ")"
        )
    };
}

/// As [`over_project`], over group `?1`.
macro_rules! over_group {
    ($and:literal) => {
        concat!(
            "(SELECT m.user_id AS id, m.level FROM namespace_ancestors a CROSS JOIN group_members m CROSS JOIN users u
                WHERE a.namespace_id = ?1 AND m.group_id = a.ancestor_id AND u.id = m.user_id AND ",
            IS_THERE!(),
            $and,
            ")"
        )
    };
}

statements! {
    OF_PROJECT = concat!("SELECT m.user_id, m.level", of_project!(), " ORDER BY m.user_id LIMIT ?2 OFFSET ?3");
    COUNT_OF_PROJECT = concat!("SELECT count(*) FROM (SELECT 1", of_project!(), " LIMIT ?2)");
    OF_GROUP = concat!("SELECT m.user_id, m.level", of_group!(), " ORDER BY m.user_id LIMIT ?2 OFFSET ?3");
    COUNT_OF_GROUP = concat!("SELECT count(*) FROM (SELECT 1", of_group!(), " LIMIT ?2)");
    OVER_PROJECT = concat!("SELECT id, max(level) FROM ", over_project!(""), " GROUP BY id ORDER BY id LIMIT ?2 OFFSET ?3");
    COUNT_OVER_PROJECT = concat!("SELECT count(*) FROM (SELECT DISTINCT id FROM ", over_project!(""), " LIMIT ?2)");
    OVER_GROUP = concat!("SELECT id, max(level) FROM ", over_group!(""), " GROUP BY id ORDER BY id LIMIT ?2 OFFSET ?3");
    COUNT_OVER_GROUP = concat!("SELECT count(*) FROM (SELECT DISTINCT id FROM ", over_group!(""), " LIMIT ?2)");
    ONE_OVER_PROJECT = concat!("SELECT id, max(level) FROM ", over_project!(" AND m.user_id = ?2"), " GROUP BY id");
    ONE_OVER_GROUP = concat!("SELECT id, max(level) FROM ", over_group!(" AND m.user_id = ?2"), " GROUP BY id");
}

/// A project or group, the viewer's level in it, and what `find` finds there.
pub fn place_view<T>(
    conn: &Connection,
    place: &PlaceRef,
    viewer: Option<UserId>,
    find: impl FnOnce(Place) -> Result<T, Failure>,
) -> Result<Option<PlaceView<T>>, Failure> {
    match place {
        PlaceRef::Project(project) => {
            Ok(view(conn, project, viewer, |id| find(Place::Project(id)))?.map(PlaceView::Project))
        }
        PlaceRef::Group(group) => {
            let Some(group) = named_group_view(conn, group, viewer)? else { return Ok(None) };
            let found = find(Place::Group(group.group.id))?;
            Ok(Some(PlaceView::Group(group, found)))
        }
    }
}

/// A page of members, by the ids of their users.
pub fn members(conn: &Connection, place: Place, reach: Reach, wanted: PageRequest) -> Result<Page<Member>, Failure> {
    let (id, sql, counting) = match (place, reach) {
        (Place::Project(id), Reach::Direct) => (id.get(), OF_PROJECT, COUNT_OF_PROJECT),
        (Place::Project(id), Reach::Inherited) => (id.get(), OVER_PROJECT, COUNT_OVER_PROJECT),
        (Place::Group(id), Reach::Direct) => (id.get(), OF_GROUP, COUNT_OF_GROUP),
        (Place::Group(id), Reach::Inherited) => (id.get(), OVER_GROUP, COUNT_OVER_GROUP),
    };
    let (limit, offset) = (clamped(wanted.per_page.saturating_add(1)), clamped(wanted.offset()));
    let rows = all_members(conn, sql, params![id, limit, offset])?;
    Page::of(rows, wanted, |limit| count(conn, counting, id, limit))
}

/// One member.
pub fn member(conn: &Connection, place: Place, reach: Reach, user: UserId) -> Result<Option<Member>, Failure> {
    let (id, sql) = match (place, reach) {
        (Place::Project(id), Reach::Inherited) => (id.get(), ONE_OVER_PROJECT),
        (Place::Group(id), Reach::Inherited) => (id.get(), ONE_OVER_GROUP),
        (place, Reach::Direct) => (table(place).1, table(place).0.one),
    };
    Ok(all_members(conn, sql, params![id, user.get()])?.pop())
}

/// The members of which `sql` gives the user's id and the level.
fn all_members(conn: &Connection, sql: &str, params: impl Params) -> Result<Vec<Member>, Failure> {
    let levels: Vec<(UserId, _)> = all(conn, sql, params, |row| {
        let cells = Cells::new(row, "users", 0)?;
        Ok((cells.id()?, cells.number(1, "level as a member")?))
    })?;
    let members = levels.into_iter().map(|(user, level)| {
        // Foreign keys see to it that the user is there, within one snapshot.
        Ok(user_by_id(conn, user)?.map(|user| Member { user, level }))
    });
    members.filter_map(Result::transpose).collect()
}
