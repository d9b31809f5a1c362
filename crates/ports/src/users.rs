//! Users in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::user::{EmailAddress, User, UserRef};
use release_links_domain::{NamespaceId, UserId};

use crate::{NewToken, Page, PageRequest, Sort, StoreError, TimeRange, WriteError};

/// A user to create, with a namespace of the same path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The username, which is also the path of the user's namespace.
    pub username: PathSegment,
    /// The display name.
    pub name: String,
    /// The email address.
    pub email: EmailAddress,
    /// Whether the user is an administrator, who has the rights of an owner everywhere.
    pub administrator: bool,
    /// When the user is created.
    pub created_at: Timestamp,
}

/// The value of a user that is already taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserTaken {
    /// The username; another user or a top-level group has it as its path.
    Username,
    /// The email address, ignoring case.
    Email,
}

/// Which users to list, and in which order; all of them by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserFilter {
    /// Only the user with this username, ignoring case.
    pub username: Option<String>,
    /// Only users who match this text in the [`SearchedFields`], ignoring the case of ASCII letters.
    pub search: Option<String>,
    /// Only administrators.
    pub administrators: bool,
    /// Only users who were created in this time.
    pub created: TimeRange,
    /// What they are sorted by.
    pub order: UserOrder,
    /// The direction.
    pub sort: Sort,
}

/// What users are sorted by; equal ones are sorted by id, in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserOrder {
    /// The id.
    #[default]
    Id,
    /// The display name, ignoring the case of ASCII letters.
    Name,
    /// The username, ignoring case.
    Username,
    /// When they were created.
    CreatedAt,
}

/// The fields that a search for users compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchedFields {
    /// Names and usernames, which must contain the text.
    Names,
    /// Also email addresses, which must equal the text.
    NamesAndEmails,
}

/// The changes to a user; a field that is `None` stays unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserChanges {
    /// The username, which is also the path of the user's namespace.
    pub username: Option<PathSegment>,
    /// The display name.
    pub name: Option<DisplayName>,
    /// The email address.
    pub email: Option<EmailAddress>,
    /// Whether the user is an administrator.
    pub administrator: Option<bool>,
}

/// Why a user was not changed or deleted; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum UserWriteError {
    /// Another user has this value.
    #[error("already taken: {0:?}")]
    Taken(UserTaken),
    /// The user no longer exists.
    #[error("the user no longer exists")]
    Gone,
    /// The user is the last administrator.
    #[error("the user is the last administrator")]
    LastAdministrator,
    /// The user is the last owner of a group.
    #[error("the user is the last owner of a group")]
    LastOwner,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The users of the service.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// Creates the first user and a token, or neither; returns `None` if there is already a user. Of several servers
    /// that start on a new database, exactly one MUST create it.
    async fn create_first(&self, user: NewUser, token: NewToken) -> Result<Option<User>, StoreError>;

    /// Returns a user.
    async fn get(&self, user: UserId) -> Result<Option<User>, StoreError>;

    /// Returns a user as a request identifies them, and their own namespace.
    async fn find(&self, user: &UserRef) -> Result<Option<(User, NamespaceId)>, StoreError>;

    /// Returns a page of users, in the order of the filter.
    async fn list(
        &self,
        filter: &UserFilter,
        fields: SearchedFields,
        page: PageRequest,
    ) -> Result<Page<User>, StoreError>;

    /// Creates a user and their namespace, or neither.
    ///
    /// # Errors
    /// [`WriteError::Conflict`] if the username or the email address is taken.
    async fn create(&self, user: NewUser) -> Result<User, WriteError<UserTaken>>;

    /// Changes a user. If the username changes, everything in their namespace MUST move with it and MUST still be found
    /// by its old path. The last administrator MUST remain one.
    async fn update(&self, user: UserId, changes: UserChanges) -> Result<User, UserWriteError>;

    /// Deletes a user with everything in their namespace, including the bots of its projects. The user's releases in
    /// other namespaces MUST be kept, without an author. The last administrator and the last owner of a group MUST NOT
    /// be deleted.
    async fn delete(&self, user: UserId) -> Result<(), UserWriteError>;
}
