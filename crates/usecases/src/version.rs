//! The version of the service, for whoever is signed in (docs/contract.md, "Provisioning").

use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::Caller;

use crate::Refusal;
use crate::caller::ask;

/// Lets the caller learn the version of the service.
///
/// # Errors
/// The refusals of docs/contract.md, "Provisioning", in its order.
pub fn may_read_version(caller: &Caller) -> Result<(), Refusal> {
    ask(caller, Resource::Service, Action::ReadVersion)
}
