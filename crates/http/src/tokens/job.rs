//! `/projects/:id/job_tokens`: an endpoint of this server that GitLab does not have.

use release_links_domain::UserId;
use release_links_domain::job::JobDuration;
use release_links_domain::project::UnknownWord;
use release_links_domain::token::TokenKind;
use release_links_usecases::{JobDraft, TokenMade, TokenShown};
use serde::Serialize;
use utoipa::ToSchema;

use crate::addresses::{ProjectAddress, ProjectTokenAddress};
use crate::fields::Fields;
use crate::operation::{
    self, Answer, CallerThenParameters, Declared, Id, Operation, OrDefault, Parameter, Refused, parameters,
};
use crate::pagination::{self, PageParameters};
use crate::reply::{Reply, created, no_content};
use crate::shapes::time;

/// A job token, without the token itself.
#[derive(Serialize, ToSchema)]
#[schema(as = JobToken)]
struct JobTokenBody {
    id: i64,
    project_id: Option<i64>,
    user_id: i64,
    expires_at: Option<String>,
}

impl JobTokenBody {
    fn new(shown: TokenShown) -> Self {
        let record = shown.record;
        Self {
            id: record.id.get(),
            project_id: record.kind.project().map(Into::into),
            user_id: record.user.get(),
            expires_at: expires_at(record.kind),
        }
    }
}

fn expires_at(kind: TokenKind) -> Option<String> {
    match kind {
        TokenKind::Job { ends_at, .. } => Some(time(ends_at)),
        TokenKind::Personal | TokenKind::Project { .. } => None,
    }
}

/// A new job token. This is the only answer that contains the token itself.
#[derive(Serialize, ToSchema)]
#[schema(as = NewJobToken)]
struct NewJobTokenBody {
    id: i64,
    token: String,
    #[schema(required = true)]
    project_id: Option<i64>,
    user_id: i64,
    #[schema(required = true, format = DateTime)]
    expires_at: Option<String>,
}

impl NewJobTokenBody {
    fn new(issued: &TokenMade) -> Self {
        let record = &issued.shown.record;
        Self {
            id: record.id.get(),
            token: issued.secret.reveal().to_owned(),
            project_id: record.kind.project().map(Into::into),
            user_id: record.user.get(),
            expires_at: expires_at(record.kind),
        }
    }
}

const TOKENS: &str = "/api/v4/projects/{id}/job_tokens";

/// Returns the operations on job tokens.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation::get(TOKENS, "List the tokens of the jobs that run in a project", list)
            .ours()
            .signed_in()
            .answers(Answer::page::<JobTokenBody>("A page of tokens, oldest first.")),
        operation::post(TOKENS, "Create the token of a job", create)
            .ours()
            .signed_in()
            .answers(Answer::created::<NewJobTokenBody>("The new token; this answer alone shows it."))
            .refuses(&[Refused::BAD]),
        operation::delete("/api/v4/projects/{id}/job_tokens/{token_id}", "End a job and its token", end)
            .ours()
            .signed_in()
            .answers(Answer::no_content("The token is no longer valid.")),
    ]
}

parameters! {
    /// A new job.
    struct NewJob {
        /// Whose job it is; by default the caller's.
        user_id: Id<UserId>,
        /// How many seconds the job may run.
        expires_in: OrDefault<Seconds>,
    }
}

/// The duration of a job, in seconds.
struct Seconds;

impl Parameter for Seconds {
    type Value = Option<JobDuration>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<JobDuration>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<JobDuration>> {
        let Some(seconds) = fields.integer(name) else { return Some(None) };
        Some(seconds.try_into().map_err(|why: UnknownWord| fields.fault(name, why)).ok())
    }
}

async fn list(asked: CallerThenParameters<ProjectAddress, PageParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let wanted = parameters.map(|list| list.page);
    let page = wanted.clone().unwrap_or_default();
    let found = incoming.service.tokens.list_of_jobs(&caller, &address.id, wanted).await?;
    pagination::page(&incoming, page, found, JobTokenBody::new)
}

async fn create(asked: CallerThenParameters<ProjectAddress, NewJob>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let draft = parameters.map(|job| JobDraft { user: job.user_id, lasts: job.expires_in });
    let issued = incoming.service.tokens.create_for_job(&caller, &address.id, draft).await?;
    created(&incoming.request, &NewJobTokenBody::new(&issued))
}

async fn end(asked: CallerThenParameters<ProjectTokenAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    incoming.service.tokens.end_job(&caller, &address.id, address.token_id).await?;
    Ok(no_content())
}
