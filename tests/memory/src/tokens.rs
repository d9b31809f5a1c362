//! The ports of credentials and tokens.

use std::cmp::Reverse;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::job::JobObstacle;
use release_links_domain::policy::SudoUser;
use release_links_domain::project::ProjectRef;
use release_links_domain::token::{TokenFacts, TokenKind};
use release_links_domain::user::{EmailAddress, UserRef};
use release_links_domain::{ProjectId, TokenId, UserId};
use release_links_ports::{
    Credentials, NewJobToken, NewProjectToken, NewToken, Page, PageRequest, ProjectRead, Renewal, Sort, StoreError,
    TimeRange, TokenDigest, TokenFilter, TokenOrder, TokenRecord, TokenRepository, WriteError,
};

use crate::MemoryStore;
use crate::listing::{holds, page_of, sorted};
use crate::state::{State, TokenRow, UserRow, stored};

fn matches(token: &TokenRecord, filter: &TokenFilter) -> bool {
    filter.user.is_none_or(|user| token.user == user)
        && filter.revoked.is_none_or(|revoked| token.revoked == revoked)
        && filter
            .active
            .is_none_or(|(active, today)| (!token.revoked && token.expires_on.is_none_or(|day| day > today)) == active)
        && filter.search.as_ref().is_none_or(|text| holds(&token.name, text))
        && filter.created.contains(token.created_at)
        && (filter.last_used == TimeRange::default()
            || token.last_used_at.is_some_and(|at| filter.last_used.contains(at)))
        && filter.expires_after.is_none_or(|first| token.expires_on.is_some_and(|day| day >= first))
        && filter.expires_before.is_none_or(|end| token.expires_on.is_some_and(|day| day < end))
}

/// A list of tokens in this order; what never expires or was never used comes after all others.
fn in_order(tokens: impl Iterator<Item = TokenRecord>, order: TokenOrder) -> Vec<TokenRecord> {
    let tokens = tokens.collect();
    let never = Timestamp::MAX;
    match order {
        TokenOrder::CreatedAscending => sorted(tokens, Sort::Ascending, |token| (token.created_at, token.id)),
        TokenOrder::CreatedDescending => sorted(tokens, Sort::Descending, |token| (token.created_at, token.id)),
        TokenOrder::NameAscending => {
            sorted(tokens, Sort::Ascending, |token| (token.name.to_ascii_lowercase(), token.id))
        }
        TokenOrder::NameDescending => {
            sorted(tokens, Sort::Descending, |token| (token.name.to_ascii_lowercase(), token.id))
        }
        TokenOrder::ExpiresAscending => {
            sorted(tokens, Sort::Ascending, |token| (token.expires_on.is_none(), token.expires_on, token.id))
        }
        TokenOrder::ExpiresAscendingIdDescending => {
            sorted(tokens, Sort::Ascending, |token| (token.expires_on.is_none(), token.expires_on, Reverse(token.id)))
        }
        TokenOrder::LastUsedAscending => {
            sorted(tokens, Sort::Ascending, |token| (token.last_used_at.unwrap_or(never), token.id))
        }
        TokenOrder::LastUsedDescending => {
            sorted(tokens, Sort::Descending, |token| (token.last_used_at.unwrap_or(never), token.id))
        }
    }
}

impl State {
    /// The level that the bot of a project's token has there.
    fn bot_level(&self, token: &TokenRow) -> Option<AccessLevel> {
        let TokenKind::Project { project } = token.kind else { return None };
        self.projects.get(&project)?.members.get(&token.user?).copied()
    }

    /// A token whose user exists.
    fn record(&self, id: TokenId) -> Option<TokenRecord> {
        let row = self.tokens.get(&id)?;
        let level = self.bot_level(row);
        Some(TokenRecord {
            id,
            kind: row.kind,
            user: row.user?,
            level,
            name: row.name.clone(),
            description: row.description.clone(),
            scopes: row.scopes.clone(),
            expires_on: row.expires_on,
            revoked: row.kind.is_revoked(row.revoked, level),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        })
    }

    /// All tokens of a kind, oldest first.
    fn records(&self, kind: TokenKind) -> impl Iterator<Item = TokenRecord> {
        self.tokens.keys().filter_map(|&id| self.record(id)).filter(move |token| token.kind == kind)
    }

    /// A token of a project that was not revoked.
    fn record_of_project(&self, project: ProjectId, token: TokenId) -> Option<TokenRecord> {
        self.record(token).filter(|token| token.kind == TokenKind::Project { project } && !token.revoked)
    }

