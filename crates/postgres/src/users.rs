//! The users port.

pub mod changing;

use async_trait::async_trait;
use release_links_domain::UserId;
use release_links_domain::namespace::FullPath;
use release_links_domain::user::User;
use release_links_ports::{
    NewToken, NewUser, Page, PageRequest, StoreError, TakenError, UserChanges, UserFilter, UserRepository, UserTaken,
    UserWriteError,
};
use release_links_sql::namespaces::NewNamespace;
use release_links_sql::users::{refused_first, user};
use release_links_sql::{user_columns, user_selection};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::groups::{insert_namespace, path_is_taken};
use crate::paging::{self, paged};
use crate::query::{Session, Values, statements};
use crate::tokens::create_personal;

/// Whether user `u` was not removed. A bot is removed together with its project, which its tokens tell.
macro_rules! IS_THERE {
    () => {
        "u.email IS NOT NULL AND (NOT u.bot OR (SELECT TRUE FROM tokens bt JOIN projects bp ON bp.id = bt.project_id
            JOIN namespaces bn ON bn.id = bp.namespace_id
            WHERE bt.user_id = u.id AND bt.kind = 'project' AND bn.full_path IS NOT NULL LIMIT 1))"
    };
}

pub(crate) use IS_THERE;

/// The users `u` with namespaces `un` that the filter lets through, and for which `$condition` holds.
macro_rules! filtered {
    ($condition:literal) => {
        concat!(
            "users u JOIN namespaces un ON un.user_id = u.id WHERE ",
            $condition,
            " AND ",
            $crate::users::IS_THERE!(),
            " AND ($1::text IS NULL OR position(lower($1 COLLATE \"C\") IN lower(u.name)) > 0
                OR position(lower($1 COLLATE \"C\") IN lower(un.path)) > 0
                OR ($2 AND lower(u.email) = lower($1 COLLATE \"C\")))"
        )
    };
}

statements! {
    LIST = paged!(user_selection!(), of filtered!("u.id > 0"), by "u.id DESC");
    LIST_NAMED = paged!(user_selection!(), of filtered!("lower(un.full_path) = lower($6 COLLATE \"C\")"), by "u.id DESC");
    GET = concat!("SELECT ", user_selection!(), " FROM users u JOIN namespaces un ON un.user_id = u.id
        WHERE u.id = $1 AND ", IS_THERE!());
    ANY = "SELECT FROM users WHERE id > 0 LIMIT 1";
    EMAIL_EXISTS = "SELECT FROM users WHERE lower(email) = lower($1 COLLATE \"C\")";
    INSERT = concat!("INSERT INTO users (", user_columns!(new), ") VALUES ($1, $2, $3, FALSE, $4) RETURNING id");
}

/// One user.
pub async fn user_by_id(session: &Session, id: UserId) -> Result<Option<User>, Failure> {
    session.first(GET, &[&id.get()], |row| user(row, 0)).await
}

async fn list(session: &Session, filter: &UserFilter, page: PageRequest) -> Result<Page<User>, Failure> {
    let UserFilter { username, search, search_email } = filter;
    let [limit, offset, counted] = paging::values(page);
    let values: Values<'_> = &[search, search_email, &limit, &offset, &counted, username];
    let rows = match username {
        Some(_) => session.rows(LIST_NAMED, values).await?,
        None => session.rows(LIST, &values[..5]).await?,
    };
    paging::read(&rows, 0, page, user)
}

async fn create(session: &Session, new: &NewUser) -> Result<User, TakenError<UserTaken>> {
    let full_path = FullPath::from(new.username.clone());
    if path_is_taken(session, &full_path).await? {
        return Err(TakenError::Taken(UserTaken::Username));
    }
    let email = new.email.as_str();
    if session.exists(EMAIL_EXISTS, &[&email]).await? {
        return Err(TakenError::Taken(UserTaken::Email));
    }
    let created_at = new.created_at.as_millisecond();
    let user = session.insert(INSERT, &[&new.name, &email, &new.administrator, &created_at]).await?;
    let namespace = NewNamespace::of_user(user, &new.name, &new.username, &full_path, created_at);
    insert_namespace(session, &namespace).await?;
    session.first(GET, &[&user], |row| self::user(row, 0)).await?.ok_or(TakenError::Gone)
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
        // Asked by every server that starts: where there are users, it waits for nobody.
        if session.exists(ANY, &[]).await? {
            return Ok(None);
        }
        let outcome = create_first(&session, &user, &token).await;
        session.settle(outcome).await
    }

    async fn get(&self, user: UserId) -> Result<Option<User>, StoreError> {
        Ok(user_by_id(&self.session().await?, user).await?)
    }

    async fn list(&self, filter: &UserFilter, page: PageRequest) -> Result<Page<User>, StoreError> {
        Ok(list(&self.session_for_list().await?, filter, page).await?)
    }

    async fn create(&self, user: NewUser) -> Result<User, TakenError<UserTaken>> {
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
