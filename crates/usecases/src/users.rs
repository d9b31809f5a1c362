//! Users, read by signed-in callers and changed by administrators (docs/contract.md, "Provisioning").

use std::sync::Arc;

use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::policy::{Action, Decision, Resource, UserAccess, decide};
use release_links_domain::search::finds_nothing;
use release_links_domain::token::{Caller, Intent};
use release_links_domain::user::{EmailAddress, User};
use release_links_domain::{NamespaceId, UserId};
use release_links_ports::{
    Clock, NewUser, Page, PageRequest, SearchedFields, UserChanges, UserFilter, UserRepository, UserTaken,
    UserWriteError, WriteError,
};

use crate::caller::{ask, ask_bearer};
use crate::{Missing, ParameterFaults, Refusal, Taken};

/// The validated parameters of a new user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDraft {
    /// Also the path of the user's own namespace.
    pub username: PathSegment,
    /// The display name.
    pub name: DisplayName,
    /// The email address; the service never sends mail.
    pub email: EmailAddress,
    /// Whether this user has the rights of an owner everywhere.
    pub administrator: bool,
}

/// A user, as far as the caller may read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserShown {
    /// The user.
    pub user: User,
    /// Whether the caller may read all fields, as the user or an administrator.
    pub in_full: bool,
}

impl UserShown {
    fn new(user: User, reader: &Caller) -> Self {
        Self { in_full: decide(reader, resource(&user), Action::ReadUserInFull) == Decision::Allow, user }
    }
}

/// The operations on users.
#[derive(Clone)]
pub struct Users {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
}

impl Users {
    /// Works on the users in `users`, taking the time from `clock`.
    #[must_use]
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { users, clock }
    }

    /// Returns the user that the caller acts as.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn current(&self, caller: &Caller) -> Result<User, Refusal> {
        let bearer = ask_bearer(caller, Resource::Service, Action::ReadOneself)?;
        self.users.get(bearer.user).await?.ok_or(Refusal::NotFound(Missing::User))
    }

    /// Returns a user's own namespace, in which everybody may look for projects that they can see.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn namespace(&self, caller: &Caller, user: &str) -> Result<NamespaceId, Refusal> {
        let absent = || Refusal::NotFound(Missing::User);
        ask(caller, Resource::User(None), Action::See(Intent::Read))?;
        let user = user.parse().map_err(|_| absent())?;
        let (user, namespace) = self.users.find(&user).await?.ok_or_else(absent)?;
        ask(caller, resource(&user), Action::See(Intent::Read))?;
        Ok(namespace)
    }

    /// Creates a user and their namespace, whose path is the username.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn create(&self, caller: &Caller, draft: Result<UserDraft, ParameterFaults>) -> Result<User, Refusal> {
        ask(caller, Resource::Service, Action::CreateUser)?;
        let draft = draft?;
        let user = NewUser {
            username: draft.username,
            name: draft.name.into(),
            email: draft.email,
            administrator: draft.administrator,
            created_at: self.clock.now(),
        };
        self.users.create(user).await.map_err(|error| match error {
            WriteError::Conflict(taken) => taken_by(taken),
            WriteError::Gone => Refusal::NotFound(Missing::User),
            WriteError::Store(error) => Refusal::Store(error),
        })
    }

    /// Returns a page of users; without a filter, none.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn list(
        &self,
        caller: &Caller,
        wanted: Result<(Option<UserFilter>, PageRequest), ParameterFaults>,
    ) -> Result<Page<UserShown>, Refusal> {
        ask(caller, Resource::Service, Action::ListUsers)?;
        let (filter, page) = wanted?;
        let Some(filter) = filter.filter(|filter| !filter.search.as_deref().is_some_and(finds_nothing)) else {
            return Ok(Page::empty());
        };
        // Whoever may not read an address may not find out whose it is either, nor who is an administrator.
        let fields = match decide(caller, Resource::Service, Action::SearchEmails) {
            Decision::Allow => SearchedFields::NamesAndEmails,
            Decision::Forbid(_) | Decision::Hide if filter.administrators => return Ok(Page::empty()),
            Decision::Forbid(_) | Decision::Hide => SearchedFields::Names,
        };
        Ok(self.users.list(&filter, fields, page).await?.map(|user| UserShown::new(user, caller)))
    }

    /// Returns a user.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn get(&self, caller: &Caller, user: Option<UserId>) -> Result<UserShown, Refusal> {
        let user = self.find(caller, user, Action::ReadUser).await?;
        Ok(UserShown::new(user, caller))
    }

    /// Changes a user. A new username also changes the paths of everything in the user's namespace.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning"; the last administrator cannot be
    /// demoted.
    pub async fn update(
        &self,
        caller: &Caller,
        user: Option<UserId>,
        changes: Result<UserChanges, ParameterFaults>,
    ) -> Result<User, Refusal> {
        let user = self.find(caller, user, Action::WriteUser).await?;
        self.users.update(user.id, changes?).await.map_err(into_refusal)
    }

    /// Deletes a user, with the projects in their namespace and their tokens.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning"; the last administrator and the only
    /// owner of a group cannot be deleted.
    pub async fn delete(&self, caller: &Caller, user: Option<UserId>) -> Result<(), Refusal> {
        let user = self.find(caller, user, Action::WriteUser).await?;
        self.users.delete(user.id).await.map_err(into_refusal)
    }

    /// Returns a user on whom the caller may perform the action.
    async fn find(&self, caller: &Caller, user: Option<UserId>, action: Action<'_>) -> Result<User, Refusal> {
        ask(caller, Resource::User(None), action)?;
        let absent = Refusal::NotFound(Missing::User);
        let Some(user) = user else { return Err(absent) };
        let user = self.users.get(user).await?.ok_or(absent)?;
        ask(caller, resource(&user), action)?;
        Ok(user)
    }
}

/// Returns the user as the resource of an action.
pub(crate) const fn resource(user: &User) -> Resource {
    Resource::User(Some(UserAccess { id: user.id, bot: user.bot }))
}

const fn taken_by(taken: UserTaken) -> Refusal {
    Refusal::Taken(match taken {
        UserTaken::Username => Taken::Username,
        UserTaken::Email => Taken::Email,
    })
}

fn into_refusal(error: UserWriteError) -> Refusal {
    match error {
        UserWriteError::Taken(taken) => taken_by(taken),
        UserWriteError::Gone => Refusal::NotFound(Missing::User),
        UserWriteError::LastAdministrator => Refusal::Forbidden,
        UserWriteError::LastOwner => Refusal::LastOwner,
        UserWriteError::Store(error) => Refusal::Store(error),
    }
}
