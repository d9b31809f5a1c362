//! What actions are done to, as far as the policy has to know it.

use crate::access::{AccessLevel, EffectiveAccess};
use crate::namespace::NamespaceKind;
use crate::project::{ProjectRules, Visibility};
use crate::token::Caller;
use crate::{ProjectId, UserId};

/// What an action is done to, with what storage knows of it and of the caller's place in it. None stands for what was not
/// looked for yet: [`decide`](super::decide) then answers as far as that can be said beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// The service itself.
    Service,
    /// A project.
    Project(Option<ProjectAccess>),
    /// A group.
    Group(Option<GroupAccess>),
    /// A group or a user's own namespace, as a place for projects.
    Namespace(Option<GroupAccess>),
    /// A user.
    User(Option<UserAccess>),
    /// A personal access token, or the token that the caller acts by; with the user that it acts as.
    Token(Option<UserId>),
}

/// What counts for access to a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectAccess {
    /// Which project.
    pub id: ProjectId,
    /// What its settings say.
    pub rules: ProjectRules,
    /// The caller's highest level over the project and the groups above it.
    pub level: Option<AccessLevel>,
}

/// What counts for access to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupAccess {
    /// Who may see it.
    pub visibility: Visibility,
    /// The caller's highest level over it and the groups above it.
    pub level: Option<AccessLevel>,
}

/// What counts for access to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserAccess {
    /// Which user.
    pub id: UserId,
    /// Whether it is the bot of a project token, which is as its token made it and goes with it.
    pub bot: bool,
}

impl Resource {
    /// A namespace as a place for projects. Somebody else's own shows itself to nobody, whatever it is called.
    #[must_use]
    pub fn namespace(kind: NamespaceKind, visibility: Visibility, level: Option<AccessLevel>) -> Self {
        let visibility = match kind {
            NamespaceKind::Group => visibility,
            NamespaceKind::User => Visibility::Private,
        };
        Self::Namespace(Some(GroupAccess { visibility, level }))
    }

    /// The level by which the caller acts on it, if any.
    #[must_use]
    pub fn level(self, caller: &Caller) -> Option<AccessLevel> {
        self.access(caller).level()
    }

    pub(super) fn access(self, caller: &Caller) -> EffectiveAccess {
        match self {
            Self::Project(Some(project)) => caller.access(project.id, project.level),
            Self::Group(Some(group)) | Self::Namespace(Some(group)) => caller.access_in_namespace(group.level),
            _ => caller.access_in_namespace(None),
        }
    }

    /// Whether it shows itself to the caller; none if it was not looked for.
    pub(super) fn shows_itself_to(self, caller: &Caller) -> Option<bool> {
        let access = self.access(caller);
        match self {
            Self::Service => Some(true),
            Self::Project(project) => Some(access.sees(project?.rules.visibility)),
            Self::Group(group) | Self::Namespace(group) => Some(access.sees(group?.visibility)),
            Self::User(user) => user.map(|_| true),
            Self::Token(user) => Some(caller.acts_for(user?)),
        }
    }
}
