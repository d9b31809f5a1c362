//! What decides about access (docs/contract.md, "Permissions"): levels, the rules that protect tags, and where a caller
//! stands in a project or group. What they add up to is [`decide`](crate::policy::decide)'s question.

mod effective;
mod room;

use std::fmt;

use crate::project::{ProjectRules, ReleasesAccess, Visibility};
use crate::tag::TagPattern;
use crate::{ProjectId, ProtectedTagId, UserId};

pub use effective::Grants;
pub use room::RuleObstacle;

/// What somebody may do in a project or group, in rising order.
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
    /// As guest, for releases.
    Reporter = 20,
    /// May write releases and links.
    Developer = 30,
    /// May change settings, members, protected tags and project tokens.
    Maintainer = 40,
    /// May delete, move and archive.
    Owner = 50,
}

/// The number is none of the five levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("does not have a valid value")]
pub struct UnknownLevel;

impl AccessLevel {
    /// Every level, lowest first.
    pub const ALL: [Self; 5] = [Self::Guest, Self::Reporter, Self::Developer, Self::Maintainer, Self::Owner];
    /// The lowest: what every member has at least.
    pub const LOWEST: Self = Self::Guest;
    /// The highest: what whoever owns something has.
    pub const HIGHEST: Self = Self::Owner;
    /// What the bot of a project access token gets when nothing is said.
    pub const DEFAULT_OF_PROJECT_TOKENS: Self = Self::Maintainer;

    /// The number that clients and storage use.
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

/// What a protected tag asks of those who create it, or write on its release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TagCreateLevel {
    /// Nobody may, administrators included.
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

    /// The number that clients and storage use.
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

/// As GitLab's `access_level_description`.
impl fmt::Display for TagCreateLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoOne => "No one",
            Self::Developers => "Developers + Maintainers",
            Self::Maintainers => "Maintainers",
        })
    }
}

/// A rule of a project that protects the tags it matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRule {
    /// Given out once, by storage.
    pub id: ProtectedTagId,
    /// Which tags it matches.
    pub pattern: TagPattern,
    /// What it asks.
    pub create_level: TagCreateLevel,
}

/// Whether any rule matches `tag`.
#[must_use]
pub fn is_protected(tag: &str, rules: &[TagRule]) -> bool {
    rules.iter().any(|rule| rule.pattern.matches(tag))
}

/// Who asks, as far as one project is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectiveAccess {
    /// No credential.
    Anonymous,
    /// Somebody known, with their highest level over the project and the groups above it.
    SignedIn(Option<AccessLevel>),
    /// An administrator: as owner everywhere.
    Administrator,
    /// A credential that does not reach this project, whatever its visibility: a job token of another one.
    OutOfReach,
}

impl EffectiveAccess {
    /// The level that counts.
    #[must_use]
    pub const fn level(self) -> Option<AccessLevel> {
        match self {
            Self::Anonymous | Self::OutOfReach => None,
            Self::SignedIn(level) => level,
            Self::Administrator => Some(AccessLevel::Owner),
        }
    }

    /// Whether the level that counts is `least` or higher.
    #[must_use]
    pub fn is_at_least(self, least: AccessLevel) -> bool {
        self.level() >= Some(least)
    }

    /// Whether something of this visibility shows itself.
    #[must_use]
    pub fn sees(self, visibility: Visibility) -> bool {
        match (self, visibility) {
            (Self::OutOfReach, _) => false,
            (Self::Anonymous, _) | (_, Visibility::Public) => visibility == Visibility::Public,
            (Self::SignedIn(_) | Self::Administrator, Visibility::Internal) => true,
            (Self::SignedIn(_) | Self::Administrator, Visibility::Private) => self.level().is_some(),
        }
    }

    /// Whether the releases of a project may be read, if the project itself shows itself.
    pub(crate) fn may_read_releases(self, project: ProjectRules) -> bool {
        match project.releases {
            ReleasesAccess::Enabled => true,
            ReleasesAccess::Private => self.level().is_some(),
            ReleasesAccess::Disabled => false,
        }
    }
}

/// How far somebody must get with a project before anything in it is read for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// To know that it exists.
    SeeProject,
    /// To read its releases, links and tags.
    ReadReleases,
}

/// Who reads, and how far they must get first: what storage needs in order to decide within its own snapshot, before it
/// reads what was asked for. What is hidden then takes no longer than what does not exist.
///
/// ```
/// use release_links_domain::access::{Admission, Reader};
/// use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
///
/// let private = ProjectRules { visibility: Visibility::Private, archived: false, releases: ReleasesAccess::Enabled };
/// assert!(!Reader::anonymous(Admission::SeeProject).is_admitted_to(7.try_into()?, private, None));
/// # Ok::<(), release_links_domain::IdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// The user whose levels count.
    pub user: Option<UserId>,
    /// Whether that user is an administrator.
    pub administrator: bool,
    /// The one project that the credential reaches, if it does not reach all.
    pub only: Option<ProjectId>,
    /// How far they must get.
    pub admission: Admission,
}

impl Reader {
    /// Somebody without a credential.
    #[must_use]
    pub const fn anonymous(admission: Admission) -> Self {
        Self { user: None, administrator: false, only: None, admission }
    }

    /// The reader's standing in a project, given their highest level there.
    #[must_use]
    pub fn access(self, project: ProjectId, level: Option<AccessLevel>) -> EffectiveAccess {
        if self.only.is_some_and(|only| only != project) {
            return EffectiveAccess::OutOfReach;
        }
        self.access_in_namespace(level)
    }

    /// The reader's standing in a group or a user's namespace, given their highest level there.
    #[must_use]
    pub const fn access_in_namespace(self, level: Option<AccessLevel>) -> EffectiveAccess {
        match self {
            Self { administrator: true, .. } => EffectiveAccess::Administrator,
            Self { user: Some(_), .. } => EffectiveAccess::SignedIn(level),
            Self { user: None, .. } => EffectiveAccess::Anonymous,
        }
    }

    /// Whether what was asked for in a project may be read, given the reader's highest level there.
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
