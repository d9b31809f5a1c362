//! Identifies the caller (docs/contract.md, "Credentials"): the first of a request's two reads.

use std::sync::Arc;

use jiff::Timestamp;
use release_links_domain::access::Admission;
use release_links_domain::policy::SudoUser;
use release_links_domain::token::{AcceptedTokens, Caller, TokenFacts, TokenRefusal};
use release_links_domain::user::UserRef;
use release_links_ports::{Claim, Clock, Credentials};

use crate::{Refusal, Secret, TokenUses};

/// A credential as presented in the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// Presented where personal and project access tokens are accepted.
    Access(Secret),
    /// Presented where any token is accepted.
    Bearer(Secret),
    /// Presented where job tokens are accepted.
    Job(Secret),
}

impl Presented {
    /// Returns the token, and the kinds of tokens that are accepted where it was presented.
    fn parts(&self) -> (&Secret, AcceptedTokens) {
        match self {
            Self::Access(secret) => (secret, AcceptedTokens::Access),
            Self::Bearer(secret) => (secret, AcceptedTokens::Any),
            Self::Job(secret) => (secret, AcceptedTokens::Job),
        }
    }
}

/// Identifies callers by their credentials.
#[derive(Clone)]
pub struct Authentication {
    credentials: Arc<dyn Credentials>,
    uses: Arc<TokenUses>,
    clock: Arc<dyn Clock>,
}

impl Authentication {
    /// Looks tokens up in `credentials`, taking the time from `clock`, and records each accepted token in `uses`.
    #[must_use]
    pub fn new(credentials: Arc<dyn Credentials>, uses: Arc<TokenUses>, clock: Arc<dyn Clock>) -> Self {
        Self { credentials, uses, clock }
    }

    /// Returns the caller: anonymous without a credential, refused with an invalid one. `sudo` is the id or username of
    /// the user that the caller asks to act as.
    ///
    /// # Errors
    /// Returns [`Refusal::Token`] for a token that is unknown, expired, revoked or of a kind that is not accepted
    /// where it was presented; [`Refusal::Sudo`] for a caller who may not act as that user; [`Refusal::Store`] if storage
    /// fails.
    pub async fn caller(&self, presented: Option<Presented>, sudo: Option<String>) -> Result<Caller, Refusal> {
        let Some(user) = sudo else { return Ok(self.identify(presented, None).await?.0) };
        let (caller, found) = self.identify(presented, user.parse().ok().as_ref()).await?;
        caller.act_as(found).map_err(|why| Refusal::Sudo { why, user })
    }

    /// Identifies the bearer, and finds the user that they ask to act as.
    async fn identify(
        &self,
        presented: Option<Presented>,
        user: Option<&UserRef>,
    ) -> Result<(Caller, Option<SudoUser>), Refusal> {
        let Some(presented) = presented else { return Ok((Caller::Anonymous, None)) };
        let (secret, accepted) = presented.parts();
        let digest = secret.digest();
        let found = match user {
            None => self.credentials.find(&digest).await?.map(|facts| (facts, None)),
            Some(user) => self.credentials.find_with_user(&digest, user).await?,
        };
        let (facts, user) = found.ok_or(TokenRefusal::Unknown)?;
        Ok((self.admit(facts, accepted, self.clock.now())?, user))
    }

    /// Returns what a read needs to find out who is calling.
    pub(crate) fn claim(&self, presented: &Presented, admission: Admission) -> Claim {
        let (secret, accepted) = presented.parts();
        Claim { digest: secret.digest(), accepted, now: self.clock.now(), admission }
    }

    /// Returns the caller that a read found out.
    pub(crate) fn caller_found(&self, claim: &Claim, found: Option<TokenFacts>) -> Result<Caller, Refusal> {
        self.admit(found.ok_or(TokenRefusal::Unknown)?, claim.accepted, claim.now)
    }

    fn admit(&self, facts: TokenFacts, accepted: AcceptedTokens, now: Timestamp) -> Result<Caller, Refusal> {
        let token = facts.id;
        let caller = facts.admit(accepted, now)?;
        self.uses.record(token, now);
        Ok(caller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_links_domain::token::{Scope, TokenKind};
    use release_links_ports::{MockClock, MockCredentials, MockTokenRepository};

    fn uses() -> Arc<TokenUses> {
        Arc::new(TokenUses::new(Arc::new(MockTokenRepository::new())))
    }

    fn authentication(kind: TokenKind) -> Authentication {
        let mut credentials = MockCredentials::new();
        credentials.expect_find().returning(move |digest| {
            Ok((*digest == Secret::from("good".to_owned()).digest()).then(|| TokenFacts {
                id: 1.try_into().unwrap(),
                kind,
                user: Some(2.try_into().unwrap()),
                administrator: false,
                bot: false,
                scopes: vec![Scope::Api],
                expires_on: None,
                revoked: false,
            }))
        });
        let mut clock = MockClock::new();
        clock.expect_now().returning(|| Timestamp::UNIX_EPOCH);
        Authentication::new(Arc::new(credentials), uses(), Arc::new(clock))
    }

    fn secret(token: &str) -> Secret {
        Secret::from(token.to_owned())
    }

    #[tokio::test]
    async fn a_caller_without_a_credential_is_anonymous_without_a_query() {
        let authentication = Authentication::new(Arc::new(MockCredentials::new()), uses(), Arc::new(MockClock::new()));
        assert_eq!(authentication.caller(None, None).await.unwrap(), Caller::Anonymous);
    }

    #[tokio::test]
    async fn an_unknown_token_is_refused() {
        let refused = authentication(TokenKind::Personal).caller(Some(Presented::Bearer(secret("bad"))), None).await;
        assert!(matches!(refused, Err(Refusal::Token(TokenRefusal::Unknown))));
    }

    #[tokio::test]
    async fn a_token_is_accepted_only_where_its_kind_is() {
        let job = TokenKind::Job { project: 1.try_into().unwrap(), ends_at: Timestamp::MAX };
        for (kind, access, bearer, job_token) in [(TokenKind::Personal, true, true, false), (job, false, true, true)] {
            let authentication = authentication(kind);
            let presented =
                [Presented::Access(secret("good")), Presented::Bearer(secret("good")), Presented::Job(secret("good"))];
            for (presented, expected) in presented.into_iter().zip([access, bearer, job_token]) {
                assert_eq!(authentication.caller(Some(presented), None).await.is_ok(), expected, "{kind:?}");
            }
        }
    }
}
