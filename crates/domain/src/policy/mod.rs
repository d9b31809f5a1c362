//! Who may do what (docs/contract.md, "Permissions" and "Provisioning"): every action, and the one function that decides it.
//!
//! [`decide`] refuses in the order of the contract. Where a use case has to tell of something else in between, such as a
//! link that is not there before a missing right to write, it asks about an earlier action first: each action includes
//! what comes before it, so that asking again changes nothing.

#[cfg(test)]
mod tests;

use crate::access::{AccessLevel, Standing, TagRule};
use crate::namespace::NamespaceKind;
use crate::project::{ProjectRules, Visibility};
use crate::token::{Caller, Intent};
use crate::{ProjectId, UserId};

/// What somebody may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action<'a> {
    /// To learn the version of the service.
    ReadVersion,
    /// To learn which user one acts as.
    ReadOneself,
    /// To list projects: those that the caller sees.
    ListProjects,
    /// To list groups: those that the caller sees.
    ListGroups,
    /// To list users.
    ListUsers,
    /// To search users by their email addresses.
    SearchEmails,
    /// To create a user.
    CreateUser,

    /// To read of a user what everybody reads who is signed in.
    ReadUser,
    /// To read a user's email address, and whether they are an administrator.
    ReadUserInFull,
    /// To change or delete a user.
    WriteUser,
    /// To create a personal access token for a user.
    CreatePersonalToken,
    /// To list personal access tokens: those of a user, if one is named.
    ListPersonalTokens {
        /// Whose tokens.
        of: Option<UserId>,
    },
    /// To read about a personal access token, or about the very token that one acts by.
    ReadPersonalToken,
    /// To rotate or revoke a personal access token.
    WritePersonalToken,
    /// To revoke the personal access token that one acts by.
    RevokeOwnToken,

    /// To know of a group or project, and of what is open to all who do, with a token that covers what is to come of it.
    See(Intent),
    /// To create a group: at the top, or below another group.
    CreateGroup,
    /// To change the settings of a group, rename or delete it.
    WriteGroup,
    /// To create a project in a group or in one's own namespace, or to transfer one to it.
    CreateProject,
    /// To change the settings of a project, or rename it.
    ChangeProject,
    /// To archive a project, or to open it again.
    ArchiveProject,
    /// To transfer a project; in its new namespace that takes [`CreateProject`](Self::CreateProject).
    TransferProject,
    /// To delete a project.
    DeleteProject,

    /// To add members and change or end memberships.
    ManageMembers {
        /// The levels that members have, or are to have.
        levels: &'a [AccessLevel],
        /// Whether it is about the bot of a project token.
        bot: bool,
    },
    /// To end a membership, one's own included.
    EndMembership {
        /// Whose.
        user: UserId,
        /// With which level.
        level: AccessLevel,
        /// Whether that user is the bot of a project token.
        bot: bool,
    },
    /// To read the rules that protect tags.
    ReadProtectedTags,
    /// To add and remove rules that protect tags.
    WriteProtectedTags,
    /// To read about project access tokens.
    ReadProjectTokens,
    /// To create, rotate and revoke project access tokens.
    WriteProjectTokens {
        /// The level of the token's bot, once it is known.
        level: Option<AccessLevel>,
    },
    /// To create and end the tokens of jobs.
    RunJobs {
        /// The user that the job acts as, once it is known.
        user: Option<UserId>,
    },

    /// To read releases, links and tags, with a token that covers what is to come of it.
    ReadReleases(Intent),
    /// To write the release of a tag, its links, or the tag.
    WriteReleases {
        /// The tag.
        tag: &'a str,
        /// All rules of the project that protect tags; those that do not match the tag do not count.
        rules: &'a [TagRule],
    },
}

/// What an action is done to, with what storage knows of it and of the caller's place in it. None stands for what was not
/// looked for yet: [`decide`] then answers as far as that can be said beforehand.
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
        self.standing(caller).level()
    }

    fn standing(self, caller: &Caller) -> Standing {
        match self {
            Self::Project(Some(project)) => caller.standing(project.id, project.level),
            Self::Group(Some(group)) | Self::Namespace(Some(group)) => caller.standing_in_namespace(group.level),
            _ => caller.standing_in_namespace(None),
        }
    }

    /// Whether it shows itself to the caller; none if it was not looked for.
    fn shows_itself_to(self, caller: &Caller) -> Option<bool> {
        let standing = self.standing(caller);
        match self {
            Self::Service => Some(true),
            Self::Project(project) => Some(standing.sees(project?.rules.visibility)),
            Self::Group(group) | Self::Namespace(group) => Some(standing.sees(group?.visibility)),
            Self::User(user) => user.map(|_| true),
            Self::Token(user) => Some(caller.acts_for(user?)),
        }
    }
}

