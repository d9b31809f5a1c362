//! `/projects/:id/releases` (docs/contract.md, "Releases"): one file per operation.

mod answer;
mod create;
mod delete;
mod get;
mod immutable;
mod list;
mod parameters;
mod shape;
mod update;

pub(crate) use answer::tag_of;
pub(crate) use get::get;
pub(crate) use shape::ReleaseBody;

use actix_web::http::StatusCode;

use crate::operation::{self, Answer, Operation, Refused};

const RELEASES: &str = "/api/v4/projects/{id}/releases";
const RELEASE: &str = "/api/v4/projects/{id}/releases/{tag_name}";
const IMMUTABLE: &str = "/api/v4/projects/{id}/releases/{tag_name}/immutable";

/// Returns the operations on releases.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get(RELEASES, "List the releases of a project", list::list)
            .answers(Answer::page::<ReleaseBody>("A page of releases, with their links.")),
        operation::post(RELEASES, "Create a release with its links", create::create)
            .answers(Answer::sent::<ReleaseBody>(StatusCode::CREATED, "The new release, with its links."))
            .answers(Answer::sent::<ReleaseBody>(StatusCode::OK, "The release that was there, as it is now."))
            .refuses(&[Refused::BAD, Refused::FAULTS, Refused::CONFLICT]),
        operation::get(RELEASE, "Get a release", get)
            .answers(Answer::ok::<ReleaseBody>("The release, with its links.")),
        operation::put(RELEASE, "Change a release", update::update)
            .has_preconditions()
            .answers(Answer::ok::<ReleaseBody>("The release as it is now."))
            .refuses(&[Refused::BAD, Refused::FAULTS]),
        operation::delete(RELEASE, "Delete a release, but not its tag", delete::delete)
            .has_preconditions()
            .answers(Answer::ok::<ReleaseBody>("The release that was deleted.")),
        operation::put(IMMUTABLE, "Make a release immutable", immutable::immutable).ours().answers(Answer::ok::<
            ReleaseBody,
        >(
            "The release, which is immutable.",
        )),
    ]
}
