//! Job tokens: a CI runner creates a token for a job and revokes it when the job ends.

use release_links_domain::access::Admission;
use release_links_domain::job::{JobDuration, JobObstacle};
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::{Bearer, Caller, Intent};
use release_links_domain::{TokenId, UserId};
use release_links_ports::{NewJobToken, Page, PageRequest, ProjectFacts, WriteError};

use super::{TokenMade, TokenShown, Tokens, not_stored};
use crate::caller::{always, ask, ask_bearer, project_ref, see};
use crate::{Missing, ParameterFaults, Refusal, Secret};

/// The validated parameters of a new job token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobDraft {
    /// The user that the job acts as; by default the caller.
    pub user: Option<UserId>,
    /// How long the token is valid.
    pub lasts: JobDuration,
}

impl Tokens {
    /// Creates a job token: a developer for themselves, an administrator for any user.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn create_for_job(
        &self,
        caller: &Caller,
        project: &str,
        draft: Result<JobDraft, ParameterFaults>,
    ) -> Result<TokenMade, Refusal> {
        let (bearer, project, resource) = self.runner(caller, project).await?;
        let draft = draft?;
        let user = draft.user.unwrap_or(bearer.user);
        ask(caller, resource, Action::RunJobs { user: Some(user) })?;
        let secret = self.secret(Secret::JOB_PREFIX)?;
        let created_at = self.clock.now();
        let ends_at = draft.lasts.after(created_at);
        let token = NewJobToken { project: project.id, user, digest: secret.digest(), created_at, ends_at };
        let made = self.tokens.create_for_job(token).await;
        let record = made.map_err(|why| match why {
            WriteError::Conflict(JobObstacle::TooMany) => Refusal::TooManyJobTokens,
            other => not_stored(other.map_conflict(|_| ()), Missing::User),
        })?;
        Ok(TokenMade { shown: self.shown(record), secret })
    }

    /// Returns a page of the tokens of the jobs that run in a project. Requires a developer.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn list_of_jobs(
        &self,
        caller: &Caller,
        project: &str,
        page: Result<PageRequest, ParameterFaults>,
    ) -> Result<Page<TokenShown>, Refusal> {
        let wanted = page.as_ref().copied().unwrap_or_default();
        let (project, reader) = (project_ref(project)?, caller.reader(Admission::SeeProject));
        let view = self.tokens.list_of_jobs(&project, reader, self.clock.now(), wanted).await?;
        let (_, resource, found) = see(caller, Intent::Read, view)?;
        ask(caller, resource, Action::ReadJobTokens)?;
        page?;
        Ok(always(found)?.map(|record| self.shown(record)))
    }

    /// Revokes a job token: the caller's own, or for an administrator any of the project.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn end_job(&self, caller: &Caller, project: &str, token: Option<TokenId>) -> Result<(), Refusal> {
        let (bearer, project, _) = self.runner(caller, project).await?;
        let absent = || Refusal::NotFound(Missing::Token);
        let ended =
            self.tokens.end_job(project.id, bearer.only_user(), token.ok_or_else(absent)?, self.clock.now()).await?;
        if ended { Ok(()) } else { Err(absent()) }
    }

    /// Returns the caller as the bearer of a token who may run jobs in the project.
    async fn runner<'a>(
        &self,
        caller: &'a Caller,
        project: &str,
    ) -> Result<(&'a Bearer, ProjectFacts, Resource), Refusal> {
        let run = Action::RunJobs { user: None };
        let bearer = ask_bearer(caller, Resource::Project(None), run)?;
        let view = self.projects.get(&project_ref(project)?, caller.reader(Admission::SeeProject)).await?;
        let (project, resource, _) = see(caller, Intent::Write, view)?;
        ask(caller, resource, run)?;
        Ok((bearer, project, resource))
    }
}
