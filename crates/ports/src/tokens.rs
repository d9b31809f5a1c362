//! Tokens in storage: creation, lists, rotation and revocation.

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::description::ShortDescription;
use release_links_domain::job::JobObstacle;
use release_links_domain::namespace::PathSegment;
use release_links_domain::project::ProjectRef;
use release_links_domain::token::{Scope, TokenKind};
use release_links_domain::{ProjectId, TokenId, UserId};

use crate::{Page, PageRequest, ProjectRead, StoreError, TimeRange, TokenDigest, WriteError};

/// A token to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// The name that its owner gave it.
    pub name: String,
    /// What it is for.
    pub description: Option<ShortDescription>,
    /// Its scopes.
    pub scopes: Vec<Scope>,
    /// The day from which it is refused, starting at 00:00 UTC.
    pub expires_on: Option<Date>,
    /// Its digest.
    pub digest: TokenDigest,
    /// When it is created.
    pub created_at: Timestamp,
}

/// A project token to create, with the bot that it acts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProjectToken {
    /// The project that it belongs to.
    pub project: ProjectId,
    /// The level of the bot in the project.
    pub level: AccessLevel,
    /// The username of the bot; its display name is the token's name.
    pub username: PathSegment,
    /// The token.
    pub token: NewToken,
}

/// A job token to create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewJobToken {
    /// The project that the job runs in.
    pub project: ProjectId,
    /// The user that it acts as.
    pub user: UserId,
    /// Its digest.
    pub digest: TokenDigest,
    /// When it is created.
    pub created_at: Timestamp,
    /// The time from which it is refused.
    pub ends_at: Timestamp,
}

/// The new values of a rotated token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// The new token's digest.
    pub digest: TokenDigest,
    /// The day from which it is refused; if `None`, the old token's day.
    pub expires_on: Option<Date>,
    /// When it is created.
    pub created_at: Timestamp,
}

/// What the owner of a token may see: everything but the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Assigned by storage and never reused.
    pub id: TokenId,
    /// The kind of the token.
    pub kind: TokenKind,
    /// The user that it acts as.
    pub user: UserId,
    /// The current level of the bot in the project; only for a project token.
    pub level: Option<AccessLevel>,
    /// The name that its owner gave it.
    pub name: String,
    /// What it is for.
    pub description: Option<ShortDescription>,
    /// Its scopes.
    pub scopes: Vec<Scope>,
    /// The day from which it is refused, starting at 00:00 UTC.
    pub expires_on: Option<Date>,
    /// Whether it was revoked.
    pub revoked: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last presented, as recorded by [`TokenRepository::record_uses`].
    pub last_used_at: Option<Timestamp>,
}

/// Which tokens to list, and in which order; all of them by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenFilter {
    /// Only tokens that act as this user.
    pub user: Option<UserId>,
    /// Only revoked tokens if true, and only the others if false.
    pub revoked: Option<bool>,
    /// Only tokens that are accepted on that day if true, and only the others if false.
    pub active: Option<(bool, Date)>,
    /// Only tokens with this text in their name, ignoring the case of ASCII letters.
    pub search: Option<String>,
    /// Only tokens that were created in this time.
    pub created: TimeRange,
    /// Only tokens that were last used in this time; one that was never used is in none.
    pub last_used: TimeRange,
    /// Only tokens that expire on this day or later.
    pub expires_after: Option<Date>,
    /// Only tokens that expire before this day.
    pub expires_before: Option<Date>,
    /// How they are sorted.
    pub order: TokenOrder,
}

/// How tokens are sorted; equal ones are sorted by id, in the same direction unless the order says otherwise. A token that
/// never expires, or was never used, comes after all others if the order is ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenOrder {
    /// By when they were created, oldest first.
    #[default]
    CreatedAscending,
    /// By when they were created, newest first.
    CreatedDescending,
    /// By name, ignoring the case of ASCII letters.
    NameAscending,
    /// By name from the end.
    NameDescending,
    /// By when they expire, soonest first.
    ExpiresAscending,
    /// By when they expire, soonest first; equal ones by id from the highest.
    ExpiresAscendingIdDescending,
    /// By when they were last used, the longest ago first.
    LastUsedAscending,
    /// By when they were last used, the latest first.
    LastUsedDescending,
}