    fn facts(&self, digest: &TokenDigest) -> Option<TokenFacts> {
        let (&id, row) = self.tokens.iter().find(|(_, token)| token.digest == *digest)?;
        let user = row.user.and_then(|user| self.users.get(&user));
        Some(TokenFacts {
            id,
            kind: row.kind,
            user: row.user,
            administrator: user.is_some_and(|user| user.administrator),
            bot: user.is_some_and(|user| user.bot),
            scopes: row.scopes.clone(),
            expires_on: row.expires_on,
            revoked: row.kind.is_revoked(row.revoked, self.bot_level(row)),
        })
    }

    fn sudo_user(&self, wanted: &UserRef) -> Option<SudoUser> {
        let user = self.named_user(wanted)?;
        Some(SudoUser { id: user.id, administrator: user.administrator, bot: user.bot })
    }

    fn insert_token(&mut self, kind: TokenKind, user: UserId, new: NewToken) -> Result<TokenRecord, WriteError<()>> {
        let NewToken { name, description, scopes, expires_on, digest, created_at } = new;
        if self.tokens.values().any(|token| token.digest == digest) {
            return Err(WriteError::Conflict(()));
        }
        let created_at = stored(created_at);
        let (user, revoked, last_used_at) = (Some(user), false, None);
        let row =
            TokenRow { kind, digest, user, name, description, scopes, expires_on, revoked, created_at, last_used_at };
        let id = self.next_id();
        self.tokens.insert(id, row);
        self.record(id).ok_or(WriteError::Gone)
    }

    /// Stores a personal access token.
    pub fn create_personal_token(&mut self, user: UserId, token: NewToken) -> Result<TokenRecord, WriteError<()>> {
        if !self.users.contains_key(&user) {
            return Err(WriteError::Gone);
        }
        self.insert_token(TokenKind::Personal, user, token)
    }

    fn create_project_token(&mut self, new: NewProjectToken) -> Result<TokenRecord, WriteError<()>> {
        let NewProjectToken { project, level, username, token } = new;
        if !self.projects.contains_key(&project) {
            return Err(WriteError::Gone);
        }
        if self.at(None, username.as_str()).is_some() {
            return Err(WriteError::Conflict(()));
        }
        let (name, email) = (token.name.clone(), EmailAddress::local(&username));
        let created_at = stored(token.created_at);
        let bot = self.insert_user(username, |namespace| UserRow {
            namespace,
            name,
            email,
            administrator: false,
            bot: true,
            created_at,
        });
        self.projects.get_mut(&project).ok_or(WriteError::Gone)?.members.insert(bot.id, level);
        self.insert_token(TokenKind::Project { project }, bot.id, token)
    }

    /// The tokens of the jobs that run in a project, oldest first.
    fn running(&self, project: ProjectId, now: Timestamp) -> impl Iterator<Item = TokenRecord> {
        self.tokens.keys().filter_map(|&id| self.record(id)).filter(move |token| {
            matches!(token.kind, TokenKind::Job { project: own, ends_at } if own == project && ends_at > now)
        })
    }

    fn create_job_token(&mut self, new: NewJobToken) -> Result<TokenRecord, WriteError<JobObstacle>> {
        let NewJobToken { project, user, digest, created_at, ends_at } = new;
        if !self.projects.contains_key(&project) || !self.users.contains_key(&user) {
            return Err(WriteError::Gone);
        }
        if let Some(obstacle) = JobObstacle::to_one_more(self.running(project, created_at).count()) {
            return Err(WriteError::Conflict(obstacle));
        }
        let kind = TokenKind::Job { project, ends_at: stored(ends_at) };
        let token = NewToken {
            name: "job".to_owned(),
            description: None,
            scopes: Vec::new(),
            expires_on: None,
            digest,
            created_at,
        };
        self.insert_token(kind, user, token).map_err(|error| error.map_conflict(|()| JobObstacle::Taken))
    }

    fn rotate_token(
        &mut self,
        project: Option<ProjectId>,
        token: TokenId,
        renewal: Renewal,
    ) -> Result<TokenRecord, WriteError<()>> {
        let found = match project {
            Some(project) => self.record_of_project(project, token),
            None => self.record(token).filter(|token| token.kind == TokenKind::Personal && !token.revoked),
        };
        let old = found.ok_or(WriteError::Gone)?;
        self.tokens.get_mut(&token).ok_or(WriteError::Gone)?.revoked = true;
        let new = NewToken {
            name: old.name,
            description: old.description,
            scopes: old.scopes,
            expires_on: renewal.expires_on.or(old.expires_on),
            digest: renewal.digest,
            created_at: renewal.created_at,
        };
        self.insert_token(old.kind, old.user, new)
    }

