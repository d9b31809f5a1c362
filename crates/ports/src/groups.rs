//! Groups in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::{DisplayName, Group, GroupRef, PathSegment};
use release_links_domain::project::Visibility;
use release_links_domain::{GroupId, UserId};

use crate::{Page, PageRequest, StoreError, Viewer, WriteError};

/// A group to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// The name people read.
    pub name: DisplayName,
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

/// What is to change in a group; what is none stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupChanges {
    /// The name people read.
    pub name: Option<DisplayName>,
    /// Its own segment of the path.
    pub path: Option<PathSegment>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
}

/// Which groups are wanted of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupFilter {
    /// A part of the name or of the own segment of the path, compared without case.
    pub search: Option<String>,
    /// Only those with no group above.
    pub top_level_only: bool,
}

/// The groups of the service. The namespace of a user MUST NOT be found, listed, changed or deleted as one.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait GroupRepository: Send + Sync {
    /// One group as `viewer` stands in it.
    async fn get(&self, group: GroupId, viewer: Option<UserId>) -> Result<Option<GroupView>, StoreError>;

    /// As [`get`](Self::get), of a group as a request names it.
    async fn find(&self, group: &GroupRef, viewer: Option<UserId>) -> Result<Option<GroupView>, StoreError>;

    /// A page of the groups that `viewer` may see, by name. It MUST show exactly those whose visibility is open to the
    /// viewer, and those over which the viewer has a level.
    async fn list(&self, viewer: Viewer, filter: GroupFilter, page: PageRequest) -> Result<Page<Group>, StoreError>;

    /// Stores a group and its owner, or nothing. [`WriteError::Gone`] when the parent is.
    async fn create(&self, group: NewGroup) -> Result<Group, WriteError<()>>;

    /// Changes a group, or nothing. Under a new path, everything below MUST have it too, and every project below MUST be
    /// found by the path that it leaves as one that has moved.
    async fn update(&self, group: GroupId, changes: GroupChanges) -> Result<Group, WriteError<()>>;

    /// Removes a group with all groups and projects below it, and the bots of those projects; MUST be all or nothing. They
    /// MUST be gone for whoever asks later, and their paths free, though rows may be deleted afterwards, as of
    /// [`REMOVED_AT_A_TIME`](crate::REMOVED_AT_A_TIME). Projects that have left the group MUST be found by their old paths all
    /// the same. Whether there was such a group.
    async fn delete(&self, group: GroupId) -> Result<bool, StoreError>;
}
