//! Members of projects and groups (docs/contract.md, "Provisioning").

use std::sync::Arc;

use release_links_domain::UserId;
use release_links_domain::access::{AccessLevel, Admission, Standing};
use release_links_domain::membership::{MemberOf, may_manage};
use release_links_domain::token::{Bearer, Caller, Intent};
use release_links_ports::{
    Clock, Member, MemberCandidate, MemberRepository, MemberWriteError, NewMember, Page, PageRequest, Place, PlaceRef,
    PlaceView, Reach, TakenError,
};

use crate::caller::{beyond_projects, in_person, project_ref, see, signed_in};
use crate::groups::see_group;
use crate::{Missing, ParameterFaults, Refusal, Taken};

/// A membership as somebody asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberDraft {
    /// Who.
    pub user: UserId,
    /// With which level.
    pub level: AccessLevel,
}

/// Whose members a request is about, as it says so: an id or full path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceAddress {
    /// A project's.
    Project(String),
    /// A group's.
    Group(String),
}

impl PlaceAddress {
    /// The place, unless the caller reaches none of its kind.
    fn place(&self, caller: &Caller) -> Result<PlaceRef, Refusal> {
        if matches!(self, Self::Group(_)) {
            beyond_projects(caller)?;
        }
        match self {
            Self::Project(raw) => project_ref(raw).map(PlaceRef::Project),
            Self::Group(raw) => raw.parse().map(PlaceRef::Group).map_err(|_| self.absent()),
        }
    }

    const fn absent(&self) -> Refusal {
        Refusal::NotFound(match self {
            Self::Project(_) => Missing::Project,
            Self::Group(_) => Missing::Group,
        })
    }

    /// Lets the caller see the project or group, or says that there is none; then asks for the token's scope.
    fn see<T>(
        &self,
        caller: &Caller,
        intent: Intent,
        view: Option<PlaceView<T>>,
    ) -> Result<(Place, Standing, T), Refusal> {
        match view {
            None => Err(self.absent()),
            Some(PlaceView::Project(view)) => {
                let (project, standing, found) = see(caller, intent, Some(view))?;
                Ok((Place::Project(project.id), standing, found))
            }
            Some(PlaceView::Group(view, found)) => {
                let (group, standing) = see_group(caller, intent, Some(view))?;
                Ok((Place::Group(group.id), standing, found.ok_or_else(|| self.absent())?))
            }
        }
    }
}

/// Lets somebody touch members of these levels who stand so in that place.
fn manage(standing: Standing, place: Place, touched: &[AccessLevel]) -> Result<(), Refusal> {
    let of = match place {
        Place::Project(_) => MemberOf::Project,
        Place::Group(_) => MemberOf::Group,
    };
    if may_manage(standing, of, touched) { Ok(()) } else { Err(Refusal::Forbidden) }
}

/// The bot of a project token is a member of its project for as long as there is the token, with the token's level.
const fn no_bot(candidate: &MemberCandidate) -> Result<(), Refusal> {
    if candidate.user.bot { Err(Refusal::Forbidden) } else { Ok(()) }
}

/// The operations on members.
#[derive(Clone)]
pub struct Members {
    members: Arc<dyn MemberRepository>,
    clock: Arc<dyn Clock>,
}

impl Members {
    /// Works on the members in `members`, as of the time that `clock` says.
    #[must_use]
    pub fn new(members: Arc<dyn MemberRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { members, clock }
    }

