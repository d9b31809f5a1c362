//! Users in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::UserId;
use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::user::{EmailAddress, User};

use crate::{NewToken, Page, PageRequest, StoreError, WriteError};

/// A user to be stored, with a namespace of the same path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Also the path of the user's own namespace.
    pub username: PathSegment,
    /// The name people read.
    pub name: String,
    /// Where mail would go.
    pub email: EmailAddress,
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

/// Which users a list holds; all of them when nothing is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserFilter {
    /// The one of this username, compared without case.
    pub username: Option<String>,
    /// Those with this text in their name or username, compared without the case of ASCII letters.
    pub search: Option<String>,
}

/// What a search for users looks into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchedFields {
    /// Names and usernames, for parts of them.
    Names,
    /// Also email addresses, for a whole one.
    NamesAndEmails,
}

/// What is to become of a user; what is not said stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserChanges {
    /// Also the path of the user's own namespace.
    pub username: Option<PathSegment>,
    /// The name people read.
    pub name: Option<DisplayName>,
    /// Where mail would go.
    pub email: Option<EmailAddress>,
    /// Whether this user is as owner everywhere.
    pub administrator: Option<bool>,
}

/// Why a user was not changed or deleted; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum UserWriteError {
    /// Somebody else holds it.
    #[error("already taken: {0:?}")]
    Taken(UserTaken),
    /// There is no such user now.
    #[error("gone")]
    Gone,
    /// No administrator would be left.
    #[error("the last administrator")]
    LastAdministrator,
    /// A group would be left without an owner.
    #[error("the last owner of a group")]
    LastOwner,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
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

    /// A page of users, newest (highest id) first.
    async fn list(
        &self,
        filter: &UserFilter,
        fields: SearchedFields,
        page: PageRequest,
    ) -> Result<Page<User>, StoreError>;

    /// Stores a user and their namespace, or nothing.
    async fn create(&self, user: NewUser) -> Result<User, WriteError<UserTaken>>;

    /// Changes a user. With another username all that stands in their namespace MUST move along, and its old paths MUST
    /// lead there. The last administrator MUST stay one.
    async fn update(&self, user: UserId, changes: UserChanges) -> Result<User, UserWriteError>;

    /// Deletes a user with all that stands in their namespace and the bots that worked there; releases elsewhere MUST stay,
    /// without an author. The last administrator and the last owner of a group MUST stay.
    async fn delete(&self, user: UserId) -> Result<(), UserWriteError>;
}
