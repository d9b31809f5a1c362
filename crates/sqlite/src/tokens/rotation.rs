//! Rotates a token.

use release_links_domain::token::TokenKind;
use release_links_domain::{ProjectId, TokenId};
use release_links_ports::{Renewal, TokenRecord, WriteError};
use release_links_sql::token_selection;
use release_links_sql::tokens::{record, renewed};
use rusqlite::{Connection, params};

use crate::query::{first, statements};
use crate::tables::tokens::{OWNER_IS_THERE, PROJECT_IS_THERE, TOKENS, insert_token, of_project, revoke};
use crate::tables::users::IS_THERE;

statements! {
    PERSONAL = concat!("SELECT ", token_selection!(), " FROM ", TOKENS!(), " WHERE t.id = ?1 AND t.kind = 'personal'
        AND t.revoked = 0 AND ", OWNER_IS_THERE!());
}

/// Creates the new token and revokes the old one.
pub fn rotate(
    conn: &Connection,
    project: Option<ProjectId>,
    token: TokenId,
    renewal: &Renewal,
) -> Result<TokenRecord, WriteError<()>> {
    let (kind, found) = match project {
        None => (TokenKind::Personal, first(conn, PERSONAL, params![token.get()], |row| record(row, 0))?),
        Some(project) => (TokenKind::Project { project }, of_project(conn, project, token)?),
    };
    let old = found.ok_or(WriteError::Gone)?;
    revoke(conn, token)?;
    let user = old.user;
    insert_token(conn, kind, user, &renewed(old, renewal))
}
