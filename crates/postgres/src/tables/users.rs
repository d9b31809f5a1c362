//! The table of users.

use release_links_domain::UserId;
use release_links_domain::user::{User, UserRef};
use release_links_ports::{Page, PageRequest, SearchedFields, Sort, UserFilter, UserOrder};
use release_links_sql::paging::{milliseconds, order_by};
use release_links_sql::users::user;
use release_links_sql::{user_columns, user_selection};

use crate::failure::Failure;
use crate::paging::{self, paged};
use crate::query::{Session, Values, statements};

/// Whether user `u` is not deleted. A bot is deleted with its project, which is that of its tokens.
macro_rules! IS_THERE {
    () => {
        "u.email IS NOT NULL AND (NOT u.bot OR (SELECT TRUE FROM tokens bt JOIN projects bp ON bp.id = bt.project_id
            JOIN namespaces bn ON bn.id = bp.namespace_id
            WHERE bt.user_id = u.id AND bt.kind = 'project' AND bn.full_path IS NOT NULL LIMIT 1))"
    };
}

pub(crate) use IS_THERE;

/// The users `u` with namespaces `un` that match the filter.
macro_rules! FILTERED {
    () => {
        concat!(
            "users u JOIN namespaces un ON un.user_id = u.id WHERE ",
            $crate::tables::users::IS_THERE!(),
            " AND (NOT $6 OR u.administrator) AND ($7::bigint IS NULL OR u.created_at >= $7)
            AND ($8::bigint IS NULL OR u.created_at <= $8)
            AND ($1::text IS NULL OR position(lower($1 COLLATE \"C\") IN lower(u.name)) > 0
                OR position(lower($1 COLLATE \"C\") IN lower(un.path)) > 0
                OR ($2 AND lower(u.email) = lower($1 COLLATE \"C\")))"
        )
    };
}

statements! {
    LIST_NAMED = paged!(user_selection!(), of concat!(FILTERED!(), " AND lower(un.full_path) = lower($9 COLLATE \"C\")"),
        by "u.id");
    GET = concat!("SELECT ", user_selection!(), " FROM users u JOIN namespaces un ON un.user_id = u.id
        WHERE u.id = $1 AND ", IS_THERE!());
    GET_BY_USERNAME = concat!("SELECT ", user_selection!(), " FROM users u JOIN namespaces un ON un.user_id = u.id
        WHERE lower(un.full_path) = lower($1 COLLATE \"C\") AND ", IS_THERE!());
    ANY = "SELECT FROM users WHERE id > 0 LIMIT 1";
    EMAIL_EXISTS = "SELECT FROM users WHERE lower(email) = lower($1 COLLATE \"C\")";
    INSERT = concat!("INSERT INTO users (", user_columns!(new), ") VALUES ($1, $2, $3, FALSE, $4) RETURNING id");
}

/// Returns a user.
pub async fn user_by_id(session: &Session, id: UserId) -> Result<Option<User>, Failure> {
    session.first(GET, &[&id.get()], |row| user(row, 0)).await
}

/// Returns the statement of a page of all users.
fn listing(order: UserOrder, sort: Sort) -> String {
    let key = match order {
        UserOrder::Id => ["u.id", "u.id"],
        UserOrder::Name => ["lower(u.name)", "u.id"],
        UserOrder::Username => ["lower(un.path)", "un.id"],
        UserOrder::CreatedAt => ["u.created_at", "u.id"],
    };
    paging::listing(user_selection!(), FILTERED!(), &order_by(key, sort))
}

/// Like [`user_by_id`], for the user that a request names by id or username.
pub async fn named_user(session: &Session, user: &UserRef) -> Result<Option<User>, Failure> {
    match user {
        UserRef::Id(id) => user_by_id(session, *id).await,
        UserRef::Username(name) => session.first(GET_BY_USERNAME, &[&name.as_str()], |row| self::user(row, 0)).await,
    }
}

/// Returns a page of users.
pub async fn list(
    session: &Session,
    filter: &UserFilter,
    fields: SearchedFields,
    page: PageRequest,
) -> Result<Page<User>, Failure> {
    let UserFilter { username, search, administrators, created, order, sort } = filter;
    let search_email = fields == SearchedFields::NamesAndEmails;
    let [limit, offset, counted] = paging::values(page);
    let [after, before] = milliseconds(*created);
    let values: Values<'_> =
        &[search, &search_email, &limit, &offset, &counted, administrators, &after, &before, username];
    let rows = match username {
        Some(_) => session.rows(LIST_NAMED, values).await?,
        None => session.rows(&listing(*order, *sort), &values[..8]).await?,
    };
    paging::read(&rows, 0, page, user)
}

/// Returns the statements of all orders.
#[cfg(test)]
pub fn listings() -> Vec<String> {
    let orders = [UserOrder::Id, UserOrder::Name, UserOrder::Username, UserOrder::CreatedAt];
    orders.iter().flat_map(|&order| Sort::BOTH.map(|sort| listing(order, sort))).collect()
}
