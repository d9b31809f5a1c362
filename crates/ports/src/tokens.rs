//! Tokens in storage: made, shown, exchanged and revoked.

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::namespace::PathSegment;
use release_links_domain::project::ProjectRef;
use release_links_domain::token::{Scope, TokenKind};
use release_links_domain::{ProjectId, TokenId, UserId};

use crate::{Page, PageRequest, ProjectRead, StoreError, TokenDigest, WriteError};

/// A token to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<Scope>,
    /// The day from which it is refused.
    pub expires_on: Option<Date>,
    /// Its digest.
    pub digest: TokenDigest,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A project's token to be stored, with the bot that it acts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProjectToken {
    /// The project it belongs to.
    pub project: ProjectId,
    /// The level that the bot gets there.
    pub level: AccessLevel,
    /// What the bot is called; its name is the token's.
    pub username: PathSegment,
    /// The token.
    pub token: NewToken,
}

/// A job's token to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewJobToken {
    /// The project that the job runs in.
    pub project: ProjectId,
    /// The user it acts as.
    pub user: UserId,
    /// Its digest.
    pub digest: TokenDigest,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub ends_at: Timestamp,
}

/// What takes the place of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// The new token's digest.
    pub digest: TokenDigest,
    /// The day from which it is refused; that of the old token when none is given.
    pub expires_on: Option<Date>,
    /// When it is made.
    pub created_at: Timestamp,
}

/// A token as its owner may see it: everything but the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Given out once.
    pub id: TokenId,
    /// Whose it is.
    pub kind: TokenKind,
    /// The user it acts as.
    pub user: UserId,
    /// Of a project's token: the level that its bot has there now.
    pub level: Option<AccessLevel>,
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<Scope>,
    /// The day from which it is refused.
    pub expires_on: Option<Date>,
    /// Whether it was revoked.
    pub revoked: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last presented, as far as storage was told.
    pub last_used_at: Option<Timestamp>,
}

/// Which tokens of a list are wanted; all of them when nothing is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenFilter {
    /// Only those that act as this user.
    pub user: Option<UserId>,
    /// Only those that were revoked, or only the others.
    pub revoked: Option<bool>,
    /// Only those that let somebody in on that day, or only the others.
    pub active: Option<(bool, Date)>,
    /// Only those with this text in their name, compared without the case of ASCII letters.
    pub search: Option<String>,
}

/// Tokens as things that are made and revoked.
///
/// A project's token, or a job's, MUST NOT be found, exchanged or revoked through another project. `project: None`
/// stands for the personal tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenRepository: Send + Sync {
    /// One token of any kind, while its user exists.
    async fn get(&self, token: TokenId) -> Result<Option<TokenRecord>, StoreError>;

    /// A page of personal access tokens, oldest (lowest id) first.
    async fn list(&self, filter: &TokenFilter, page: PageRequest) -> Result<Page<TokenRecord>, StoreError>;

    /// A page of a project's tokens, oldest first. One that was revoked MUST NOT be shown.
    async fn list_of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: &TokenFilter,
        page: PageRequest,
    ) -> ProjectRead<Page<TokenRecord>>;

    /// One token of a project. One that was revoked MUST NOT be found.
    async fn get_of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        token: Option<TokenId>,
    ) -> ProjectRead<TokenRecord>;

    /// Stores a personal access token. [`WriteError::Gone`] when the user is; a digest that exists already is `Taken`.
    async fn create_personal(&self, user: UserId, token: NewToken) -> Result<TokenRecord, WriteError<()>>;

    /// Stores a project's token with its bot and the bot's membership, or nothing. [`WriteError::Gone`] when the project
    /// is; a digest or a username that exists already is `Taken`.
    async fn create_for_project(&self, token: NewProjectToken) -> Result<TokenRecord, WriteError<()>>;

    /// Stores a job's token; those of the project's jobs that are over by then may be forgotten. [`WriteError::Gone`] when
    /// the project or the user is; a digest that exists already is `Taken`.
    async fn create_for_job(&self, token: NewJobToken) -> Result<TokenRecord, WriteError<()>>;

    /// Puts a new token in the place of one, which is revoked in the same transaction: what is not renewed stays. Of several
    /// writers that race for one token, exactly one MUST succeed; to the others it is [`WriteError::Gone`].
    async fn rotate(
        &self,
        project: Option<ProjectId>,
        token: TokenId,
        renewal: Renewal,
    ) -> Result<TokenRecord, WriteError<()>>;

    /// Takes a token back. A project's token MUST take its bot along, with its membership and its name on releases. Whether
    /// there was such a token; a personal one is there also when it was revoked before.
    async fn revoke(&self, project: Option<ProjectId>, token: TokenId) -> Result<bool, StoreError>;

    /// Ends the token of a job that runs at that time, of this user when one is named. Whether there was one.
    async fn end_job(
        &self,
        project: ProjectId,
        user: Option<UserId>,
        token: TokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Notes when tokens were last presented, all in one transaction. A later time MUST stay.
    async fn note_uses(&self, uses: Vec<(TokenId, Timestamp)>) -> Result<(), StoreError>;
}
