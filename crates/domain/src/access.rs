//! The inputs of the permission policy (docs/contract.md, "Permissions"): levels, the rules that protect tags, and a
//! caller's effective access to a project or group. [`decide`](crate::policy::decide) combines them.

mod effective;
mod limit;

use std::fmt;

use crate::project::{ProjectRules, ReleasesAccess, Visibility};
use crate::tag::TagPattern;
use crate::{ProjectId, ProtectedTagId, UserId};

pub use effective::Grants;
pub use limit::RuleObstacle;

/// A member's role in a project or group, from lowest to highest.
///
/// ```
/// use release_links_domain::access::AccessLevel;
///
/// assert!(AccessLevel::Developer > AccessLevel::Reporter);
/// assert_eq!(AccessLevel::try_from(40), Ok(AccessLevel::Maintainer));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// May read releases of a private project.
    Guest = 10,
    /// The same as guest, as far as releases are concerned.
    Planner = 15,
    /// The same again.
    Reporter = 20,
    /// May write releases and links.
    Developer = 30,
    /// May change settings, members, protected tags and project tokens.
    Maintainer = 40,
    /// May delete, transfer and archive.
    Owner = 50,
}

/// The number is not one of the levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("does not have a valid value")]
pub struct UnknownLevel;

impl AccessLevel {
    /// Every level, lowest first.
    pub const ALL: [Self; 6] =
        [Self::Guest, Self::Planner, Self::Reporter, Self::Developer, Self::Maintainer, Self::Owner];
    /// The lowest level, which every member has at least.
    pub const LOWEST: Self = Self::Guest;
    /// The highest level, which the owner has.
    pub const HIGHEST: Self = Self::Owner;
    /// The default level of the bot of a project access token.
    pub const DEFAULT_OF_PROJECT_TOKENS: Self = Self::Maintainer;

    /// Returns the number that clients and storage use.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }
}

impl TryFrom<i64> for AccessLevel {
    type Error = UnknownLevel;

    fn try_from(number: i64) -> Result<Self, UnknownLevel> {
        Self::ALL.into_iter().find(|level| level.number() == number).ok_or(UnknownLevel)
    }
}

impl From<AccessLevel> for i64 {
    fn from(level: AccessLevel) -> Self {
        level.number()
    }
}

/// The level that a protected tag requires to create it, or to write to its release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TagCreateLevel {
    /// Nobody, including administrators.
    NoOne = 0,
    /// Developers and above.
    Developers = 30,
    /// Maintainers and above.
    #[default]
    Maintainers = 40,
}

impl TagCreateLevel {
    /// Every level, lowest number first.
    pub const ALL: [Self; 3] = [Self::NoOne, Self::Developers, Self::Maintainers];

    /// Returns the number that clients and storage use.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    pub(crate) fn is_met_by(self, level: AccessLevel) -> bool {
        match self {
            Self::NoOne => false,
            Self::Developers => level >= AccessLevel::Developer,
            Self::Maintainers => level >= AccessLevel::Maintainer,
        }
    }
}

impl TryFrom<i64> for TagCreateLevel {
    type Error = UnknownLevel;

    fn try_from(number: i64) -> Result<Self, UnknownLevel> {
        Self::ALL.into_iter().find(|level| level.number() == number).ok_or(UnknownLevel)
    }
}

impl From<TagCreateLevel> for i64 {
    fn from(level: TagCreateLevel) -> Self {
        level.number()
    }
}

/// The text of GitLab's `access_level_description`.
impl fmt::Display for TagCreateLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoOne => "No one",
            Self::Developers => "Developers + Maintainers",
            Self::Maintainers => "Maintainers",
        })
    }
}

/// A rule of a project that protects the tags that match its pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRule {
    /// Assigned by storage and never reused.
    pub id: ProtectedTagId,
    /// The tags that it protects.
    pub pattern: TagPattern,
    /// The level that it requires.
    pub create_level: TagCreateLevel,
}

/// Whether any rule matches `tag`.
#[must_use]
pub fn is_protected(tag: &str, rules: &[TagRule]) -> bool {
    rules.iter().any(|rule| rule.pattern.matches(tag))
}

