//! The ports of credentials and tokens.

pub mod bots;
pub mod jobs;
pub mod lists;
pub mod rotation;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::job::JobObstacle;
use release_links_domain::policy::SudoUser;
use release_links_domain::project::ProjectRef;
use release_links_domain::token::TokenFacts;
use release_links_domain::user::UserRef;
use release_links_domain::{ProjectId, TokenId, UserId};
use release_links_ports::{
    Credentials, NewJobToken, NewProjectToken, NewToken, Page, PageRequest, ProjectRead, Renewal, StoreError,
    TokenDigest, TokenFilter, TokenRecord, TokenRepository, WriteError,
};
use release_links_sql::tokens::{facts, record, sudo_user};

use crate::PostgresStore;
use crate::query::Values;
use crate::rows::Row;
use crate::tables::tokens::{FIND, FIND_WITH_USER, GET, GET_OF_PROJECT, RECORD_USES, REVOKE_PERSONAL, create_personal};
use crate::view::{FOUND_AT, view};

#[async_trait]
impl Credentials for PostgresStore {
    async fn find(&self, digest: &TokenDigest) -> Result<Option<TokenFacts>, StoreError> {
        Ok(self.session().await?.first(FIND, &[&digest.0.as_slice()], |row| facts(row, 0)).await?)
    }

    async fn find_with_user(
        &self,
        digest: &TokenDigest,
        user: &UserRef,
    ) -> Result<Option<(TokenFacts, Option<SudoUser>)>, StoreError> {
        let values: Values<'_> = &[&digest.0.as_slice(), &user.id().map(UserId::get), &user.username()];
        let read = |row: &Row| Ok((facts(row, 0)?, sudo_user(row, 0)?));
        Ok(self.session().await?.first(FIND_WITH_USER, values, read).await?)
    }
}

#[async_trait]
impl TokenRepository for PostgresStore {
    async fn get(&self, token: TokenId) -> Result<Option<TokenRecord>, StoreError> {
        Ok(self.session().await?.first(GET, &[&token.get()], |row| record(row, 0)).await?)
    }

    async fn list(&self, filter: &TokenFilter, page: PageRequest) -> Result<Page<TokenRecord>, StoreError> {
        Ok(lists::personal(&self.session_for_list().await?, filter, page).await?)
    }

    async fn list_of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: &TokenFilter,
        page: PageRequest,
    ) -> ProjectRead<Page<TokenRecord>> {
        Ok(lists::of_project(&self.session_for_list().await?, project, reader, filter, page).await?)
    }

    async fn get_of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        token: Option<TokenId>,
    ) -> ProjectRead<TokenRecord> {
        let session = self.session().await?;
        let read = |rows: &[Row]| rows.first().map(|row| record(row, FOUND_AT)).transpose();
        Ok(view(&session, GET_OF_PROJECT, project, reader, &[&token.map(TokenId::get)], read).await?)
    }

    async fn list_of_jobs(
        &self,
        project: &ProjectRef,
        reader: Reader,
        now: Timestamp,
        page: PageRequest,
    ) -> ProjectRead<Page<TokenRecord>> {
        Ok(jobs::page_of(&self.session_for_list().await?, project, reader, now, page).await?)
    }

    async fn create_personal(&self, user: UserId, token: NewToken) -> Result<TokenRecord, WriteError<()>> {
        let session = self.session().await?;
        session.begin().await?;
        let created = create_personal(&session, user, &token).await;
        session.settle(created).await
    }

    async fn create_for_project(&self, token: NewProjectToken) -> Result<TokenRecord, WriteError<()>> {
        let session = self.session().await?;
        let created = bots::create(&session, &token).await;
        session.settle(created).await
    }

    async fn create_for_job(&self, token: NewJobToken) -> Result<TokenRecord, WriteError<JobObstacle>> {
        let session = self.session().await?;
        let created = jobs::create(&session, &token).await;
        session.settle(created).await
    }

    async fn rotate(
        &self,
        project: Option<ProjectId>,
        token: TokenId,
        renewal: Renewal,
    ) -> Result<TokenRecord, WriteError<()>> {
        let session = self.session().await?;
        let rotated = rotation::rotate(&session, project, token, &renewal).await;
        session.settle(rotated).await
    }

    async fn revoke(&self, project: Option<ProjectId>, token: TokenId) -> Result<bool, StoreError> {
        let session = self.session().await?;
        let Some(project) = project else {
            return Ok(session.run(REVOKE_PERSONAL, &[&token.get()]).await? > 0);
        };
        let revoked = bots::revoke(&session, project, token).await;
        let revoked = session.settle(revoked).await?;
        self.sweep_what_is_small().await;
        Ok(revoked)
    }

    async fn end_job(
        &self,
        project: ProjectId,
        user: Option<UserId>,
        token: TokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(jobs::end(&self.session().await?, project, user, token, now).await?)
    }

    async fn record_uses(&self, uses: Vec<(TokenId, Timestamp)>) -> Result<(), StoreError> {
        let (tokens, times): (Vec<i64>, Vec<i64>) =
            uses.into_iter().map(|(token, at)| (token.get(), at.as_millisecond())).unzip();
        self.session_for_long().await?.run(RECORD_USES, &[&tokens, &times]).await?;
        Ok(())
    }
}
