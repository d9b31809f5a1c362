//! `/projects/:id/job_tokens`: an endpoint of this server that GitLab does not have.

use release_links_domain::UserId;
use release_links_domain::job::JobDuration;
use release_links_domain::project::UnknownWord;
use release_links_domain::token::TokenKind;
use release_links_usecases::{JobDraft, TokenMade};
use serde::Serialize;
use utoipa::ToSchema;

use crate::addresses::{ProjectAddress, ProjectTokenAddress};
use crate::fields::Fields;
use crate::operation::{self, Answer, CallerThenParameters, Declared, Id, Operation, OrDefault, Parameter, parameters};
use crate::reply::{Reply, created, no_content};
use crate::shapes::time;

/// A new job token. This is the only answer that contains the token itself.
#[derive(Serialize, ToSchema)]
#[schema(as = JobToken)]
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
        let ends_at = match record.kind {
            TokenKind::Job { ends_at, .. } => Some(ends_at),
            TokenKind::Personal | TokenKind::Project { .. } => None,
        };
        Self {
            id: record.id.get(),
            token: issued.secret.reveal().to_owned(),
            project_id: record.kind.project().map(Into::into),
            user_id: record.user.get(),
            expires_at: ends_at.map(time),
        }
    }
}

/// Returns the operations on job tokens.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation::post("/api/v4/projects/{id}/job_tokens", "Create the token of a job", create)
            .ours()
            .signed_in()
            .answers(Answer::created::<NewJobTokenBody>("The new token; this answer alone shows it.")),
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
