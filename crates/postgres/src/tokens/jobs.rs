//! The tokens of CI jobs, which are deleted after they end.

use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::job::JobObstacle;
use release_links_domain::project::ProjectRef;
use release_links_domain::token::TokenKind;
use release_links_domain::{ProjectId, TokenId, UserId};
use release_links_ports::{NewJobToken, Page, PageRequest, ProjectView, TokenRecord, WriteError};
use release_links_sql::token_selection;
use release_links_sql::tokens::{of_job, record};

use crate::failure::Failure;
use crate::paging;
use crate::query::{Session, Values, statements, together};
use crate::rows::Row;
use crate::tables::tokens::{BOT, LOCK_USER, OWNER_IS_THERE, insert_token};
use crate::view::{TOTAL_AT, view, viewed_page, views};

views! {
    LIST = viewed_page!(token_selection!(), of concat!("tokens t ", BOT!(),
        " WHERE t.project_id = p.id AND t.kind = 'job' AND t.ends_at > $6 AND ", OWNER_IS_THERE!()), by "t.id");
}

statements! {
    // Serialises the transactions that create job tokens in a project, so that none counts too few.
    LOCK_PROJECT = "SELECT 1 FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL FOR NO KEY UPDATE OF p";
    COUNT = "SELECT count(*) FROM (SELECT FROM tokens WHERE project_id = $1 AND kind = 'job' AND ends_at > $2 LIMIT $3) counted";
    // Skips the rows that another transaction is deleting.
    DELETE_ENDED = "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens
        WHERE project_id = $1 AND kind = 'job' AND ends_at <= $2 FOR UPDATE SKIP LOCKED)";
    END = "DELETE FROM tokens WHERE id = $1 AND project_id = $2 AND kind = 'job' AND ends_at > $3
        AND ($4::bigint IS NULL OR user_id = $4)";
}

/// Returns a page of the tokens of the jobs that run in a project.
pub async fn page_of(
    session: &Session,
    project: &ProjectRef,
    reader: Reader,
    now: Timestamp,
    wanted: PageRequest,
) -> Result<Option<ProjectView<Page<TokenRecord>>>, Failure> {
    let [limit, offset, counted] = paging::values(wanted);
    let now = now.as_millisecond();
    let values: Values<'_> = &[&limit, &offset, &counted, &now];
    let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, wanted, record).map(Some);
    view(session, LIST, project, reader, values, read).await
}

/// Creates a token, and deletes the expired job tokens of the project so that they do not accumulate.
pub async fn create(session: &Session, new: &NewJobToken) -> Result<TokenRecord, WriteError<JobObstacle>> {
    let NewJobToken { project, user, created_at, ends_at, .. } = *new;
    let (now, most) = (created_at.as_millisecond(), paging::stop_at(JobObstacle::MAX_PER_PROJECT));
    session.prepare(&[LOCK_PROJECT, LOCK_USER, DELETE_ENDED, COUNT]).await?;
    let ((), has_project, has_user, _, jobs) = together!(
        session.begin(),
        session.exists(LOCK_PROJECT, &[&project.get()]),
        session.exists(LOCK_USER, &[&user.get()]),
        session.run(DELETE_ENDED, &[&project.get(), &now]),
        session.first(COUNT, &[&project.get(), &now, &most], |row| row.get::<i64>(0)),
    )?;
    if !(has_project && has_user) {
        return Err(WriteError::Gone);
    }
    if let Some(obstacle) = JobObstacle::to_one_more(paging::counted(jobs.unwrap_or_default())) {
        return Err(WriteError::Conflict(obstacle));
    }
    let made = insert_token(session, TokenKind::Job { project, ends_at }, user, &of_job(new)).await;
    made.map_err(|error| error.map_conflict(|()| JobObstacle::Taken))
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
