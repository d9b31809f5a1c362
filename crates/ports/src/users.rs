//! Users in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::UserId;
use release_links_domain::namespace::PathSegment;
use release_links_domain::user::User;

use crate::{NewToken, StoreError, TakenError};

/// A user to be stored, with a namespace of the same path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Also the path of the user's own namespace.
    pub username: PathSegment,
    /// The name people read.
    pub name: String,
    /// Where mail would go.
    pub email: String,
    /// Whether this user is as owner everywhere.
    pub administrator: bool,
    /// When it is made.
    pub created_at: Timestamp,
}

/// What of a new user somebody else holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserTaken {
    /// The username, or a group of that path.
    Username,
    /// The email address, compared without case.
    Email,
}

/// The users of the service.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// Where there is no user at all, stores the first one with a token, both or nothing. `None` where there is one: of
    /// several servers that start on a new database, exactly one MUST make it.
    async fn create_first(&self, user: NewUser, token: NewToken) -> Result<Option<User>, StoreError>;

    /// One user.
    async fn get(&self, user: UserId) -> Result<Option<User>, StoreError>;

    /// Stores a user and their namespace, or nothing.
    async fn create(&self, user: NewUser) -> Result<User, TakenError<UserTaken>>;
}
