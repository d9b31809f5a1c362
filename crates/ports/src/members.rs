//! Members of projects and groups in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::AccessLevel;
use release_links_domain::user::User;
use release_links_domain::{GroupId, ProjectId, UserId};

use crate::TakenError;

/// Somebody to become a member of `P`, a project or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember<P> {
    /// The project or group.
    pub place: P,
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

/// The members of projects and groups.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MemberRepository: Send + Sync {
    /// Makes somebody a member of a project. [`TakenError::Gone`] when the project or the user is.
    async fn add_to_project(&self, member: NewMember<ProjectId>) -> Result<Member, TakenError<()>>;

    /// Makes somebody a member of a group. [`TakenError::Gone`] when the group or the user is.
    async fn add_to_group(&self, member: NewMember<GroupId>) -> Result<Member, TakenError<()>>;
}
