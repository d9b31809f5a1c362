//! The version of the service, for signed-in callers (docs/contract.md, "Provisioning").

use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::Caller;

use crate::Refusal;
use crate::caller::ask;

/// Checks that the caller may read the version of the service.
///
/// # Errors
/// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
pub fn may_read_version(caller: &Caller) -> Result<(), Refusal> {
    ask(caller, Resource::Service, Action::ReadVersion)
}
