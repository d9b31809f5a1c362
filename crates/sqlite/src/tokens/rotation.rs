//! Exchanging a token for a new one.

use release_links_domain::token::TokenKind;
use release_links_domain::{ProjectId, TokenId};
use release_links_ports::{NewToken, Renewal, TakenError, TokenRecord};
use rusqlite::{Connection, params};

use super::{OWNER_IS_THERE, PROJECT_IS_THERE, TOKEN, TOKENS, insert_token, of_project, record};
use crate::query::{first, run, statements};
use crate::users::IS_THERE;

statements! {
    PERSONAL = concat!("SELECT ", TOKEN!(), " FROM ", TOKENS!(), " WHERE t.id = ?1 AND t.kind = 'personal'
        AND t.revoked = 0 AND ", OWNER_IS_THERE!());
    REVOKE = "UPDATE tokens SET revoked = 1 WHERE id = ?1";
}

/// Stores the new token and revokes the old one.
pub fn rotate(
    conn: &Connection,
    project: Option<ProjectId>,
    token: TokenId,
    renewal: &Renewal,
) -> Result<TokenRecord, TakenError<()>> {
    let (kind, found) = match project {
        None => (TokenKind::Personal, first(conn, PERSONAL, params![token.get()], record)?),
        Some(project) => (TokenKind::Project { project }, of_project(conn, project, token)?),
    };
    let old = found.ok_or(TakenError::Gone)?;
    run(conn, REVOKE, params![token.get()])?;
    let new = NewToken {
        name: old.name,
        scopes: old.scopes,
        expires_on: renewal.expires_on.or(old.expires_on),
        digest: renewal.digest,
        created_at: renewal.created_at,
    };
    insert_token(conn, kind, old.user, &new)
}
