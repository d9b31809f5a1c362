//! The members port.

pub mod reading;

use async_trait::async_trait;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::membership::{ChangeDecision, MembershipChange};
use release_links_domain::user::UserRef;
use release_links_domain::{GroupId, ProjectId, UserId};
use release_links_ports::{
    Member, MemberCandidate, MemberFilter, MemberRepository, MemberSource, MemberSourceRead, MemberSourceRef,
    MemberWriteError, NewMember, Page, PageRequest, Reach, Viewer, WriteError,
};
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::failure::Failure;
use crate::query::{exists, run};
use crate::tables::members::{GROUP, PROJECT, direct_member, has_other_owner, table};
use crate::tables::users::{named_user, user_by_id};
use crate::tables::{namespaces, projects};
use release_links_sql::members::Statements;

fn add<P: Into<i64> + Copy>(
    conn: &Connection,
    table: &Statements,
    new: &NewMember<P>,
    is_there: impl FnOnce(&Connection, P) -> Result<bool, Failure>,
) -> Result<Member, WriteError<()>> {
    let (id, level): (i64, _) = (new.source.into(), new.level);
    let user = user_by_id(conn, new.user)?.ok_or(WriteError::Gone)?;
    if !is_there(conn, new.source)? {
        return Err(WriteError::Gone);
    }
    if exists(conn, table.one, params![id, user.id.get()])? {
        return Err(WriteError::Conflict(()));
    }
    run(conn, table.insert, params![id, user.id.get(), level.number(), new.created_at.as_millisecond()])?;
    Ok(Member { user, level })
}

/// Returns a direct member if a caller with the level `ceiling` may change their level to `level`, or remove them if it
/// is `None`.
fn changeable(
    conn: &Connection,
    source: MemberSource,
    user: UserId,
    level: Option<AccessLevel>,
    ceiling: AccessLevel,
) -> Result<Member, MemberWriteError> {
    let member = direct_member(conn, source, user)?.ok_or(MemberWriteError::Gone)?;
    let (_, id) = table(source);
    match (MembershipChange { of: source.kind(), current: member.level, new: level, ceiling }).decide() {
        ChangeDecision::Above => return Err(MemberWriteError::Above),
        ChangeDecision::IfAnotherOwnerIsLeft => {
            if !has_other_owner(conn, id, user)? {
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
        source: &MemberSourceRef,
        reader: Reader,
        reach: Reach,
        filter: MemberFilter,
        page: PageRequest,
    ) -> MemberSourceRead<Page<Member>> {
        let (source, viewer) = (source.clone(), Viewer::from(reader));
        self.read_long(move |conn| {
            reading::member_source_view(conn, &source, reader, |source| {
                reading::members(conn, source, &viewer, reach, &filter, page).map(Some)
            })
        })
        .await
    }

    async fn get(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        reach: Reach,
        user: UserId,
    ) -> MemberSourceRead<Member> {
        let viewer = Viewer::from(reader);
        self.read(|conn| {
            reading::member_source_view(conn, source, reader, |source| {
                reading::member(conn, source, &viewer, reach, user)
            })
        })
        .await
    }

    async fn load_for_write(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        user: Option<UserRef>,
    ) -> MemberSourceRead<MemberCandidate> {
        self.read(|conn| {
            reading::member_source_view(conn, source, reader, |source| {
                let Some(user) = user.as_ref().map(|user| named_user(conn, user)).transpose()?.flatten() else {
                    return Ok(None);
                };
                let level = direct_member(conn, source, user.id)?.map(|member| member.level);
                Ok(Some(MemberCandidate { user, level }))
            })
        })
        .await
    }

    async fn add_to_project(&self, member: NewMember<ProjectId>) -> Result<Member, WriteError<()>> {
        self.write(move |conn| add(conn, &PROJECT, &member, projects::is_there)).await
    }

    async fn add_to_group(&self, member: NewMember<GroupId>) -> Result<Member, WriteError<()>> {
        self.write(move |conn| add(conn, &GROUP, &member, namespaces::is_group)).await
    }

    async fn set_level(
        &self,
        source: MemberSource,
        user: UserId,
        level: AccessLevel,
        ceiling: AccessLevel,
    ) -> Result<Member, MemberWriteError> {
        self.write(move |conn| {
            let member = changeable(conn, source, user, Some(level), ceiling)?;
            let (table, id) = table(source);
            run(conn, table.update, params![id, user.get(), level.number()])?;
            Ok(Member { level, ..member })
        })
        .await
    }

    async fn remove(&self, source: MemberSource, user: UserId, ceiling: AccessLevel) -> Result<(), MemberWriteError> {
        self.write(move |conn| {
            changeable(conn, source, user, None, ceiling)?;
            let (table, id) = table(source);
            Ok(run(conn, table.delete, params![id, user.get()])?)
        })
        .await
    }
}