/// The answer of [`decide`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allow,
    /// Refuse openly.
    Forbid(Reason),
    /// Answer as if there were nothing.
    Hide,
}

/// Why an action is refused openly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nobody has signed in, and somebody must.
    NotSignedIn,
    /// The token's scopes do not cover it.
    InsufficientScope,
    /// It is not for this caller.
    NotAllowed,
}

/// Decides whether somebody may do something.
///
/// ```
/// use release_links_domain::access::AccessLevel;
/// use release_links_domain::policy::{Action, Decision, GroupAccess, Reason, Resource, decide};
/// use release_links_domain::project::Visibility;
/// use release_links_domain::token::{Caller, Intent};
///
/// let group = |visibility| Resource::Group(Some(GroupAccess { visibility, level: None }));
/// let anonymous = Caller::Anonymous;
/// assert_eq!(decide(&anonymous, group(Visibility::Private), Action::See(Intent::Read)), Decision::Hide);
/// assert_eq!(
///     decide(&anonymous, group(Visibility::Public), Action::WriteGroup),
///     Decision::Forbid(Reason::NotSignedIn)
/// );
/// ```
#[must_use]
pub fn decide(caller: &Caller, resource: Resource, action: Action<'_>) -> Decision {
    let Terms { who, scope, jobs } = Terms::of(action);
    let is_anonymous = *caller == Caller::Anonymous;
    if is_anonymous && matches!(who, Who::SignedIn | Who::InPerson) {
        return Decision::Forbid(Reason::NotSignedIn);
    }
    let is_in_reach = jobs || matches!(resource, Resource::Project(_));
    if caller.is_confined_to_a_project() && !is_in_reach {
        return Decision::Forbid(Reason::NotAllowed);
    }
    match resource.shows_itself_to(caller) {
        None => return Decision::Allow,
        Some(false) => return Decision::Hide,
        Some(true) => {}
    }
    if scope.is_some_and(|intent| !caller.covers(intent)) {
        return Decision::Forbid(Reason::InsufficientScope);
    }
    if is_anonymous && who == Who::SignedInOnceItIsSeen {
        return Decision::Forbid(Reason::NotSignedIn);
    }
    let as_asked = who != Who::InPerson || caller.is_in_person();
    if as_asked && is_allowed(caller, resource, action) {
        Decision::Allow
    } else {
        Decision::Forbid(Reason::NotAllowed)
    }
}

/// Who may ask at all, whatever their level.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Anybody,
    /// Known before anything is looked for.
    SignedIn,
    /// An anonymous caller first learns whether there is something.
    SignedInOnceItIsSeen,
    /// A user in person, so with a personal access token.
    InPerson,
}

/// What an action asks for whatever it is done to.
struct Terms {
    who: Who,
    /// What the token's scopes must cover, if it needs any.
    scope: Option<Intent>,
    /// Whether a job's token may do it outside its project.
    jobs: bool,
}

impl Terms {
    fn of(action: Action<'_>) -> Self {
        let (who, scope) = match action {
            Action::See(intent) | Action::ReadReleases(intent) => (Who::Anybody, Some(intent)),
            Action::WriteReleases { .. } => (Who::Anybody, Some(Intent::Write)),
            Action::ListProjects | Action::ListGroups => (Who::Anybody, Some(Intent::Read)),
            Action::ReadVersion
            | Action::ReadOneself
            | Action::ListUsers
            | Action::SearchEmails
            | Action::ReadUser
            | Action::ReadUserInFull
            | Action::ListPersonalTokens { .. }
            | Action::ReadPersonalToken => (Who::SignedIn, Some(Intent::Read)),
            Action::ReadProtectedTags | Action::ReadProjectTokens => (Who::SignedInOnceItIsSeen, Some(Intent::Read)),
            Action::RevokeOwnToken => (Who::InPerson, None),
            Action::CreateUser
            | Action::WriteUser
            | Action::CreatePersonalToken
            | Action::WritePersonalToken
            | Action::CreateGroup
            | Action::WriteGroup
            | Action::CreateProject
            | Action::ChangeProject
            | Action::ArchiveProject
            | Action::TransferProject
            | Action::DeleteProject
            | Action::ManageMembers { .. }
            | Action::EndMembership { .. }
            | Action::WriteProtectedTags
            | Action::WriteProjectTokens { .. }
            | Action::RunJobs { .. } => (Who::InPerson, Some(Intent::Write)),
        };
        let jobs = matches!(action, Action::ReadVersion | Action::ReadOneself | Action::ListProjects);
        Self { who, scope, jobs }
    }
}

