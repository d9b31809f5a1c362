//! The tokens of CI jobs, which are deleted after they end.

use jiff::Timestamp;
use release_links_domain::token::TokenKind;
use release_links_domain::{ProjectId, TokenId, UserId};
use release_links_ports::{NewJobToken, TokenRecord, WriteError};
use release_links_sql::tokens::of_job;

use crate::failure::Failure;
use crate::query::{Session, statements, together};
use crate::tables::tokens::{LOCK_PROJECT, LOCK_USER, insert_token};

statements! {
    // Skips the rows that another transaction is deleting.
    DELETE_ENDED = "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens
        WHERE project_id = $1 AND kind = 'job' AND ends_at <= $2 FOR UPDATE SKIP LOCKED)";
    END = "DELETE FROM tokens WHERE id = $1 AND project_id = $2 AND kind = 'job' AND ends_at > $3
        AND ($4::bigint IS NULL OR user_id = $4)";
}

/// Creates a token, and deletes the expired job tokens of the project so that they do not accumulate.
pub async fn create(session: &Session, new: &NewJobToken) -> Result<TokenRecord, WriteError<()>> {
    let NewJobToken { project, user, created_at, ends_at, .. } = *new;
    session.prepare(&[LOCK_PROJECT, LOCK_USER, DELETE_ENDED]).await?;
    let ((), has_project, has_user, _) = together!(
        session.begin(),
        session.exists(LOCK_PROJECT, &[&project.get()]),
        session.exists(LOCK_USER, &[&user.get()]),
        session.run(DELETE_ENDED, &[&project.get(), &created_at.as_millisecond()]),
    )?;
    if !(has_project && has_user) {
        return Err(WriteError::Gone);
    }
    insert_token(session, TokenKind::Job { project, ends_at }, user, &of_job(new)).await
}

/// Ends a token. Returns whether there was one.
pub async fn end(
    session: &Session,
    project: ProjectId,
    user: Option<UserId>,
    token: TokenId,
    now: Timestamp,
) -> Result<bool, Failure> {
    let (now, user) = (now.as_millisecond(), user.map(UserId::get));
    Ok(session.run(END, &[&token.get(), &project.get(), &now, &user]).await? > 0)
}
