//! Groups of projects (docs/contract.md, "Provisioning").

mod create;
mod delete;
mod get;
mod list;
mod transfer;
mod update;

use std::sync::Arc;

use release_links_domain::description::ShortDescription;
use release_links_domain::namespace::{DisplayName, Group, PathSegment};
use release_links_domain::placement::PlacementObstacle;
use release_links_domain::policy::{Action, GroupAccess, Resource};
use release_links_domain::project::Visibility;
use release_links_domain::token::Caller;
use release_links_ports::{Clock, GroupRepository, GroupView, WriteError};

use crate::caller::ask;
use crate::{Missing, Refusal};

/// The validated parameters of a new group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDraft {
    /// The display name.
    pub name: DisplayName,
    /// The last segment of its full path.
    pub path: PathSegment,
    /// What it is for.
    pub description: Option<ShortDescription>,
    /// Who may see it.
    pub visibility: Visibility,
}

/// The operations on groups.
#[derive(Clone)]
pub struct Groups {
    groups: Arc<dyn GroupRepository>,
    clock: Arc<dyn Clock>,
}

/// Checks an action on the group that a read returned.
pub(crate) fn see_group(
    caller: &Caller,
    action: Action<'_>,
    view: Option<GroupView>,
) -> Result<(Group, Resource), Refusal> {
    let GroupView { group, level, member_below } = view.ok_or(Refusal::NotFound(Missing::Group))?;
    let resource = Resource::Group(Some(GroupAccess { visibility: group.visibility, level, member_below }));
    ask(caller, resource, action)?;
    Ok((group, resource))
}

impl Groups {
    /// Works on the groups in `groups`, taking the time from `clock`.
    #[must_use]
    pub fn new(groups: Arc<dyn GroupRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { groups, clock }
    }

    /// Returns a group on which the caller may perform the action.
    async fn find(&self, caller: &Caller, group: &str, action: Action<'_>) -> Result<Group, Refusal> {
        ask(caller, Resource::Group(None), action)?;
        let group = group.parse().map_err(|_| Refusal::NotFound(Missing::Group))?;
        let view = self.groups.find(&group, caller.user()).await?;
        Ok(see_group(caller, action, view)?.0)
    }
}

/// Maps an error of a write that the policy had allowed.
fn into_refusal(error: WriteError<PlacementObstacle>) -> Refusal {
    match error {
        WriteError::Conflict(obstacle) => obstacle.into(),
        WriteError::Gone => Refusal::NotFound(Missing::Group),
        WriteError::Store(error) => Refusal::Store(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use release_links_domain::access::AccessLevel;
    use release_links_domain::token::{Bearer, Scope, TokenKind};
    use release_links_ports::{GroupChanges, MockClock, MockGroupRepository};

    use crate::ParameterFaults;

    fn caller(kind: TokenKind) -> Caller {
        Caller::Token(Bearer {
            token: 1.try_into().unwrap(),
            kind,
            user: 2.try_into().unwrap(),
            administrator: false,
            scopes: vec![Scope::Api],
        })
    }

    /// Returns the operations on a storage with one group, in which the caller has `level`. The mock fails on any
    /// write.
    fn groups(level: Option<AccessLevel>) -> Groups {
        let mut groups = MockGroupRepository::new();
        groups.expect_find().returning(move |_, _| {
            let group = Group {
                id: 3.try_into().unwrap(),
                name: "Top".parse().unwrap(),
                path: "top".parse().unwrap(),
                full_path: "top".parse().unwrap(),
                full_name: "Top".to_owned(),
                parent: None,
                description: None,
                visibility: Visibility::Internal,
            };
            Ok(Some(GroupView { group, level, member_below: false }))
        });
        Groups::new(Arc::new(groups), Arc::new(MockClock::new()))
    }

    fn faults<T>() -> Result<T, ParameterFaults> {
        Err(ParameterFaults(vec!["x is invalid".to_owned()]))
    }

    #[tokio::test]
    async fn changing_or_deleting_a_group_requires_an_owner() {
        let person = caller(TokenKind::Personal);
        for level in [None, Some(AccessLevel::Guest), Some(AccessLevel::Developer), Some(AccessLevel::Maintainer)] {
            let groups = groups(level);
            let refused = groups.update(&person, "top", Ok(GroupChanges::default())).await;
            assert!(matches!(refused, Err(Refusal::Forbidden)), "{level:?}");
            assert!(matches!(groups.update(&person, "top", faults()).await, Err(Refusal::Forbidden)), "{level:?}");
            assert!(matches!(groups.delete(&person, "top").await, Err(Refusal::Forbidden)), "{level:?}");
        }
        let refused = groups(Some(AccessLevel::Owner)).update(&person, "top", faults()).await;
        assert!(matches!(refused, Err(Refusal::Parameters(_))));
    }

    #[tokio::test]
    async fn a_job_token_is_refused_before_any_query() {
        let job = caller(TokenKind::Job { project: 4.try_into().unwrap(), ends_at: Timestamp::MAX });
        let groups = Groups::new(Arc::new(MockGroupRepository::new()), Arc::new(MockClock::new()));
        assert!(matches!(groups.get(&job, "absent").await, Err(Refusal::Forbidden)));
        assert!(matches!(groups.list(&job, faults()).await, Err(Refusal::Forbidden)));
        assert!(matches!(groups.create(&job, Some(9.try_into().unwrap()), faults()).await, Err(Refusal::Forbidden)));
        assert!(matches!(groups.update(&job, "absent", faults()).await, Err(Refusal::Forbidden)));
        assert!(matches!(groups.delete(&job, "absent").await, Err(Refusal::Forbidden)));
    }

    #[tokio::test]
    async fn a_job_token_changes_no_group_whatever_its_users_level() {
        let project = 4.try_into().unwrap();
        let job = caller(TokenKind::Job { project, ends_at: Timestamp::MAX });
        let groups = groups(Some(AccessLevel::Owner));
        assert!(matches!(groups.update(&job, "top", faults()).await, Err(Refusal::Forbidden)));
        assert!(matches!(groups.delete(&job, "top").await, Err(Refusal::Forbidden)));
    }
}
