//! `/groups` (docs/contract.md, "Provisioning").

mod create;
mod delete;
mod get;
mod list;
mod shape;
mod transfer;
mod update;

use shape::GroupBody;

use crate::operation::{self, Answer, Operation, Refused};
use crate::shapes::AcceptedBody;

const GROUPS: &str = "/api/v4/groups";
const GROUP: &str = "/api/v4/groups/{id}";

/// Returns the operations on groups.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get(GROUPS, "List groups", list::list)
            .answers(Answer::page::<GroupBody>("A page of the groups that the caller may see.")),
        operation::post(GROUPS, "Create a group", create::create)
            .signed_in()
            .answers(Answer::created::<GroupBody>("The new group."))
            .refuses(&[Refused::NOT_PLACED]),
        operation::get(GROUP, "Get a group", get::get).answers(Answer::ok::<GroupBody>("The group.")),
        operation::put(GROUP, "Change a group", update::update)
            .signed_in()
            .answers(Answer::ok::<GroupBody>("The group as it is now."))
            .refuses(&[Refused::NOT_PLACED]),
        operation::get("/api/v4/groups/{id}/subgroups", "List the groups directly below a group", list::subgroups)
            .answers(Answer::page::<GroupBody>("A page of the groups that the caller may see, by name.")),
        operation::post("/api/v4/groups/{id}/transfer", "Move a group under another one", transfer::transfer)
            .signed_in()
            .answers(Answer::created::<GroupBody>("The group as it is now."))
            .refuses(&[Refused::NOT_PLACED]),
        operation::delete(GROUP, "Delete a group and everything below it", delete::delete)
            .signed_in()
            .answers(Answer::accepted::<AcceptedBody>("The group was deleted.")),
    ]
}
