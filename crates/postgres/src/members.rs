//! The members port.

pub mod reading;

use async_trait::async_trait;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::membership::{ChangeDecision, MembershipChange};
use release_links_domain::user::UserRef;
use release_links_domain::{GroupId, ProjectId, UserId};
use release_links_ports::{
    Member, MemberCandidate, MemberFilter, MemberRepository, MemberSource, MemberSourceRead, MemberSourceRef,
    MemberWriteError, NewMember, Page, PageRequest, Reach, WriteError,
};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::query::Session;
use crate::tables::members::{GROUP, PROJECT, direct, has_other_owner, table};
use crate::tables::users::user_by_id;
use crate::tables::{namespaces, projects};
use release_links_sql::members::Statements;

/// Adds a member to a project or group, which must exist according to `is_there`.
async fn add<P: Into<i64> + Copy>(
    session: &Session,
    table: &Statements,
    new: &NewMember<P>,
    is_there: impl AsyncFnOnce(&Session, P) -> Result<bool, Failure>,
) -> Result<Member, WriteError<()>> {
    let (id, level): (i64, _) = (new.source.into(), new.level);
    session.begin_on_tree().await?;
    let user = user_by_id(session, new.user).await?.ok_or(WriteError::Gone)?;
    if !is_there(session, new.source).await? {
        return Err(WriteError::Gone);
    }
    if session.exists(table.one, &[&id, &user.id.get()]).await? {
        return Err(WriteError::Conflict(()));
    }
    let created_at = new.created_at.as_millisecond();
    session.run(table.insert, &[&id, &user.id.get(), &level.number(), &created_at]).await?;
    Ok(Member { user, level })
}

/// Returns a direct member if a caller with the level `ceiling` may change their level to `level`, or remove them if it
/// is `None`.
async fn changeable(
    session: &Session,
    source: MemberSource,
    user: UserId,
    level: Option<AccessLevel>,
    ceiling: AccessLevel,
) -> Result<Member, MemberWriteError> {
    session.begin_on_tree().await?;
    let member = direct(session, source, user).await?.ok_or(MemberWriteError::Gone)?;
    let (_, id) = table(source);
    match (MembershipChange { of: source.kind(), current: member.level, new: level, ceiling }).decide() {
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
    source: MemberSource,
    user: UserId,
    level: AccessLevel,
    ceiling: AccessLevel,
) -> Result<Member, MemberWriteError> {
    let member = changeable(session, source, user, Some(level), ceiling).await?;
    let (table, id) = table(source);
    session.run(table.update, &[&id, &user.get(), &level.number()]).await?;
    Ok(Member { level, ..member })
}

async fn remove(
    session: &Session,
    source: MemberSource,
    user: UserId,
    ceiling: AccessLevel,
) -> Result<(), MemberWriteError> {
    changeable(session, source, user, None, ceiling).await?;
    let (table, id) = table(source);
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
        source: &MemberSourceRef,
        reader: Reader,
        reach: Reach,
        filter: MemberFilter,
        page: PageRequest,
    ) -> MemberSourceRead<Page<Member>> {
        Ok(reading::members(&self.session_for_list().await?, source, reader, reach, &filter, page).await?)
    }

    async fn get(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        reach: Reach,
        user: UserId,
    ) -> MemberSourceRead<Member> {
        Ok(reading::member(&self.session().await?, source, reader, reach, user).await?)
    }

    async fn load_for_write(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        user: Option<UserRef>,
    ) -> MemberSourceRead<MemberCandidate> {
        Ok(reading::candidate(&self.session().await?, source, reader, user.as_ref()).await?)
    }

    async fn add_to_project(&self, member: NewMember<ProjectId>) -> Result<Member, WriteError<()>> {
        let session = self.session().await?;
        let outcome = add(&session, &PROJECT, &member, projects::is_there).await;
        session.settle(outcome).await
    }

    async fn add_to_group(&self, member: NewMember<GroupId>) -> Result<Member, WriteError<()>> {
        let session = self.session().await?;
        let outcome = add(&session, &GROUP, &member, namespaces::is_group).await;
        session.settle(outcome).await
    }

    async fn set_level(
        &self,
        source: MemberSource,
        user: UserId,
        level: AccessLevel,
        ceiling: AccessLevel,
    ) -> Result<Member, MemberWriteError> {
        let session = self.session().await?;
        let outcome = set_level(&session, source, user, level, ceiling).await;
        session.settle(outcome).await
    }

    async fn remove(&self, source: MemberSource, user: UserId, ceiling: AccessLevel) -> Result<(), MemberWriteError> {
        let session = self.session().await?;
        let outcome = remove(&session, source, user, ceiling).await;
        session.settle(outcome).await
    }
}
