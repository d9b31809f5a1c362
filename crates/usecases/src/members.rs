//! Members of projects and groups (docs/contract.md, "Provisioning").

use std::sync::Arc;

use release_links_domain::UserId;
use release_links_domain::access::{AccessLevel, Admission};
use release_links_domain::policy::{Action, Resource};
use release_links_domain::search::finds_nothing;
use release_links_domain::token::{Caller, Intent};
use release_links_domain::user::{User, UserRef};
use release_links_ports::{
    Clock, Member, MemberCandidate, MemberFilter, MemberRepository, MemberSource, MemberSourceRef, MemberSourceView,
    MemberWriteError, NewMember, Page, PageRequest, Reach, WriteError,
};

use crate::caller::{ask, project_ref, see};
use crate::groups::see_group;
use crate::{Missing, ParameterFaults, Refusal, Taken};

/// The validated parameters of a new membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberDraft {
    /// The user; `None` if the request gives a username that no user can have.
    pub user: Option<UserRef>,
    /// The level.
    pub level: AccessLevel,
}

/// The project or group whose members a request is about, as the request identifies it: by id or full path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberSourceAddress {
    /// A project's.
    Project(String),
    /// A group's.
    Group(String),
}

impl MemberSourceAddress {
    /// Parses the address, after checking that the caller's credential allows the action at all.
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

    /// Checks that the caller can see the project or group, then the scope of the token, and then that the caller may
    /// read the members, so that no refusal of a write tells them either.
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
                ask(caller, resource, Action::ReadMembers)?;
                Ok((MemberSource::Group(group.id), resource, found))
            }
        }
    }
}

/// Manages members without regard to their levels, as the first check of a write.
const MANAGE: Action<'_> = Action::ManageMembers { levels: &[], bot: false };

/// The operations on members.
#[derive(Clone)]
pub struct Members {
    members: Arc<dyn MemberRepository>,
    clock: Arc<dyn Clock>,
}

impl Members {
    /// Works on the members in `members`, taking the time from `clock`.
    #[must_use]
    pub fn new(members: Arc<dyn MemberRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { members, clock }
    }

    /// Returns a page of members, for callers who can see the project or group. Members of a parent group that the
    /// caller cannot see are omitted.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn list(
        &self,
        caller: &Caller,
        address: &MemberSourceAddress,
        reach: Reach,
        wanted: Result<(MemberFilter, PageRequest), ParameterFaults>,
    ) -> Result<Page<Member>, Refusal> {
        let (filter, page) = wanted.clone().unwrap_or_default();
        let is_vain = filter.search.as_deref().is_some_and(finds_nothing);
        let filter = if is_vain { MemberFilter { only: Some(Vec::new()), ..MemberFilter::default() } } else { filter };
        let view = self
            .members
            .list(
                &address.source(caller, Action::See(Intent::Read))?,
                caller.reader(Admission::SeeProject),
                reach,
                filter,
                page,
            )
            .await?;
        let (_, _, members) = address.see(caller, Intent::Read, view)?;
        wanted?;
        members.ok_or_else(|| address.absent())
    }

    /// Returns one member, with the same visibility as [`list`](Self::list).
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
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

    /// Adds a member.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn add(
        &self,
        caller: &Caller,
        address: &MemberSourceAddress,
        draft: Result<MemberDraft, ParameterFaults>,
    ) -> Result<Member, Refusal> {
        let user = draft.as_ref().ok().and_then(|draft| draft.user.clone());
        let source = address.source(caller, MANAGE)?;
        let view = self.members.load_for_write(&source, caller.reader(Admission::SeeProject), user).await?;
        let (source, resource, candidate) = address.see(caller, Intent::Write, view)?;
        ask(caller, resource, MANAGE)?;
        let MemberDraft { level, .. } = draft?;
        ask(caller, resource, Action::ManageMembers { levels: &[level], bot: false })?;
        let candidate = candidate.ok_or(Refusal::NotFound(Missing::User))?;
        ask(caller, resource, Action::ManageMembers { levels: &[level], bot: candidate.user.bot })?;
        let (user, created_at) = (candidate.user.id, self.clock.now());
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

    /// Changes a member's level.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
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
        self.members.set_level(source, user, level, ceiling).await.map_err(into_refusal)
    }

    /// Ends a membership. Every member may end their own.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
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
        self.members.remove(source, user, ceiling).await.map_err(into_refusal)
    }

    /// Returns the direct member that a write is about, and their level.
    async fn member(
        &self,
        caller: &Caller,
        address: &MemberSourceAddress,
        user: Option<UserId>,
    ) -> Result<(MemberSource, Resource, User, AccessLevel), Refusal> {
        let source = address.source(caller, MANAGE)?;
        let view =
            self.members.load_for_write(&source, caller.reader(Admission::SeeProject), user.map(UserRef::Id)).await?;
        let (source, resource, candidate) = address.see(caller, Intent::Write, view)?;
        let absent = Refusal::NotFound(Missing::Member);
        let Some(MemberCandidate { user, level: Some(level) }) = candidate else { return Err(absent) };
        Ok((source, resource, user, level))
    }
}

fn into_refusal(error: MemberWriteError) -> Refusal {
    match error {
        MemberWriteError::Gone => Refusal::NotFound(Missing::Member),
        // GitLab answers 403 for the last owner of a group, so this is a plain [`Refusal::Forbidden`].
        MemberWriteError::Above | MemberWriteError::LastOwner => Refusal::Forbidden,
        MemberWriteError::Store(error) => Refusal::Store(error),
    }
}

#[cfg(test)]
mod tests;
