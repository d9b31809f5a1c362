//! The users port.

pub mod changing;

use async_trait::async_trait;
use release_links_domain::namespace::FullPath;
use release_links_domain::user::{User, UserRef};
use release_links_domain::{NamespaceId, UserId};
use release_links_ports::{
    NewToken, NewUser, Page, PageRequest, SearchedFields, StoreError, UserChanges, UserFilter, UserRepository,
    UserTaken, UserWriteError, WriteError,
};
use release_links_sql::namespaces::NewNamespace;
use release_links_sql::users::{refused_first, user};

use crate::PostgresStore;
use crate::query::Session;
use crate::tables::namespaces::{insert_namespace, namespace_of, path_is_taken};
use crate::tables::tokens::create_personal;
use crate::tables::users::{ANY, EMAIL_EXISTS, GET, INSERT, list, named_user, user_by_id};

async fn create(session: &Session, new: &NewUser) -> Result<User, WriteError<UserTaken>> {
    let full_path = FullPath::from(new.username.clone());
    if path_is_taken(session, &full_path).await? {
        return Err(WriteError::Conflict(UserTaken::Username));
    }
    let email = new.email.as_str();
    if session.exists(EMAIL_EXISTS, &[&email]).await? {
        return Err(WriteError::Conflict(UserTaken::Email));
    }
    let created_at = new.created_at.as_millisecond();
    let user = session.insert(INSERT, &[&new.name, &email, &new.administrator, &created_at]).await?;
    let namespace = NewNamespace::of_user(user, &new.name, &new.username, &full_path, created_at);
    insert_namespace(session, &namespace).await?;
    session.first(GET, &[&user], |row| self::user(row, 0)).await?.ok_or(WriteError::Gone)
}

async fn create_first(session: &Session, new: &NewUser, token: &NewToken) -> Result<Option<User>, StoreError> {
    session.begin_on_tree().await?;
    if session.exists(ANY, &[]).await? {
        return Ok(None);
    }
    let user = create(session, new).await.map_err(refused_first)?;
    create_personal(session, user.id, token).await.map_err(refused_first)?;
    Ok(Some(user))
}

#[async_trait]
impl UserRepository for PostgresStore {
    async fn create_first(&self, user: NewUser, token: NewToken) -> Result<Option<User>, StoreError> {
        let session = self.session().await?;
        // Every server asks this at its start, so it takes no lock if there are users.
        if session.exists(ANY, &[]).await? {
            return Ok(None);
        }
        let outcome = create_first(&session, &user, &token).await;
        session.settle(outcome).await
    }

    async fn get(&self, user: UserId) -> Result<Option<User>, StoreError> {
        Ok(user_by_id(&self.session().await?, user).await?)
    }

    async fn find(&self, user: &UserRef) -> Result<Option<(User, NamespaceId)>, StoreError> {
        let session = self.session().await?;
        let Some(user) = named_user(&session, user).await? else { return Ok(None) };
        let home = namespace_of(&session, None, user.id).await?;
        Ok(home.map(|home| (user, home.namespace.id)))
    }

    async fn list(
        &self,
        filter: &UserFilter,
        fields: SearchedFields,
        page: PageRequest,
    ) -> Result<Page<User>, StoreError> {
        Ok(list(&self.session_for_list().await?, filter, fields, page).await?)
    }

    async fn create(&self, user: NewUser) -> Result<User, WriteError<UserTaken>> {
        let session = self.session().await?;
        let outcome = async {
            session.begin_on_tree().await?;
            create(&session, &user).await
        };
        let outcome = outcome.await;
        session.settle(outcome).await
    }

    async fn update(&self, user: UserId, changes: UserChanges) -> Result<User, UserWriteError> {
        let session = self.session_for_long().await?;
        let outcome = changing::update(&session, user, &changes).await;
        session.settle(outcome).await
    }

    async fn delete(&self, user: UserId) -> Result<(), UserWriteError> {
        let session = self.session_for_long().await?;
        let outcome = changing::delete(&session, user).await;
        session.settle(outcome).await?;
        self.sweep_what_is_small().await;
        Ok(())
    }
}
