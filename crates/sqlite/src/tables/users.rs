//! The table of users.

use release_links_domain::UserId;
use release_links_domain::user::{EmailAddress, User, UserRef};
use release_links_ports::{NewUser, Page, PageRequest, SearchedFields, Sort, UserFilter, UserOrder};
use release_links_sql::paging::{clamped, limit_and_offset, milliseconds, order_by};
use release_links_sql::users::user;
use release_links_sql::{user_columns, user_selection};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, counted, exists, first, insert, statements};

/// Whether user `u` is not deleted. A bot is deleted with its project, which is that of its tokens.
macro_rules! IS_THERE {
    () => {
        "u.email IS NOT NULL AND (u.bot = 0 OR EXISTS (SELECT 1 FROM tokens bt CROSS JOIN projects bp CROSS JOIN namespaces bn
            WHERE bt.user_id = u.id AND bt.kind = 'project' AND bp.id = bt.project_id AND bn.id = bp.namespace_id
                AND bn.full_path IS NOT NULL))"
    };
}

pub(crate) use IS_THERE;

/// The end of a statement for users `u` with namespaces `un`: the filter.
macro_rules! FILTER {
    () => {
        concat!(
            " AND ",
            IS_THERE!(),
            " AND (NOT ?6 OR u.administrator) AND (?7 IS NULL OR u.created_at >= ?7) AND (?8 IS NULL OR u.created_at <= ?8)
            AND (?1 IS NULL OR un.full_path = ?1) AND (?2 IS NULL OR instr(lower(u.name), lower(?2)) > 0 OR instr(lower(un.path), lower(?2)) > 0
                OR (?3 AND u.email = ?2))"
        )
    };
}

/// All users, by id.
macro_rules! ALL {
    () => {
        concat!(" FROM users u CROSS JOIN namespaces un WHERE u.id > 0 AND un.user_id = u.id", FILTER!())
    };
}

/// The user with the username `?1`.
macro_rules! NAMED {
    () => {
        concat!(" FROM namespaces un CROSS JOIN users u WHERE un.full_path = ?1 AND u.id = un.user_id", FILTER!())
    };
}

statements! {
    COUNT = concat!("SELECT count(*) FROM (SELECT 1", ALL!(), " LIMIT ?4 OFFSET ?5)");
    LIST_NAMED = concat!("SELECT ", user_selection!(), NAMED!(), " LIMIT ?4 OFFSET ?5");
    COUNT_NAMED = concat!("SELECT count(*) FROM (SELECT 1", NAMED!(), " LIMIT ?4 OFFSET ?5)");
    GET = concat!("SELECT ", user_selection!(), " FROM users u JOIN namespaces un ON un.user_id = u.id WHERE u.id = ?1 AND ",
        IS_THERE!());
    GET_BY_USERNAME = concat!("SELECT ", user_selection!(), " FROM namespaces un CROSS JOIN users u
        WHERE un.full_path = ?1 AND u.id = un.user_id AND ", IS_THERE!());
    ANY = "SELECT 1 FROM users WHERE id > 0 LIMIT 1";
    EMAIL_EXISTS = "SELECT 1 FROM users WHERE email = ?1";
    INSERT = concat!("INSERT INTO users (", user_columns!(new), ") VALUES (?1, ?2, ?3, 0, ?4)");
}

/// Returns a user.
pub fn user_by_id(conn: &Connection, id: UserId) -> Result<Option<User>, Failure> {
    first(conn, GET, params![id.get()], |row| user(row, 0))
}

/// Returns the statement of a page of all users. Each order has an index, which the first condition selects.
fn listing(order: UserOrder, sort: Sort) -> String {
    let (from, key) = match order {
        UserOrder::Id => ("users u CROSS JOIN namespaces un WHERE u.id > 0 AND un.user_id = u.id", ["u.id", "u.id"]),
        UserOrder::Name => (
            "users u INDEXED BY users_by_name CROSS JOIN namespaces un
            WHERE u.name COLLATE NOCASE >= '' AND un.user_id = u.id",
            ["u.name COLLATE NOCASE", "u.id"],
        ),
        UserOrder::Username => (
            "namespaces un INDEXED BY users_by_username CROSS JOIN users u
            WHERE un.user_id IS NOT NULL AND un.path >= '' AND u.id = un.user_id",
            ["un.path", "un.id"],
        ),
        UserOrder::CreatedAt => (
            "users u INDEXED BY users_by_creation CROSS JOIN namespaces un
            WHERE u.created_at >= -9223372036854775808 AND un.user_id = u.id",
            ["u.created_at", "u.id"],
        ),
    };
    let order = order_by(key, sort);
    format!("SELECT {} FROM {from}{} ORDER BY {order} LIMIT ?4 OFFSET ?5", user_selection!(), FILTER!())
}

/// Like [`user_by_id`], for the user that a request names by id or username.
pub fn named_user(conn: &Connection, user: &UserRef) -> Result<Option<User>, Failure> {
    match user {
        UserRef::Id(id) => user_by_id(conn, *id),
        UserRef::Username(name) => first(conn, GET_BY_USERNAME, params![name.as_str()], |row| self::user(row, 0)),
    }
}

/// Returns a page of users.
pub fn list(
    conn: &Connection,
    filter: &UserFilter,
    fields: SearchedFields,
    wanted: PageRequest,
) -> Result<Page<User>, Failure> {
    let UserFilter { username, search, administrators, created, order, sort } = filter;
    let search_email = fields == SearchedFields::NamesAndEmails;
    let [after, before] = milliseconds(*created);
    let listing = listing(*order, *sort);
    let (sql, counting) = if username.is_some() { (LIST_NAMED, COUNT_NAMED) } else { (&*listing, COUNT) };
    let [limit, offset] = limit_and_offset(wanted);
    let values = params![username, search, search_email, limit, offset, administrators, after, before];
    let rows = all(conn, sql, values, |row| user(row, 0))?;
    Page::of(rows, wanted, |limit| {
        let values = params![username, search, search_email, clamped(limit), 0, administrators, after, before];
        counted(conn, counting, values)
    })
}

/// Returns the statements of all orders.
#[cfg(test)]
pub fn listings() -> Vec<String> {
    let orders = [UserOrder::Id, UserOrder::Name, UserOrder::Username, UserOrder::CreatedAt];
    orders.iter().flat_map(|&order| Sort::BOTH.map(|sort| listing(order, sort))).collect()
}

/// Returns whether there are users.
pub fn any(conn: &Connection) -> Result<bool, Failure> {
    exists(conn, ANY, [])
}

/// Returns whether a user has this email address.
pub fn email_is_taken(conn: &Connection, email: &EmailAddress) -> Result<bool, Failure> {
    exists(conn, EMAIL_EXISTS, params![email.as_str()])
}

/// Inserts a user, without a namespace, whose email address must be free.
pub fn insert_user(conn: &Connection, new: &NewUser) -> Result<i64, Failure> {
    let created_at = new.created_at.as_millisecond();
    insert(conn, INSERT, params![new.name, new.email.as_str(), new.administrator, created_at])
}
