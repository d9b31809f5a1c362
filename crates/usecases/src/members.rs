//! Members of projects and groups (contract section 9).

use std::sync::Arc;

use release_links_domain::UserId;
use release_links_domain::access::AccessLevel;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{Clock, Member, MemberRepository, NewMember, ProjectRepository, TakenError};

use crate::caller::{in_person, project_ref, see, signed_in};
use crate::{Missing, ParameterFaults, Refusal, Taken};

/// A membership as somebody asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberDraft {
    /// Who.
    pub user: UserId,
    /// With which level.
    pub level: AccessLevel,
}

/// The operations on members.
#[derive(Clone)]
pub struct Members {
    members: Arc<dyn MemberRepository>,
    projects: Arc<dyn ProjectRepository>,
    clock: Arc<dyn Clock>,
}

impl Members {
    /// Works on the members in `members` of the projects in `projects`.
    #[must_use]
    pub fn new(
        members: Arc<dyn MemberRepository>,
        projects: Arc<dyn ProjectRepository>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { members, projects, clock }
    }

    /// Makes somebody a member of a project: by a maintainer, who gives no level above their own.
    ///
    /// # Errors
    /// The refusals of contract section 9, in its order.
    pub async fn add_to_project(
        &self,
        caller: &Caller,
        project: &str,
        draft: Result<MemberDraft, ParameterFaults>,
    ) -> Result<Member, Refusal> {
        let bearer = signed_in(caller)?;
        let view = self.projects.get(&project_ref(project)?, caller.user()).await?;
        let (project, standing, _) = see(caller, Intent::Write, view)?;
        in_person(bearer)?;
        if !standing.is_at_least(AccessLevel::Maintainer) {
            return Err(Refusal::Forbidden);
        }
        let draft = draft?;
        if !standing.is_at_least(draft.level) {
            return Err(Refusal::Forbidden);
        }
        let member =
            NewMember { place: project.id, user: draft.user, level: draft.level, created_at: self.clock.now() };
        self.members.add_to_project(member).await.map_err(|error| match error {
            TakenError::Taken(()) => Refusal::Taken(Taken::Member),
            TakenError::Gone => Refusal::NotFound(Missing::User),
            TakenError::Store(error) => Refusal::Store(error),
        })
    }
}
