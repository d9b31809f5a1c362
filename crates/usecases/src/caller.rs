//! The questions that come before every operation on a project (docs/contract.md, "Permissions", steps 5 and 6).

use release_links_domain::access::{Admission, Decision, Standing, Step, decide};
use release_links_domain::project::ProjectRef;
use release_links_domain::token::{Bearer, Caller, Intent, TokenKind};
use release_links_ports::{ProjectFacts, ProjectView, Viewer};

use crate::{Missing, Refusal};

/// What a request calls a project, if anything could be called so.
pub(crate) fn project_ref(raw: &str) -> Result<ProjectRef, Refusal> {
    raw.parse().map_err(|_| Refusal::NotFound(Missing::Project))
}

/// What a caller who sees a project goes on with.
pub(crate) type Seen<T> = (ProjectFacts, Standing, T);

/// Lets the caller see the project, or says that there is none; then asks for the token's scope.
fn see_project<T>(caller: &Caller, intent: Intent, view: Option<ProjectView<T>>) -> Result<Seen<Option<T>>, Refusal> {
    let Some(view) = view else { return Err(Refusal::NotFound(Missing::Project)) };
    let standing = caller.standing(view.project.id, view.level);
    ask(standing, &view.project, Step::SeeProject)?;
    if !caller.covers(intent) {
        return Err(Refusal::InsufficientScope);
    }
    Ok((view.project, standing, view.found))
}

/// Sends a caller who comes by an old path on to the new one.
fn refuse_old_path(project: &ProjectFacts) -> Result<(), Refusal> {
    if project.moved {
        return Err(Refusal::Moved { id: project.id, full_path: project.full_path.clone() });
    }
    Ok(())
}

/// What the read found. It decided as the caller's questions did, in its own snapshot, so something is there.
fn admitted<T>((project, standing, found): Seen<Option<T>>) -> Result<Seen<T>, Refusal> {
    Ok((project, standing, found.ok_or(Refusal::NotFound(Missing::Project))?))
}

/// Lets the caller see the project, unless it has another path now; the view must be of a reader whose admission is
/// [`SeeProject`](release_links_domain::access::Admission::SeeProject).
pub(crate) fn see<T>(caller: &Caller, intent: Intent, view: Option<ProjectView<T>>) -> Result<Seen<T>, Refusal> {
    let seen = see_project(caller, intent, view)?;
    refuse_old_path(&seen.0)?;
    admitted(seen)
}

/// As [`see`], and lets the caller read the project's releases; the view must be of a reader whose admission is
/// [`ReadReleases`](release_links_domain::access::Admission::ReadReleases).
pub(crate) fn see_releases<T>(
    caller: &Caller,
    intent: Intent,
    view: Option<ProjectView<T>>,
) -> Result<Seen<T>, Refusal> {
    let seen = see_project(caller, intent, view)?;
    refuse_old_path(&seen.0)?;
    ask(seen.1, &seen.0, Step::ReadReleases)?;
    admitted(seen)
}

/// As [`see_releases`], also by a path that the project has left.
pub(crate) fn see_releases_by_any_path<T>(
    caller: &Caller,
    intent: Intent,
    view: Option<ProjectView<T>>,
) -> Result<Seen<T>, Refusal> {
    let seen = see_project(caller, intent, view)?;
    ask(seen.1, &seen.0, Step::ReadReleases)?;
    admitted(seen)
}

/// Turns a decision about a project into a refusal.
pub(crate) fn ask(standing: Standing, project: &ProjectFacts, step: Step<'_>) -> Result<(), Refusal> {
    match decide(standing, project.rules, step) {
        Decision::Allow => Ok(()),
        Decision::Forbid => Err(Refusal::Forbidden),
        Decision::Hide => Err(Refusal::NotFound(Missing::Project)),
    }
}

/// Whoever reads where only the signed in may.
pub(crate) fn signed_in(caller: &Caller) -> Result<&Bearer, Refusal> {
    match caller {
        Caller::Anonymous => Err(Refusal::NotSignedIn),
        Caller::Token(bearer) => Ok(bearer),
    }
}

/// Asks for the scope that an operation needs.
pub(crate) fn covered(bearer: &Bearer, intent: Intent) -> Result<(), Refusal> {
    if bearer.covers(intent) { Ok(()) } else { Err(Refusal::InsufficientScope) }
}

/// Whoever changes users, groups, projects, members or tokens: a user in person, so with a personal token that may write.
pub(crate) fn in_person(bearer: &Bearer) -> Result<(), Refusal> {
    covered(bearer, Intent::Write)?;
    if bearer.kind == TokenKind::Personal { Ok(()) } else { Err(Refusal::Forbidden) }
}

/// Lets the caller ask for what belongs to no project. A job's token is refused before anything is looked for, so that it
/// does not learn what there is.
pub(crate) fn beyond_projects(caller: &Caller) -> Result<(), Refusal> {
    if caller.is_confined_to_a_project() { Err(Refusal::Forbidden) } else { Ok(()) }
}

/// Who the caller is to a list: what shows itself to them where they have no level, and whose levels count.
pub(crate) fn viewer(caller: &Caller) -> Viewer {
    caller.reader(Admission::SeeProject).into()
}
