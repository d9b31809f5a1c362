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

use crate::PostgresStore;
use crate::failure::Failure;
use crate::query::Session;
use crate::tables::members::{GROUP, PROJECT, Table, direct, has_other_owner, table};
use crate::tables::users::user_by_id;
use crate::tables::{namespaces, projects};

/// Makes somebody a member of a place that `is_there` tells to be there.
async fn add<P: Into<i64> + Copy>(
    session: &Session,
    table: &Table,
    new: &NewMember<P>,
    is_there: impl AsyncFnOnce(&Session, P) -> Result<bool, Failure>,
) -> Result<Member, TakenError<()>> {
    let (id, level): (i64, _) = (new.place.into(), new.level);
    session.begin_on_tree().await?;
    let user = user_by_id(session, new.user).await?.ok_or(TakenError::Gone)?;
    if !is_there(session, new.place).await? {
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
            if !has_other_owner(session, id, user).await? {
                return Err(MemberWriteError::LastOwner);
            }
        }
        ChangeDecision::Allow => {}
    }
    Ok(member)
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
        let outcome = add(&session, &PROJECT, &member, projects::is_there).await;
        session.settle(outcome).await
    }

    async fn add_to_group(&self, member: NewMember<GroupId>) -> Result<Member, TakenError<()>> {
        let session = self.session().await?;
        let outcome = add(&session, &GROUP, &member, namespaces::is_group).await;
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
