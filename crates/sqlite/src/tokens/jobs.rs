//! The tokens of CI jobs, which are deleted after they end.

use jiff::Timestamp;
use release_links_domain::token::TokenKind;
use release_links_domain::{ProjectId, TokenId, UserId};
use release_links_ports::{NewJobToken, TokenRecord, WriteError};
use release_links_sql::tokens::of_job;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{run, statements};
use crate::tables::projects;
use crate::tables::tokens::insert_token;
use crate::tables::users::user_by_id;

statements! {
    DELETE_ENDED = "DELETE FROM tokens WHERE project_id = ?1 AND kind = 'job' AND ends_at <= ?2";
    END = "DELETE FROM tokens WHERE id = ?1 AND project_id = ?2 AND kind = 'job' AND ends_at > ?3
        AND (?4 IS NULL OR user_id = ?4)";
}

/// Creates a token, and deletes the expired job tokens of the project so that they do not accumulate.
pub fn create(conn: &Connection, new: &NewJobToken) -> Result<TokenRecord, WriteError<()>> {
    let NewJobToken { project, user, created_at, ends_at, .. } = *new;
    user_by_id(conn, user)?.ok_or(WriteError::Gone)?;
    if !projects::is_there(conn, project)? {
        return Err(WriteError::Gone);
    }
    run(conn, DELETE_ENDED, params![project.get(), created_at.as_millisecond()])?;
    insert_token(conn, TokenKind::Job { project, ends_at }, user, &of_job(new))
}

/// Ends a token. Returns whether there was one.
pub fn end(
    conn: &Connection,
    project: ProjectId,
    user: Option<UserId>,
    token: TokenId,
    now: Timestamp,
) -> Result<bool, Failure> {
    run(conn, END, params![token.get(), project.get(), now.as_millisecond(), user.map(UserId::get)])?;
    Ok(conn.changes() > 0)
}
