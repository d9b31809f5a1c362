//! The tokens of CI jobs, which are deleted after they end.

use jiff::Timestamp;
use release_links_domain::job::JobObstacle;
use release_links_domain::token::TokenKind;
use release_links_domain::{ProjectId, TokenId, UserId};
use release_links_ports::{NewJobToken, Page, PageRequest, TokenRecord, WriteError};
use release_links_sql::paging::{clamped, limit_and_offset};
use release_links_sql::token_selection;
use release_links_sql::tokens::{of_job, record};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, count, counted, run, statements};
use crate::tables::projects;
use crate::tables::tokens::{OWNER_IS_THERE, PROJECT_IS_THERE, TOKENS, insert_token};
use crate::tables::users::{IS_THERE, user_by_id};

/// The tokens of the jobs that run in project `?1` at `?2`.
macro_rules! running {
    () => {
        concat!(
            " FROM ",
            TOKENS!(),
            " WHERE t.project_id = ?1 AND t.kind = 'job' AND t.ends_at > ?2 AND ",
            OWNER_IS_THERE!()
        )
    };
}

statements! {
    DELETE_ENDED = "DELETE FROM tokens WHERE project_id = ?1 AND kind = 'job' AND ends_at <= ?2";
    COUNT_OF_PROJECT = "SELECT count(*) FROM
        (SELECT 1 FROM tokens WHERE project_id = ?1 AND kind = 'job' LIMIT ?2)";
    LIST = concat!("SELECT ", token_selection!(), running!(), " ORDER BY t.id LIMIT ?3 OFFSET ?4");
    COUNT = concat!("SELECT count(*) FROM (SELECT 1", running!(), " LIMIT ?3)");
    END = "DELETE FROM tokens WHERE id = ?1 AND project_id = ?2 AND kind = 'job' AND ends_at > ?3
        AND (?4 IS NULL OR user_id = ?4)";
}

/// Returns a page of the tokens of the jobs that run in a project.
pub fn page_of(
    conn: &Connection,
    project: ProjectId,
    now: Timestamp,
    wanted: PageRequest,
) -> Result<Page<TokenRecord>, Failure> {
    let (project, now) = (project.get(), now.as_millisecond());
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, LIST, params![project, now, limit, offset], |row| record(row, 0))?;
    Page::of(rows, wanted, |limit| counted(conn, COUNT, params![project, now, clamped(limit)]))
}

/// Creates a token, and deletes the expired job tokens of the project so that they do not accumulate.
pub fn create(conn: &Connection, new: &NewJobToken) -> Result<TokenRecord, WriteError<JobObstacle>> {
    let NewJobToken { project, user, created_at, ends_at, .. } = *new;
    user_by_id(conn, user)?.ok_or(WriteError::Gone)?;
    if !projects::is_there(conn, project)? {
        return Err(WriteError::Gone);
    }
    run(conn, DELETE_ENDED, params![project.get(), created_at.as_millisecond()])?;
    let jobs = count(conn, COUNT_OF_PROJECT, project.get(), JobObstacle::MAX_PER_PROJECT as u64)?;
    if let Some(obstacle) = JobObstacle::to_one_more(usize::try_from(jobs).unwrap_or(usize::MAX)) {
        return Err(WriteError::Conflict(obstacle));
    }
    insert_token(conn, TokenKind::Job { project, ends_at }, user, &of_job(new))
        .map_err(|error| error.map_conflict(|()| JobObstacle::Taken))
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
