//! `/projects` (docs/contract.md, "Provisioning").

mod archive;
mod create;
mod delete;
mod get;
mod list;
mod shape;
mod topics;
mod transfer;
mod update;

use shape::ProjectBody;

use crate::operation::{self, Answer, Operation, Refused};
use crate::shapes::AcceptedBody;

const PROJECTS: &str = "/api/v4/projects";
const PROJECT: &str = "/api/v4/projects/{id}";

/// Returns the operations on projects.
pub(crate) fn operations() -> Vec<Operation> {
    let changed = || Answer::ok::<ProjectBody>("The project as it is now.");
    vec![
        operation::get(PROJECTS, "List projects", list::list)
            .answers(Answer::page::<ProjectBody>("A page of the projects that the caller may see.")),
        operation::get("/api/v4/groups/{id}/projects", "List a group's projects", list::of_group)
            .answers(Answer::page::<ProjectBody>("A page of the group's projects that the caller may see.")),
        operation::get("/api/v4/users/{id}/projects", "List a user's own projects", list::of_user)
            .answers(Answer::page::<ProjectBody>("A page of the user's projects that the caller may see.")),
        operation::post(PROJECTS, "Create a project", create::create)
            .signed_in()
            .answers(Answer::created::<ProjectBody>("The new project."))
            .refuses(&[Refused::NOT_PLACED]),
        operation::get(PROJECT, "Get a project", get::get).answers(Answer::ok::<ProjectBody>("The project.")),
        operation::put(PROJECT, "Change a project", update::update)
            .signed_in()
            .answers(changed())
            .refuses(&[Refused::NOT_PLACED]),
        operation::delete(PROJECT, "Delete a project and everything in it", delete::delete)
            .signed_in()
            .answers(Answer::accepted::<AcceptedBody>("The project was deleted.")),
        operation::put("/api/v4/projects/{id}/transfer", "Move a project to another namespace", transfer::transfer)
            .signed_in()
            .answers(changed())
            .refuses(&[Refused::BAD, Refused::NOT_PLACED]),
        operation::post("/api/v4/projects/{id}/archive", "Forbid writes to a project's releases", archive::archive)
            .signed_in()
            .answers(Answer::created::<ProjectBody>("The project as it is now.")),
        operation::post("/api/v4/projects/{id}/unarchive", "Allow writes to a project's releases", archive::unarchive)
            .signed_in()
            .answers(Answer::created::<ProjectBody>("The project as it is now.")),
    ]
}
