//! The newest release of a project, for what shows it.

use release_links_domain::newest::{NewestOrder, Preferences};
use release_links_domain::tag::TagName;
use release_links_domain::token::Caller;
use release_links_usecases::{Missing, Refusal};

use crate::incoming::Incoming;

/// The selector of the newest release.
const LATEST: &str = "latest";

/// Returns the tag of the newest release of a project, if one is out.
///
/// # Errors
/// Returns the refusals of docs/contract.md, "Permissions", steps 5 and 6.
pub(super) async fn newest(
    incoming: &Incoming,
    caller: &Caller,
    project: &str,
    order: Option<NewestOrder>,
) -> Result<Option<TagName>, Refusal> {
    let preferences = Preferences { order, ..Preferences::default() };
    match incoming.service.permanent.newest(caller, project, LATEST, preferences).await {
        Ok(newest) => Ok(Some(newest.tag)),
        Err(Refusal::NotFound(Missing::Link)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}
