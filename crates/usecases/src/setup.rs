//! Sets up an empty database: creates an administrator with a token (docs/contract.md, "Starting the server").

use std::sync::Arc;

use release_links_domain::namespace::PathSegment;
use release_links_domain::token::Scope;
use release_links_domain::user::EmailAddress;
use release_links_ports::{Clock, Entropy, EntropyError, NewToken, NewUser, StoreError, UserRepository};

use crate::Secret;

/// Sets up a database that has no user yet.
#[derive(Clone)]
pub struct Setup {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// What the setup found and did.
#[derive(Debug, PartialEq, Eq)]
pub enum SetupOutcome {
    /// The database was empty, and the administrator has this random token.
    Random(Secret),
    /// The database was empty, and the administrator has the token that the operator chose.
    Chosen,
    /// The database is in use, and nothing was done.
    InUse,
}

/// Why the setup failed; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The operator's token is too easy to guess, or cannot be sent in a header.
    #[error(
        "the root token must be at least {} characters long, all of them visible ASCII",
        Setup::MIN_ROOT_TOKEN_CHARS
    )]
    WeakRootToken,
    /// The system failed to provide random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Setup {
    /// The minimum length of a token that an operator chooses.
    pub const MIN_ROOT_TOKEN_CHARS: usize = 20;

    /// Sets up the database behind `users`.
    #[must_use]
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { users, clock, entropy }
    }

    /// Checks a token that an operator chooses.
    ///
    /// # Errors
    /// Returns [`SetupError::WeakRootToken`] if it is short, or has characters other than visible ASCII.
    pub fn check_root_token(secret: &Secret) -> Result<(), SetupError> {
        let visible = secret.reveal().bytes().all(|b| b.is_ascii_graphic());
        if !visible || secret.reveal().len() < Self::MIN_ROOT_TOKEN_CHARS {
            return Err(SetupError::WeakRootToken);
        }
        Ok(())
    }

    /// Creates the administrator `root` with the token `chosen`, or with a random one. Does nothing if the database has
    /// any user.
    ///
    /// # Errors
    /// Returns [`SetupError::WeakRootToken`] on any database, so that a weak setting is reported at every start.
    pub async fn run(&self, root: PathSegment, chosen: Option<Secret>) -> Result<SetupOutcome, SetupError> {
        let (secret, random) = match chosen {
            Some(secret) => (secret, false),
            None => (Secret::generate(&*self.entropy, Secret::TOKEN_PREFIX)?, true),
        };
        Self::check_root_token(&secret)?;
        let now = self.clock.now();
        let user = NewUser {
            email: EmailAddress::local(&root),
            username: root,
            name: "Administrator".to_owned(),
            administrator: true,
            created_at: now,
        };
        let token = NewToken {
            name: "first start".to_owned(),
            description: None,
            scopes: vec![Scope::Api],
            expires_on: None,
            digest: secret.digest(),
            created_at: now,
        };
        let made = self.users.create_first(user, token).await?;
        Ok(match (made, random) {
            (None, _) => SetupOutcome::InUse,
            (Some(_), true) => SetupOutcome::Random(secret),
            (Some(_), false) => SetupOutcome::Chosen,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use release_links_ports::{MockClock, MockEntropy, MockUserRepository};

    fn setup(users: MockUserRepository) -> Setup {
        let mut clock = MockClock::new();
        clock.expect_now().returning(|| Timestamp::UNIX_EPOCH);
        let mut entropy = MockEntropy::new();
        entropy.expect_fill().returning(|_| Ok(()));
        Setup::new(Arc::new(users), Arc::new(clock), Arc::new(entropy))
    }

    #[tokio::test]
    async fn a_weak_or_unsendable_root_token_is_refused_before_anything_is_written() {
        for weak in ["short", "1234567890123456789", "with a space 1234567890", "ümlaut-1234567890123456"] {
            let refused =
                setup(MockUserRepository::new()).run("root".parse().unwrap(), Some(weak.to_owned().into())).await;
            assert!(matches!(refused, Err(SetupError::WeakRootToken)), "{weak}");
        }
    }

    #[tokio::test]
    async fn the_outcome_tells_a_first_start_from_a_database_in_use() {
        for (exists, chosen) in [(false, false), (false, true), (true, false), (true, true)] {
            let mut users = MockUserRepository::new();
            users.expect_create_first().returning(move |user, _| {
                let user = release_links_domain::user::User {
                    id: 1.try_into().unwrap(),
                    username: user.username,
                    name: user.name,
                    email: user.email,
                    administrator: user.administrator,
                    bot: false,
                };
                Ok((!exists).then_some(user))
            });
            let token = chosen.then(|| "chosen-by-the-operator".to_owned().into());
            let outcome = setup(users).run("root".parse().unwrap(), token).await.unwrap();
            match (exists, chosen) {
                (true, _) => assert_eq!(outcome, SetupOutcome::InUse),
                (false, true) => assert_eq!(outcome, SetupOutcome::Chosen),
                (false, false) => assert!(matches!(outcome, SetupOutcome::Random(_)), "{outcome:?}"),
            }
        }
    }
}
