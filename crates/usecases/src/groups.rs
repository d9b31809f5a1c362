//! Groups of projects (contract section 9).

use std::sync::Arc;

use release_links_domain::GroupId;
use release_links_domain::access::{AccessLevel, Standing};
use release_links_domain::namespace::{Group, PathSegment};
use release_links_domain::project::Visibility;
use release_links_domain::token::{Bearer, Caller};
use release_links_ports::{Clock, GroupRepository, GroupView, NewGroup, TakenError};

use crate::caller::{in_person, signed_in};
use crate::{Missing, ParameterFaults, Refusal, Taken};

/// A group as somebody asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDraft {
    /// The name people read.
    pub name: String,
    /// Its own segment of the path.
    pub path: PathSegment,
    /// Who may see it.
    pub visibility: Visibility,
}

/// The operations on groups.
#[derive(Clone)]
pub struct Groups {
    groups: Arc<dyn GroupRepository>,
    clock: Arc<dyn Clock>,
}

/// How somebody stands in a group.
pub(crate) fn standing_in_group(bearer: &Bearer, view: &GroupView) -> Standing {
    if bearer.administrator { Standing::Administrator } else { Standing::SignedIn(view.level) }
}

impl Groups {
    /// Works on the groups in `groups`, as of the time that `clock` says.
    #[must_use]
    pub fn new(groups: Arc<dyn GroupRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { groups, clock }
    }

    /// Makes a group. Who makes one at the top becomes its owner; below another group that takes a maintainer, who gets
    /// no further level.
    ///
    /// # Errors
    /// The refusals of contract section 9, in its order.
    pub async fn create(
        &self,
        caller: &Caller,
        parent: Option<GroupId>,
        draft: Result<GroupDraft, ParameterFaults>,
    ) -> Result<Group, Refusal> {
        let bearer = signed_in(caller)?;
        let standing = match parent {
            None => None,
            Some(parent) => Some(self.see(bearer, parent).await?),
        };
        in_person(bearer)?;
        if standing.is_some_and(|standing| !standing.is_at_least(AccessLevel::Maintainer)) {
            return Err(Refusal::Forbidden);
        }
        let draft = draft?;
        let group = NewGroup {
            name: draft.name,
            path: draft.path,
            parent,
            visibility: draft.visibility,
            owner: parent.is_none().then_some(bearer.user),
            created_at: self.clock.now(),
        };
        self.groups.create(group).await.map_err(|error| match error {
            TakenError::Taken(()) => Refusal::Taken(Taken::Path),
            TakenError::Gone => Refusal::NotFound(Missing::Group),
            TakenError::Store(error) => Refusal::Store(error),
        })
    }

    async fn see(&self, bearer: &Bearer, group: GroupId) -> Result<Standing, Refusal> {
        let view = self.groups.get(group, Some(bearer.user)).await?.ok_or(Refusal::NotFound(Missing::Group))?;
        let standing = standing_in_group(bearer, &view);
        if standing.sees(view.group.visibility) { Ok(standing) } else { Err(Refusal::NotFound(Missing::Group)) }
    }
}
