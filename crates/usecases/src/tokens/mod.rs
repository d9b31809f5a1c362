//! Tokens: created, shown once, revoked (docs/contract.md, "Credentials" and "Provisioning").

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
use release_links_domain::description::ShortDescription;
use release_links_domain::namespace::DisplayName;
use release_links_domain::search::finds_nothing;
use release_links_domain::token::{Scopes, is_expired};
use release_links_ports::{
    Clock, Entropy, EntropyError, NewToken, PageRequest, ProjectRepository, TimeRange, TokenFilter, TokenOrder,
    TokenRecord, TokenRepository, UserRepository, WriteError,
};

pub use job::JobDraft;
pub use local::{LocalTokenError, LocalTokens};
pub use personal::PersonalToken;
pub use project::ProjectTokenDraft;

use crate::{Missing, Refusal, Secret, Taken};

/// The validated parameters of a new token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenDraft {
    /// The name that its owner gives it.
    pub name: DisplayName,
    /// What it is for.
    pub description: Option<ShortDescription>,
    /// Its scopes.
    pub scopes: Scopes,
    /// The day from which it is refused.
    pub expires_on: Option<Date>,
}

impl TokenDraft {
    fn with(self, secret: &Secret, created_at: Timestamp) -> NewToken {
        let Self { name, description, scopes, expires_on } = self;
        let digest = secret.digest();
        NewToken { name: name.into(), description, scopes: scopes.into(), expires_on, digest, created_at }
    }
}

/// A stored token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenShown {
    /// The stored record.
    pub record: TokenRecord,
    /// Whether it is currently accepted.
    pub active: bool,
}

impl TokenShown {
    fn new(record: TokenRecord, now: Timestamp) -> Self {
        let active = !record.revoked && !is_expired(record.expires_on, now);
        Self { record, active }
    }
}

/// A newly created token, the only time that its secret is returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenMade {
    /// The stored token.
    pub shown: TokenShown,
    /// The secret.
    pub secret: Secret,
}

/// The search criteria of a token list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenSearch {
    /// Only tokens that act as this user.
    pub user: Option<UserId>,
    /// Only tokens that are currently accepted, or only those that are not.
    pub active: Option<bool>,
    /// Only tokens that were revoked, or only those that were not.
    pub revoked: Option<bool>,
    /// Only tokens whose name contains this text.
    pub text: Option<String>,
    /// Only tokens that were created in this time.
    pub created: TimeRange,
    /// Only tokens that were last used in this time.
    pub last_used: TimeRange,
    /// Only tokens that expire on this day or later.
    pub expires_after: Option<Date>,
    /// Only tokens that expire before this day.
    pub expires_before: Option<Date>,
    /// How they are sorted.
    pub order: TokenOrder,
    /// The requested page.
    pub page: PageRequest,
}

impl TokenSearch {
    /// Whether no token can match.
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
            created: self.created,
            last_used: self.last_used,
            expires_after: self.expires_after,
            expires_before: self.expires_before,
            order: self.order,
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
    /// Works on the tokens of the users in `users` and the projects in `projects`. Generates secrets with `entropy`.
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

/// Maps an error of storing a token; `missing` is what the token would have belonged to.
fn not_stored(error: WriteError<()>, missing: Missing) -> Refusal {
    match error {
        WriteError::Conflict(()) => Refusal::Taken(Taken::Token),
        WriteError::Gone => Refusal::NotFound(missing),
        WriteError::Store(error) => Refusal::Store(error),
    }
}
