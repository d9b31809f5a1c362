//! A caller who is not identified yet, for a use case that finds out who it is together with its first read.

use release_links_domain::access::Admission;
use release_links_domain::token::{Caller, TokenFacts};
use release_links_ports::Claim;

use crate::Refusal;
use crate::authentication::{Authentication, Presented};

/// Whoever sent a request.
pub struct Claimant<'a> {
    authentication: &'a Authentication,
    presented: Option<Presented>,
    sudo: Option<String>,
}

/// The caller, and what they get.
pub type Identified<T> = Result<(Caller, Result<T, Refusal>), Refusal>;

impl<'a> Claimant<'a> {
    /// Takes the arguments of [`Authentication::caller`].
    #[must_use]
    pub fn new(authentication: &'a Authentication, presented: Option<Presented>, sudo: Option<String>) -> Self {
        Self { authentication, presented, sudo }
    }

    /// Identifies the caller by a read of its own.
    ///
    /// # Errors
    /// Those of [`Authentication::caller`].
    pub async fn identify(self) -> Result<Caller, Refusal> {
        self.authentication.caller(self.presented, self.sudo).await
    }

    /// Returns the token that tells who is calling, if nothing else does.
    pub(crate) fn claim(&self, admission: Admission) -> Option<Claim> {
        let presented = self.presented.as_ref().filter(|_| self.sudo.is_none())?;
        Some(self.authentication.claim(presented, admission))
    }

    /// Returns the caller whom a read with the claim has found.
    pub(crate) fn found(&self, claim: &Claim, token: Option<TokenFacts>) -> Result<Caller, Refusal> {
        self.authentication.caller_found(claim, token)
    }
}
