//! Tokens: made once, shown once, revoked (docs/contract.md, "Credentials" and "Provisioning").

mod job;
mod local;
mod personal;
mod project;
mod rotate;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use release_links_domain::UserId;
use release_links_domain::namespace::DisplayName;
use release_links_domain::search::finds_nothing;
use release_links_domain::token::{Scopes, is_expired};
use release_links_ports::{
    Clock, Entropy, EntropyError, NewToken, PageRequest, ProjectRepository, TokenFilter, TokenRecord, TokenRepository,
    UserRepository, WriteError,
};

pub use job::JobDraft;
pub use local::{LocalTokenError, LocalTokens};
pub use personal::PersonalToken;
pub use project::ProjectTokenDraft;

use crate::{Missing, Refusal, Secret, Taken};

/// A token as somebody asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenDraft {
    /// What its owner calls it.
    pub name: DisplayName,
    /// What it is for.
    pub scopes: Scopes,
    /// The day from which it is refused.
    pub expires_on: Option<Date>,
}

impl TokenDraft {
    fn with(self, secret: &Secret, created_at: Timestamp) -> NewToken {
        let Self { name, scopes, expires_on } = self;
        NewToken { name: name.into(), scopes: scopes.into(), expires_on, digest: secret.digest(), created_at }
    }
}

/// A token that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenShown {
    /// What storage keeps of it.
    pub record: TokenRecord,
    /// Whether it opens anything now.
    pub active: bool,
}

impl TokenShown {
    fn new(record: TokenRecord, now: Timestamp) -> Self {
        let active = !record.revoked && !is_expired(record.expires_on, now);
        Self { record, active }
    }
}

/// A token that was just made: the only time that it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenMade {
    /// The token as it will be shown from now on.
    pub shown: TokenShown,
    /// The token itself.
    pub secret: Secret,
}

/// Which tokens of a list are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenSearch {
    /// Only those that act as this user.
    pub user: Option<UserId>,
    /// Only those that open something now, or only the others.
    pub active: Option<bool>,
    /// Only those that were revoked, or only the others.
    pub revoked: Option<bool>,
    /// Only those with this text in their name.
    pub text: Option<String>,
    /// Which part of the list.
    pub page: PageRequest,
}

impl TokenSearch {
    /// Whether no token can be found.
    fn finds_nothing(&self) -> bool {
        self.text.as_deref().is_some_and(finds_nothing)
    }

    fn filter(&self, now: Timestamp) -> TokenFilter {
        let today = Offset::UTC.to_datetime(now).date();
        TokenFilter {
            user: self.user,
            revoked: self.revoked,
            active: self.active.map(|active| (active, today)),
            search: self.text.clone(),
        }
    }
}

/// The operations on tokens.
#[derive(Clone)]
pub struct Tokens {
    tokens: Arc<dyn TokenRepository>,
    users: Arc<dyn UserRepository>,
    projects: Arc<dyn ProjectRepository>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Tokens {
    /// Works on the tokens of the users in `users` and the projects in `projects`; new ones are made of what `entropy`
    /// gives.
    #[must_use]
    pub fn new(
        tokens: Arc<dyn TokenRepository>,
        users: Arc<dyn UserRepository>,
        projects: Arc<dyn ProjectRepository>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { tokens, users, projects, clock, entropy }
    }

    fn secret(&self, prefix: &str) -> Result<Secret, EntropyError> {
        Secret::generate(&*self.entropy, prefix)
    }

    fn shown(&self, record: TokenRecord) -> TokenShown {
        TokenShown::new(record, self.clock.now())
    }
}

/// The refusal of a token that could not be stored; `gone` is what it would belong to.
fn not_stored(error: WriteError<()>, gone: Missing) -> Refusal {
    match error {
        WriteError::Conflict(()) => Refusal::Taken(Taken::Token),
        WriteError::Gone => Refusal::NotFound(gone),
        WriteError::Store(error) => Refusal::Store(error),
    }
}
