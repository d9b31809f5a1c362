//! Lists of things that this server does not store, for tools that ask for them (docs/contract.md, "Provisioning").

use release_links_domain::token::Caller;
use release_links_ports::Page;
use release_links_usecases::ParameterFaults;
use serde::Serialize;
use utoipa::ToSchema;

use crate::addresses::ProjectAddress;
use crate::incoming::Incoming;
use crate::operation::{self, Answer, CallerThenParameters, Operation, address};
use crate::pagination::{self, PageParameters};
use crate::reply::Reply;

/// Returns the operations on lists that are always empty.
pub(crate) fn operations() -> Vec<Operation> {
    let nothing = || Answer::page::<NothingBody>("An empty page.");
    vec![
        operation::get("/api/v4/projects/{id}/milestones", "List milestones, of which there are none", of_project)
            .answers(nothing()),
        operation::get(
            "/api/v4/projects/{id}/repository/commits/{sha}/merge_requests",
            "List the merge requests of a commit, of which there are none",
            of_commit,
        )
        .answers(nothing()),
    ]
}

address! {
    /// A commit of a project.
    struct CommitAddress {
        /// The project's id, or its full path with each slash encoded.
        id: String,
        /// The commit, which need not exist.
        sha: String,
    }
}

/// What such a list would contain.
#[derive(Serialize, ToSchema)]
#[schema(as = Nothing)]
struct NothingBody {}

async fn of_project(asked: CallerThenParameters<ProjectAddress, PageParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    empty(&incoming, &address.id, &caller, parameters).await
}

async fn of_commit(asked: CallerThenParameters<CommitAddress, PageParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    empty(&incoming, &address.id, &caller, parameters).await
}

/// Answers with an empty page if the caller can see the project.
async fn empty(
    incoming: &Incoming,
    project: &str,
    caller: &Caller,
    parameters: Result<PageParameters, ParameterFaults>,
) -> Reply {
    incoming.service.projects.get(caller, project).await?;
    let page = parameters?.page;
    let nothing = Page::<NothingBody> { rows: Vec::new(), total: Some(0), has_next: false };
    pagination::page(incoming, page, nothing, |nothing| nothing)
}
