//! `/projects/:id/job_tokens`: an endpoint of this server that GitLab does not have.

use release_links_domain::job::JobDuration;
use release_links_domain::project::UnknownWord;
use release_links_domain::token::TokenKind;
use release_links_usecases::{JobDraft, TokenMade};
use serde::Serialize;

use super::token_id;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::reply::{Reply, created, no_content};
use crate::shapes::time;

/// A new job token. This is the only answer that contains the token itself.
#[derive(Serialize)]
struct NewJobTokenBody {
    id: i64,
    token: String,
    project_id: Option<i64>,
    user_id: i64,
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

/// `POST /projects/:id/job_tokens`.
pub(crate) async fn create_for_job(incoming: Incoming, mut fields: Fields) -> Reply {
    let user = fields.id("user_id");
    let lasts = expires_in(&mut fields).unwrap_or_default();
    let caller = incoming.caller().await?;
    let tokens = &incoming.service.tokens;
    let issued = tokens.create_for_job(&caller, &incoming.path.id, fields.finish(JobDraft { user, lasts })).await?;
    created(&incoming.request, &NewJobTokenBody::new(&issued))
}

/// Reads how many seconds the job may run.
fn expires_in(fields: &mut Fields) -> Option<JobDuration> {
    let seconds = fields.integer("expires_in")?;
    seconds.try_into().map_err(|why: UnknownWord| fields.fault("expires_in", why)).ok()
}

/// `DELETE /projects/:id/job_tokens/:token_id`.
pub(crate) async fn end_job(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    incoming.service.tokens.end_job(&caller, &incoming.path.id, token_id(&incoming)).await?;
    Ok(no_content())
}
