//! The bots of project tokens. A bot is a user and a member of its project, and is deleted with its token.

use release_links_domain::namespace::FullPath;
use release_links_domain::token::TokenKind;
use release_links_domain::user::EmailAddress;
use release_links_domain::{ProjectId, TokenId, UserId};
use release_links_ports::{NewProjectToken, StoreError, TokenRecord, WriteError};
use release_links_sql::namespaces::NewNamespace;
use release_links_sql::tokens::record;
use release_links_sql::{token_selection, user_columns};

use crate::hiding::hide_user;
use crate::query::{Session, statements};
use crate::tables::namespaces::{insert_namespace, path_is_taken};
use crate::tables::projects;
use crate::tables::tokens::{BOT, IN_FORCE, OWNER_IS_THERE, insert_token};

statements! {
    INSERT_BOT = concat!("INSERT INTO users (", user_columns!(new), ") VALUES ($1, $2, FALSE, TRUE, $3) RETURNING id");
    JOIN_PROJECT = "INSERT INTO project_members (project_id, user_id, level, created_at) VALUES ($1, $2, $3, $4)";
    // Excludes transactions that rotate the token.
    LOCK_BOT = "SELECT 1 FROM users WHERE id = (SELECT user_id FROM tokens WHERE id = $1) FOR UPDATE";
    GET = concat!("SELECT ", token_selection!(), " FROM tokens t ", BOT!(), " WHERE t.id = $2 AND t.project_id = $1 AND ",
        IN_FORCE!(), " AND ", OWNER_IS_THERE!());
    // Rotated tokens belong to the bot too. Without a user, they outlive it.
    REVOKE_ALL = "UPDATE tokens SET revoked = TRUE, user_id = NULL WHERE user_id = $1 AND kind = 'project'";
    IS_BOT = "SELECT 1 FROM users WHERE id = $1 AND bot";
}

/// Creates a token and its bot.
pub async fn create(session: &Session, new: &NewProjectToken) -> Result<TokenRecord, WriteError<()>> {
    let NewProjectToken { project, level, username, token } = new;
    session.begin_on_tree().await?;
    if !projects::is_there(session, *project).await? {
        return Err(WriteError::Gone);
    }
    let full_path = FullPath::from(username.clone());
    if path_is_taken(session, &full_path).await? {
        return Err(WriteError::Conflict(()));
    }
    let created_at = token.created_at.as_millisecond();
    let email = EmailAddress::local(username);
    let bot = session.insert(INSERT_BOT, &[&token.name, &email.as_str(), &created_at]).await?;
    let namespace = NewNamespace::of_user(bot, &token.name, username, &full_path, created_at);
    insert_namespace(session, &namespace).await?;
    session.run(JOIN_PROJECT, &[&project.get(), &bot, &level.number(), &created_at]).await?;
    let bot = UserId::try_from(bot).map_err(|_| WriteError::Gone)?;
    insert_token(session, TokenKind::Project { project: *project }, bot, token).await
}

/// Revokes a token and deletes its bot with the bot's membership and everything else of its own. The bot's project
/// tokens stay, revoked. Returns whether there was such a token.
pub async fn revoke(session: &Session, project: ProjectId, token: TokenId) -> Result<bool, StoreError> {
    session.begin_on_tree().await?;
    session.exists(LOCK_BOT, &[&token.get()]).await?;
    let found = session.first(GET, &[&project.get(), &token.get()], |row| record(row, 0)).await?;
    let Some(TokenRecord { user: bot, .. }) = found else { return Ok(false) };
    session.run(REVOKE_ALL, &[&bot.get()]).await?;
    if session.exists(IS_BOT, &[&bot.get()]).await? {
        hide_user(session, bot).await?;
    }
    Ok(true)
}
