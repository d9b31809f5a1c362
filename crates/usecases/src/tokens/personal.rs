//! Personal access tokens: of a user's own, or of anybody for an administrator.

use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::{Bearer, Caller, TokenKind};
use release_links_domain::{TokenId, UserId};
use release_links_ports::{Page, TokenRecord};

use super::{TokenDraft, TokenMade, TokenSearch, TokenShown, Tokens, not_stored};
use crate::caller::{ask, ask_bearer};
use crate::users::resource;
use crate::{Missing, ParameterFaults, Refusal, Secret};

/// Which personal token a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalToken {
    /// The one that the request itself was made with.
    Own,
    /// The one with this id, if any could have it.
    Id(Option<TokenId>),
}

impl Tokens {
    /// Makes a personal access token for `user`, who is no bot: by that user, or by an administrator.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
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

    /// A page of personal access tokens: an administrator sees all, others their own.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
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

    /// One token of the caller's, or any for an administrator; the caller's own also when it is a project's.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn get_personal(&self, caller: &Caller, token: PersonalToken) -> Result<TokenShown, Refusal> {
        let record = self.find(caller, token, Action::ReadPersonalToken).await?;
        Ok(self.shown(record))
    }

    /// Takes a token back. For the one that the request was made with that needs no scope.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn revoke_personal(&self, caller: &Caller, token: PersonalToken) -> Result<(), Refusal> {
        let action = match token {
            PersonalToken::Own => Action::RevokeOwnToken,
            PersonalToken::Id(_) => Action::WritePersonalToken,
        };
        let record = self.find(caller, token, action).await?;
        self.tokens.revoke(None, record.id).await?;
        Ok(())
    }

    /// The token that the request means, with which the caller may do this.
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
        // A project's token goes by its project, unless it is the one that asks.
        if token != PersonalToken::Own && record.kind != TokenKind::Personal {
            return Err(absent());
        }
        ask(caller, Resource::Token(Some(record.user)), action)?;
        Ok(record)
    }
}
