//! The tables of project and group members.

use release_links_domain::UserId;
use release_links_domain::access::AccessLevel;
use release_links_ports::{Member, MemberSource};
use release_links_sql::members::{Statements, user_and_level};
use rusqlite::{Connection, Params, params};

use crate::failure::Failure;
use crate::query::{all, exists, run, statements};
use crate::tables::users::{IS_THERE, user_by_id};

statements! {
    PROJECT_MEMBER = "SELECT user_id, level, 0 FROM project_members WHERE project_id = ?1 AND user_id = ?2";
    INSERT_PROJECT_MEMBER =
        "INSERT INTO project_members (project_id, user_id, level, created_at) VALUES (?1, ?2, ?3, ?4)";
    UPDATE_PROJECT_MEMBER = "UPDATE project_members SET level = ?3 WHERE project_id = ?1 AND user_id = ?2";
    DELETE_PROJECT_MEMBER = "DELETE FROM project_members WHERE project_id = ?1 AND user_id = ?2";
    GROUP_MEMBER = "SELECT user_id, level, 0 FROM group_members WHERE group_id = ?1 AND user_id = ?2";
    INSERT_GROUP_MEMBER = "INSERT INTO group_members (group_id, user_id, level, created_at) VALUES (?1, ?2, ?3, ?4)";
    UPDATE_GROUP_MEMBER = "UPDATE group_members SET level = ?3 WHERE group_id = ?1 AND user_id = ?2";
    DELETE_GROUP_MEMBER = "DELETE FROM group_members WHERE group_id = ?1 AND user_id = ?2";
    OTHER_OWNER = concat!("SELECT 1 FROM namespace_ancestors a CROSS JOIN group_members m CROSS JOIN users u
        WHERE a.namespace_id = ?1 AND m.group_id = a.ancestor_id AND m.level = ?3
            AND (m.group_id <> ?1 OR m.user_id <> ?2) AND u.id = m.user_id AND ", IS_THERE!());
}

pub const PROJECT: Statements = Statements {
    one: PROJECT_MEMBER,
    insert: INSERT_PROJECT_MEMBER,
    update: UPDATE_PROJECT_MEMBER,
    delete: DELETE_PROJECT_MEMBER,
};

pub const GROUP: Statements = Statements {
    one: GROUP_MEMBER,
    insert: INSERT_GROUP_MEMBER,
    update: UPDATE_GROUP_MEMBER,
    delete: DELETE_GROUP_MEMBER,
};

/// Returns the table of a project's or group's direct members, and the id of the project or group.
pub const fn table(source: MemberSource) -> (&'static Statements, i64) {
    match source {
        MemberSource::Project(id) => (&PROJECT, id.get()),
        MemberSource::Group(id) => (&GROUP, id.get()),
    }
}

/// Inserts a group member, who must be an existing user.
pub fn insert_group_member(
    conn: &Connection,
    group: i64,
    user: UserId,
    level: AccessLevel,
    created_at: i64,
) -> Result<(), Failure> {
    run(conn, INSERT_GROUP_MEMBER, params![group, user.get(), level.number(), created_at])
}

/// Returns whether a group has an owner other than this direct member, itself or through an ancestor.
pub fn has_other_owner(conn: &Connection, group: i64, user: UserId) -> Result<bool, Failure> {
    exists(conn, OTHER_OWNER, params![group, user.get(), AccessLevel::Owner.number()])
}

/// Returns a direct member.
pub fn direct_member(conn: &Connection, source: MemberSource, user: UserId) -> Result<Option<Member>, Failure> {
    let (table, id) = table(source);
    Ok(all_members(conn, table.one, params![id, user.get()])?.pop())
}

/// Returns the members whose user id and level `sql` returns.
pub fn all_members(conn: &Connection, sql: &str, params: impl Params) -> Result<Vec<Member>, Failure> {
    let levels = all(conn, sql, params, |row| user_and_level(row, 0))?;
    let members = levels.into_iter().map(|(user, level)| {
        // Foreign keys guarantee that the user exists in the same snapshot.
        Ok(user_by_id(conn, user)?.map(|user| Member { user, level }))
    });
    members.filter_map(Result::transpose).collect()
}
