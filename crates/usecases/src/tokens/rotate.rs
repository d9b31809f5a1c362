//! Rotates tokens: replaces a token with a new one.

use jiff::civil::Date;
use release_links_domain::access::Admission;
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::{Bearer, Caller, TokenKind};
use release_links_domain::{ProjectId, TokenId};
use release_links_ports::{Renewal, WriteError};

use super::{PersonalToken, TokenMade, Tokens, not_stored};
use crate::caller::{ask, ask_bearer, project_ref, see_for};
use crate::{Missing, ParameterFaults, Refusal, Secret};

impl Tokens {
    /// Rotates a personal access token, or the token that the request presents, which may also be a project token. It keeps
    /// its expiry date unless another is given.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning"; [`Refusal::TokenRevoked`] if the
    /// token has already been revoked.
    pub async fn rotate_personal(
        &self,
        caller: &Caller,
        token: PersonalToken,
        expires_on: Result<Option<Date>, ParameterFaults>,
    ) -> Result<TokenMade, Refusal> {
        let action = match token {
            PersonalToken::Own => Action::RotateOwnToken,
            PersonalToken::Id(_) => Action::WritePersonalToken,
        };
        let record = self.find(caller, token, action).await?;
        self.rotate(record.kind.project(), record.id, expires_on?).await
    }

    /// Rotates the token that the request presents, which must be one of the project.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn rotate_own_of_project(
        &self,
        caller: &Caller,
        project: &str,
        expires_on: Result<Option<Date>, ParameterFaults>,
    ) -> Result<TokenMade, Refusal> {
        let Bearer { token, .. } = ask_bearer(caller, Resource::Project(None), Action::RotateOwnToken)?;
        let reader = caller.reader(Admission::SeeProject);
        let view = self.tokens.get_of_project(&project_ref(project)?, reader, Some(*token)).await?;
        let (project, _, found) = see_for(caller, Action::RotateOwnToken, view)?;
        let record = found.ok_or(Refusal::NotFound(Missing::Token))?;
        ask(caller, Resource::Token(Some(record.user)), Action::RotateOwnToken)?;
        self.rotate(Some(project.id), record.id, expires_on?).await
    }

    /// Rotates a project token. Requires a maintainer whose level is not below the bot's.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn rotate_of_project(
        &self,
        caller: &Caller,
        project: &str,
        token: Option<TokenId>,
        expires_on: Result<Option<Date>, ParameterFaults>,
    ) -> Result<TokenMade, Refusal> {
        let record = self.writable(caller, project, token).await?;
        let TokenKind::Project { project } = record.kind else { return Err(Refusal::NotFound(Missing::Token)) };
        self.rotate(Some(project), record.id, expires_on?).await
    }

    async fn rotate(
        &self,
        project: Option<ProjectId>,
        token: TokenId,
        expires_on: Option<Date>,
    ) -> Result<TokenMade, Refusal> {
        let secret = self.secret(Secret::TOKEN_PREFIX)?;
        let renewal = Renewal { digest: secret.digest(), expires_on, created_at: self.clock.now() };
        let record = self.tokens.rotate(project, token, renewal).await.map_err(|error| match error {
            WriteError::Gone => Refusal::TokenRevoked,
            other => not_stored(other, Missing::Token),
        })?;
        Ok(TokenMade { shown: self.shown(record), secret })
    }
}
