//! The members port.

pub mod reading;

use async_trait::async_trait;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::membership::{ChangeDecision, MemberOf, MembershipChange};
use release_links_domain::{GroupId, ProjectId, UserId};
use release_links_ports::{
    Member, MemberCandidate, MemberRepository, MemberWriteError, NewMember, Page, PageRequest, Place, PlaceRef,
    PlaceView, Reach, StoreError, TakenError,
};
use release_links_sql::members::user_and_level;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::query::{Session, statements};
use crate::users::{IS_THERE, user_by_id};

statements! {
    PROJECT_EXISTS = "SELECT FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL";
    PROJECT_MEMBER = "SELECT user_id, level, FALSE FROM project_members WHERE project_id = $1 AND user_id = $2";
    INSERT_PROJECT_MEMBER =
        "INSERT INTO project_members (project_id, user_id, level, created_at) VALUES ($1, $2, $3, $4)";
    UPDATE_PROJECT_MEMBER = "UPDATE project_members SET level = $3 WHERE project_id = $1 AND user_id = $2";
    DELETE_PROJECT_MEMBER = "DELETE FROM project_members WHERE project_id = $1 AND user_id = $2";
    GROUP_EXISTS = "SELECT FROM namespaces WHERE id = $1 AND user_id IS NULL AND full_path IS NOT NULL";
    GROUP_MEMBER = "SELECT user_id, level, FALSE FROM group_members WHERE group_id = $1 AND user_id = $2";
    INSERT_GROUP_MEMBER = "INSERT INTO group_members (group_id, user_id, level, created_at) VALUES ($1, $2, $3, $4)";
    UPDATE_GROUP_MEMBER = "UPDATE group_members SET level = $3 WHERE group_id = $1 AND user_id = $2";
    DELETE_GROUP_MEMBER = "DELETE FROM group_members WHERE group_id = $1 AND user_id = $2";
    OTHER_OWNER = concat!("SELECT FROM namespace_ancestors a JOIN group_members m ON m.group_id = a.ancestor_id
        JOIN users u ON u.id = m.user_id
        WHERE a.namespace_id = $1 AND m.level = $3 AND (m.group_id <> $1 OR m.user_id <> $2) AND ", IS_THERE!(), " LIMIT 1");
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

async fn add<P: Into<i64>>(session: &Session, table: &Table, new: NewMember<P>) -> Result<Member, TakenError<()>> {
    let (id, level): (i64, _) = (new.place.into(), new.level);
    session.begin_on_tree().await?;
    let user = user_by_id(session, new.user).await?.ok_or(TakenError::Gone)?;
    if !session.exists(table.exists, &[&id]).await? {
        return Err(TakenError::Gone);
    }
    if session.exists(table.one, &[&id, &user.id.get()]).await? {
        return Err(TakenError::Taken(()));
    }
    let created_at = new.created_at.as_millisecond();
    session.run(table.insert, &[&id, &user.id.get(), &level.number(), &created_at]).await?;
    Ok(Member { user, level })
}

/// The member as it is now, if it may be given `level`, or none at all, by somebody who stands at `ceiling`.
async fn changeable(
    session: &Session,
    place: Place,
    user: UserId,
    level: Option<AccessLevel>,
    ceiling: AccessLevel,
) -> Result<Member, MemberWriteError> {
    session.begin_on_tree().await?;
    let member = direct(session, place, user).await?.ok_or(MemberWriteError::Gone)?;
    let (of, id) = match place {
        Place::Project(id) => (MemberOf::Project, id.get()),
        Place::Group(id) => (MemberOf::Group, id.get()),
    };
    match (MembershipChange { of, current: member.level, new: level, ceiling }).decide() {
        ChangeDecision::Above => return Err(MemberWriteError::Above),
        ChangeDecision::IfAnotherOwnerIsLeft => {
            if !session.exists(OTHER_OWNER, &[&id, &user.get(), &AccessLevel::Owner.number()]).await? {
                return Err(MemberWriteError::LastOwner);
            }
        }
        ChangeDecision::Allow => {}
    }
    Ok(member)
}

/// One member of the place itself.
async fn direct(session: &Session, place: Place, user: UserId) -> Result<Option<Member>, Failure> {
    let (table, id) = table(place);
    let found = session.first(table.one, &[&id, &user.get()], |row| user_and_level(row, 0)).await?;
    let Some((user, level)) = found else { return Ok(None) };
    Ok(user_by_id(session, user).await?.map(|user| Member { user, level }))
}

async fn set_level(
    session: &Session,
    place: Place,
    user: UserId,
    level: AccessLevel,
    ceiling: AccessLevel,
) -> Result<Member, MemberWriteError> {
    let member = changeable(session, place, user, Some(level), ceiling).await?;
    let (table, id) = table(place);
    session.run(table.update, &[&id, &user.get(), &level.number()]).await?;
    Ok(Member { level, ..member })
}

async fn remove(session: &Session, place: Place, user: UserId, ceiling: AccessLevel) -> Result<(), MemberWriteError> {
    changeable(session, place, user, None, ceiling).await?;
    let (table, id) = table(place);
    session.run(table.delete, &[&id, &user.get()]).await?;
    Ok(())
}

impl From<Failure> for MemberWriteError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

#[async_trait]
impl MemberRepository for PostgresStore {
    async fn list(
        &self,
        place: &PlaceRef,
        reader: Reader,
        reach: Reach,
        page: PageRequest,
    ) -> Result<Option<PlaceView<Page<Member>>>, StoreError> {
        Ok(reading::members(&self.session_for_list().await?, place, reader, reach, page).await?)
    }

    async fn get(
        &self,
        place: &PlaceRef,
        reader: Reader,
        reach: Reach,
        user: UserId,
    ) -> Result<Option<PlaceView<Option<Member>>>, StoreError> {
        Ok(reading::member(&self.session().await?, place, reader, reach, user).await?)
    }

    async fn weigh(
        &self,
        place: &PlaceRef,
        reader: Reader,
        user: Option<UserId>,
    ) -> Result<Option<PlaceView<Option<MemberCandidate>>>, StoreError> {
        Ok(reading::candidate(&self.session().await?, place, reader, user).await?)
    }

    async fn add_to_project(&self, member: NewMember<ProjectId>) -> Result<Member, TakenError<()>> {
        let session = self.session().await?;
        let outcome = add(&session, &PROJECT, member).await;
        session.settle(outcome).await
    }

    async fn add_to_group(&self, member: NewMember<GroupId>) -> Result<Member, TakenError<()>> {
        let session = self.session().await?;
        let outcome = add(&session, &GROUP, member).await;
        session.settle(outcome).await
    }

    async fn set_level(
        &self,
        place: Place,
        user: UserId,
        level: AccessLevel,
        ceiling: AccessLevel,
    ) -> Result<Member, MemberWriteError> {
        let session = self.session().await?;
        let outcome = set_level(&session, place, user, level, ceiling).await;
        session.settle(outcome).await
    }

    async fn remove(&self, place: Place, user: UserId, ceiling: AccessLevel) -> Result<(), MemberWriteError> {
        let session = self.session().await?;
        let outcome = remove(&session, place, user, ceiling).await;
        session.settle(outcome).await
    }
}
