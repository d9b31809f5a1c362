//! Personal access tokens: of a user's own, or of anybody for an administrator.

use release_links_domain::token::{Bearer, Caller, Intent, TokenKind};
use release_links_domain::{TokenId, UserId};
use release_links_ports::{Page, TokenRecord};

use super::{TokenDraft, TokenMade, TokenSearch, TokenShown, Tokens, not_stored};
use crate::caller::{beyond_projects, covered, in_person, signed_in};
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
        let bearer = signed_in(caller)?;
        beyond_projects(caller)?;
        let user = user.ok_or(Refusal::NotFound(Missing::User))?;
        let owner = self.users.get(user).await?.ok_or(Refusal::NotFound(Missing::User))?;
        in_person(bearer)?;
        // A bot has the token of its project, with which it goes.
        if owner.bot || !bearer.administrator && bearer.user != user {
            return Err(Refusal::Forbidden);
        }
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
        let bearer = signed_in(caller)?;
        beyond_projects(caller)?;
        covered(bearer, Intent::Read)?;
        let own = (!bearer.administrator).then_some(bearer.user);
        let search = search?;
        if own.is_some() && search.user.is_some_and(|wanted| Some(wanted) != own) {
            return Err(Refusal::Forbidden);
        }
        if search.finds_nothing() {
            return Ok(Page::empty());
        }
        let search = TokenSearch { user: search.user.or(own), ..search };
        let now = self.clock.now();
        let page = self.tokens.list(&search.filter(now), search.page).await?;
        Ok(page.map(|record| TokenShown::new(record, now)))
    }

    /// One token of the caller's, or any for an administrator; the caller's own also when it is a project's.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn get_personal(&self, caller: &Caller, token: PersonalToken) -> Result<TokenShown, Refusal> {
        let bearer = signed_in(caller)?;
        beyond_projects(caller)?;
        let record = self.see(bearer, token).await?;
        covered(bearer, Intent::Read)?;
        Ok(self.shown(record))
    }

    /// Takes a token back. For the one that the request was made with that needs no scope.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn revoke_personal(&self, caller: &Caller, token: PersonalToken) -> Result<(), Refusal> {
        let bearer = signed_in(caller)?;
        beyond_projects(caller)?;
        let record = self.see(bearer, token).await?;
        match token {
            PersonalToken::Own if bearer.kind == TokenKind::Personal => {}
            PersonalToken::Own => return Err(Refusal::Forbidden),
            PersonalToken::Id(_) => in_person(bearer)?,
        }
        self.tokens.revoke(None, record.id).await?;
        Ok(())
    }

    /// The token that the request means, unless the caller may not know of it.
    pub(super) async fn see(&self, bearer: &Bearer, token: PersonalToken) -> Result<TokenRecord, Refusal> {
        let absent = || Refusal::NotFound(Missing::Token);
        let id = match token {
            PersonalToken::Own => bearer.token,
            PersonalToken::Id(id) => id.ok_or_else(absent)?,
        };
        let record = self.tokens.get(id).await?.ok_or_else(absent)?;
        let is_meant = match token {
            PersonalToken::Own => !matches!(record.kind, TokenKind::Job { .. }),
            PersonalToken::Id(_) => record.kind == TokenKind::Personal,
        };
        let may_know = bearer.administrator || record.user == bearer.user;
        if is_meant && may_know { Ok(record) } else { Err(absent()) }
    }
}
