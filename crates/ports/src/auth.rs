//! Credentials: who is behind a token. Storage knows digests only, never a token.

use std::fmt;

use async_trait::async_trait;
use release_links_domain::token::TokenFacts;

use crate::StoreError;

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
    /// next call. A project's token MUST be revoked once its bot is no member any more.
    async fn find(&self, digest: &TokenDigest) -> Result<Option<TokenFacts>, StoreError>;
}
