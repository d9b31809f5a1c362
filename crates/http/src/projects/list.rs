//! `GET /projects`: a page, in the order asked for.

use release_links_domain::access::AccessLevel;
use release_links_domain::project::Visibility;
use release_links_ports::{ProjectFilter, ProjectOrder, Sort, TimeRange};
use utoipa::openapi::schema::Type;

use super::shape::ProjectBody;
use crate::moment::Moment;
use crate::operation::{
    Bool, CallerThenParameters, Filled, Integer, Nothing, Number, OrDefault, Word, few, parameters,
};
use crate::pagination::{self, Page};
use crate::reply::Reply;
use crate::sorting::OneOf;

parameters! {
    /// Which projects a list shows, and in which order.
    pub(super) struct ProjectList lacks [
        "starred",
        "imported",
        "with_issues_enabled",
        "with_merge_requests_enabled",
        "with_programming_language",
        "topic_id",
        "updated_after",
        "updated_before",
        "active",
        "marked_for_deletion_on",
        "repository_storage",
        "repository_checksum_failed",
        "wiki_checksum_failed",
        "custom_attributes",
    ] {
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
        /// Only projects in which the caller has at least this level.
        min_access_level: Number<AccessLevel>,
        /// Only projects with a higher id.
        id_after: Integer,
        /// Only projects with a lower id.
        id_before: Integer,
        /// Only projects with all of these topics, which commas separate.
        topic: Filled<String>,
        /// Only projects in which something happened at this time or later.
        last_activity_after: Moment,
        /// Only projects in which nothing happened after this time.
        last_activity_before: Moment,
        /// What the projects are sorted by.
        order_by: OrDefault<OneOf<Order>>,
        /// The direction.
        sort: OrDefault<OneOf<Sort>>,
        /// The number of the page, from 1.
        page: Page,
    }
}

/// What projects are sorted by, in GitLab's words, of which two mean the same here.
#[derive(Clone, Copy, Default)]
pub(super) enum Order {
    Id,
    Name,
    Path,
    #[default]
    CreatedAt,
    UpdatedAt,
    LastActivityAt,
}

few! {
    Order: &[Self::Id, Self::Name, Self::Path, Self::CreatedAt, Self::UpdatedAt, Self::LastActivityAt], Type::String,
        |order| match order {
            Self::Id => "id",
            Self::Name => "name",
            Self::Path => "path",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::LastActivityAt => "last_activity_at",
        }.into(),
}

impl From<Order> for ProjectOrder {
    fn from(order: Order) -> Self {
        match order {
            Order::Id => Self::Id,
            Order::Name => Self::Name,
            Order::Path => Self::Path,
            Order::CreatedAt => Self::CreatedAt,
            Order::UpdatedAt | Order::LastActivityAt => Self::LastActivityAt,
        }
    }
}

/// Returns the topics in a text with commas.
fn topics(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|topic| !topic.is_empty()).map(str::to_owned).collect()
}

pub(super) async fn list(asked: CallerThenParameters<Nothing, ProjectList>) -> Reply {
    let CallerThenParameters { incoming, parameters, caller, .. } = asked;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let wanted = parameters.map(|list| {
        let owned = list.owned.unwrap_or_default().then_some(AccessLevel::HIGHEST);
        let membership = list.membership.unwrap_or_default().then_some(AccessLevel::LOWEST);
        let filter = ProjectFilter {
            search: list.search,
            least_level: owned.max(membership).max(list.min_access_level),
            visibility: list.visibility,
            archived: list.archived,
            id_after: list.id_after,
            id_before: list.id_before,
            topics: list.topic.as_deref().map(topics).unwrap_or_default(),
            active: TimeRange { after: list.last_activity_after, before: list.last_activity_before },
            order: list.order_by.into(),
            sort: list.sort,
        };
        (filter, list.page)
    });
    let found = incoming.service.projects.list(&caller, wanted).await?;
    pagination::page(&incoming, page, found, |project| ProjectBody::new(project, &incoming.service.external))
}