    fn revoke_personal_token(&mut self, token: TokenId) -> bool {
        let found = self.tokens.get_mut(&token).filter(|token| token.kind == TokenKind::Personal);
        found.map(|token| token.revoked = true).is_some()
    }

    fn revoke_project_token(&mut self, project: ProjectId, token: TokenId) -> bool {
        let Some(record) = self.record_of_project(project, token) else { return false };
        // Its earlier tokens, which were rotated, stay as well, so that whoever presents one is told that it was revoked.
        for token in self.tokens.values_mut() {
            if token.user == Some(record.user) && matches!(token.kind, TokenKind::Project { .. }) {
                (token.revoked, token.user) = (true, None);
            }
        }
        self.remove_bot(record.user);
        true
    }

    fn end_job(&mut self, project: ProjectId, user: Option<UserId>, token: TokenId, now: Timestamp) -> bool {
        let is_meant = |row: &TokenRow| {
            let runs = matches!(row.kind, TokenKind::Job { project: own, ends_at } if own == project && ends_at > now);
            runs && user.is_none_or(|user| row.user == Some(user))
        };
        self.tokens.get(&token).is_some_and(is_meant) && self.tokens.remove(&token).is_some()
    }
}

#[async_trait]
impl Credentials for MemoryStore {
    async fn find(&self, digest: &TokenDigest) -> Result<Option<TokenFacts>, StoreError> {
        self.read(|state| state.facts(digest))
    }

    async fn find_with_user(
        &self,
        digest: &TokenDigest,
        user: &UserRef,
    ) -> Result<Option<(TokenFacts, Option<SudoUser>)>, StoreError> {
        self.read(|state| state.facts(digest).map(|facts| (facts, state.sudo_user(user))))
    }
}

#[async_trait]
impl TokenRepository for MemoryStore {
    async fn get(&self, token: TokenId) -> Result<Option<TokenRecord>, StoreError> {
        self.read(|state| state.record(token))
    }

    async fn list(&self, filter: &TokenFilter, page: PageRequest) -> Result<Page<TokenRecord>, StoreError> {
        self.read(|state| {
            let found = state.records(TokenKind::Personal).filter(|token| matches(token, filter));
            page_of(in_order(found, filter.order), page)
        })
    }

    async fn list_of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: &TokenFilter,
        page: PageRequest,
    ) -> ProjectRead<Page<TokenRecord>> {
        self.read(|state| {
            state.view(project, reader, |project, _| {
                let in_force = state.records(TokenKind::Project { project }).filter(|token| !token.revoked);
                Some(page_of(in_order(in_force.filter(|token| matches(token, filter)), filter.order), page))
            })
        })
    }

    async fn get_of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        token: Option<TokenId>,
    ) -> ProjectRead<TokenRecord> {
        self.read(|state| state.view(project, reader, |id, _| state.record_of_project(id, token?)))
    }

    async fn list_of_jobs(
        &self,
        project: &ProjectRef,
        reader: Reader,
        now: Timestamp,
        page: PageRequest,
    ) -> ProjectRead<Page<TokenRecord>> {
        self.read(|state| state.view(project, reader, |project, _| Some(page_of(state.running(project, now), page))))
    }

    async fn create_personal(&self, user: UserId, token: NewToken) -> Result<TokenRecord, WriteError<()>> {
        self.write(|state| state.create_personal_token(user, token))
    }

    async fn create_for_project(&self, token: NewProjectToken) -> Result<TokenRecord, WriteError<()>> {
        self.write(|state| state.create_project_token(token))
    }

    async fn create_for_job(&self, token: NewJobToken) -> Result<TokenRecord, WriteError<JobObstacle>> {
        self.write(|state| state.create_job_token(token))
    }

    async fn rotate(
        &self,
        project: Option<ProjectId>,
        token: TokenId,
        renewal: Renewal,
    ) -> Result<TokenRecord, WriteError<()>> {
        self.write(|state| state.rotate_token(project, token, renewal))
    }

    async fn revoke(&self, project: Option<ProjectId>, token: TokenId) -> Result<bool, StoreError> {
        self.write(|state| {
            Ok(match project {
                Some(project) => state.revoke_project_token(project, token),
                None => state.revoke_personal_token(token),
            })
        })
    }

    async fn end_job(
        &self,
        project: ProjectId,
        user: Option<UserId>,
        token: TokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(|state| Ok(state.end_job(project, user, token, now)))
    }

    async fn record_uses(&self, uses: Vec<(TokenId, Timestamp)>) -> Result<(), StoreError> {
        self.write(|state| {
            for (token, at) in uses {
                if let Some(token) = state.tokens.get_mut(&token) {
                    token.last_used_at = token.last_used_at.max(Some(stored(at)));
                }
            }
            Ok(())
        })
    }
}
