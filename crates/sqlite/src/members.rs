//! The members port.

use async_trait::async_trait;
use release_links_domain::access::AccessLevel;
use release_links_domain::{GroupId, ProjectId, UserId};
use release_links_ports::{Member, MemberRepository, NewMember, TakenError};
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::failure::Failure;
use crate::query::{exists, run, statements};
use crate::users::user_by_id;

statements! {
    PROJECT_EXISTS = "SELECT 1 FROM projects WHERE id = ?1";
    PROJECT_MEMBER = "SELECT 1 FROM project_members WHERE project_id = ?1 AND user_id = ?2";
    INSERT_PROJECT_MEMBER =
        "INSERT INTO project_members (project_id, user_id, level, created_at) VALUES (?1, ?2, ?3, ?4)";
    GROUP_EXISTS = "SELECT 1 FROM namespaces WHERE id = ?1 AND user_id IS NULL";
    GROUP_MEMBER = "SELECT 1 FROM group_members WHERE group_id = ?1 AND user_id = ?2";
    INSERT_GROUP_MEMBER = "INSERT INTO group_members (group_id, user_id, level, created_at) VALUES (?1, ?2, ?3, ?4)";
}

/// The three statements that adding a member takes.
struct Place {
    exists: &'static str,
    member: &'static str,
    insert: &'static str,
}

const PROJECT: Place = Place { exists: PROJECT_EXISTS, member: PROJECT_MEMBER, insert: INSERT_PROJECT_MEMBER };
const GROUP: Place = Place { exists: GROUP_EXISTS, member: GROUP_MEMBER, insert: INSERT_GROUP_MEMBER };

/// Makes an existing user a member of a group.
pub fn insert_group_member(
    conn: &Connection,
    group: i64,
    user: UserId,
    level: AccessLevel,
    created_at: i64,
) -> Result<(), Failure> {
    run(conn, INSERT_GROUP_MEMBER, params![group, user.get(), level.number(), created_at])
}

fn add<P: Into<i64>>(conn: &Connection, place: &Place, new: NewMember<P>) -> Result<Member, TakenError<()>> {
    let (id, level): (i64, _) = (new.place.into(), new.level);
    let user = user_by_id(conn, new.user)?.ok_or(TakenError::Gone)?;
    if !exists(conn, place.exists, params![id])? {
        return Err(TakenError::Gone);
    }
    if exists(conn, place.member, params![id, user.id.get()])? {
        return Err(TakenError::Taken(()));
    }
    run(conn, place.insert, params![id, user.id.get(), level.number(), new.created_at.as_millisecond()])?;
    Ok(Member { user, level })
}

#[async_trait]
impl MemberRepository for SqliteStore {
    async fn add_to_project(&self, member: NewMember<ProjectId>) -> Result<Member, TakenError<()>> {
        self.write(move |conn| add(conn, &PROJECT, member)).await
    }

    async fn add_to_group(&self, member: NewMember<GroupId>) -> Result<Member, TakenError<()>> {
        self.write(move |conn| add(conn, &GROUP, member)).await
    }
}
