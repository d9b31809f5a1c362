//! Groups in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::{Group, PathSegment};
use release_links_domain::project::Visibility;
use release_links_domain::{GroupId, UserId};

use crate::{StoreError, TakenError};

/// A group to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// The name people read.
    pub name: String,
    /// Its own segment of the path.
    pub path: PathSegment,
    /// The group right above.
    pub parent: Option<GroupId>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Who becomes its owner, if anybody does.
    pub owner: Option<UserId>,
    /// When it is made.
    pub created_at: Timestamp,
}

/// A group and the caller's level in it, of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// The group.
    pub group: Group,
    /// The viewer's highest level over the group and all groups above it.
    pub level: Option<AccessLevel>,
}

/// The groups of the service.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait GroupRepository: Send + Sync {
    /// One group as `viewer` stands in it.
    async fn get(&self, group: GroupId, viewer: Option<UserId>) -> Result<Option<GroupView>, StoreError>;

    /// Stores a group and its owner, or nothing. [`TakenError::Gone`] when the parent is.
    async fn create(&self, group: NewGroup) -> Result<Group, TakenError<()>>;
}
