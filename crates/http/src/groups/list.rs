//! `GET /groups`: a page, by name.

use release_links_ports::GroupFilter;

use super::shape::GroupBody;
use crate::operation::{Bool, CallerThenParameters, Filled, Nothing, OrDefault, parameters};
use crate::pagination::{self, Page};
use crate::reply::Reply;

parameters! {
    /// Which groups a list shows.
    pub(super) struct GroupList {
        /// Part of the name or path, in any case.
        search: Filled<String>,
        /// Only groups that are below no other.
        top_level_only: OrDefault<Bool>,
        /// The number of the page, from 1.
        page: Page,
    }
}

pub(super) async fn list(asked: CallerThenParameters<Nothing, GroupList>) -> Reply {
    let CallerThenParameters { incoming, parameters, caller, .. } = asked;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let wanted =
        parameters.map(|list| (GroupFilter { search: list.search, top_level_only: list.top_level_only }, list.page));
    let found = incoming.service.groups.list(&caller, wanted).await?;
    pagination::page(&incoming, page, found, |group| GroupBody::new(group, &incoming.service.external))
}
