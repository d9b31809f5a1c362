//! `/projects/:id/releases/:tag_name/assets/links` (docs/contract.md, "Link endpoints", "Parameter errors", "Link rules" and "Permissions"): one file per operation.

mod create;
mod delete;
mod get;
mod list;
mod manifest;
mod parameters;
mod patch;
mod shape;
mod taken;
mod update;

pub(crate) use manifest::tag_of_all;
pub(crate) use parameters::NewLink;
pub(crate) use shape::{LinkBody, tag_of};
pub(crate) use taken::LinkFaultsBody;

use actix_web::http::StatusCode;

use crate::operation::{self, Answer, Operation, Refused};

const LINKS: &str = "/api/v4/projects/{id}/releases/{tag_name}/assets/links";
const LINK: &str = "/api/v4/projects/{id}/releases/{tag_name}/assets/links/{link_id}";
const MANIFEST: &str = "/api/v4/projects/{id}/releases/{tag_name}/assets/manifest";
/// GitLab's routes accept this, and some clients send it.
const LINKS_JSON: &[&str] = &["/api/v4/projects/{id}/releases/{tag_name}/assets/links.json"];

/// Returns the operations on links.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get(LINKS, "List the links of a release", list::list).also(LINKS_JSON).answers(Answer::page::<
            LinkBody,
        >(
            "A page of links, newest first unless a manifest ordered them.",
        )),
        operation::get(LINK, "Get a link", get::get).answers(Answer::ok::<LinkBody>("The link.")),
        operation::post(LINKS, "Create a link", create::create)
            .also(LINKS_JSON)
            .answers(Answer::sent::<LinkBody>(StatusCode::CREATED, "The new link."))
            .answers(Answer::sent::<LinkBody>(StatusCode::OK, "The link that was there, as it is now."))
            .refuses(&[Refused::LINK_FAULTS]),
        operation::put(LINK, "Change a link", update::update)
            .has_preconditions()
            .answers(Answer::ok::<LinkBody>("The link as it is now."))
            .refuses(&[Refused::LINK_FAULTS]),
        operation::patch(LINK, "Change any part of a link", patch::patch)
            .ours()
            .accepts_merge_patch()
            .has_preconditions()
            .answers(Answer::ok::<LinkBody>("The link as it is now."))
            .refuses(&[Refused::LINK_FAULTS]),
        operation::delete(LINK, "Delete a link", delete::delete)
            .has_preconditions()
            .answers(Answer::ok::<LinkBody>("The link that was deleted.")),
        operation::get(MANIFEST, "Get all links of a release", manifest::get)
            .ours()
            .answers(Answer::ok::<manifest::ManifestBody>("All links, in order."))
            .refuses(&[Refused::FAULTS]),
        operation::put(MANIFEST, "Replace all links of a release", manifest::put)
            .ours()
            .has_preconditions()
            .answers(Answer::ok::<manifest::AppliedBody>("What was changed, and all links, in order."))
            .refuses(&[Refused::FAULTS]),
    ]
}
