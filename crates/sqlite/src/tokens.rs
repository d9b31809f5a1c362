//! The ports of credentials and tokens.

use async_trait::async_trait;
use release_links_domain::UserId;
use release_links_domain::token::{Scope, TokenFacts, TokenKind};
use release_links_ports::{Credentials, NewToken, StoreError, TakenError, TokenDigest, TokenRecord, TokenRepository};
use rusqlite::{Connection, Row, params};

use crate::SqliteStore;
use crate::failure::Failure;
use crate::query::{exists, first, insert, statements};
use crate::rows::Cells;
use crate::users::user_by_id;

statements! {
    FIND = "SELECT t.id, t.kind, t.project_id, t.level, t.ends_at, t.user_id, u.administrator, t.scopes, t.expires_on,
            t.revoked
        FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.digest = ?1";
    DIGEST_EXISTS = "SELECT 1 FROM tokens WHERE digest = ?1";
    INSERT_PERSONAL = "INSERT INTO tokens (kind, digest, user_id, name, scopes, created_at, expires_on)
        VALUES ('personal', ?1, ?2, ?3, ?4, ?5, ?6)";
    RECORD = "SELECT id, user_id, name, scopes, expires_on, revoked, created_at, last_used_at FROM tokens WHERE id = ?1";
}

fn facts(row: &Row<'_>) -> Result<TokenFacts, Failure> {
    let cells = Cells::new(row, "tokens", 0)?;
    let word: String = cells.raw(1, "kind")?;
    let kind = match word.as_str() {
        "personal" => TokenKind::Personal,
        "project" => TokenKind::Project { project: cells.number(2, "project_id")?, level: cells.number(3, "level")? },
        "job" => TokenKind::Job { project: cells.number(2, "project_id")?, ends_at: cells.time(4, "ends_at")? },
        _ => return cells.refuse("kind", "no kind of token"),
    };
    Ok(TokenFacts {
        id: cells.id()?,
        kind,
        user: cells.number(5, "user_id")?,
        administrator: cells.raw(6, "administrator of its user")?,
        scopes: cells.words(7, "scopes")?,
        expires_on: cells.optional_text(8, "expires_on")?,
        revoked: cells.raw(9, "revoked")?,
    })
}

fn record(row: &Row<'_>) -> Result<TokenRecord, Failure> {
    let cells = Cells::new(row, "tokens", 0)?;
    Ok(TokenRecord {
        id: cells.id()?,
        user: cells.number(1, "user_id")?,
        name: cells.raw(2, "name")?,
        scopes: cells.words(3, "scopes")?,
        expires_on: cells.optional_text(4, "expires_on")?,
        revoked: cells.raw(5, "revoked")?,
        created_at: cells.time(6, "created_at")?,
        last_used_at: cells.optional_time(7, "last_used_at")?,
    })
}

/// Stores a personal access token.
pub fn create_personal(conn: &Connection, user: UserId, new: &NewToken) -> Result<TokenRecord, TakenError<()>> {
    user_by_id(conn, user)?.ok_or(TakenError::Gone)?;
    if exists(conn, DIGEST_EXISTS, params![new.digest.0])? {
        return Err(TakenError::Taken(()));
    }
    let scopes: Vec<&str> = new.scopes.iter().copied().map(Scope::as_str).collect();
    let expires_on = new.expires_on.map(|day| day.to_string());
    let created_at = new.created_at.as_millisecond();
    let id = insert(
        conn,
        INSERT_PERSONAL,
        params![new.digest.0, user.get(), new.name, scopes.join(" "), created_at, expires_on],
    )?;
    first(conn, RECORD, params![id], record)?.ok_or(TakenError::Gone)
}

#[async_trait]
impl Credentials for SqliteStore {
    async fn find(&self, digest: &TokenDigest) -> Result<Option<TokenFacts>, StoreError> {
        self.read(|conn| first(conn, FIND, params![digest.0], facts))
    }
}

#[async_trait]
impl TokenRepository for SqliteStore {
    async fn create_personal(&self, user: UserId, token: NewToken) -> Result<TokenRecord, TakenError<()>> {
        self.write(move |conn| create_personal(conn, user, &token)).await
    }
}
