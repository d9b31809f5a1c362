//! The permission policy (docs/contract.md, "Permissions" and "Provisioning"): every action, and the one function
//! that decides it.
//!
//! [`decide`] checks in the order of the contract. Where the contract puts another refusal in between, such as a
//! missing link before a missing right to write, the use case first asks about an earlier action. Each action
//! includes the checks of the earlier ones, so asking again does not change the outcome.

mod action;
mod resource;
mod sudo;
#[cfg(test)]
mod tests;

use crate::access::{AccessLevel, EffectiveAccess, TagRule};
use crate::token::{Caller, Intent};

pub use action::Action;
pub use resource::{GroupAccess, ProjectAccess, Resource, UserAccess};
pub use sudo::{SudoRefusal, SudoUser};

/// The outcome of [`decide`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The caller may proceed.
    Allow,
    /// Refuse, and say why.
    Forbid(Reason),
    /// Answer as if the resource did not exist.
    Hide,
}

/// Why an action is forbidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The action requires a signed-in caller.
    NotSignedIn,
    /// The token's scopes do not cover the action.
    InsufficientScope,
    /// The caller's level, or kind of credential, does not allow the action.
    NotAllowed,
}

/// Decides whether the caller may perform an action on a resource.
///
/// ```
/// use release_links_domain::access::AccessLevel;
/// use release_links_domain::policy::{Action, Decision, GroupAccess, Reason, Resource, decide};
/// use release_links_domain::project::Visibility;
/// use release_links_domain::token::{Caller, Intent};
///
/// let group = |visibility| Resource::Group(Some(GroupAccess { visibility, level: None, member_below: false }));
/// let anonymous = Caller::Anonymous;
/// assert_eq!(decide(&anonymous, group(Visibility::Private), Action::See(Intent::Read)), Decision::Hide);
/// assert_eq!(
///     decide(&anonymous, group(Visibility::Public), Action::WriteGroup),
///     Decision::Forbid(Reason::NotSignedIn)
/// );
/// ```
#[must_use]
pub fn decide(caller: &Caller, resource: Resource, action: Action<'_>) -> Decision {
    let Requirements { admits, scope, jobs } = Requirements::of(action);
    let is_anonymous = *caller == Caller::Anonymous;
    if is_anonymous && matches!(admits, Admits::SignedIn | Admits::PersonalToken) {
        return Decision::Forbid(Reason::NotSignedIn);
    }
    let token_extends_here = jobs || matches!(resource, Resource::Project(_));
    if caller.is_confined_to_a_project() && !token_extends_here {
        return Decision::Forbid(Reason::NotAllowed);
    }
    match resource.is_visible_to(caller) {
        // Not loaded yet: the checks above are all that can be decided without it.
        None => return Decision::Allow,
        Some(false) => return decide_absent(caller, action),
        Some(true) => {}
    }
    let is_covered = match scope {
        Covers::Nothing => true,
        Covers::OwnRotation => caller.covers_own_rotation(),
        Covers::Intent(intent) => caller.covers(intent),
    };
    if !is_covered {
        return Decision::Forbid(Reason::InsufficientScope);
    }
    if is_anonymous && admits == Admits::SignedInIfVisible {
        return Decision::Forbid(Reason::NotSignedIn);
    }
    let has_required_token = admits != Admits::PersonalToken || caller.is_personal();
    if has_required_token && is_allowed(caller, resource, action) {
        Decision::Allow
    } else {
        Decision::Forbid(Reason::NotAllowed)
    }
}

/// Decides what a caller is told of a resource that does not exist: the same as of one that they may not see.
///
/// ```
/// use release_links_domain::policy::{Action, Decision, Reason, decide_absent};
/// use release_links_domain::token::{Caller, Intent};
///
/// let anonymous = Caller::Anonymous;
/// assert_eq!(decide_absent(&anonymous, Action::See(Intent::Read)), Decision::Hide);
/// assert_eq!(decide_absent(&anonymous, Action::DownloadPackage), Decision::Forbid(Reason::NotSignedIn));
/// ```
#[must_use]
pub fn decide_absent(caller: &Caller, action: Action<'_>) -> Decision {
    match Requirements::of(action).admits {
        Admits::SignedInIfHidden if *caller == Caller::Anonymous => Decision::Forbid(Reason::NotSignedIn),
        _ => Decision::Hide,
    }
}

/// The callers that an action admits, whatever their level.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Admits {
    Anyone,
    /// Signed-in callers only, checked before any lookup.
    SignedIn,
    /// Signed-in callers only; an anonymous caller first learns whether the resource exists.
    SignedInIfVisible,
    /// Anyone who can see the resource; an anonymous caller who cannot is told to sign in.
    SignedInIfHidden,
    /// A user with a personal access token.
    PersonalToken,
}

/// What the token's scopes must cover.
#[derive(Clone, Copy)]
enum Covers {
    Nothing,
    OwnRotation,
    Intent(Intent),
}

/// What an action requires, whatever its resource.
struct Requirements {
    admits: Admits,
    scope: Covers,
    /// Whether a job token may perform it outside its own project.
    jobs: bool,
}

