//! The tables of project and group members.

use release_links_domain::UserId;
use release_links_domain::access::AccessLevel;
use release_links_ports::{Member, MemberSource};
use release_links_sql::members::{Statements, user_and_level};

use crate::failure::Failure;
use crate::query::{Session, statements};
use crate::tables::users::{IS_THERE, user_by_id};

statements! {
    PROJECT_MEMBER = "SELECT user_id, level, FALSE FROM project_members WHERE project_id = $1 AND user_id = $2";
    INSERT_PROJECT_MEMBER =
        "INSERT INTO project_members (project_id, user_id, level, created_at) VALUES ($1, $2, $3, $4)";
    UPDATE_PROJECT_MEMBER = "UPDATE project_members SET level = $3 WHERE project_id = $1 AND user_id = $2";
    DELETE_PROJECT_MEMBER = "DELETE FROM project_members WHERE project_id = $1 AND user_id = $2";
    GROUP_MEMBER = "SELECT user_id, level, FALSE FROM group_members WHERE group_id = $1 AND user_id = $2";
    INSERT_GROUP_MEMBER = "INSERT INTO group_members (group_id, user_id, level, created_at) VALUES ($1, $2, $3, $4)";
    UPDATE_GROUP_MEMBER = "UPDATE group_members SET level = $3 WHERE group_id = $1 AND user_id = $2";
    DELETE_GROUP_MEMBER = "DELETE FROM group_members WHERE group_id = $1 AND user_id = $2";
    OTHER_OWNER = concat!("SELECT FROM namespace_ancestors a JOIN group_members m ON m.group_id = a.ancestor_id
        JOIN users u ON u.id = m.user_id
        WHERE a.namespace_id = $1 AND m.level = $3 AND (m.group_id <> $1 OR m.user_id <> $2) AND ", IS_THERE!(), " LIMIT 1");
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
pub async fn insert_group_member(
    session: &Session,
    group: i64,
    user: UserId,
    level: AccessLevel,
    created_at: i64,
) -> Result<(), Failure> {
    session.run(INSERT_GROUP_MEMBER, &[&group, &user.get(), &level.number(), &created_at]).await?;
    Ok(())
}

/// Returns whether a group has an owner other than this direct member, itself or through an ancestor.
pub async fn has_other_owner(session: &Session, group: i64, user: UserId) -> Result<bool, Failure> {
    session.exists(OTHER_OWNER, &[&group, &user.get(), &AccessLevel::Owner.number()]).await
}

/// Returns a direct member.
pub async fn direct(session: &Session, source: MemberSource, user: UserId) -> Result<Option<Member>, Failure> {
    let (table, id) = table(source);
    let found = session.first(table.one, &[&id, &user.get()], |row| user_and_level(row, 0)).await?;
    let Some((user, level)) = found else { return Ok(None) };
    Ok(user_by_id(session, user).await?.map(|user| Member { user, level }))
}
