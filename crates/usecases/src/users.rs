//! Users: made by administrators (contract section 9).

use std::sync::Arc;

use release_links_domain::namespace::PathSegment;
use release_links_domain::token::{Caller, Intent};
use release_links_domain::user::User;
use release_links_ports::{Clock, NewUser, TakenError, UserRepository, UserTaken};

use crate::caller::{covered, in_person, signed_in};
use crate::{Missing, ParameterFaults, Refusal, Taken};

/// A user as an administrator asked for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDraft {
    /// Also the path of the user's own namespace.
    pub username: PathSegment,
    /// The name people read.
    pub name: String,
    /// Where mail would go.
    pub email: String,
    /// Whether this user is as owner everywhere.
    pub administrator: bool,
}

/// The operations on users.
#[derive(Clone)]
pub struct Users {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
}

impl Users {
    /// Works on the users in `users`, as of the time that `clock` says.
    #[must_use]
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { users, clock }
    }

    /// The user that the caller acts as.
    ///
    /// # Errors
    /// The refusals of contract section 9, in its order.
    pub async fn current(&self, caller: &Caller) -> Result<User, Refusal> {
        let bearer = signed_in(caller)?;
        covered(bearer, Intent::Read)?;
        self.users.get(bearer.user).await?.ok_or(Refusal::NotFound(Missing::User))
    }

    /// Makes a user with a namespace of the same path.
    ///
    /// # Errors
    /// The refusals of contract section 9, in its order.
    pub async fn create(&self, caller: &Caller, draft: Result<UserDraft, ParameterFaults>) -> Result<User, Refusal> {
        let bearer = signed_in(caller)?;
        in_person(bearer)?;
        if !bearer.administrator {
            return Err(Refusal::Forbidden);
        }
        let draft = draft?;
        let user = NewUser {
            username: draft.username,
            name: draft.name,
            email: draft.email,
            administrator: draft.administrator,
            created_at: self.clock.now(),
        };
        self.users.create(user).await.map_err(|error| match error {
            TakenError::Taken(UserTaken::Username) => Refusal::Taken(Taken::Username),
            TakenError::Taken(UserTaken::Email) => Refusal::Taken(Taken::Email),
            TakenError::Gone => Refusal::NotFound(Missing::User),
            TakenError::Store(error) => Refusal::Store(error),
        })
    }
}