impl Requirements {
    fn of(action: Action<'_>) -> Self {
        let (admits, scope) = match action {
            Action::See(intent) | Action::ReadReleases(intent) => (Admits::Anyone, Covers::Intent(intent)),
            Action::WriteReleases { .. } | Action::DeleteImmutableRelease => {
                (Admits::Anyone, Covers::Intent(Intent::Write))
            }
            Action::ReadActors => (Admits::Anyone, Covers::Intent(Intent::Read)),
            Action::DownloadPackage => (Admits::SignedInIfHidden, Covers::Intent(Intent::Read)),
            Action::AddFile | Action::DeleteFile => (Admits::SignedIn, Covers::Intent(Intent::Write)),
            Action::ListProjects | Action::ListGroups | Action::ReadMembers => {
                (Admits::Anyone, Covers::Intent(Intent::Read))
            }
            Action::ReadVersion
            | Action::ReadOneself
            | Action::ListUsers
            | Action::SearchEmails
            | Action::ReadUser
            | Action::ReadUserInFull
            | Action::ListPersonalTokens { .. }
            | Action::ReadPersonalToken => (Admits::SignedIn, Covers::Intent(Intent::Read)),
            Action::ReadProtectedTags | Action::ReadProjectTokens | Action::ReadJobTokens | Action::ReadUploads => {
                (Admits::SignedInIfVisible, Covers::Intent(Intent::Read))
            }
            Action::RevokeOwnToken => (Admits::PersonalToken, Covers::Nothing),
            Action::RotateOwnToken => (Admits::SignedIn, Covers::OwnRotation),
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
            | Action::RunJobs { .. } => (Admits::PersonalToken, Covers::Intent(Intent::Write)),
        };
        let jobs = matches!(action, Action::ReadVersion | Action::ReadOneself | Action::ListProjects);
        Self { admits, scope, jobs }
    }
}

/// Whether the caller has the level that the action requires, or is the user that it requires.
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
        | Action::DownloadPackage
        // Another user's token is hidden.
        | Action::ReadPersonalToken
        | Action::WritePersonalToken
        | Action::RevokeOwnToken => true,
        Action::RotateOwnToken => !caller.is_confined_to_a_project(),

        Action::SearchEmails | Action::CreateUser => access == EffectiveAccess::Administrator,
        Action::WriteUser => access == EffectiveAccess::Administrator && !is_bot,
        Action::ReadUserInFull => is_own(),
        Action::CreatePersonalToken => is_own() && !is_bot,
        Action::ListPersonalTokens { of } => of.is_none_or(|user| caller.acts_for(user)),

        Action::CreateGroup => resource == Resource::Service || access.is_at_least(AccessLevel::Maintainer),
        Action::CreateProject | Action::ReadJobTokens | Action::ReadActors => {
            access.is_at_least(AccessLevel::Developer)
        }
        Action::WriteGroup
        | Action::ArchiveProject
        | Action::TransferProject
        | Action::DeleteProject
        | Action::DeleteImmutableRelease => access.is_at_least(AccessLevel::Owner),
        Action::ChangeProject
        | Action::ReadProtectedTags
        | Action::WriteProtectedTags
        | Action::ReadProjectTokens
        | Action::ReadUploads => access.is_at_least(AccessLevel::Maintainer),
        Action::AddFile => access.is_at_least(AccessLevel::Developer) && !is_archived(resource),
        Action::DeleteFile => access.is_at_least(AccessLevel::Maintainer) && !is_archived(resource),
        Action::WriteProjectTokens { level } => {
            access.is_at_least(AccessLevel::Maintainer) && level.is_none_or(|level| access.is_at_least(level))
        }
        Action::RunJobs { user } => {
            access.is_at_least(AccessLevel::Developer) && user.is_none_or(|user| caller.acts_for(user))
        }
        Action::ReadMembers => !resource.is_seen_from_below_only(access),
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

/// Nobody manages a level above their own. Nobody manages the bot of a project token: its level is set by the token.
fn may_manage(access: EffectiveAccess, resource: Resource, levels: &[AccessLevel], bot: bool) -> bool {
    let least = match resource {
        Resource::Project(_) => AccessLevel::Maintainer,
        _ => AccessLevel::Owner,
    };
    access.is_at_least(least) && !bot && levels.iter().all(|&level| access.is_at_least(level))
}

const fn is_archived(resource: Resource) -> bool {
    matches!(resource, Resource::Project(Some(project)) if project.rules.archived)
}

fn may_read_releases(access: EffectiveAccess, resource: Resource) -> bool {
    matches!(resource, Resource::Project(Some(project)) if access.may_read_releases(project.rules))
}

fn may_write_releases(access: EffectiveAccess, resource: Resource, tag: &str, rules: &[TagRule]) -> bool {
    let (Some(level), Resource::Project(Some(project))) = (access.level(), resource) else { return false };
    // A tag that no rule matches is not protected; otherwise one matching rule that allows the level is enough.
    let mut matching = rules.iter().filter(|rule| rule.pattern.matches(tag)).peekable();
    level >= AccessLevel::Developer
        && !project.rules.archived
        && (matching.peek().is_none() || matching.any(|rule| rule.create_level.is_met_by(level)))
}