/// A caller's effective access to one project or namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectiveAccess {
    /// No credential.
    Anonymous,
    /// A signed-in user, with their highest level in the project and its parent groups.
    SignedIn(Option<AccessLevel>),
    /// An administrator, who has the rights of an owner everywhere.
    Administrator,
    /// A credential that does not extend to this project, whatever its visibility: a job token of another project.
    OutOfReach,
}

impl EffectiveAccess {
    /// Returns the effective level.
    #[must_use]
    pub const fn level(self) -> Option<AccessLevel> {
        match self {
            Self::Anonymous | Self::OutOfReach => None,
            Self::SignedIn(level) => level,
            Self::Administrator => Some(AccessLevel::Owner),
        }
    }

    /// Whether the effective level is `least` or higher.
    #[must_use]
    pub fn is_at_least(self, least: AccessLevel) -> bool {
        self.level() >= Some(least)
    }

    /// Whether a resource of this visibility is visible with this access.
    #[must_use]
    pub fn sees(self, visibility: Visibility) -> bool {
        match (self, visibility) {
            (Self::OutOfReach, _) => false,
            (Self::Anonymous, _) | (_, Visibility::Public) => visibility == Visibility::Public,
            (Self::SignedIn(_) | Self::Administrator, Visibility::Internal) => true,
            (Self::SignedIn(_) | Self::Administrator, Visibility::Private) => self.level().is_some(),
        }
    }

    /// Whether a visible project's releases may be read.
    pub(crate) fn may_read_releases(self, project: ProjectRules) -> bool {
        match project.releases {
            ReleasesAccess::Enabled => true,
            ReleasesAccess::Private => self.level().is_some(),
            ReleasesAccess::Disabled => false,
        }
    }
}

/// What a reader must be allowed to do before storage reads anything in a project for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Admission {
    /// See that the project exists.
    SeeProject,
    /// Read the project's releases, links and tags.
    ReadReleases,
}

/// A reader and the access that they need: with it, storage can decide within its own snapshot before it reads what
/// was requested. A hidden resource then takes no longer than a missing one, so timing does not reveal it.
///
/// ```
/// use release_links_domain::access::{Admission, Reader};
/// use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
///
/// let private = ProjectRules { visibility: Visibility::Private, archived: false, releases: ReleasesAccess::Enabled };
/// assert!(!Reader::anonymous(Admission::SeeProject).is_admitted_to(7.try_into()?, private, None));
/// # Ok::<(), release_links_domain::IdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reader {
    /// The user whose levels count.
    pub user: Option<UserId>,
    /// Whether that user is an administrator.
    pub administrator: bool,
    /// The only project that the credential extends to; none if it extends to all.
    pub only: Option<ProjectId>,
    /// The access that they need.
    pub admission: Admission,
}

impl Reader {
    /// A reader without a credential.
    #[must_use]
    pub const fn anonymous(admission: Admission) -> Self {
        Self { user: None, administrator: false, only: None, admission }
    }

    /// A reader of one project alone, from whom nothing in it is hidden, whoever that is.
    #[must_use]
    pub const fn of(project: ProjectId, admission: Admission) -> Self {
        Self { user: None, administrator: true, only: Some(project), admission }
    }

    /// Returns the reader's access to a project, given their highest level there.
    #[must_use]
    pub fn access(self, project: ProjectId, level: Option<AccessLevel>) -> EffectiveAccess {
        if self.only.is_some_and(|only| only != project) {
            return EffectiveAccess::OutOfReach;
        }
        self.access_in_namespace(level)
    }

    /// Returns the reader's access to a group or a user's namespace, given their highest level there.
    #[must_use]
    pub const fn access_in_namespace(self, level: Option<AccessLevel>) -> EffectiveAccess {
        match self {
            Self { administrator: true, .. } => EffectiveAccess::Administrator,
            Self { user: Some(_), .. } => EffectiveAccess::SignedIn(level),
            Self { user: None, .. } => EffectiveAccess::Anonymous,
        }
    }

    /// Whether the reader may read the requested data in a project, given their highest level there.
    #[must_use]
    pub fn is_admitted_to(self, project: ProjectId, rules: ProjectRules, level: Option<AccessLevel>) -> bool {
        let access = self.access(project, level);
        let is_admitted = match self.admission {
            Admission::SeeProject => true,
            Admission::ReadReleases => access.may_read_releases(rules),
        };
        access.sees(rules.visibility) && is_admitted
    }
}
