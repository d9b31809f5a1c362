//! Members of projects and groups in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::namespace::NamespaceRef;
use release_links_domain::project::ProjectRef;
use release_links_domain::user::User;
use release_links_domain::{GroupId, ProjectId, UserId};

use crate::{GroupView, Page, PageRequest, ProjectView, StoreError, WriteError};

/// Somebody to become a member of `P`, a project or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember<P> {
    /// The project or group.
    pub source: P,
    /// Who.
    pub user: UserId,
    /// With which level.
    pub level: AccessLevel,
    /// When.
    pub created_at: Timestamp,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: User,
    /// With which level.
    pub level: AccessLevel,
}

/// What has members, as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberSourceRef {
    /// A project.
    Project(ProjectRef),
    /// A group.
    Group(NamespaceRef),
}

/// What has members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberSource {
    /// A project.
    Project(ProjectId),
    /// A group.
    Group(GroupId),
}

/// A project or group, the reader's level in it, and what was found there, all of one moment. As in
/// a [`ProjectView`], nothing is found for a reader who may not see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberSourceView<T> {
    /// A project.
    Project(ProjectView<T>),
    /// A group.
    Group(GroupView, Option<T>),
}

/// What a read about members returns; `None` when there is no such project or group.
pub type MemberSourceRead<T> = Result<Option<MemberSourceView<T>>, StoreError>;

/// Whose membership counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The place's own members.
    Direct,
    /// Those of the groups above too, and who owns the namespace of a project; each once, with the highest level.
    Inherited,
}

/// Somebody whose membership is to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberCandidate {
    /// Who.
    pub user: User,
    /// The level as a member of the place itself.
    pub level: Option<AccessLevel>,
}

/// Why a membership was not changed; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum MemberWriteError {
    /// There is no such membership now.
    #[error("gone")]
    Gone,
    /// It has a higher level than was to be touched.
    #[error("the member stands higher")]
    Above,
    /// The group would be left without an owner.
    #[error("the last owner of the group")]
    LastOwner,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The members of projects and groups. `None` means that there is no such project or group.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MemberRepository: Send + Sync {
    /// A page of members, by the ids of their users. Those of a group above that the viewer may not see MUST be left out.
    async fn list(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        reach: Reach,
        page: PageRequest,
    ) -> MemberSourceRead<Page<Member>>;

    /// One member, of those that [`list`](Self::list) shows.
    async fn get(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        reach: Reach,
        user: UserId,
    ) -> MemberSourceRead<Member>;

    /// What a write needs to be decided. Nobody is found when there is no such user, or none is named.
    async fn load_for_write(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        user: Option<UserId>,
    ) -> MemberSourceRead<MemberCandidate>;

    /// Makes somebody a member of a project. [`WriteError::Gone`] when the project or the user is.
    async fn add_to_project(&self, member: NewMember<ProjectId>) -> Result<Member, WriteError<()>>;

    /// Makes somebody a member of a group. [`WriteError::Gone`] when the group or the user is.
    async fn add_to_group(&self, member: NewMember<GroupId>) -> Result<Member, WriteError<()>>;

    /// Gives a direct member another level. One who stands above `ceiling` MUST be left alone. The last owner of a group,
    /// those above it counted, MUST stay one.
    async fn set_level(
        &self,
        source: MemberSource,
        user: UserId,
        level: AccessLevel,
        ceiling: AccessLevel,
    ) -> Result<Member, MemberWriteError>;

    /// Ends a direct membership, under the same conditions.
    async fn remove(&self, source: MemberSource, user: UserId, ceiling: AccessLevel) -> Result<(), MemberWriteError>;
}
