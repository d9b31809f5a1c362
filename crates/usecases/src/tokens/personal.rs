//! Personal access tokens: users manage their own, administrators everyone's.

use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::{Bearer, Caller, TokenKind};
use release_links_domain::{TokenId, UserId};
use release_links_ports::{Page, TokenRecord};

use super::{TokenDraft, TokenMade, TokenSearch, TokenShown, Tokens, not_stored};
use crate::caller::{ask, ask_bearer};
use crate::users::resource;
use crate::{Missing, ParameterFaults, Refusal, Secret};

/// The personal access token that a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalToken {
    /// The token that the request presents.
    Own,
    /// The token with this id; `None` if the number cannot be an id.
    Id(Option<TokenId>),
}

impl Tokens {
    /// Creates a personal access token for `user`, who must not be a bot. Requires that user, or an administrator.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn create_personal(
        &self,
        caller: &Caller,
        user: Option<UserId>,
        draft: Result<TokenDraft, ParameterFaults>,
    ) -> Result<TokenMade, Refusal> {
        ask(caller, Resource::User(None), Action::CreatePersonalToken)?;
        let user = user.ok_or(Refusal::NotFound(Missing::User))?;
        let owner = self.users.get(user).await?.ok_or(Refusal::NotFound(Missing::User))?;
        ask(caller, resource(&owner), Action::CreatePersonalToken)?;
        let draft = draft?;
        let secret = self.secret(Secret::TOKEN_PREFIX)?;
        let token = draft.with(&secret, self.clock.now());
        let record = self.tokens.create_personal(user, token).await.map_err(|why| not_stored(why, Missing::User))?;
        Ok(TokenMade { shown: self.shown(record), secret })
    }

    /// Returns a page of personal access tokens: all for an administrator, their own for other users.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn list_personal(
        &self,
        caller: &Caller,
        search: Result<TokenSearch, ParameterFaults>,
    ) -> Result<Page<TokenShown>, Refusal> {
        let bearer = ask_bearer(caller, Resource::Service, Action::ListPersonalTokens { of: None })?;
        let search = search?;
        ask(caller, Resource::Service, Action::ListPersonalTokens { of: search.user })?;
        if search.finds_nothing() {
            return Ok(Page::empty());
        }
        let search = TokenSearch { user: search.user.or(bearer.only_user()), ..search };
        let now = self.clock.now();
        let page = self.tokens.list(&search.filter(now), search.page).await?;
        Ok(page.map(|record| TokenShown::new(record, now)))
    }

    /// Returns a token: any for an administrator, their own for other users. The token that the request presents may
    /// also be a project token.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn get_personal(&self, caller: &Caller, token: PersonalToken) -> Result<TokenShown, Refusal> {
        let record = self.find(caller, token, Action::ReadPersonalToken).await?;
        Ok(self.shown(record))
    }

    /// Revokes a token. The token that the request presents needs no scope for this.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn revoke_personal(&self, caller: &Caller, token: PersonalToken) -> Result<(), Refusal> {
        let action = match token {
            PersonalToken::Own => Action::RevokeOwnToken,
            PersonalToken::Id(_) => Action::WritePersonalToken,
        };
        let record = self.find(caller, token, action).await?;
        self.tokens.revoke(None, record.id).await?;
        Ok(())
    }

    /// Returns the token that the request is about, if the caller may perform the action on it.
    pub(super) async fn find(
        &self,
        caller: &Caller,
        token: PersonalToken,
        action: Action<'_>,
    ) -> Result<TokenRecord, Refusal> {
        let Bearer { token: own, .. } = ask_bearer(caller, Resource::Token(None), action)?;
        let absent = || Refusal::NotFound(Missing::Token);
        let id = match token {
            PersonalToken::Own => *own,
            PersonalToken::Id(id) => id.ok_or_else(absent)?,
        };
        let record = self.tokens.get(id).await?.ok_or_else(absent)?;
        // A project token is managed through its project, except by a request that presents it.
        if token != PersonalToken::Own && record.kind != TokenKind::Personal {
            return Err(absent());
        }
        ask(caller, Resource::Token(Some(record.user)), action)?;
        Ok(record)
    }
}
