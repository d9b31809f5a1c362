//! The ports of credentials and tokens.

mod bots;
mod jobs;
mod lists;
mod rotation;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::project::ProjectRef;
use release_links_domain::token::{TokenFacts, TokenKind};
use release_links_domain::{ProjectId, TokenId, UserId};
use release_links_ports::{
    Credentials, NewJobToken, NewProjectToken, NewToken, Page, PageRequest, ProjectView, Renewal, StoreError,
    TakenError, TokenDigest, TokenFilter, TokenRecord, TokenRepository,
};
use release_links_sql::token_selection;
use release_links_sql::tokens::{NewRow, facts, record};
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::failure::Failure;
use crate::query::{exists, first, insert, run, statements};
use crate::users::{IS_THERE, user_by_id};
use crate::view::view;

/// The membership of a token's user in the token's project, if there is one.
macro_rules! TOKENS {
    () => {
        "tokens t LEFT JOIN project_members m ON m.project_id = t.project_id AND m.user_id = t.user_id"
    };
}

pub(crate) use TOKENS;

/// Whether the project of a token was not removed, if it has one.
macro_rules! PROJECT_IS_THERE {
    () => {
        "(t.project_id IS NULL OR EXISTS (SELECT 1 FROM projects p CROSS JOIN namespaces n
            WHERE p.id = t.project_id AND n.id = p.namespace_id AND n.full_path IS NOT NULL))"
    };
}

/// Whether neither the user nor the project of a token was removed.
macro_rules! OWNER_IS_THERE {
    () => {
        concat!("EXISTS (SELECT 1 FROM users u WHERE u.id = t.user_id AND ", IS_THERE!(), ") AND ", PROJECT_IS_THERE!())
    };
}

pub(crate) use {OWNER_IS_THERE, PROJECT_IS_THERE};

statements! {
    FIND = concat!("SELECT ", token_selection!(), ", u.administrator, u.bot FROM ", TOKENS!(), " LEFT JOIN users u ON u.id = t.user_id AND ",
        IS_THERE!(), " WHERE t.digest = ?1 AND (t.user_id IS NULL OR u.id IS NOT NULL) AND ", PROJECT_IS_THERE!());
    GET = concat!("SELECT ", token_selection!(), " FROM ", TOKENS!(), " WHERE t.id = ?1 AND ", OWNER_IS_THERE!());
    GET_OF_PROJECT = concat!("SELECT ", token_selection!(), " FROM ", TOKENS!(), " WHERE t.id = ?2 AND t.project_id = ?1
        AND t.kind = 'project' AND t.revoked = 0 AND m.level IS NOT NULL AND ", OWNER_IS_THERE!());
    DIGEST_EXISTS = "SELECT 1 FROM tokens WHERE digest = ?1";
    INSERT = "INSERT INTO tokens (kind, digest, user_id, project_id, name, scopes, created_at, expires_on, ends_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    PERSONAL_EXISTS = concat!("SELECT 1 FROM tokens t WHERE t.id = ?1 AND t.kind = 'personal' AND ", OWNER_IS_THERE!());
    REVOKE = "UPDATE tokens SET revoked = 1 WHERE id = ?1";
    NOTE_USE = "UPDATE tokens SET last_used_at = ?2 WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)";
}

/// All statements of the port, for the test of their plans.
#[cfg(test)]
pub fn all_statements() -> Vec<&'static str> {
    [STATEMENTS, bots::STATEMENTS, jobs::STATEMENTS, lists::STATEMENTS, rotation::STATEMENTS].concat()
}

