//! The table of users.

use release_links_domain::UserId;
use release_links_domain::user::{EmailAddress, User};
use release_links_ports::{NewUser, Page, PageRequest, SearchedFields, UserFilter};
use release_links_sql::paging::{clamped, limit_and_offset};
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

/// The users `u` with namespaces `un` from `$from` that match the filter.
macro_rules! filtered {
    ($from:literal) => {
        concat!(
            " FROM ",
            $from,
            " AND ",
            IS_THERE!(),
            " AND (?2 IS NULL OR instr(lower(u.name), lower(?2)) > 0 OR instr(lower(un.path), lower(?2)) > 0
                OR (?3 AND u.email = ?2))"
        )
    };
}

/// All users; ignores `?1`.
macro_rules! everybody {
    () => {
        filtered!("users u CROSS JOIN namespaces un WHERE u.id > 0 AND un.user_id = u.id")
    };
}

/// The user with the username `?1`.
macro_rules! named {
    () => {
        filtered!("namespaces un CROSS JOIN users u WHERE un.full_path = ?1 AND u.id = un.user_id")
    };
}

statements! {
    LIST = concat!("SELECT ", user_selection!(), everybody!(), " ORDER BY u.id DESC LIMIT ?4 OFFSET ?5");
    COUNT = concat!("SELECT count(*) FROM (SELECT 1", everybody!(), " LIMIT ?4)");
    LIST_NAMED = concat!("SELECT ", user_selection!(), named!(), " LIMIT ?4 OFFSET ?5");
    COUNT_NAMED = concat!("SELECT count(*) FROM (SELECT 1", named!(), " LIMIT ?4)");
    GET = concat!("SELECT ", user_selection!(), " FROM users u JOIN namespaces un ON un.user_id = u.id WHERE u.id = ?1 AND ",
        IS_THERE!());
    ANY = "SELECT 1 FROM users WHERE id > 0 LIMIT 1";
    EMAIL_EXISTS = "SELECT 1 FROM users WHERE email = ?1";
    INSERT = concat!("INSERT INTO users (", user_columns!(new), ") VALUES (?1, ?2, ?3, 0, ?4)");
}

/// Returns a user.
pub fn user_by_id(conn: &Connection, id: UserId) -> Result<Option<User>, Failure> {
    first(conn, GET, params![id.get()], |row| user(row, 0))
}

/// Returns a page of users, newest first.
pub fn list(
    conn: &Connection,
    filter: &UserFilter,
    fields: SearchedFields,
    wanted: PageRequest,
) -> Result<Page<User>, Failure> {
    let UserFilter { username, search } = filter;
    let search_email = fields == SearchedFields::NamesAndEmails;
    let (sql, counting) = if username.is_some() { (LIST_NAMED, COUNT_NAMED) } else { (LIST, COUNT) };
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, sql, params![username, search, search_email, limit, offset], |row| user(row, 0))?;
    Page::of(rows, wanted, |limit| {
        let values = params![username, search, search_email, clamped(limit)];
        counted(conn, counting, values)
    })
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
