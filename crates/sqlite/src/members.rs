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
use crate::query::{exists, run};
use crate::tables::members::{GROUP, PROJECT, Table, direct_member, has_other_owner, table};
use crate::tables::users::user_by_id;
use crate::tables::{namespaces, projects};

fn add<P: Into<i64> + Copy>(
    conn: &Connection,
    table: &Table,
    new: &NewMember<P>,
    is_there: impl FnOnce(&Connection, P) -> Result<bool, Failure>,
) -> Result<Member, TakenError<()>> {
    let (id, level): (i64, _) = (new.place.into(), new.level);
    let user = user_by_id(conn, new.user)?.ok_or(TakenError::Gone)?;
    if !is_there(conn, new.place)? {
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
    let member = direct_member(conn, place, user)?.ok_or(MemberWriteError::Gone)?;
    let (of, id) = match place {
        Place::Project(id) => (MemberOf::Project, id.get()),
        Place::Group(id) => (MemberOf::Group, id.get()),
    };
    match (MembershipChange { of, current: member.level, new: level, ceiling }).decide() {
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
                let level = direct_member(conn, place, user.id)?.map(|member| member.level);
                Ok(Some(MemberCandidate { user, level }))
            })
        })
        .await
    }

    async fn add_to_project(&self, member: NewMember<ProjectId>) -> Result<Member, TakenError<()>> {
        self.write(move |conn| add(conn, &PROJECT, &member, projects::is_there)).await
    }

    async fn add_to_group(&self, member: NewMember<GroupId>) -> Result<Member, TakenError<()>> {
        self.write(move |conn| add(conn, &GROUP, &member, namespaces::is_group)).await
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