/// Stores a token of an existing user; a digest that exists already is taken.
fn insert_token(
    conn: &Connection,
    kind: TokenKind,
    user: UserId,
    new: &NewToken,
) -> Result<TokenRecord, TakenError<()>> {
    if exists(conn, DIGEST_EXISTS, params![new.digest.0])? {
        return Err(TakenError::Taken(()));
    }
    let NewRow { kind, project, scopes, created_at, expires_on, ends_at } = NewRow::of(kind, new);
    let values = params![kind, new.digest.0, user.get(), project, new.name, scopes, created_at, expires_on, ends_at];
    let id = insert(conn, INSERT, values)?;
    first(conn, GET, params![id], |row| record(row, 0))?.ok_or(TakenError::Gone)
}

/// Stores a personal access token.
pub fn create_personal(conn: &Connection, user: UserId, new: &NewToken) -> Result<TokenRecord, TakenError<()>> {
    user_by_id(conn, user)?.ok_or(TakenError::Gone)?;
    insert_token(conn, TokenKind::Personal, user, new)
}

fn of_project(conn: &Connection, project: ProjectId, token: TokenId) -> Result<Option<TokenRecord>, Failure> {
    first(conn, GET_OF_PROJECT, params![project.get(), token.get()], |row| record(row, 0))
}

fn revoke(conn: &Connection, project: Option<ProjectId>, token: TokenId) -> Result<bool, StoreError> {
    if let Some(project) = project {
        let Some(found) = of_project(conn, project, token)? else { return Ok(false) };
        bots::end(conn, found.user)?;
        return Ok(true);
    }
    let is_there = exists(conn, PERSONAL_EXISTS, params![token.get()])?;
    if is_there {
        run(conn, REVOKE, params![token.get()])?;
    }
    Ok(is_there)
}

#[async_trait]
impl Credentials for SqliteStore {
    async fn find(&self, digest: &TokenDigest) -> Result<Option<TokenFacts>, StoreError> {
        self.read_nested(|conn| first(conn, FIND, params![digest.0], |row| facts(row, 0))).await
    }
}

#[async_trait]
impl TokenRepository for SqliteStore {
    async fn get(&self, token: TokenId) -> Result<Option<TokenRecord>, StoreError> {
        self.read(|conn| first(conn, GET, params![token.get()], |row| record(row, 0))).await
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
    ) -> Result<Option<ProjectView<Page<TokenRecord>>>, StoreError> {
        let (project, filter) = (project.clone(), filter.clone());
        self.read_long(move |conn| {
            view(conn, &project, reader, |project| lists::of_project(conn, project, &filter, page))
        })
        .await
    }

    async fn get_of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        token: Option<TokenId>,
    ) -> Result<Option<ProjectView<Option<TokenRecord>>>, StoreError> {
        self.read(|conn| {
            view(conn, project, reader, |project| {
                Ok(token.map(|token| of_project(conn, project, token)).transpose()?.flatten())
            })
        })
        .await
    }

    async fn create_personal(&self, user: UserId, token: NewToken) -> Result<TokenRecord, TakenError<()>> {
        self.write(move |conn| create_personal(conn, user, &token)).await
    }

    async fn create_for_project(&self, token: NewProjectToken) -> Result<TokenRecord, TakenError<()>> {
        self.write(move |conn| bots::create(conn, &token)).await
    }

    async fn create_for_job(&self, token: NewJobToken) -> Result<TokenRecord, TakenError<()>> {
        self.write(move |conn| jobs::create(conn, &token)).await
    }

    async fn rotate(
        &self,
        project: Option<ProjectId>,
        token: TokenId,
        renewal: Renewal,
    ) -> Result<TokenRecord, TakenError<()>> {
        self.write(move |conn| rotation::rotate(conn, project, token, &renewal)).await
    }

    async fn revoke(&self, project: Option<ProjectId>, token: TokenId) -> Result<bool, StoreError> {
        // A bot may leave much behind.
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

    async fn note_uses(&self, uses: Vec<(TokenId, Timestamp)>) -> Result<(), StoreError> {
        self.write_alone(move |conn| {
            for (token, at) in &uses {
                run(conn, NOTE_USE, params![token.get(), at.as_millisecond()])?;
            }
            Ok(())
        })
        .await
    }
}
