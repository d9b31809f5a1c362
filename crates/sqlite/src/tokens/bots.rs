//! The bots of project tokens. A bot is a user and a member of its project, and is deleted with its token.

use release_links_domain::UserId;
use release_links_domain::namespace::FullPath;
use release_links_domain::token::TokenKind;
use release_links_domain::user::EmailAddress;
use release_links_ports::{NewProjectToken, TokenRecord, WriteError};
use release_links_sql::namespaces::NewNamespace;
use release_links_sql::user_columns;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{exists, insert, run, statements};
use crate::removing;
use crate::tables::namespaces::{insert_namespace, path_is_taken};
use crate::tables::projects;
use crate::tables::tokens::insert_token;

statements! {
    INSERT_BOT = concat!("INSERT INTO users (", user_columns!(new), ") VALUES (?1, ?2, 0, 1, ?3)");
    JOIN_PROJECT = "INSERT INTO project_members (project_id, user_id, level, created_at) VALUES (?1, ?2, ?3, ?4)";
    // Rotated tokens belong to the bot too. Without a user, they outlive it.
    REVOKE_ALL = "UPDATE tokens SET revoked = 1, user_id = NULL WHERE user_id = ?1 AND kind = 'project'";
    IS_BOT = "SELECT 1 FROM users WHERE id = ?1 AND bot = 1";
}

/// Creates a token and its bot.
pub fn create(conn: &Connection, new: &NewProjectToken) -> Result<TokenRecord, WriteError<()>> {
    let NewProjectToken { project, level, username, token } = new;
    if !projects::is_there(conn, *project)? {
        return Err(WriteError::Gone);
    }
    let full_path = FullPath::from(username.clone());
    if path_is_taken(conn, &full_path)? {
        return Err(WriteError::Conflict(()));
    }
    let created_at = token.created_at.as_millisecond();
    let email = EmailAddress::local(username);
    let bot = insert(conn, INSERT_BOT, params![token.name, email.as_str(), created_at])?;
    insert_namespace(conn, &NewNamespace::of_user(bot, &token.name, username, &full_path, created_at))?;
    run(conn, JOIN_PROJECT, params![project.get(), bot, level.number(), created_at])?;
    let bot = UserId::try_from(bot).map_err(|_| WriteError::Gone)?;
    insert_token(conn, TokenKind::Project { project: *project }, bot, token)
}

/// Deletes a bot with its membership and everything else of its own. Its project tokens stay, revoked.
pub fn end(conn: &Connection, bot: UserId) -> Result<(), Failure> {
    run(conn, REVOKE_ALL, params![bot.get()])?;
    if exists(conn, IS_BOT, params![bot.get()])? {
        removing::user(conn, bot)?;
    }
    Ok(())
}