    /// A page of members, for whoever may see the project or group; those of a group above that the caller may not see are
    /// left out.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn list(
        &self,
        caller: &Caller,
        address: &PlaceAddress,
        reach: Reach,
        page: Result<PageRequest, ParameterFaults>,
    ) -> Result<Page<Member>, Refusal> {
        let wanted = page.as_ref().copied().unwrap_or_default();
        let view =
            self.members.list(&address.place(caller)?, caller.reader(Admission::SeeProject), reach, wanted).await?;
        let (_, _, members) = address.see(caller, Intent::Read, view)?;
        page?;
        Ok(members)
    }

    /// One member, for whoever may see the project or group, as [`list`](Self::list) shows them.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn get(
        &self,
        caller: &Caller,
        address: &PlaceAddress,
        reach: Reach,
        user: UserId,
    ) -> Result<Member, Refusal> {
        let view = self.members.get(&address.place(caller)?, caller.reader(Admission::SeeProject), reach, user).await?;
        let (_, _, member) = address.see(caller, Intent::Read, view)?;
        member.ok_or(Refusal::NotFound(Missing::Member))
    }

    /// Makes somebody a member.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn add(
        &self,
        caller: &Caller,
        address: &PlaceAddress,
        draft: Result<MemberDraft, ParameterFaults>,
    ) -> Result<Member, Refusal> {
        let bearer = signed_in(caller)?;
        let user = draft.as_ref().ok().map(|draft| draft.user);
        let view = self.members.weigh(&address.place(caller)?, caller.reader(Admission::SeeProject), user).await?;
        let (place, standing, candidate) = address.see(caller, Intent::Write, view)?;
        in_person(bearer)?;
        manage(standing, place, &[])?;
        let MemberDraft { user, level } = draft?;
        manage(standing, place, &[level])?;
        let candidate = candidate.ok_or(Refusal::NotFound(Missing::User))?;
        no_bot(&candidate)?;
        let created_at = self.clock.now();
        let added = match place {
            Place::Project(place) => self.members.add_to_project(NewMember { place, user, level, created_at }).await,
            Place::Group(place) => self.members.add_to_group(NewMember { place, user, level, created_at }).await,
        };
        added.map_err(|error| match error {
            TakenError::Taken(()) => Refusal::Taken(Taken::Member),
            TakenError::Gone => address.absent(),
            TakenError::Store(error) => Refusal::Store(error),
        })
    }

    /// Gives a member another level.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn set_level(
        &self,
        caller: &Caller,
        address: &PlaceAddress,
        user: UserId,
        level: Result<AccessLevel, ParameterFaults>,
    ) -> Result<Member, Refusal> {
        let bearer = signed_in(caller)?;
        let (place, standing, candidate, old) = self.member(caller, bearer, address, user).await?;
        manage(standing, place, &[old])?;
        no_bot(&candidate)?;
        let level = level?;
        manage(standing, place, &[level])?;
        let ceiling = standing.level().ok_or(Refusal::Forbidden)?;
        self.members.set_level(place, user, level, ceiling).await.map_err(refused)
    }

    /// Ends a membership; anybody may end their own.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn remove(&self, caller: &Caller, address: &PlaceAddress, user: UserId) -> Result<(), Refusal> {
        let bearer = signed_in(caller)?;
        let (place, standing, candidate, level) = self.member(caller, bearer, address, user).await?;
        if bearer.user != user {
            manage(standing, place, &[level])?;
            no_bot(&candidate)?;
        }
        let ceiling = standing.level().ok_or(Refusal::Forbidden)?;
        self.members.remove(place, user, ceiling).await.map_err(refused)
    }

    /// The direct member that a write is about.
    async fn member(
        &self,
        caller: &Caller,
        bearer: &Bearer,
        address: &PlaceAddress,
        user: UserId,
    ) -> Result<(Place, Standing, MemberCandidate, AccessLevel), Refusal> {
        let view =
            self.members.weigh(&address.place(caller)?, caller.reader(Admission::SeeProject), Some(user)).await?;
        let (place, standing, candidate) = address.see(caller, Intent::Write, view)?;
        let absent = Refusal::NotFound(Missing::Member);
        let Some(candidate) = candidate else { return Err(absent) };
        let Some(level) = candidate.level else { return Err(absent) };
        in_person(bearer)?;
        Ok((place, standing, candidate, level))
    }
}

fn refused(error: MemberWriteError) -> Refusal {
    match error {
        MemberWriteError::Gone => Refusal::NotFound(Missing::Member),
        // The last owner of a group is refused as GitLab does it.
        MemberWriteError::Above | MemberWriteError::LastOwner => Refusal::Forbidden,
        MemberWriteError::Store(error) => Refusal::Store(error),
    }
}

#[cfg(test)]
mod tests;
