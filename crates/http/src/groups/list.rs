//! `GET /groups` and `GET /groups/:id/subgroups`: a page, in the order asked for.

use release_links_domain::GroupId;
use release_links_domain::access::AccessLevel;
use release_links_domain::project::Visibility;
use release_links_ports::{GroupFilter, GroupOrder};

use super::shape::GroupBody;
use crate::addresses::GroupAddress;
use crate::operation::{Bool, CallerThenParameters, Filled, Ids, Nothing, Number, OrDefault, Word, parameters};
use crate::pagination::{self, Page};
use crate::reply::Reply;
use crate::sorting::{Ascending, OneOf};

parameters! {
    /// Which groups a list shows, and in which order.
    pub(super) struct GroupList lacks [
        "active",
        "archived",
        "marked_for_deletion_on",
        "repository_storage",
        "custom_attributes",
    ] {
        /// Part of the name or path, in any case.
        search: Filled<String>,
        /// Only groups that are below no other.
        top_level_only: OrDefault<Bool>,
        /// Only groups that the caller owns.
        owned: OrDefault<Bool>,
        /// Only groups in which the caller has at least this level.
        min_access_level: Number<AccessLevel>,
        /// If false, only groups that the caller is a member of.
        all_available: Bool,
        /// Not these groups.
        skip_groups: Ids<GroupId>,
        /// Only groups of this visibility.
        visibility: Word<Visibility>,
        /// What the groups are sorted by.
        order_by: OrDefault<OneOf<GroupOrder>>,
        /// The direction.
        sort: Ascending,
        /// The number of the page, from 1.
        page: Page,
    }
}

impl GroupList {
    /// Returns which groups to list, all or those of one parent.
    fn filter(self, parent: Option<GroupId>) -> GroupFilter {
        let owned = self.owned.then_some(AccessLevel::HIGHEST);
        let member = (self.all_available == Some(false)).then_some(AccessLevel::LOWEST);
        GroupFilter {
            search: self.search,
            top_level_only: self.top_level_only,
            least_level: owned.max(member).max(self.min_access_level),
            visibility: self.visibility,
            except: self.skip_groups.unwrap_or_default(),
            parent,
            order: self.order_by,
            sort: self.sort,
        }
    }
}

pub(super) async fn list(asked: CallerThenParameters<Nothing, GroupList>) -> Reply {
    let CallerThenParameters { incoming, parameters, caller, .. } = asked;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let wanted = parameters.map(|list| (list.filter(None), page));
    let found = incoming.service.groups.list(&caller, wanted).await?;
    pagination::page(&incoming, page, found, |group| GroupBody::new(group, &incoming.service.external))
}

pub(super) async fn subgroups(asked: CallerThenParameters<GroupAddress, GroupList>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let parent = incoming.service.groups.get(&caller, &address.id).await?.id;
    let wanted = parameters.map(|list| (list.filter(Some(parent)), page));
    let found = incoming.service.groups.list(&caller, wanted).await?;
    pagination::page(&incoming, page, found, |group| GroupBody::new(group, &incoming.service.external))
}
