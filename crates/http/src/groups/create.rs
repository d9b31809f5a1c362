//! `POST /groups`: creates a group at the top level or below another.

use release_links_domain::GroupId;
use release_links_domain::description::ShortDescription;
use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::project::Visibility;
use release_links_usecases::GroupDraft;

use super::shape::GroupBody;
use crate::fields::Fields;
use crate::operation::{
    Address, CallerThenParameters, Clearable, Declared, Id, OrDefault, Parsed, Present, Word, parameters,
};
use crate::params::Malformed;
use crate::reply::{Reply, created};

parameters! {
    /// A new group.
    pub(super) struct NewGroup {
        /// The name.
        name: Present<Parsed<DisplayName>>,
        /// The last segment of the full path.
        path: Present<Parsed<PathSegment>>,
        /// The id of the group above; by default there is none.
        parent_id: Id<GroupId>,
        /// What the group is for.
        description: Clearable<ShortDescription>,
        /// Who may see the group.
        visibility: OrDefault<Word<Visibility>>,
    }
}

/// The group that a group is created in. A caller who may not see it learns nothing about other parameters.
pub(super) struct Within(Option<GroupId>);

impl Address for Within {
    fn declare() -> Vec<Declared> {
        Vec::new()
    }

    fn read(_segments: Vec<String>, fields: &mut Fields) -> Result<Self, Malformed> {
        Ok(Self(fields.valid_id("parent_id")))
    }
}

pub(super) async fn create(asked: CallerThenParameters<Within, NewGroup>) -> Reply {
    let CallerThenParameters { incoming, address: Within(parent), parameters, caller } = asked;
    let parent = parameters.as_ref().map_or(parent, |group| group.parent_id);
    let draft = parameters.map(|NewGroup { name, path, description, visibility, .. }| GroupDraft {
        name,
        path,
        description: description.apply(None),
        visibility,
    });
    let group = incoming.service.groups.create(&caller, parent, draft).await?;
    created(&incoming.request, &GroupBody::new(group, &incoming.service.external))
}
