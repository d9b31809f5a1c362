//! `GET /projects`: a page, newest first.

use release_links_domain::access::AccessLevel;
use release_links_domain::project::Visibility;
use release_links_ports::ProjectFilter;

use super::shape::ProjectBody;
use crate::operation::{Bool, CallerThenParameters, Filled, Nothing, Word, parameters};
use crate::pagination::{self, Page};
use crate::reply::Reply;

parameters! {
    /// Which projects a list shows.
    pub(super) struct ProjectList {
        /// Part of the name or path, in any case.
        search: Filled<String>,
        /// Only projects that the caller owns.
        owned: Bool,
        /// Only projects that the caller is a member of.
        membership: Bool,
        /// Only projects of this visibility.
        visibility: Word<Visibility>,
        /// Only projects that are archived, or only those that are not.
        archived: Bool,
        /// The number of the page, from 1.
        page: Page,
    }
}

pub(super) async fn list(asked: CallerThenParameters<Nothing, ProjectList>) -> Reply {
    let CallerThenParameters { incoming, parameters, caller, .. } = asked;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let wanted = parameters.map(|list| {
        let owned = list.owned.unwrap_or_default().then_some(AccessLevel::HIGHEST);
        let membership = list.membership.unwrap_or_default().then_some(AccessLevel::LOWEST);
        let filter = ProjectFilter {
            search: list.search,
            least_level: owned.max(membership),
            visibility: list.visibility,
            archived: list.archived,
        };
        (filter, list.page)
    });
    let found = incoming.service.projects.list(&caller, wanted).await?;
    pagination::page(&incoming, page, found, |project| ProjectBody::new(project, &incoming.service.external))
}
