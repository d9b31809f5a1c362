//! `…/releases/:tag_name/history` and `/projects/:id/release_history` (docs/contract.md, "Immutable releases and history").

mod parameters;
mod shape;

pub(crate) use parameters::{ReleaseHistory, Wanted};
pub(crate) use shape::{HistoryRowBody, StepBody};

use release_links_ports::PageRequest;
use release_links_usecases::HistoryPage;

use self::parameters::ProjectHistory;
use crate::addresses::{ProjectAddress, TagAddress};
use crate::incoming::Incoming;
use crate::long_lists;
use crate::operation::{self, Answer, Operation, ParametersThenCaller};
use crate::reply::{Reply, ok};

/// Returns the operations on the history.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get(
            "/api/v4/projects/{id}/release_history",
            "List what happened to a project's releases",
            of_project,
        )
        .ours()
        .answers(Answer::page::<HistoryRowBody>("A page of the history, newest first.")),
        operation::get(
            "/api/v4/projects/{id}/releases/{tag_name}/history",
            "List what happened to a release, or find where a permanent link led",
            of_release,
        )
        .ours()
        .answers(answer()),
    ]
}

/// Returns the answer to a request for the history of a release.
pub(crate) fn answer() -> Answer {
    Answer::page_or::<HistoryRowBody, StepBody>(
        "A page of the history, newest first; with `at`, where the permanent link led at that moment.",
    )
}

async fn of_project(asked: ParametersThenCaller<ProjectAddress, ProjectHistory>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let page = parameters.page;
    let found = incoming.service.history.of_project(&caller, &address.id, parameters.filter(), page).await?;
    rows(&incoming, page, found).await
}

pub(crate) async fn of_release(asked: ParametersThenCaller<TagAddress, ReleaseHistory>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let (history, release, page) = (&incoming.service.history, address.release(), parameters.page);
    match parameters.wanted() {
        Wanted::Moment(path, at) => {
            let step = history.led_at(&caller, &release, &path, at).await?;
            ok(&incoming.request, &StepBody::new(step))
        }
        Wanted::Rows(filter) => rows(&incoming, page, history.of_release(&caller, &release, filter, page).await?).await,
    }
}

/// Answers with a page of rows.
async fn rows(incoming: &Incoming, page: PageRequest, found: HistoryPage) -> Reply {
    let history = incoming.service.history.clone();
    let read_on = move |unread| {
        let history = history.clone();
        async move { history.read_on(unread).await }
    };
    long_lists::page(incoming, page, found, read_on, HistoryRowBody::new).await
}
