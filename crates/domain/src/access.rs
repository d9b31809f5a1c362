//! Who may do what with a project's releases and links (docs/contract.md, "Permissions"), as pure decisions.
//!
//! A use case asks in steps, because an unknown link must be told before a missing right to write: may the caller
//! see the project, read its releases, write on this tag? Each step includes those before it.

mod room;

use std::fmt;

use crate::project::{ProjectRules, ReleasesAccess, Visibility};
use crate::tag::TagPattern;
use crate::{ProjectId, ProtectedTagId, UserId};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagCreateLevel {
    /// Nobody may, administrators included.
    NoOne = 0,
    /// Developers and above.
    Developers = 30,
    /// Maintainers and above.
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

    fn is_met_by(self, level: AccessLevel) -> bool {
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
pub enum Standing {
    /// No credential.
    Anonymous,
    /// Somebody known, with their highest level over the project and the groups above it.
    SignedIn(Option<AccessLevel>),
    /// An administrator: as owner everywhere.
    Administrator,
    /// A credential that does not reach this project, whatever its visibility: a job token of another one.
    OutOfReach,
}

impl Standing {
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
}

/// The answer to one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allow,
    /// Refuse, openly.
    Forbid,
    /// Answer as if there were nothing.
    Hide,
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
    pub fn standing(self, project: ProjectId, level: Option<AccessLevel>) -> Standing {
        if self.only.is_some_and(|only| only != project) {
            return Standing::OutOfReach;
        }
        self.standing_in_namespace(level)
    }

    /// The reader's standing in a group or a user's namespace, given their highest level there.
    #[must_use]
    pub const fn standing_in_namespace(self, level: Option<AccessLevel>) -> Standing {
        match self {
            Self { administrator: true, .. } => Standing::Administrator,
            Self { user: Some(_), .. } => Standing::SignedIn(level),
            Self { user: None, .. } => Standing::Anonymous,
        }
    }

    /// Whether what was asked for in a project may be read, given the reader's highest level there.
    #[must_use]
    pub fn is_admitted_to(self, project: ProjectId, rules: ProjectRules, level: Option<AccessLevel>) -> bool {
        let step = match self.admission {
            Admission::SeeProject => Step::SeeProject,
            Admission::ReadReleases => Step::ReadReleases,
        };
        decide(self.standing(project, level), rules, step) == Decision::Allow
    }
}

/// What is asked of a project.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// To know that it exists.
    SeeProject,
    /// To read its releases, links and tags.
    ReadReleases,
    /// To write the release of this tag, its links, or the tag; with all rules of the project that protect tags.
    WriteReleases {
        /// The tag written on.
        tag: &'a str,
        /// All rules of the project; those that do not match the tag do not count.
        rules: &'a [TagRule],
    },
}

/// Decides one step, those before it included.
///
/// ```
/// use release_links_domain::access::{Decision, Standing, Step, decide};
/// use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
///
/// let private = ProjectRules { visibility: Visibility::Private, archived: false, releases: ReleasesAccess::Enabled };
/// assert_eq!(decide(Standing::Anonymous, private, Step::ReadReleases), Decision::Hide);
/// ```
#[must_use]
pub fn decide(standing: Standing, project: ProjectRules, step: Step<'_>) -> Decision {
    if !standing.sees(project.visibility) {
        return Decision::Hide;
    }
    let allowed = match step {
        Step::SeeProject => true,
        Step::ReadReleases => may_read_releases(standing, project),
        Step::WriteReleases { tag, rules } => {
            may_read_releases(standing, project) && !project.archived && may_write_tag(standing, tag, rules)
        }
    };
    if allowed { Decision::Allow } else { Decision::Forbid }
}

fn may_read_releases(standing: Standing, project: ProjectRules) -> bool {
    match project.releases {
        ReleasesAccess::Enabled => true,
        ReleasesAccess::Private => standing.level().is_some(),
        ReleasesAccess::Disabled => false,
    }
}

