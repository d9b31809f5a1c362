//! `GET /projects`, and the projects of a group or user: a page, in the order asked for.

use release_links_domain::access::AccessLevel;
use release_links_domain::project::Visibility;
use release_links_ports::{PageRequest, ProjectFilter, ProjectOrder, Sort, TimeRange, Within};
use utoipa::openapi::schema::Type;

use super::shape::ProjectBody;
use crate::addresses::GroupAddress;
use crate::moment::Moment;
use crate::operation::{
    Bool, CallerThenParameters, Filled, Integer, Nothing, Number, OrDefault, Word, address, few, parameters,
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

parameters! {
    /// How deep a list of a group's projects reaches.
    pub(super) struct Subgroups {
        /// Also the projects of all groups below.
        include_subgroups: OrDefault<Bool>,
    }
}

address! {
    /// The user whose own projects are listed.
    pub(super) struct Owner {
        /// The user's id or username.
        id: String,
    }
}

impl ProjectList {
    /// Returns which projects to list, all or those of one namespace, and the page.
    fn filter(self, within: Option<Within>) -> (ProjectFilter, PageRequest) {
        let owned = self.owned.unwrap_or_default().then_some(AccessLevel::HIGHEST);
        let membership = self.membership.unwrap_or_default().then_some(AccessLevel::LOWEST);
        let filter = ProjectFilter {
            search: self.search,
            least_level: owned.max(membership).max(self.min_access_level),
            visibility: self.visibility,
            archived: self.archived,
            id_after: self.id_after,
            id_before: self.id_before,
            topics: self.topic.as_deref().map(topics).unwrap_or_default(),
            active: TimeRange { after: self.last_activity_after, before: self.last_activity_before },
            within,
            order: self.order_by.into(),
            sort: self.sort,
        };
        (filter, self.page)
    }
}

pub(super) async fn list(asked: CallerThenParameters<Nothing, ProjectList>) -> Reply {
    let CallerThenParameters { incoming, parameters, caller, .. } = asked;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let wanted = parameters.map(|list| list.filter(None));
    let found = incoming.service.projects.list(&caller, wanted).await?;
    pagination::page(&incoming, page, found, |project| ProjectBody::new(project, &incoming.service.external))
}

pub(super) async fn of_group(asked: CallerThenParameters<GroupAddress, (ProjectList, Subgroups)>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let page = parameters.as_ref().map(|(list, _)| list.page).unwrap_or_default();
    let namespace = incoming.service.groups.get(&caller, &address.id).await?.id;
    let wanted =
        parameters.map(|(list, below)| list.filter(Some(Within { namespace, subgroups: below.include_subgroups })));
    let found = incoming.service.projects.list(&caller, wanted).await?;
    pagination::page(&incoming, page, found, |project| ProjectBody::new(project, &incoming.service.external))
}

pub(super) async fn of_user(asked: CallerThenParameters<Owner, ProjectList>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let namespace = incoming.service.users.namespace(&caller, &address.id).await?;
    let wanted = parameters.map(|list| list.filter(Some(Within { namespace, subgroups: false })));
    let found = incoming.service.projects.list_of_user(&caller, namespace, wanted).await?;
    pagination::page(&incoming, page, found, |project| ProjectBody::new(project, &incoming.service.external))
}
