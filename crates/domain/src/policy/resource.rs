//! The resources that actions apply to, as far as the policy needs them.

use crate::access::{AccessLevel, EffectiveAccess};
use crate::namespace::NamespaceKind;
use crate::project::{ProjectRules, Visibility};
use crate::token::Caller;
use crate::{ProjectId, UserId};

/// The resource of an action, with the caller's level in it. `None` means that it has not been loaded yet:
/// [`decide`](super::decide) then decides as far as it can without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// The service itself.
    Service,
    /// A project.
    Project(Option<ProjectAccess>),
    /// A group.
    Group(Option<GroupAccess>),
    /// A group or a user's own namespace, as the parent of projects.
    Namespace(Option<GroupAccess>),
    /// A user.
    User(Option<UserAccess>),
    /// A personal access token, or the token that the caller presents; with the user that it acts as.
    Token(Option<UserId>),
}

/// The facts about a project that decide access to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectAccess {
    /// Which project.
    pub id: ProjectId,
    /// The project's access settings.
    pub rules: ProjectRules,
    /// The caller's highest level in the project and its parent groups.
    pub level: Option<AccessLevel>,
}

/// The facts about a group that decide access to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupAccess {
    /// Who may see it.
    pub visibility: Visibility,
    /// The caller's highest level in the group and its parent groups.
    pub level: Option<AccessLevel>,
    /// Whether the caller is a direct member of a project in the group or below it, which shows the group alone.
    pub member_below: bool,
}

/// The facts about a user that decide access to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserAccess {
    /// Which user.
    pub id: UserId,
    /// Whether it is the bot of a project token; a bot is changed and deleted only through its token.
    pub bot: bool,
}

impl Resource {
    /// Returns a namespace as the parent of projects. Another user's namespace is hidden, whatever its visibility.
    #[must_use]
    pub fn namespace(kind: NamespaceKind, visibility: Visibility, level: Option<AccessLevel>) -> Self {
        let visibility = match kind {
            NamespaceKind::Group => visibility,
            NamespaceKind::User => Visibility::Private,
        };
        Self::Namespace(Some(GroupAccess { visibility, level, member_below: false }))
    }

    /// Returns the caller's level in this resource, if any.
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

    /// Whether the resource is a group that is visible only because of a membership below it.
    pub(super) fn is_seen_from_below_only(self, access: EffectiveAccess) -> bool {
        matches!(self, Self::Group(Some(group)) if group.member_below && !access.sees(group.visibility))
    }

    /// Whether the caller can see the resource; `None` if it has not been loaded.
    pub(super) fn is_visible_to(self, caller: &Caller) -> Option<bool> {
        let access = self.access(caller);
        match self {
            Self::Service => Some(true),
            Self::Project(project) => Some(access.sees(project?.rules.visibility)),
            Self::Group(group) | Self::Namespace(group) => Some(group?.member_below || access.sees(group?.visibility)),
            Self::User(user) => user.map(|_| true),
            Self::Token(user) => Some(caller.acts_for(user?)),
        }
    }
}
