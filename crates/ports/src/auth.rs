//! Authentication by token. Storage has only the digests of tokens, never a token.

use std::fmt;

use async_trait::async_trait;
use release_links_domain::policy::SudoUser;
use release_links_domain::token::TokenFacts;
use release_links_domain::user::UserRef;

use crate::StoreError;

/// The SHA-256 digest of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenDigest(pub [u8; 32]);

/// Omits the digest: it is not a secret, but it does not belong in a log.
impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(…)")
    }
}

/// The authentication port: its answers decide who a caller is.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Returns what storage knows about the token with this digest. The next call after the token is revoked, or after
    /// its user is changed or deleted, MUST return the new state; if another process did that, the calls from 10 ms
    /// later on. A project token MUST be reported as revoked once its bot is no longer a member of the project.
    async fn find(&self, digest: &TokenDigest) -> Result<Option<TokenFacts>, StoreError>;

    /// Like [`find`](Self::find), and returns the user that the bearer asks to act as, if there is one, in the same
    /// snapshot. Usernames MUST be compared without case.
    async fn find_with_user(
        &self,
        digest: &TokenDigest,
        user: &UserRef,
    ) -> Result<Option<(TokenFacts, Option<SudoUser>)>, StoreError>;
}
