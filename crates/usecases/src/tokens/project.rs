//! Project access tokens: each acts as a bot that is a member of the project.

use data_encoding::HEXLOWER;
use release_links_domain::access::{AccessLevel, Admission};
use release_links_domain::namespace::PathSegment;
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::{Caller, Intent};
use release_links_domain::{ProjectId, TokenId};
use release_links_ports::{Entropy, NewProjectToken, Page, StoreError, TokenRecord};

use super::{TokenDraft, TokenMade, TokenSearch, TokenShown, Tokens, not_stored};
use crate::caller::{Seen, always, ask, project_ref, see};
use crate::{Missing, ParameterFaults, Refusal, Secret};

/// The validated parameters of a new project token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectTokenDraft {
    /// The token.
    pub token: TokenDraft,
    /// The level of its bot.
    pub level: AccessLevel,
}

/// The number of random bytes in a bot's name.
const BOT_NAME_BYTES: usize = 8;

impl Tokens {
    /// Creates a project token. Requires a maintainer; the bot's level must not be above the caller's.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn create_for_project(
        &self,
        caller: &Caller,
        project: &str,
        draft: Result<ProjectTokenDraft, ParameterFaults>,
    ) -> Result<TokenMade, Refusal> {
        ask(caller, Resource::Project(None), Action::WriteProjectTokens { level: None })?;
        let view = self.projects.get(&project_ref(project)?, caller.reader(Admission::SeeProject)).await?;
        let (project, resource, _) = see(caller, Intent::Write, view)?;
        ask(caller, resource, Action::WriteProjectTokens { level: None })?;
        let draft = draft?;
        ask(caller, resource, Action::WriteProjectTokens { level: Some(draft.level) })?;
        let secret = self.secret(Secret::TOKEN_PREFIX)?;
        let token = NewProjectToken {
            project: project.id,
            level: draft.level,
            username: bot_name(project.id, &*self.entropy)?,
            token: draft.token.with(&secret, self.clock.now()),
        };
        let made = self.tokens.create_for_project(token).await;
        let record = made.map_err(|why| not_stored(why, Missing::Project))?;
        Ok(TokenMade { shown: self.shown(record), secret })
    }

    /// Returns a page of a project's tokens. Requires a maintainer.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn list_of_project(
        &self,
        caller: &Caller,
        project: &str,
        search: Result<TokenSearch, ParameterFaults>,
    ) -> Result<Page<TokenShown>, Refusal> {
        if search.as_ref().is_ok_and(TokenSearch::finds_nothing) {
            let (_, resource, _) = self.in_project(caller, Intent::Read, project, None).await?;
            ask(caller, resource, Action::ReadProjectTokens)?;
            return Ok(Page::empty());
        }
        let now = self.clock.now();
        // The contract checks the parameters last, but one snapshot must answer both the permission check and the
        // list.
        let (filter, page) = match &search {
            Ok(search) => (search.filter(now), search.page),
            Err(_) => Default::default(),
        };
        let view = self
            .tokens
            .list_of_project(&project_ref(project)?, caller.reader(Admission::SeeProject), &filter, page)
            .await?;
        let (_, resource, found) = see(caller, Intent::Read, view)?;
        ask(caller, resource, Action::ReadProjectTokens)?;
        search?;
        Ok(always(found)?.map(|record| TokenShown::new(record, now)))
    }

    /// Returns a token of a project. Requires a maintainer.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn get_of_project(
        &self,
        caller: &Caller,
        project: &str,
        token: Option<TokenId>,
    ) -> Result<TokenShown, Refusal> {
        let (_, resource, found) = self.in_project(caller, Intent::Read, project, token).await?;
        ask(caller, resource, Action::ReadProjectTokens)?;
        Ok(self.shown(found.ok_or(Refusal::NotFound(Missing::Token))?))
    }

    /// Revokes a project token and deletes its bot.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn revoke_of_project(
        &self,
        caller: &Caller,
        project: &str,
        token: Option<TokenId>,
    ) -> Result<(), Refusal> {
        let record = self.writable(caller, project, token).await?;
        if self.tokens.revoke(record.kind.project(), record.id).await? {
            Ok(())
        } else {
            Err(Refusal::NotFound(Missing::Token))
        }
    }

    /// Returns a project token that the caller may rotate or revoke. Requires a maintainer whose level is not below
    /// the bot's.
    pub(super) async fn writable(
        &self,
        caller: &Caller,
        project: &str,
        token: Option<TokenId>,
    ) -> Result<TokenRecord, Refusal> {
        ask(caller, Resource::Project(None), Action::WriteProjectTokens { level: None })?;
        let (_, resource, found) = self.in_project(caller, Intent::Write, project, token).await?;
        ask(caller, resource, Action::WriteProjectTokens { level: None })?;
        let record = found.ok_or(Refusal::NotFound(Missing::Token))?;
        ask(caller, resource, Action::WriteProjectTokens { level: record.level })?;
        Ok(record)
    }

    async fn in_project(
        &self,
        caller: &Caller,
        intent: Intent,
        project: &str,
        token: Option<TokenId>,
    ) -> Result<Seen<TokenRecord>, Refusal> {
        let view =
            self.tokens.get_of_project(&project_ref(project)?, caller.reader(Admission::SeeProject), token).await?;
        see(caller, intent, view)
    }
}

/// Returns the name of a new bot, which is unique and cannot be predicted.
fn bot_name(project: ProjectId, entropy: &dyn Entropy) -> Result<PathSegment, Refusal> {
    let mut bytes = [0; BOT_NAME_BYTES];
    entropy.fill(&mut bytes)?;
    let name = format!("project_{project}_bot_{}", HEXLOWER.encode(&bytes));
    PathSegment::try_from(name).map_err(|why| Refusal::Store(StoreError::Internal(why.into())))
}
