//! Members of projects and groups in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::membership::MemberOf;
use release_links_domain::namespace::NamespaceRef;
use release_links_domain::project::ProjectRef;
use release_links_domain::user::{User, UserRef};
use release_links_domain::{GroupId, ProjectId, UserId};

use crate::{GroupView, Page, PageRequest, ProjectView, StoreError, WriteError};

/// A membership to create. `P` is the id of a project or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember<P> {
    /// The project or group.
    pub source: P,
    /// The user who becomes a member.
    pub user: UserId,
    /// Their level.
    pub level: AccessLevel,
    /// When the membership is created.
    pub created_at: Timestamp,
}

/// A member of a project or group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The user.
    pub user: User,
    /// Their level.
    pub level: AccessLevel,
}

/// A project or group that has members, as a request identifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberSourceRef {
    /// A project.
    Project(ProjectRef),
    /// A group.
    Group(NamespaceRef),
}

/// A project or group that has members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberSource {
    /// A project.
    Project(ProjectId),
    /// A group.
    Group(GroupId),
}

impl MemberSource {
    /// Returns which of the two it is.
    #[must_use]
    pub const fn kind(self) -> MemberOf {
        match self {
            Self::Project(_) => MemberOf::Project,
            Self::Group(_) => MemberOf::Group,
        }
    }
}

/// A project or group, the reader's level in it, and the result of a read there, all from one snapshot. As in a
/// [`ProjectView`], nothing is found for a reader who may not see the project or group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberSourceView<T> {
    /// A project.
    Project(ProjectView<T>),
    /// A group.
    Group(GroupView, Option<T>),
}

/// The result of a read about members; `None` if the project or group does not exist.
pub type MemberSourceRead<T> = Result<Option<MemberSourceView<T>>, StoreError>;

/// Which memberships count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those in the project or group itself.
    Direct,
    /// Also those in its ancestor groups, and the owner of the user namespace that contains a project. Each user is
    /// returned once, with their highest level.
    Inherited,
}

/// Which members to list; all of them by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberFilter {
    /// Only members with this text in their name or username, ignoring the case of ASCII letters.
    pub search: Option<String>,
    /// Only these users.
    pub only: Option<Vec<UserId>>,
    /// Not these users.
    pub except: Vec<UserId>,
}

/// A user whose membership is to be created, changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberCandidate {
    /// The user.
    pub user: User,
    /// Their level in the project or group itself, if they are a direct member.
    pub level: Option<AccessLevel>,
}

/// Why a membership was not changed or deleted; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum MemberWriteError {
    /// The membership no longer exists.
    #[error("the membership no longer exists")]
    Gone,
    /// The member's level is above the ceiling.
    #[error("the member's level is above the ceiling")]
    Above,
    /// The group would be left without an owner.
    #[error("the last owner of the group")]
    LastOwner,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The members of projects and groups. A read returns `None` if the project or group does not exist.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MemberRepository: Send + Sync {
    /// Returns a page of members, ordered by user id. The members of an ancestor group that the reader may not see MUST
    /// be left out.
    async fn list(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        reach: Reach,
        filter: MemberFilter,
        page: PageRequest,
    ) -> MemberSourceRead<Page<Member>>;

    /// Returns one of the members that [`list`](Self::list) returns.
    async fn get(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        reach: Reach,
        user: UserId,
    ) -> MemberSourceRead<Member>;

    /// Returns the data that decides a write. Nothing is found if `user` is `None` or does not exist.
    async fn load_for_write(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        user: Option<UserRef>,
    ) -> MemberSourceRead<MemberCandidate>;

    /// Adds a member to a project.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the project or the user does not exist; [`WriteError::Conflict`] if the user is a direct
    /// member already.
    async fn add_to_project(&self, member: NewMember<ProjectId>) -> Result<Member, WriteError<()>>;

    /// Adds a member to a group.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the group or the user does not exist; [`WriteError::Conflict`] if the user is a direct
    /// member already.
    async fn add_to_group(&self, member: NewMember<GroupId>) -> Result<Member, WriteError<()>>;

    /// Changes the level of a direct member. A member whose level is above `ceiling` MUST stay unchanged. The last
    /// owner of a group, counting the owners of its ancestors, MUST remain an owner.
    async fn set_level(
        &self,
        source: MemberSource,
        user: UserId,
        level: AccessLevel,
        ceiling: AccessLevel,
    ) -> Result<Member, MemberWriteError>;

    /// Deletes a direct membership, under the same conditions as [`set_level`](Self::set_level).
    async fn remove(&self, source: MemberSource, user: UserId, ceiling: AccessLevel) -> Result<(), MemberWriteError>;
}
