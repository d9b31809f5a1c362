//! Token operations for an operator who is locked out, directly on the database
//! (docs/contract.md, "Starting the server").

use std::sync::Arc;

use release_links_domain::TokenId;
use release_links_domain::token::TokenKind;
use release_links_domain::user::User;
use release_links_ports::{
    Clock, Entropy, EntropyError, PageRequest, SearchedFields, StoreError, TokenFilter, TokenRecord, TokenRepository,
    UserFilter, UserRepository, WriteError,
};

use super::{TokenDraft, TokenShown};
use crate::Secret;

/// The operations on tokens that require no credential.
#[derive(Clone)]
pub struct LocalTokens {
    tokens: Arc<dyn TokenRepository>,
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// Why an operation failed; nothing was changed. The messages are for the operator.
#[derive(Debug, thiserror::Error)]
pub enum LocalTokenError {
    /// No user has this name.
    #[error("there is no user {0:?}")]
    UnknownUser(String),
    /// The user is the bot of a project token, and has no other token.
    #[error("{0:?} is the bot of a project's token and has no other")]
    Bot(String),
    /// No token has this id.
    #[error("there is no token with the id {0}")]
    UnknownToken(i64),
    /// The system failed to provide random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// Storage refused the token.
    #[error("the token was not stored")]
    NotStored(#[source] WriteError<()>),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LocalTokens {
    /// Works on the tokens of the users in `users`.
    #[must_use]
    pub fn new(
        tokens: Arc<dyn TokenRepository>,
        users: Arc<dyn UserRepository>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { tokens, users, clock, entropy }
    }

    /// Creates a personal access token for a user who is not a bot.
    ///
    /// # Errors
    /// Returns a [`LocalTokenError`].
    pub async fn create(&self, username: &str, draft: TokenDraft) -> Result<Secret, LocalTokenError> {
        let owner = self.owner(username).await?;
        if owner.bot {
            return Err(LocalTokenError::Bot(username.to_owned()));
        }
        let secret = Secret::generate(&*self.entropy, Secret::TOKEN_PREFIX)?;
        let token = draft.with(&secret, self.clock.now());
        self.tokens.create_personal(owner.id, token).await.map_err(LocalTokenError::NotStored)?;
        Ok(secret)
    }

    /// Returns all personal access tokens of a user, oldest first.
    ///
    /// # Errors
    /// Returns a [`LocalTokenError`].
    pub async fn list(&self, username: &str) -> Result<Vec<TokenShown>, LocalTokenError> {
        let filter = TokenFilter { user: Some(self.owner(username).await?.id), ..TokenFilter::default() };
        let mut records: Vec<TokenRecord> = Vec::new();
        // The operator has no means to ask for a further page.
        for number in 1.. {
            let wanted = PageRequest { page: number, per_page: PageRequest::MAX_PER_PAGE };
            let page = self.tokens.list(&filter, wanted).await?;
            records.extend(page.rows);
            if !page.has_next {
                break;
            }
        }
        let now = self.clock.now();
        Ok(records.into_iter().map(|record| TokenShown::new(record, now)).collect())
    }

    /// Revokes a token of any kind.
    ///
    /// # Errors
    /// Returns a [`LocalTokenError`].
    pub async fn revoke(&self, id: i64) -> Result<(), LocalTokenError> {
        let unknown = || LocalTokenError::UnknownToken(id);
        let token = TokenId::try_from(id).map_err(|_| unknown())?;
        let record = self.tokens.get(token).await?.ok_or_else(unknown)?;
        let done = match record.kind {
            TokenKind::Personal | TokenKind::Project { .. } => self.tokens.revoke(record.kind.project(), token).await?,
            TokenKind::Job { project, .. } => self.tokens.end_job(project, None, token, self.clock.now()).await?,
        };
        if done { Ok(()) } else { Err(unknown()) }
    }

    async fn owner(&self, username: &str) -> Result<User, LocalTokenError> {
        let filter = UserFilter { username: Some(username.to_owned()), ..UserFilter::default() };
        let found =
            self.users.list(&filter, SearchedFields::Names, PageRequest::default()).await?.rows.into_iter().next();
        found.ok_or_else(|| LocalTokenError::UnknownUser(username.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_links_domain::token::Scope;
    use release_links_domain::user::EmailAddress;
    use release_links_ports::{MockClock, MockEntropy, MockTokenRepository, MockUserRepository, Page};

    #[tokio::test]
    async fn no_token_is_created_for_a_bot() {
        let mut users = MockUserRepository::new();
        users.expect_list().returning(|_, _, _| {
            let username = "project_1_bot".parse().unwrap();
            let bot = User {
                id: 2.try_into().unwrap(),
                email: EmailAddress::local(&username),
                username,
                name: "bot".to_owned(),
                administrator: false,
                bot: true,
            };
            Ok(Page { rows: vec![bot], total: Some(1), has_next: false })
        });
        let tokens = LocalTokens::new(
            Arc::new(MockTokenRepository::new()),
            Arc::new(users),
            Arc::new(MockClock::new()),
            Arc::new(MockEntropy::new()),
        );
        let draft = TokenDraft {
            name: "a".parse().unwrap(),
            description: None,
            scopes: vec![Scope::Api].try_into().unwrap(),
            expires_on: None,
        };
        let refused = tokens.create("project_1_bot", draft).await;
        assert!(matches!(refused, Err(LocalTokenError::Bot(_))), "{refused:?}");
    }
}
