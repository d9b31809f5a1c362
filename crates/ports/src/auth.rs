//! Credentials: who is behind a token. Storage knows digests only, never a token.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use release_links_domain::token::{Scope, TokenFacts};
use release_links_domain::{TokenId, UserId};

use crate::{StoreError, TakenError};

/// The SHA-256 digest of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenDigest(pub [u8; 32]);

/// Says nothing of the digest: it is no secret, but nothing for a log either.
impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(…)")
    }
}

/// The auth port: whoever answers this decides who is who.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Credentials: Send + Sync {
    /// What is known of the token with this digest. A revocation, a deleted user or a changed user MUST show at the very
    /// next call.
    async fn find(&self, digest: &TokenDigest) -> Result<Option<TokenFacts>, StoreError>;
}

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

/// A token as its owner may see it: everything but the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Given out once.
    pub id: TokenId,
    /// The user it acts as.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<Scope>,
    /// The day from which it is refused.
    pub expires_on: Option<Date>,
    /// Whether it was taken back.
    pub revoked: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last presented, as far as storage was told.
    pub last_used_at: Option<Timestamp>,
}

/// Tokens as things that are made and taken back.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenRepository: Send + Sync {
    /// Stores a personal access token. [`TakenError::Gone`] when the user is; a digest that exists already is `Taken`.
    async fn create_personal(&self, user: UserId, token: NewToken) -> Result<TokenRecord, TakenError<()>>;
}
