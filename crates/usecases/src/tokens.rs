//! Personal access tokens: made once, shown once (contract sections 5 and 9).

use std::sync::Arc;

use jiff::civil::Date;
use release_links_domain::UserId;
use release_links_domain::token::{Caller, Scope, is_expired};
use release_links_ports::{Clock, Entropy, NewToken, TakenError, TokenRecord, TokenRepository, UserRepository};

use crate::caller::{in_person, signed_in};
use crate::{Missing, ParameterFaults, Refusal, Secret};

/// A token as somebody asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenDraft {
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<Scope>,
    /// The day from which it is refused.
    pub expires_on: Option<Date>,
}

/// A token that was just made: the only time that it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenMade {
    /// What storage keeps of it.
    pub record: TokenRecord,
    /// Whether it opens anything now.
    pub active: bool,
    /// The token itself.
    pub secret: Secret,
}

/// The operations on tokens.
#[derive(Clone)]
pub struct Tokens {
    tokens: Arc<dyn TokenRepository>,
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Tokens {
    /// Works on the tokens of the users in `users`; new ones are made of what `entropy` gives.
    #[must_use]
    pub fn new(
        tokens: Arc<dyn TokenRepository>,
        users: Arc<dyn UserRepository>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { tokens, users, clock, entropy }
    }

    /// Makes a personal access token for `user`: by that user, or by an administrator.
    ///
    /// # Errors
    /// The refusals of contract section 9, in its order.
    pub async fn create_personal(
        &self,
        caller: &Caller,
        user: Option<UserId>,
        draft: Result<TokenDraft, ParameterFaults>,
    ) -> Result<TokenMade, Refusal> {
        let bearer = signed_in(caller)?;
        let user = user.ok_or(Refusal::NotFound(Missing::User))?;
        self.users.get(user).await?.ok_or(Refusal::NotFound(Missing::User))?;
        in_person(bearer)?;
        if !bearer.administrator && bearer.user != user {
            return Err(Refusal::Forbidden);
        }
        let draft = draft?;
        let secret = Secret::generate(&*self.entropy, Secret::TOKEN_PREFIX)?;
        let now = self.clock.now();
        let token = NewToken {
            name: draft.name,
            scopes: draft.scopes,
            expires_on: draft.expires_on,
            digest: secret.digest(),
            created_at: now,
        };
        let record = self.tokens.create_personal(user, token).await.map_err(|error| match error {
            TakenError::Taken(()) => Refusal::Taken(crate::Taken::Token),
            TakenError::Gone => Refusal::NotFound(Missing::User),
            TakenError::Store(error) => Refusal::Store(error),
        })?;
        let active = !record.revoked && !is_expired(record.expires_on, now);
        Ok(TokenMade { record, active, secret })
    }
}
