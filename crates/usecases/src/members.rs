//! Members of projects and groups (docs/contract.md, "Provisioning").

use std::sync::Arc;

use release_links_domain::UserId;
use release_links_domain::access::{AccessLevel, Admission};
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::{Caller, Intent};
use release_links_domain::user::User;
use release_links_ports::{
    Clock, Member, MemberCandidate, MemberRepository, MemberSource, MemberSourceRef, MemberSourceView,
    MemberWriteError, NewMember, Page, PageRequest, Reach, WriteError,
};

use crate::caller::{ask, project_ref, see};
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
pub enum MemberSourceAddress {
    /// A project's.
    Project(String),
    /// A group's.
    Group(String),
}

impl MemberSourceAddress {
    /// The place, unless the caller may do this in none of its kind.
    fn source(&self, caller: &Caller, action: Action<'_>) -> Result<MemberSourceRef, Refusal> {
        let resource = match self {
            Self::Project(_) => Resource::Project(None),
            Self::Group(_) => Resource::Group(None),
        };
        ask(caller, resource, action)?;
        match self {
            Self::Project(raw) => project_ref(raw).map(MemberSourceRef::Project),
            Self::Group(raw) => raw.parse().map(MemberSourceRef::Group).map_err(|_| self.absent()),
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
        view: Option<MemberSourceView<T>>,
    ) -> Result<(MemberSource, Resource, Option<T>), Refusal> {
        match view {
            None => Err(self.absent()),
            Some(MemberSourceView::Project(view)) => {
                let (project, resource, found) = see(caller, intent, Some(view))?;
                Ok((MemberSource::Project(project.id), resource, found))
            }
            Some(MemberSourceView::Group(view, found)) => {
                let (group, resource) = see_group(caller, Action::See(intent), Some(view))?;
                Ok((MemberSource::Group(group.id), resource, found))
            }
        }
    }
}

/// To manage members, whoever they may be.
const MANAGE: Action<'_> = Action::ManageMembers { levels: &[], bot: false };

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
        address: &MemberSourceAddress,
        reach: Reach,
        page: Result<PageRequest, ParameterFaults>,
    ) -> Result<Page<Member>, Refusal> {
        let wanted = page.as_ref().copied().unwrap_or_default();
        let view = self
            .members
            .list(
                &address.source(caller, Action::See(Intent::Read))?,
                caller.reader(Admission::SeeProject),
                reach,
                wanted,
            )
            .await?;
        let (_, _, members) = address.see(caller, Intent::Read, view)?;
        page?;
        members.ok_or_else(|| address.absent())
    }

    /// One member, for whoever may see the project or group, as [`list`](Self::list) shows them.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn get(
        &self,
        caller: &Caller,
        address: &MemberSourceAddress,
        reach: Reach,
        user: Option<UserId>,
    ) -> Result<Member, Refusal> {
        let source = address.source(caller, Action::See(Intent::Read))?;
        let reader = caller.reader(Admission::SeeProject);
        let absent = Refusal::NotFound(Missing::Member);
        let Some(user) = user else {
            address.see(caller, Intent::Read, self.members.load_for_write(&source, reader, None).await?)?;
            return Err(absent);
        };
        let view = self.members.get(&source, reader, reach, user).await?;
        let (_, _, member) = address.see(caller, Intent::Read, view)?;
        member.ok_or(absent)
    }

    /// Makes somebody a member.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn add(
        &self,
        caller: &Caller,
        address: &MemberSourceAddress,
        draft: Result<MemberDraft, ParameterFaults>,
    ) -> Result<Member, Refusal> {
        let user = draft.as_ref().ok().map(|draft| draft.user);
        let source = address.source(caller, MANAGE)?;
        let view = self.members.load_for_write(&source, caller.reader(Admission::SeeProject), user).await?;
        let (source, resource, candidate) = address.see(caller, Intent::Write, view)?;
        ask(caller, resource, MANAGE)?;
        let MemberDraft { user, level } = draft?;
        ask(caller, resource, Action::ManageMembers { levels: &[level], bot: false })?;
        let candidate = candidate.ok_or(Refusal::NotFound(Missing::User))?;
        ask(caller, resource, Action::ManageMembers { levels: &[level], bot: candidate.user.bot })?;
        let created_at = self.clock.now();
        let added = match source {
            MemberSource::Project(source) => {
                self.members.add_to_project(NewMember { source, user, level, created_at }).await
            }
            MemberSource::Group(source) => {
                self.members.add_to_group(NewMember { source, user, level, created_at }).await
            }
        };
        added.map_err(|error| match error {
            WriteError::Conflict(()) => Refusal::Taken(Taken::Member),
            WriteError::Gone => address.absent(),
            WriteError::Store(error) => Refusal::Store(error),
        })
    }

    /// Gives a member another level.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn set_level(
        &self,
        caller: &Caller,
        address: &MemberSourceAddress,
        user: Option<UserId>,
        level: Result<AccessLevel, ParameterFaults>,
    ) -> Result<Member, Refusal> {
        let (source, resource, user, old) = self.member(caller, address, user).await?;
        let (user, bot) = (user.id, user.bot);
        ask(caller, resource, Action::ManageMembers { levels: &[old], bot })?;
        let level = level?;
        ask(caller, resource, Action::ManageMembers { levels: &[old, level], bot })?;
        let ceiling = resource.level(caller).ok_or(Refusal::Forbidden)?;
        self.members.set_level(source, user, level, ceiling).await.map_err(refused)
    }

    /// Ends a membership; anybody may end their own.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn remove(
        &self,
        caller: &Caller,
        address: &MemberSourceAddress,
        user: Option<UserId>,
    ) -> Result<(), Refusal> {
        let (source, resource, user, level) = self.member(caller, address, user).await?;
        let (user, bot) = (user.id, user.bot);
        ask(caller, resource, Action::EndMembership { user, level, bot })?;
        let ceiling = resource.level(caller).ok_or(Refusal::Forbidden)?;
        self.members.remove(source, user, ceiling).await.map_err(refused)
    }

    /// The direct member that a write is about, and with which level.
    async fn member(
        &self,
        caller: &Caller,
        address: &MemberSourceAddress,
        user: Option<UserId>,
    ) -> Result<(MemberSource, Resource, User, AccessLevel), Refusal> {
        let source = address.source(caller, MANAGE)?;
        let view = self.members.load_for_write(&source, caller.reader(Admission::SeeProject), user).await?;
        let (source, resource, candidate) = address.see(caller, Intent::Write, view)?;
        let absent = Refusal::NotFound(Missing::Member);
        let Some(MemberCandidate { user, level: Some(level) }) = candidate else { return Err(absent) };
        Ok((source, resource, user, level))
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
