//! Rotates a token.

use release_links_domain::token::TokenKind;
use release_links_domain::{ProjectId, TokenId};
use release_links_ports::{Renewal, TokenRecord, WriteError};
use release_links_sql::token_selection;
use release_links_sql::tokens::{record, renewed};

use crate::query::{Session, statements};
use crate::tables::tokens::{BOT, IN_FORCE, LOCK_PROJECT, OWNER_IS_THERE, insert_token};

statements! {
    // Delays a concurrent deletion of the bearer until the token is rotated. Projects are locked before.
    LOCK_BEARER = "SELECT 1 FROM users WHERE id = (SELECT user_id FROM tokens WHERE id = $1) FOR KEY SHARE";
    // A concurrent rotation of the same token waits here, and then finds the token revoked.
    PERSONAL = concat!("SELECT ", token_selection!(), " FROM tokens t ", BOT!(), " WHERE t.id = $1 AND t.kind = 'personal'
        AND NOT t.revoked AND ", OWNER_IS_THERE!(), " FOR NO KEY UPDATE OF t");
    OF_PROJECT = concat!("SELECT ", token_selection!(), " FROM tokens t ", BOT!(), " WHERE t.id = $1 AND t.project_id = $2 AND ",
        IN_FORCE!(), " AND ", OWNER_IS_THERE!(), " FOR NO KEY UPDATE OF t");
    REVOKE = "UPDATE tokens SET revoked = TRUE WHERE id = $1";
}

/// Creates the new token and revokes the old one.
pub async fn rotate(
    session: &Session,
    project: Option<ProjectId>,
    token: TokenId,
    renewal: &Renewal,
) -> Result<TokenRecord, WriteError<()>> {
    session.begin().await?;
    let (kind, found) = match project {
        None => {
            session.exists(LOCK_BEARER, &[&token.get()]).await?;
            (TokenKind::Personal, session.first(PERSONAL, &[&token.get()], |row| record(row, 0)).await?)
        }
        Some(project) => {
            if !session.exists(LOCK_PROJECT, &[&project.get()]).await? {
                return Err(WriteError::Gone);
            }
            session.exists(LOCK_BEARER, &[&token.get()]).await?;
            let found = session.first(OF_PROJECT, &[&token.get(), &project.get()], |row| record(row, 0)).await?;
            (TokenKind::Project { project }, found)
        }
    };
    let old = found.ok_or(WriteError::Gone)?;
    session.run(REVOKE, &[&token.get()]).await?;
    let user = old.user;
    insert_token(session, kind, user, &renewed(old, renewal)).await
}
