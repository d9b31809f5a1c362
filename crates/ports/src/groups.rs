//! Groups in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::AccessLevel;
use release_links_domain::description::ShortDescription;
use release_links_domain::link::Change;
use release_links_domain::namespace::{DisplayName, Group, GroupRef, PathSegment};
use release_links_domain::placement::PlacementObstacle;
use release_links_domain::project::Visibility;
use release_links_domain::{GroupId, UserId};

use crate::{Page, PageRequest, Sort, StoreError, Viewer, WriteError};

/// A group to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// The display name.
    pub name: DisplayName,
    /// The last segment of its full path.
    pub path: PathSegment,
    /// The parent group; none for a top-level group.
    pub parent: Option<GroupId>,
    /// What it is for.
    pub description: Option<ShortDescription>,
    /// Who may see it.
    pub visibility: Visibility,
    /// The user who becomes its owner, if any.
    pub owner: Option<UserId>,
    /// When it is created.
    pub created_at: Timestamp,
}

/// A group and the viewer's level in it, from one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// The group.
    pub group: Group,
    /// The viewer's highest level in the group and its ancestors.
    pub level: Option<AccessLevel>,
    /// Whether the viewer is a direct member of a project in the group or below it.
    pub member_below: bool,
}

/// The changes to a group; a field that is `None` stays unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupChanges {
    /// The display name.
    pub name: Option<DisplayName>,
    /// The last segment of its full path.
    pub path: Option<PathSegment>,
    /// What it is for.
    pub description: Change<ShortDescription>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// The new parent; `Some(None)` moves the group to the top level.
    pub parent: Option<Option<GroupId>>,
}

/// Which groups to list, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFilter {
    /// Only groups with this text in their name or in the last segment of their path, ignoring case.
    pub search: Option<String>,
    /// Only groups without a parent.
    pub top_level_only: bool,
    /// Only groups in which the viewer has at least this level.
    pub least_level: Option<AccessLevel>,
    /// Only groups of this visibility.
    pub visibility: Option<Visibility>,
    /// Not these groups.
    pub except: Vec<GroupId>,
    /// Only groups directly below this one.
    pub parent: Option<GroupId>,
    /// What they are sorted by.
    pub order: GroupOrder,
    /// The direction.
    pub sort: Sort,
}

/// All groups, by name.
impl Default for GroupFilter {
    fn default() -> Self {
        Self {
            search: None,
            top_level_only: false,
            least_level: None,
            visibility: None,
            except: Vec::new(),
            parent: None,
            order: GroupOrder::default(),
            sort: Sort::Ascending,
        }
    }
}

/// What groups are sorted by, ignoring the case of ASCII letters; equal ones are sorted by id, in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GroupOrder {
    /// The display name.
    #[default]
    Name,
    /// The last segment of the path.
    Path,
    /// The id.
    Id,
}

impl GroupOrder {
    /// Every order.
    pub const ALL: &[Self] = &[Self::Name, Self::Path, Self::Id];
}

/// The groups of the service. A user's namespace MUST NOT be found, listed, changed or deleted as a group.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait GroupRepository: Send + Sync {
    /// Returns a group and the level of `viewer` in it.
    async fn get(&self, group: GroupId, viewer: Option<UserId>) -> Result<Option<GroupView>, StoreError>;

    /// As [`get`](Self::get), for a group as a request identifies it.
    async fn find(&self, group: &GroupRef, viewer: Option<UserId>) -> Result<Option<GroupView>, StoreError>;

    /// Returns a page of the groups that `viewer` may see, in the order of the filter. The list MUST contain exactly the groups
    /// whose visibility is in [`Viewer::open`], those in which the viewer has a level, and those above a project that the viewer is a direct
    /// member of; with a [least level](GroupFilter::least_level), only those in which the viewer has that level.
    async fn list(&self, viewer: Viewer, filter: GroupFilter, page: PageRequest) -> Result<Page<Group>, StoreError>;

    /// Creates a group and its owner's membership, or neither.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the parent or the owner does not exist; [`WriteError::Conflict`] if the group MUST NOT be
    /// [placed](release_links_domain::placement) so.
    async fn create(&self, group: NewGroup) -> Result<Group, WriteError<PlacementObstacle>>;

    /// Applies all changes to a group, or none. If its full path changes, the path of everything below it MUST change too,
    /// and every project below it MUST be found by its old path and reported as [moved](crate::ProjectFacts::moved).
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the group or its new parent does not exist; [`WriteError::Conflict`] if it MUST NOT be
    /// [placed](release_links_domain::placement) so.
    async fn update(&self, group: GroupId, changes: GroupChanges) -> Result<Group, WriteError<PlacementObstacle>>;

    /// Deletes a group with all groups and projects below it and the bots of those projects; MUST be all or nothing.
    /// Later reads MUST NOT find any of them, and their paths MUST be free, though their rows may be deleted
    /// afterwards, in batches of [`REMOVED_AT_A_TIME`](crate::REMOVED_AT_A_TIME). Projects that were moved out of the
    /// group MUST still be found by their old paths. Returns whether the group existed.
    async fn delete(&self, group: GroupId) -> Result<bool, StoreError>;
}
