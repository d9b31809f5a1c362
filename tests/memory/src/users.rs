//! The users port.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::AccessLevel;
use release_links_domain::address::Holder;
use release_links_domain::membership::needs_another_administrator;
use release_links_domain::namespace::PathSegment;
use release_links_domain::project::Visibility;
use release_links_domain::user::{EmailAddress, User, UserRef};
use release_links_domain::{NamespaceId, UserId};
use release_links_ports::{
    NewToken, NewUser, Page, PageRequest, SearchedFields, StoreError, UserChanges, UserFilter, UserOrder,
    UserRepository, UserTaken, UserWriteError, WriteError,
};

use crate::MemoryStore;
use crate::listing::{holds, page_of, sorted};
use crate::state::{Kind, NamespaceRow, State, UserRow, stored};

fn matches(user: &User, created_at: Timestamp, filter: &UserFilter, fields: SearchedFields) -> bool {
    let UserFilter { username, search, administrators, created, .. } = filter;
    let is_named = username.as_ref().is_none_or(|wanted| user.username.as_str().eq_ignore_ascii_case(wanted));
    let is_found = search.as_ref().is_none_or(|text| {
        holds(&user.name, text)
            || holds(user.username.as_str(), text)
            || (fields == SearchedFields::NamesAndEmails && user.email.as_str().eq_ignore_ascii_case(text))
    });
    is_named && is_found && (user.administrator || !administrators) && created.contains(created_at)
}

impl State {
    /// Stores a user or bot whose username is free, with a namespace of that path.
    pub fn insert_user(&mut self, username: PathSegment, row: impl FnOnce(NamespaceId) -> UserRow) -> User {
        let (user, namespace) = (self.next_id(), self.next_id());
        self.arrive(Holder::Namespace(namespace), None, &username);
        let home = NamespaceRow { path: username, visibility: Visibility::Public, kind: Kind::User(user) };
        self.namespaces.insert(namespace, home);
        self.users.insert(user, row(namespace));
        self.user(user).expect("it was just stored")
    }

    fn email_is_taken(&self, email: &EmailAddress, except: Option<UserId>) -> bool {
        let mut others = self.users.iter().filter(|(id, _)| Some(**id) != except);
        others.any(|(_, user)| user.email.as_str().eq_ignore_ascii_case(email.as_str()))
    }

    /// Refuses to lose the last administrator. A bot does not count as one.
    fn keep_an_administrator(&self, user: &User, stays_administrator: bool) -> Result<(), UserWriteError> {
        let mut others = self.users.iter().filter(|(id, _)| **id != user.id);
        let has_another = others.any(|(_, other)| other.administrator && !other.bot);
        if needs_another_administrator(user, stays_administrator) && !has_another {
            return Err(UserWriteError::LastAdministrator);
        }
        Ok(())
    }

    /// Refuses to leave a group that a user owns without an owner, those of the groups above counted.
    fn keep_owners_without(&self, user: UserId) -> Result<(), UserWriteError> {
        let owned = self
            .namespaces
            .iter()
            .filter(|(_, group)| group.members().any(|member| member == (user, AccessLevel::Owner)));
        for (&group, _) in owned {
            if self.owners_over(group).all(|(_, owner)| owner == user) {
                return Err(UserWriteError::LastOwner);
            }
        }
        Ok(())
    }

    fn create_user(&mut self, new: NewUser) -> Result<User, WriteError<UserTaken>> {
        if self.at(None, new.username.as_str()).is_some() {
            return Err(WriteError::Conflict(UserTaken::Username));
        }
        if self.email_is_taken(&new.email, None) {
            return Err(WriteError::Conflict(UserTaken::Email));
        }
        let NewUser { username, name, email, administrator, created_at } = new;
        let created_at = stored(created_at);
        Ok(self.insert_user(username, |namespace| UserRow {
            namespace,
            name,
            email,
            administrator,
            bot: false,
            created_at,
        }))
    }

    fn update_user(&mut self, id: UserId, changes: UserChanges) -> Result<User, UserWriteError> {
        let user = self.user(id).ok_or(UserWriteError::Gone)?;
        self.keep_an_administrator(&user, changes.administrator != Some(false))?;
        let own = self.users[&id].namespace;
        if let Some(username) = changes.username
            && !self.move_namespace(own, username)
        {
            return Err(UserWriteError::Taken(UserTaken::Username));
        }
        if changes.email.as_ref().is_some_and(|email| self.email_is_taken(email, Some(id))) {
            return Err(UserWriteError::Taken(UserTaken::Email));
        }
        let row = self.users.get_mut(&id).ok_or(UserWriteError::Gone)?;
        row.name = changes.name.map_or(user.name, String::from);
        row.email = changes.email.unwrap_or(user.email);
        row.administrator = changes.administrator.unwrap_or(user.administrator);
        self.user(id).ok_or(UserWriteError::Gone)
    }

    fn delete_user(&mut self, id: UserId) -> Result<(), UserWriteError> {
        let user = self.user(id).ok_or(UserWriteError::Gone)?;
        self.keep_an_administrator(&user, false)?;
        self.keep_owners_without(id)?;
        self.remove_user(id);
        Ok(())
    }
}

#[async_trait]
impl UserRepository for MemoryStore {
    async fn create_first(&self, user: NewUser, token: NewToken) -> Result<Option<User>, StoreError> {
        self.write(|state| {
            if !state.users.is_empty() {
                return Ok(None);
            }
            let user = state.create_user(user).map_err(|error| StoreError::Internal(error.into()))?;
            state.create_personal_token(user.id, token).map_err(|error| StoreError::Internal(error.into()))?;
            Ok(Some(user))
        })
    }

    async fn get(&self, user: UserId) -> Result<Option<User>, StoreError> {
        self.read(|state| state.user(user))
    }

    async fn find(&self, user: &UserRef) -> Result<Option<(User, NamespaceId)>, StoreError> {
        self.read(|state| {
            let user = state.named_user(user)?;
            let namespace = state.users.get(&user.id)?.namespace;
            Some((user, namespace))
        })
    }

    async fn list(
        &self,
        filter: &UserFilter,
        fields: SearchedFields,
        page: PageRequest,
    ) -> Result<Page<User>, StoreError> {
        self.read(|state| {
            let users = state.users.iter().filter_map(|(&id, row)| Some((state.user(id)?, row.created_at)));
            let found = users.filter(|(user, created_at)| matches(user, *created_at, filter, fields)).collect();
            let key = |(user, created_at): &(User, Timestamp)| {
                let (text, time) = match filter.order {
                    UserOrder::Id => (None, None),
                    UserOrder::Name => (Some(user.name.as_str()), None),
                    UserOrder::Username => (Some(user.username.as_str()), None),
                    UserOrder::CreatedAt => (None, Some(*created_at)),
                };
                (text.map(str::to_ascii_lowercase), time, user.id)
            };
            page_of(sorted(found, filter.sort, key).into_iter().map(|(user, _)| user), page)
        })
    }

    async fn create(&self, user: NewUser) -> Result<User, WriteError<UserTaken>> {
        self.write(|state| state.create_user(user))
    }

    async fn update(&self, user: UserId, changes: UserChanges) -> Result<User, UserWriteError> {
        self.write(|state| state.update_user(user, changes))
    }

    async fn delete(&self, user: UserId) -> Result<(), UserWriteError> {
        self.write(|state| state.delete_user(user))
    }
}
