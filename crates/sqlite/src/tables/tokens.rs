//! The table of tokens.

use jiff::Timestamp;
use release_links_domain::description::ShortDescription;
use release_links_domain::policy::SudoUser;
use release_links_domain::token::{TokenFacts, TokenKind};
use release_links_domain::user::UserRef;
use release_links_domain::{ProjectId, TokenId, UserId};
use release_links_ports::{NewToken, TokenDigest, TokenRecord, WriteError};
use release_links_sql::token_selection;
use release_links_sql::tokens::{NewRow, facts, record, sudo_user};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{exists, first, insert, run, statements};
use crate::tables::users::{IS_THERE, user_by_id};

/// Joins a token `t` with its user's membership `m` in its project, if there is one.
macro_rules! BOT {
    () => {
        "LEFT JOIN project_members m ON m.project_id = t.project_id AND m.user_id = t.user_id"
    };
}

macro_rules! TOKENS {
    () => {
        concat!("tokens t ", $crate::tables::tokens::BOT!())
    };
}

/// Whether the project of a token, if it has one, is not deleted.
macro_rules! PROJECT_IS_THERE {
    () => {
        "(t.project_id IS NULL OR EXISTS (SELECT 1 FROM projects p CROSS JOIN namespaces n
            WHERE p.id = t.project_id AND n.id = p.namespace_id AND n.full_path IS NOT NULL))"
    };
}

/// Whether neither the user nor the project of a token is deleted.
macro_rules! OWNER_IS_THERE {
    () => {
        concat!("EXISTS (SELECT 1 FROM users u WHERE u.id = t.user_id AND ", IS_THERE!(), ") AND ", PROJECT_IS_THERE!())
    };
}

/// The token with the digest `?1`, with further columns of what it is joined with.
macro_rules! found {
    ($columns:literal, $join:expr) => {
        concat!(
            "SELECT ",
            token_selection!(),
            ", u.administrator, u.bot",
            $columns,
            " FROM ",
            TOKENS!(),
            " LEFT JOIN users u ON u.id = t.user_id AND ",
            IS_THERE!(),
            $join,
            " WHERE t.digest = ?1 AND (t.user_id IS NULL OR u.id IS NOT NULL) AND ",
            PROJECT_IS_THERE!()
        )
    };
}

pub(crate) use {BOT, OWNER_IS_THERE, PROJECT_IS_THERE, TOKENS};

statements! {
    FIND = found!("", "");
    // The other user's id is ?2, or else the username ?3.
    FIND_WITH_USER = found!(", s.id, s.administrator, s.bot", concat!(" LEFT JOIN (
        SELECT u.id, u.administrator, u.bot FROM users u
        WHERE u.id = COALESCE(?2, (SELECT n.user_id FROM namespaces n WHERE n.full_path = ?3)) AND ", IS_THERE!(), ") s ON TRUE"));
    GET = concat!("SELECT ", token_selection!(), " FROM ", TOKENS!(), " WHERE t.id = ?1 AND ", OWNER_IS_THERE!());
    GET_OF_PROJECT = concat!("SELECT ", token_selection!(), " FROM ", TOKENS!(), " WHERE t.id = ?2 AND t.project_id = ?1
        AND t.kind = 'project' AND t.revoked = 0 AND m.level IS NOT NULL AND ", OWNER_IS_THERE!());
    DIGEST_EXISTS = "SELECT 1 FROM tokens WHERE digest = ?1";
    INSERT = "INSERT INTO tokens (kind, digest, user_id, project_id, name, scopes, created_at, expires_on, ends_at,
            description)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    PERSONAL_EXISTS = concat!("SELECT 1 FROM tokens t WHERE t.id = ?1 AND t.kind = 'personal' AND ", OWNER_IS_THERE!());
    REVOKE = "UPDATE tokens SET revoked = 1 WHERE id = ?1";
    NOTE_USE = "UPDATE tokens SET last_used_at = ?2 WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)";
}

/// Inserts a token of an existing user. A digest that exists is a conflict.
pub fn insert_token(
    conn: &Connection,
    kind: TokenKind,
    user: UserId,
    new: &NewToken,
) -> Result<TokenRecord, WriteError<()>> {
    if exists(conn, DIGEST_EXISTS, params![new.digest.0])? {
        return Err(WriteError::Conflict(()));
    }
    let NewRow { kind, project, scopes, created_at, expires_on, ends_at } = NewRow::of(kind, new);
    let (digest, user, name) = (new.digest.0, user.get(), &new.name);
    let description = new.description.as_ref().map(ShortDescription::as_str);
    let values = params![kind, digest, user, project, name, scopes, created_at, expires_on, ends_at, description];
    let id = insert(conn, INSERT, values)?;
    first(conn, GET, params![id], |row| record(row, 0))?.ok_or(WriteError::Gone)
}

/// Creates a personal access token.
pub fn create_personal(conn: &Connection, user: UserId, new: &NewToken) -> Result<TokenRecord, WriteError<()>> {
    user_by_id(conn, user)?.ok_or(WriteError::Gone)?;
    insert_token(conn, TokenKind::Personal, user, new)
}

/// Returns a project token that is not revoked.
pub fn of_project(conn: &Connection, project: ProjectId, token: TokenId) -> Result<Option<TokenRecord>, Failure> {
    first(conn, GET_OF_PROJECT, params![project.get(), token.get()], |row| record(row, 0))
}

/// Returns what authentication needs of the token with this digest.
pub fn find(conn: &Connection, digest: &TokenDigest) -> Result<Option<TokenFacts>, Failure> {
    first(conn, FIND, params![digest.0], |row| facts(row, 0))
}

/// Like [`find`], with another user.
pub fn find_with_user(
    conn: &Connection,
    digest: &TokenDigest,
    user: &UserRef,
) -> Result<Option<(TokenFacts, Option<SudoUser>)>, Failure> {
    let values = params![digest.0, user.id().map(UserId::get), user.username()];
    first(conn, FIND_WITH_USER, values, |row| Ok((facts(row, 0)?, sudo_user(row, 0)?)))
}

/// Returns a token of any kind whose user exists.
pub fn by_id(conn: &Connection, token: TokenId) -> Result<Option<TokenRecord>, Failure> {
    first(conn, GET, params![token.get()], |row| record(row, 0))
}

/// Revokes a personal token. Returns whether there was one.
pub fn revoke_personal(conn: &Connection, token: TokenId) -> Result<bool, Failure> {
    let is_there = exists(conn, PERSONAL_EXISTS, params![token.get()])?;
    if is_there {
        revoke(conn, token)?;
    }
    Ok(is_there)
}

/// Revokes a token.
pub fn revoke(conn: &Connection, token: TokenId) -> Result<(), Failure> {
    run(conn, REVOKE, params![token.get()])
}

/// Records when a token was last used, unless a later time is recorded.
pub fn note_use(conn: &Connection, token: TokenId, at: Timestamp) -> Result<(), Failure> {
    run(conn, NOTE_USE, params![token.get(), at.as_millisecond()])
}
