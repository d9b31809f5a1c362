//! `/projects/:id/repository/branches` (docs/contract.md, "Provisioning"), for tools that ask for it first.

use release_links_domain::location::{ExternalUrl, encode_segment};
use release_links_domain::project::Project;
use release_links_domain::tag::TagSearch;
use serde::Serialize;
use utoipa::ToSchema;

use crate::addresses::ProjectAddress;
use crate::operation::{self, Answer, CallerThenParameters, Operation, Text, parameters};
use crate::pagination::{self, Page};
use crate::reply::Reply;
use crate::shapes::CommitBody;

/// A branch as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesBranch)]
struct BranchBody {
    name: String,
    commit: CommitBody,
    merged: bool,
    protected: bool,
    default: bool,
    web_url: String,
}

impl BranchBody {
    /// Returns the default branch of a project.
    fn of(project: Project, external: &ExternalUrl) -> Self {
        let name = project.default_branch;
        Self {
            commit: CommitBody::new("", "", project.created_at),
            merged: false,
            protected: true,
            default: true,
            web_url: format!("{}/-/tree/{}", external.page(&project.full_path), encode_segment(name.as_str())),
            name: name.into(),
        }
    }
}

/// Returns the operations on branches.
pub(crate) fn operations() -> Vec<Operation> {
    let list =
        operation::get("/api/v4/projects/{id}/repository/branches", "List the default branch of a project", list);
    vec![list.answers(Answer::page::<BranchBody>("A page with the default branch, if the search finds it."))]
}

parameters! {
    /// Which branches a list shows.
    struct BranchList lacks ["regex"] {
        /// The number of the page, from 1.
        page: Page,
        /// Part of the name, in any case: `^ma` finds what starts with it, `in$` what ends with it.
        search: Text<String>,
    }
}

async fn list(asked: CallerThenParameters<ProjectAddress, BranchList>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let service = &incoming.service;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let wanted = parameters.map(|list| (TagSearch::of(list.search.as_deref()), list.page));
    let found = service.projects.branches(&caller, &address.id, wanted).await?;
    pagination::page(&incoming, page, found, |project| BranchBody::of(project, &service.external))
}
