//! The checks before every operation (docs/contract.md, "Permissions", steps 5 and 6, and "Provisioning"): asks the
//! policy, and turns its decisions into refusals.

use release_links_domain::access::Admission;
use release_links_domain::policy::{Action, Decision, ProjectAccess, Reason, Resource, decide, decide_absent};
use release_links_domain::project::ProjectRef;
use release_links_domain::token::{Bearer, Caller, Intent};
use release_links_ports::{ProjectFacts, ProjectView, Viewer};

use crate::{Missing, Refusal};

/// Parses how a request identifies a project; text that no project can match is not found.
pub(crate) fn project_ref(raw: &str) -> Result<ProjectRef, Refusal> {
    raw.parse().map_err(|_| Refusal::NotFound(Missing::Project))
}

/// Asks the policy, and turns a negative decision into a refusal.
///
/// Most use cases ask twice: before the read with an empty resource, which refuses callers whose credential can never
/// allow the action, and after it with the resource that the read returned.
pub(crate) fn ask(caller: &Caller, resource: Resource, action: Action<'_>) -> Result<(), Refusal> {
    match decide(caller, resource, action) {
        Decision::Allow => Ok(()),
        Decision::Hide => Err(Refusal::NotFound(what_is_missing(resource))),
        Decision::Forbid(Reason::NotSignedIn) => Err(Refusal::NotSignedIn),
        Decision::Forbid(Reason::InsufficientScope) => Err(Refusal::InsufficientScope),
        Decision::Forbid(Reason::NotAllowed) => Err(Refusal::Forbidden),
    }
}

const fn what_is_missing(resource: Resource) -> Missing {
    match resource {
        // The service itself is never hidden.
        Resource::Service | Resource::Project(_) => Missing::Project,
        Resource::Group(_) => Missing::Group,
        Resource::Namespace(_) => Missing::Namespace,
        Resource::User(_) => Missing::User,
        Resource::Token(_) => Missing::Token,
    }
}

/// Asks the policy about an action that requires a signed-in caller, and returns that caller.
pub(crate) fn ask_bearer<'a>(
    caller: &'a Caller,
    resource: Resource,
    action: Action<'_>,
) -> Result<&'a Bearer, Refusal> {
    ask(caller, resource, action)?;
    match caller {
        Caller::Token(bearer) => Ok(bearer),
        Caller::Anonymous => Err(Refusal::NotSignedIn),
    }
}

/// A project that the caller may see: its facts, the project as the resource of further checks, and what the read found.
pub(crate) type Seen<T> = (ProjectFacts, Resource, Option<T>);

/// Asks the policy about an action on the project that a read returned.
fn ask_in_project<T>(caller: &Caller, action: Action<'_>, view: Option<ProjectView<T>>) -> Result<Seen<T>, Refusal> {
    let Some(ProjectView { project, level, found }) = view else { return Err(absent(caller, action)) };
    let resource = Resource::Project(Some(ProjectAccess { id: project.id, rules: project.rules, level }));
    ask(caller, resource, action)?;
    Ok((project, resource, found))
}

/// Returns what a caller is told of a project that does not exist.
fn absent(caller: &Caller, action: Action<'_>) -> Refusal {
    match decide_absent(caller, action) {
        Decision::Forbid(Reason::NotSignedIn) => Refusal::NotSignedIn,
        _ => Refusal::NotFound(Missing::Project),
    }
}

/// Redirects a request by an old path to the current one.
pub(crate) fn refuse_old_path(project: &ProjectFacts) -> Result<(), Refusal> {
    if project.moved {
        return Err(Refusal::Moved { id: project.id, full_path: project.full_path.clone() });
    }
    Ok(())
}

/// Returns what a read always finds for a caller who is admitted. Storage decided that in its own snapshot, with the same
/// rules.
pub(crate) fn always<T>(found: Option<T>) -> Result<T, Refusal> {
    found.ok_or(Refusal::NotFound(Missing::Project))
}

/// Checks that the caller can see the project, and refuses an old path. The view must come from a reader with the
/// admission [`SeeProject`](release_links_domain::access::Admission::SeeProject).
pub(crate) fn see<T>(caller: &Caller, intent: Intent, view: Option<ProjectView<T>>) -> Result<Seen<T>, Refusal> {
    see_for(caller, Action::See(intent), view)
}

/// As [`see`], and checks that the caller may perform an action that needs another scope.
pub(crate) fn see_for<T>(
    caller: &Caller,
    action: Action<'_>,
    view: Option<ProjectView<T>>,
) -> Result<Seen<T>, Refusal> {
    let seen = ask_in_project(caller, action, view)?;
    refuse_old_path(&seen.0)?;
    Ok(seen)
}

/// As [`see`], and checks that the caller may read the project's releases. The view must come from a reader with the
/// admission [`ReadReleases`](release_links_domain::access::Admission::ReadReleases).
pub(crate) fn see_releases<T>(
    caller: &Caller,
    intent: Intent,
    view: Option<ProjectView<T>>,
) -> Result<Seen<T>, Refusal> {
    let seen = ask_in_project(caller, Action::See(intent), view)?;
    refuse_old_path(&seen.0)?;
    ask(caller, seen.1, Action::ReadReleases(intent))?;
    Ok(seen)
}

/// As [`see_releases`], but accepts an old path too.
pub(crate) fn see_releases_by_any_path<T>(
    caller: &Caller,
    intent: Intent,
    view: Option<ProjectView<T>>,
) -> Result<Seen<T>, Refusal> {
    ask_in_project(caller, Action::ReadReleases(intent), view)
}

/// Returns the caller as the viewer of a list: whose levels count, and the visibilities that need none.
pub(crate) fn viewer(caller: &Caller) -> Viewer {
    caller.reader(Admission::SeeProject).into()
}