impl TokenOrder {
    /// Every order.
    pub const ALL: &[Self] = &[
        Self::CreatedAscending,
        Self::CreatedDescending,
        Self::NameAscending,
        Self::NameDescending,
        Self::ExpiresAscending,
        Self::ExpiresAscendingIdDescending,
        Self::LastUsedAscending,
        Self::LastUsedDescending,
    ];
}

/// The management of tokens.
///
/// A project or job token MUST NOT be found, rotated or revoked through another project. `project: None` selects the
/// personal tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenRepository: Send + Sync {
    /// Returns a token of any kind; `None` if its user no longer exists.
    async fn get(&self, token: TokenId) -> Result<Option<TokenRecord>, StoreError>;

    /// Returns a page of personal access tokens, in the order of the filter.
    async fn list(&self, filter: &TokenFilter, page: PageRequest) -> Result<Page<TokenRecord>, StoreError>;

    /// Returns a page of a project's tokens, in the order of the filter. A revoked token MUST NOT be listed.
    async fn list_of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: &TokenFilter,
        page: PageRequest,
    ) -> ProjectRead<Page<TokenRecord>>;

    /// Returns a token of a project. A revoked token MUST NOT be found.
    async fn get_of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        token: Option<TokenId>,
    ) -> ProjectRead<TokenRecord>;

    /// Returns a page of the tokens of jobs that are still running in a project at `now`, oldest first. A token whose
    /// user no longer exists MUST NOT be listed.
    async fn list_of_jobs(
        &self,
        project: &ProjectRef,
        reader: Reader,
        now: Timestamp,
        page: PageRequest,
    ) -> ProjectRead<Page<TokenRecord>>;

    /// Creates a personal access token.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the user does not exist; [`WriteError::Conflict`] if the digest already exists.
    async fn create_personal(&self, user: UserId, token: NewToken) -> Result<TokenRecord, WriteError<()>>;

    /// Creates a project token with its bot and the bot's membership, or nothing.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the project does not exist; [`WriteError::Conflict`] if the digest or the username
    /// already exists.
    async fn create_for_project(&self, token: NewProjectToken) -> Result<TokenRecord, WriteError<()>>;

    /// Creates a job token. May delete the project's job tokens that have expired by the time it is created.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the project or the user does not exist; [`WriteError::Conflict`] if the digest already
    /// exists, or as [`JobObstacle::to_one_more`] decides, also if several writers race. Tokens that have expired by the
    /// time it is created MUST NOT count.
    async fn create_for_job(&self, token: NewJobToken) -> Result<TokenRecord, WriteError<JobObstacle>>;

    /// Replaces a token with a new one and revokes it in the same transaction. The new token keeps every value that is
    /// not in `renewal`. Of several writers that race for one token, exactly one MUST succeed; the others get
    /// [`WriteError::Gone`].
    async fn rotate(
        &self,
        project: Option<ProjectId>,
        token: TokenId,
        renewal: Renewal,
    ) -> Result<TokenRecord, WriteError<()>>;

    /// Revokes a token. The bot of a project token MUST be deleted with it, along with the bot's membership and its
    /// authorship of releases. Returns whether the token existed; a personal token still exists after it was revoked.
    async fn revoke(&self, project: Option<ProjectId>, token: TokenId) -> Result<bool, StoreError>;

    /// Revokes the token of a job that is still running at `now`; if `user` is given, only if it acts as that user.
    /// Returns whether there was such a token.
    async fn end_job(
        &self,
        project: ProjectId,
        user: Option<UserId>,
        token: TokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Records when tokens were last presented, all in one transaction. A later time MUST NOT be overwritten.
    async fn record_uses(&self, uses: Vec<(TokenId, Timestamp)>) -> Result<(), StoreError>;
}
