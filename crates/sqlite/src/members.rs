//! The members port.

pub mod reading;

use async_trait::async_trait;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::membership::{ChangeDecision, MemberOf, MembershipChange};
use release_links_domain::{GroupId, ProjectId, UserId};
use release_links_ports::{
    Member, MemberCandidate, MemberRepository, MemberWriteError, NewMember, Page, PageRequest, Place, PlaceRef,
    PlaceView, Reach, StoreError, TakenError, Viewer,
};
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::failure::Failure;
use crate::query::{exists, run, statements};
use crate::users::{IS_THERE, user_by_id};

statements! {
    PROJECT_EXISTS = "SELECT 1 FROM projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL";
    PROJECT_MEMBER = "SELECT user_id, level, 0 FROM project_members WHERE project_id = ?1 AND user_id = ?2";
    INSERT_PROJECT_MEMBER =
        "INSERT INTO project_members (project_id, user_id, level, created_at) VALUES (?1, ?2, ?3, ?4)";
    UPDATE_PROJECT_MEMBER = "UPDATE project_members SET level = ?3 WHERE project_id = ?1 AND user_id = ?2";
    DELETE_PROJECT_MEMBER = "DELETE FROM project_members WHERE project_id = ?1 AND user_id = ?2";
    GROUP_EXISTS = "SELECT 1 FROM namespaces WHERE id = ?1 AND user_id IS NULL AND full_path IS NOT NULL";
    GROUP_MEMBER = "SELECT user_id, level, 0 FROM group_members WHERE group_id = ?1 AND user_id = ?2";
    INSERT_GROUP_MEMBER = "INSERT INTO group_members (group_id, user_id, level, created_at) VALUES (?1, ?2, ?3, ?4)";
    UPDATE_GROUP_MEMBER = "UPDATE group_members SET level = ?3 WHERE group_id = ?1 AND user_id = ?2";
    DELETE_GROUP_MEMBER = "DELETE FROM group_members WHERE group_id = ?1 AND user_id = ?2";
    OTHER_OWNER = concat!("SELECT 1 FROM namespace_ancestors a CROSS JOIN group_members m CROSS JOIN users u
        WHERE a.namespace_id = ?1 AND m.group_id = a.ancestor_id AND m.level = ?3
            AND (m.group_id <> ?1 OR m.user_id <> ?2) AND u.id = m.user_id AND ", IS_THERE!());
}

/// The statements on the members of projects, or of groups.
struct Table {
    exists: &'static str,
    one: &'static str,
    insert: &'static str,
    update: &'static str,
    delete: &'static str,
}

const PROJECT: Table = Table {
    exists: PROJECT_EXISTS,
    one: PROJECT_MEMBER,
    insert: INSERT_PROJECT_MEMBER,
    update: UPDATE_PROJECT_MEMBER,
    delete: DELETE_PROJECT_MEMBER,
};
const GROUP: Table = Table {
    exists: GROUP_EXISTS,
    one: GROUP_MEMBER,
    insert: INSERT_GROUP_MEMBER,
    update: UPDATE_GROUP_MEMBER,
    delete: DELETE_GROUP_MEMBER,
};

/// Where a place's own members are kept, and under which id.
const fn table(place: Place) -> (&'static Table, i64) {
    match place {
        Place::Project(id) => (&PROJECT, id.get()),
        Place::Group(id) => (&GROUP, id.get()),
    }
}

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

fn add<P: Into<i64>>(conn: &Connection, table: &Table, new: NewMember<P>) -> Result<Member, TakenError<()>> {
    let (id, level): (i64, _) = (new.place.into(), new.level);
    let user = user_by_id(conn, new.user)?.ok_or(TakenError::Gone)?;
    if !exists(conn, table.exists, params![id])? {
        return Err(TakenError::Gone);
    }
    if exists(conn, table.one, params![id, user.id.get()])? {
        return Err(TakenError::Taken(()));
    }
    run(conn, table.insert, params![id, user.id.get(), level.number(), new.created_at.as_millisecond()])?;
    Ok(Member { user, level })
}

/// The member as it is now, if it may be given `level`, or none at all, by somebody who stands at `ceiling`.
fn changeable(
    conn: &Connection,
    place: Place,
    user: UserId,
    level: Option<AccessLevel>,
    ceiling: AccessLevel,
) -> Result<Member, MemberWriteError> {
    let member = reading::direct_member(conn, place, user)?.ok_or(MemberWriteError::Gone)?;
    let (of, id) = match place {
        Place::Project(id) => (MemberOf::Project, id.get()),
        Place::Group(id) => (MemberOf::Group, id.get()),
    };
    match (MembershipChange { of, current: member.level, new: level, ceiling }).decide() {
        ChangeDecision::Above => return Err(MemberWriteError::Above),
        ChangeDecision::IfAnotherOwnerIsLeft => {
            if !exists(conn, OTHER_OWNER, params![id, user.get(), AccessLevel::Owner.number()])? {
                return Err(MemberWriteError::LastOwner);
            }
        }
        ChangeDecision::Allow => {}
    }
    Ok(member)
}

impl From<Failure> for MemberWriteError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

#[async_trait]
impl MemberRepository for SqliteStore {
    async fn list(
        &self,
        place: &PlaceRef,
        reader: Reader,
        reach: Reach,
        page: PageRequest,
    ) -> Result<Option<PlaceView<Page<Member>>>, StoreError> {
        let (place, viewer) = (place.clone(), Viewer::from(reader));
        self.read_long(move |conn| {
            reading::place_view(conn, &place, reader, |place| reading::members(conn, place, &viewer, reach, page))
        })
        .await
    }

    async fn get(
        &self,
        place: &PlaceRef,
        reader: Reader,
        reach: Reach,
        user: UserId,
    ) -> Result<Option<PlaceView<Option<Member>>>, StoreError> {
        let viewer = Viewer::from(reader);
        self.read(|conn| {
            reading::place_view(conn, place, reader, |place| reading::member(conn, place, &viewer, reach, user))
        })
        .await
    }

    async fn weigh(
        &self,
        place: &PlaceRef,
        reader: Reader,
        user: Option<UserId>,
    ) -> Result<Option<PlaceView<Option<MemberCandidate>>>, StoreError> {
        self.read(|conn| {
            reading::place_view(conn, place, reader, |place| {
                let Some(user) = user.map(|user| user_by_id(conn, user)).transpose()?.flatten() else {
                    return Ok(None);
                };
                let level = reading::direct_member(conn, place, user.id)?.map(|member| member.level);
                Ok(Some(MemberCandidate { user, level }))
            })
        })
        .await
    }

    async fn add_to_project(&self, member: NewMember<ProjectId>) -> Result<Member, TakenError<()>> {
        self.write(move |conn| add(conn, &PROJECT, member)).await
    }

    async fn add_to_group(&self, member: NewMember<GroupId>) -> Result<Member, TakenError<()>> {
        self.write(move |conn| add(conn, &GROUP, member)).await
    }

    async fn set_level(
        &self,
        place: Place,
        user: UserId,
        level: AccessLevel,
        ceiling: AccessLevel,
    ) -> Result<Member, MemberWriteError> {
        self.write(move |conn| {
            let member = changeable(conn, place, user, Some(level), ceiling)?;
            let (table, id) = table(place);
            run(conn, table.update, params![id, user.get(), level.number()])?;
            Ok(Member { level, ..member })
        })
        .await
    }

    async fn remove(&self, place: Place, user: UserId, ceiling: AccessLevel) -> Result<(), MemberWriteError> {
        self.write(move |conn| {
            changeable(conn, place, user, None, ceiling)?;
            let (table, id) = table(place);
            Ok(run(conn, table.delete, params![id, user.get()])?)
        })
        .await
    }
}