fn may_write_tag(standing: Standing, tag: &str, rules: &[TagRule]) -> bool {
    let Some(level) = standing.level() else { return false };
    let mut matching = rules.iter().filter(|rule| rule.pattern.matches(tag)).peekable();
    level >= AccessLevel::Developer
        && (matching.peek().is_none() || matching.any(|rule| rule.create_level.is_met_by(level)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decision::{Allow, Forbid, Hide};
    use Visibility::{Internal, Private, Public};

    const STRANGER: Standing = Standing::SignedIn(None);
    const GUEST: Standing = Standing::SignedIn(Some(AccessLevel::Guest));
    const REPORTER: Standing = Standing::SignedIn(Some(AccessLevel::Reporter));
    const DEVELOPER: Standing = Standing::SignedIn(Some(AccessLevel::Developer));
    const MAINTAINER: Standing = Standing::SignedIn(Some(AccessLevel::Maintainer));
    const OWNER: Standing = Standing::SignedIn(Some(AccessLevel::Owner));

    fn rules(visibility: Visibility) -> ProjectRules {
        ProjectRules { visibility, archived: false, releases: ReleasesAccess::Enabled }
    }

    fn read(standing: Standing, project: ProjectRules) -> Decision {
        decide(standing, project, Step::ReadReleases)
    }

    fn write(standing: Standing, project: ProjectRules, rules: &[(&str, TagCreateLevel)]) -> Decision {
        let rules: Vec<TagRule> = rules
            .iter()
            .map(|&(pattern, create_level)| TagRule {
                id: 1.try_into().unwrap(),
                pattern: pattern.parse().unwrap(),
                create_level,
            })
            .collect();
        decide(standing, project, Step::WriteReleases { tag: "v1/x", rules: &rules })
    }

    #[test]
    fn the_permission_table_of_the_contract_holds() {
        let table = [
            (Standing::Anonymous, [(Public, Allow, Forbid), (Internal, Hide, Hide), (Private, Hide, Hide)]),
            (STRANGER, [(Public, Allow, Forbid), (Internal, Allow, Forbid), (Private, Hide, Hide)]),
            (GUEST, [(Public, Allow, Forbid), (Internal, Allow, Forbid), (Private, Allow, Forbid)]),
            (REPORTER, [(Public, Allow, Forbid), (Internal, Allow, Forbid), (Private, Allow, Forbid)]),
            (DEVELOPER, [(Public, Allow, Allow), (Internal, Allow, Allow), (Private, Allow, Allow)]),
            (MAINTAINER, [(Public, Allow, Allow), (Internal, Allow, Allow), (Private, Allow, Allow)]),
            (OWNER, [(Public, Allow, Allow), (Internal, Allow, Allow), (Private, Allow, Allow)]),
            (Standing::Administrator, [(Public, Allow, Allow), (Internal, Allow, Allow), (Private, Allow, Allow)]),
            (Standing::OutOfReach, [(Public, Hide, Hide), (Internal, Hide, Hide), (Private, Hide, Hide)]),
        ];
        for (standing, row) in table {
            for (visibility, reads, writes) in row {
                assert_eq!(read(standing, rules(visibility)), reads, "{standing:?} reads {visibility:?}");
                assert_eq!(write(standing, rules(visibility), &[]), writes, "{standing:?} writes {visibility:?}");
            }
        }
    }

    #[test]
    fn private_releases_are_for_members_only() {
        let project = ProjectRules { releases: ReleasesAccess::Private, ..rules(Public) };
        assert_eq!([Standing::Anonymous, STRANGER].map(|who| read(who, project)), [Forbid, Forbid]);
        assert_eq!([GUEST, DEVELOPER, Standing::Administrator].map(|who| read(who, project)), [Allow, Allow, Allow]);
        assert_eq!(write(DEVELOPER, project, &[]), Allow);
        assert_eq!(read(STRANGER, ProjectRules { visibility: Private, ..project }), Hide);
    }

    #[test]
    fn disabled_releases_are_forbidden_to_whoever_sees_the_project() {
        let project = ProjectRules { releases: ReleasesAccess::Disabled, ..rules(Private) };
        for standing in [GUEST, OWNER, Standing::Administrator] {
            assert_eq!((read(standing, project), write(standing, project, &[])), (Forbid, Forbid), "{standing:?}");
        }
        assert_eq!(read(STRANGER, project), Hide);
        assert_eq!(decide(GUEST, project, Step::SeeProject), Allow);
    }

    #[test]
    fn an_archived_project_is_read_but_not_written() {
        let project = ProjectRules { archived: true, ..rules(Public) };
        for standing in [DEVELOPER, OWNER, Standing::Administrator] {
            assert_eq!((read(standing, project), write(standing, project, &[])), (Allow, Forbid), "{standing:?}");
        }
    }

    #[test]
    fn a_protected_tag_asks_for_one_matching_rule_to_be_met() {
        use TagCreateLevel::{Developers, Maintainers, NoOne};
        let project = rules(Public);
        for (rules, developer, maintainer, administrator) in [
            (&[("v*", Developers)][..], Allow, Allow, Allow),
            (&[("v*", Maintainers)][..], Forbid, Allow, Allow),
            (&[("v*", NoOne)][..], Forbid, Forbid, Forbid),
            (&[("v*", NoOne), ("*/x", Maintainers)][..], Forbid, Allow, Allow),
            (&[("v*", Maintainers), ("v1/x", Developers)][..], Allow, Allow, Allow),
            (&[("w*", NoOne)][..], Allow, Allow, Allow),
            (&[("V*", NoOne)][..], Allow, Allow, Allow),
        ] {
            let decisions = [DEVELOPER, MAINTAINER, Standing::Administrator].map(|who| write(who, project, rules));
            assert_eq!(decisions, [developer, maintainer, administrator], "{rules:?}");
            assert_eq!(write(REPORTER, project, rules), Forbid);
            assert_eq!(read(Standing::Anonymous, project), Allow);
        }
    }
}
