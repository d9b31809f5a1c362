//! Authentication by token. Storage has only the digests of tokens, never a token.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::{Admission, Reader};
use release_links_domain::policy::SudoUser;
use release_links_domain::token::{AcceptedTokens, TokenFacts};
use release_links_domain::user::UserRef;

use crate::{ProjectRead, ProjectView, StoreError};

/// The SHA-256 digest of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenDigest(pub [u8; 32]);

/// Omits the digest: it is not a secret, but it does not belong in a log.
impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(…)")
    }
}

/// A token as a request presents it: who is calling is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The token's digest.
    pub digest: TokenDigest,
    /// The kinds of tokens that are accepted where it was presented.
    pub accepted: AcceptedTokens,
    /// When it was presented.
    pub now: Timestamp,
    /// The access that its bearer needs.
    pub admission: Admission,
}

/// The result of a read for the bearer of a token: what [`Credentials::find`] returns, and what the bearer sees of the
/// project.
pub type BearerRead<T> = Result<(Option<TokenFacts>, Option<ProjectView<T>>), StoreError>;

impl Claim {
    /// Returns the bearer of the token as a reader; `None` if the token is refused.
    #[must_use]
    pub fn reader(&self, facts: &TokenFacts) -> Option<Reader> {
        let caller = facts.clone().admit(self.accepted, self.now).ok()?;
        Some(caller.reader(self.admission))
    }

    /// Finds the token, and then reads for its bearer: for storage that gains nothing from doing both at once.
    ///
    /// # Errors
    /// Those of the two reads.
    pub async fn find_and_read<T, R>(
        &self,
        credentials: &dyn Credentials,
        read: impl FnOnce(Reader) -> R + Send,
    ) -> BearerRead<T>
    where
        R: Future<Output = ProjectRead<T>> + Send,
    {
        let facts = credentials.find(&self.digest).await?;
        match facts.as_ref().and_then(|facts| self.reader(facts)) {
            Some(reader) => Ok((facts, read(reader).await?)),
            None => Ok((facts, None)),
        }
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
