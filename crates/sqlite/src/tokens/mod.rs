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
use rusqlite::Connection;

use crate::SqliteStore;
use crate::tables::tokens::{by_id, create_personal, find, find_with_user, note_use, of_project, revoke_personal};
use crate::view::view;

fn revoke(conn: &Connection, project: Option<ProjectId>, token: TokenId) -> Result<bool, StoreError> {
    if let Some(project) = project {
        let Some(found) = of_project(conn, project, token)? else { return Ok(false) };
        bots::end(conn, found.user)?;
        return Ok(true);
    }
    Ok(revoke_personal(conn, token)?)
}

#[async_trait]
impl Credentials for SqliteStore {
    async fn find(&self, digest: &TokenDigest) -> Result<Option<TokenFacts>, StoreError> {
        self.read_remembered(|conn, answers| {
            answers.tokens.recall(digest, |kept| kept == digest, || *digest, || find(conn, digest))
        })
        .await
    }

    async fn find_with_user(
        &self,
        digest: &TokenDigest,
        user: &UserRef,
    ) -> Result<Option<(TokenFacts, Option<SudoUser>)>, StoreError> {
        self.read(|conn| find_with_user(conn, digest, user)).await
    }
}

#[async_trait]
impl TokenRepository for SqliteStore {
    async fn get(&self, token: TokenId) -> Result<Option<TokenRecord>, StoreError> {
        self.read(|conn| by_id(conn, token)).await
    }

    async fn list(&self, filter: &TokenFilter, page: PageRequest) -> Result<Page<TokenRecord>, StoreError> {
        let filter = filter.clone();
        self.read_long(move |conn| lists::personal(conn, &filter, page)).await
    }

    async fn list_of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: &TokenFilter,
        page: PageRequest,
    ) -> ProjectRead<Page<TokenRecord>> {
        let (project, filter) = (project.clone(), filter.clone());
        self.read_long(move |conn| {
            view(conn, &project, reader, |project| lists::of_project(conn, project, &filter, page).map(Some))
        })
        .await
    }

    async fn get_of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        token: Option<TokenId>,
    ) -> ProjectRead<TokenRecord> {
        self.read(|conn| {
            view(conn, project, reader, |project| {
                Ok(token.map(|token| of_project(conn, project, token)).transpose()?.flatten())
            })
        })
        .await
    }

    async fn list_of_jobs(
        &self,
        project: &ProjectRef,
        reader: Reader,
        now: Timestamp,
        page: PageRequest,
    ) -> ProjectRead<Page<TokenRecord>> {
        let project = project.clone();
        self.read_long(move |conn| {
            view(conn, &project, reader, |project| jobs::page_of(conn, project, now, page).map(Some))
        })
        .await
    }

    async fn create_personal(&self, user: UserId, token: NewToken) -> Result<TokenRecord, WriteError<()>> {
        self.write(move |conn| create_personal(conn, user, &token)).await
    }

    async fn create_for_project(&self, token: NewProjectToken) -> Result<TokenRecord, WriteError<()>> {
        self.write(move |conn| bots::create(conn, &token)).await
    }

    async fn create_for_job(&self, token: NewJobToken) -> Result<TokenRecord, WriteError<JobObstacle>> {
        self.write(move |conn| jobs::create(conn, &token)).await
    }

    async fn rotate(
        &self,
        project: Option<ProjectId>,
        token: TokenId,
        renewal: Renewal,
    ) -> Result<TokenRecord, WriteError<()>> {
        self.write(move |conn| rotation::rotate(conn, project, token, &renewal)).await
    }

    async fn revoke(&self, project: Option<ProjectId>, token: TokenId) -> Result<bool, StoreError> {
        // A bot may have many rows to delete.
        self.write_alone(move |conn| revoke(conn, project, token)).await
    }

    async fn end_job(
        &self,
        project: ProjectId,
        user: Option<UserId>,
        token: TokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |conn| Ok(jobs::end(conn, project, user, token, now)?)).await
    }

    async fn record_uses(&self, uses: Vec<(TokenId, Timestamp)>) -> Result<(), StoreError> {
        self.write_alone(move |conn| {
            for (token, at) in &uses {
                note_use(conn, *token, *at)?;
            }
            Ok(())
        })
        .await
    }
}