/// Whether the caller has the level, or is the user, that the action takes.
fn is_allowed(caller: &Caller, resource: Resource, action: Action<'_>) -> bool {
    let standing = resource.standing(caller);
    let is_bot = matches!(resource, Resource::User(Some(user)) if user.bot);
    let is_own = || matches!(resource, Resource::User(Some(user)) if caller.acts_for(user.id));
    match action {
        Action::ReadVersion
        | Action::ReadOneself
        | Action::ListProjects
        | Action::ListGroups
        | Action::ListUsers
        | Action::ReadUser
        | Action::See(_)
        // Somebody else's token is hidden.
        | Action::ReadPersonalToken
        | Action::WritePersonalToken
        | Action::RevokeOwnToken => true,

        Action::SearchEmails | Action::CreateUser => standing == Standing::Administrator,
        Action::WriteUser => standing == Standing::Administrator && !is_bot,
        Action::ReadUserInFull => is_own(),
        Action::CreatePersonalToken => is_own() && !is_bot,
        Action::ListPersonalTokens { of } => of.is_none_or(|user| caller.acts_for(user)),

        Action::CreateGroup => resource == Resource::Service || standing.is_at_least(AccessLevel::Maintainer),
        Action::CreateProject => standing.is_at_least(AccessLevel::Developer),
        Action::WriteGroup | Action::ArchiveProject | Action::TransferProject | Action::DeleteProject => standing.is_at_least(AccessLevel::Owner),
        Action::ChangeProject
        | Action::ReadProtectedTags
        | Action::WriteProtectedTags
        | Action::ReadProjectTokens => standing.is_at_least(AccessLevel::Maintainer),
        Action::WriteProjectTokens { level } => {
            standing.is_at_least(AccessLevel::Maintainer) && level.is_none_or(|level| standing.is_at_least(level))
        }
        Action::RunJobs { user } => {
            standing.is_at_least(AccessLevel::Developer) && user.is_none_or(|user| caller.acts_for(user))
        }
        Action::ManageMembers { levels, bot } => may_manage(standing, resource, levels, bot),
        Action::EndMembership { user, level, bot } => {
            caller.user() == Some(user) || may_manage(standing, resource, &[level], bot)
        }

        Action::ReadReleases(_) => may_read_releases(standing, resource),
        Action::WriteReleases { tag, rules } => {
            may_read_releases(standing, resource) && may_write_releases(standing, resource, tag, rules)
        }
    }
}

/// Nobody touches a level above their own, nor the bot of a project token, which has that of its token.
fn may_manage(standing: Standing, resource: Resource, levels: &[AccessLevel], bot: bool) -> bool {
    let least = match resource {
        Resource::Project(_) => AccessLevel::Maintainer,
        _ => AccessLevel::Owner,
    };
    standing.is_at_least(least) && !bot && levels.iter().all(|&level| standing.is_at_least(level))
}

fn may_read_releases(standing: Standing, resource: Resource) -> bool {
    matches!(resource, Resource::Project(Some(project)) if standing.may_read_releases(project.rules))
}

fn may_write_releases(standing: Standing, resource: Resource, tag: &str, rules: &[TagRule]) -> bool {
    let (Some(level), Resource::Project(Some(project))) = (standing.level(), resource) else { return false };
    let mut matching = rules.iter().filter(|rule| rule.pattern.matches(tag)).peekable();
    level >= AccessLevel::Developer
        && !project.rules.archived
        && (matching.peek().is_none() || matching.any(|rule| rule.create_level.is_met_by(level)))
}
