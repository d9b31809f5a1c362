//! The questions that come before every operation (docs/contract.md, "Permissions", steps 5 and 6, and "Provisioning"), put to
//! the policy, and its answers as refusals.

use release_links_domain::access::Admission;
use release_links_domain::policy::{Action, Decision, ProjectAccess, Reason, Resource, decide};
use release_links_domain::project::ProjectRef;
use release_links_domain::token::{Bearer, Caller, Intent};
use release_links_ports::{ProjectFacts, ProjectView, Viewer};

use crate::{Missing, Refusal};

/// What a request calls a project, if anything could be called so.
pub(crate) fn project_ref(raw: &str) -> Result<ProjectRef, Refusal> {
    raw.parse().map_err(|_| Refusal::NotFound(Missing::Project))
}

/// Asks the policy, and turns its answer into a refusal.
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
        // The service is hidden from nobody.
        Resource::Service | Resource::Project(_) => Missing::Project,
        Resource::Group(_) => Missing::Group,
        Resource::Namespace(_) => Missing::Namespace,
        Resource::User(_) => Missing::User,
        Resource::Token(_) => Missing::Token,
    }
}

/// As [`ask`], about an action for which somebody must sign in, and who did.
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

/// What a caller who sees a project goes on with: the project, for itself and as what actions are done to, and what was
/// found in it, if anything.
pub(crate) type Seen<T> = (ProjectFacts, Resource, Option<T>);

/// Asks about an action on the project of a view.
fn ask_in_project<T>(caller: &Caller, action: Action<'_>, view: Option<ProjectView<T>>) -> Result<Seen<T>, Refusal> {
    let Some(ProjectView { project, level, found }) = view else { return Err(Refusal::NotFound(Missing::Project)) };
    let resource = Resource::Project(Some(ProjectAccess { id: project.id, rules: project.rules, level }));
    ask(caller, resource, action)?;
    Ok((project, resource, found))
}

/// Sends a caller who comes by an old path on to the new one.
fn refuse_old_path(project: &ProjectFacts) -> Result<(), Refusal> {
    if project.moved {
        return Err(Refusal::Moved { id: project.id, full_path: project.full_path.clone() });
    }
    Ok(())
}

/// What a read finds wherever the caller may look: it decided as the policy did, in its own snapshot.
pub(crate) fn always<T>(found: Option<T>) -> Result<T, Refusal> {
    found.ok_or(Refusal::NotFound(Missing::Project))
}

/// Lets the caller see the project, unless it has another path now; the view must be of a reader whose admission is
/// [`SeeProject`](release_links_domain::access::Admission::SeeProject).
pub(crate) fn see<T>(caller: &Caller, intent: Intent, view: Option<ProjectView<T>>) -> Result<Seen<T>, Refusal> {
    let seen = ask_in_project(caller, Action::See(intent), view)?;
    refuse_old_path(&seen.0)?;
    Ok(seen)
}

/// As [`see`], and lets the caller read the project's releases; the view must be of a reader whose admission is
/// [`ReadReleases`](release_links_domain::access::Admission::ReadReleases).
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

/// As [`see_releases`], also by a path that the project has left.
pub(crate) fn see_releases_by_any_path<T>(
    caller: &Caller,
    intent: Intent,
    view: Option<ProjectView<T>>,
) -> Result<Seen<T>, Refusal> {
    ask_in_project(caller, Action::ReadReleases(intent), view)
}

/// Who the caller is to a list: what shows itself to them where they have no level, and whose levels count.
pub(crate) fn viewer(caller: &Caller) -> Viewer {
    caller.reader(Admission::SeeProject).into()
}
