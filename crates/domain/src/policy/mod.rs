//! Who may do what (docs/contract.md, "Permissions" and "Provisioning"): every action, and the one function that decides it.
//!
//! [`decide`] refuses in the order of the contract. Where a use case has to tell of something else in between, such as a
//! link that is not there before a missing right to write, it asks about an earlier action first: each action includes
//! what comes before it, so that asking again changes nothing.

mod action;
mod resource;
#[cfg(test)]
mod tests;

use crate::access::{AccessLevel, EffectiveAccess, TagRule};
use crate::token::{Caller, Intent};

pub use action::Action;
pub use resource::{GroupAccess, ProjectAccess, Resource, UserAccess};

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
    let access = resource.access(caller);
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

        Action::SearchEmails | Action::CreateUser => access == EffectiveAccess::Administrator,
        Action::WriteUser => access == EffectiveAccess::Administrator && !is_bot,
        Action::ReadUserInFull => is_own(),
        Action::CreatePersonalToken => is_own() && !is_bot,
        Action::ListPersonalTokens { of } => of.is_none_or(|user| caller.acts_for(user)),

        Action::CreateGroup => resource == Resource::Service || access.is_at_least(AccessLevel::Maintainer),
        Action::CreateProject => access.is_at_least(AccessLevel::Developer),
        Action::WriteGroup | Action::ArchiveProject | Action::TransferProject | Action::DeleteProject => access.is_at_least(AccessLevel::Owner),
        Action::ChangeProject
        | Action::ReadProtectedTags
        | Action::WriteProtectedTags
        | Action::ReadProjectTokens => access.is_at_least(AccessLevel::Maintainer),
        Action::WriteProjectTokens { level } => {
            access.is_at_least(AccessLevel::Maintainer) && level.is_none_or(|level| access.is_at_least(level))
        }
        Action::RunJobs { user } => {
            access.is_at_least(AccessLevel::Developer) && user.is_none_or(|user| caller.acts_for(user))
        }
        Action::ManageMembers { levels, bot } => may_manage(access, resource, levels, bot),
        Action::EndMembership { user, level, bot } => {
            caller.user() == Some(user) || may_manage(access, resource, &[level], bot)
        }

        Action::ReadReleases(_) => may_read_releases(access, resource),
        Action::WriteReleases { tag, rules } => {
            may_read_releases(access, resource) && may_write_releases(access, resource, tag, rules)
        }
    }
}

/// Nobody touches a level above their own, nor the bot of a project token, which has that of its token.
fn may_manage(access: EffectiveAccess, resource: Resource, levels: &[AccessLevel], bot: bool) -> bool {
    let least = match resource {
        Resource::Project(_) => AccessLevel::Maintainer,
        _ => AccessLevel::Owner,
    };
    access.is_at_least(least) && !bot && levels.iter().all(|&level| access.is_at_least(level))
}

fn may_read_releases(access: EffectiveAccess, resource: Resource) -> bool {
    matches!(resource, Resource::Project(Some(project)) if access.may_read_releases(project.rules))
}

fn may_write_releases(access: EffectiveAccess, resource: Resource, tag: &str, rules: &[TagRule]) -> bool {
    let (Some(level), Resource::Project(Some(project))) = (access.level(), resource) else { return false };
    let mut matching = rules.iter().filter(|rule| rule.pattern.matches(tag)).peekable();
    level >= AccessLevel::Developer
        && !project.rules.archived
        && (matching.peek().is_none() || matching.any(|rule| rule.create_level.is_met_by(level)))
}
