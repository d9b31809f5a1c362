//! Statements, prepared once per connection, none of them waited for longer than it may take.

use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::Object;
use release_links_domain::project::Visibility;
use release_links_ports::{StoreError, Viewer};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::types::ToSql;

use crate::failure::Failure;
use crate::rows::Row;

/// The values of a statement, `$1` first.
pub type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Declares the statements of a file as constants, and for tests the list of them all.
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$meta])* pub const $name: &str = $sql;)+

        #[cfg(test)]
        pub const STATEMENTS: &[&str] = &[$($name),+];
    };
}

/// Sends statements together, in this order, and waits for all answers: one round trip, if each is
/// [prepared](Session::prepare). The first error is that of the whole.
macro_rules! together {
    ($($step:expr),+ $(,)?) => {
        futures_util::try_join!($(async { $step.await }),+)
    };
}

pub(crate) use {statements, together};

/// A connection, for as long as one operation takes, which has to end by a certain time.
///
/// Only the first time on a connection a statement is prepared, in a round trip of its own; those that are sent
/// [together] in an order that counts are to be [prepared](Self::prepare) before.
pub struct Session {
    /// Taken out only when the session is dropped.
    connection: Option<Object>,
    deadline: Instant,
    /// Whether a transaction was begun whose end is not known.
    open: AtomicBool,
    /// Whether an answer did not come: the next one could be that of an earlier statement, or never come either.
    broken: AtomicBool,
    /// Held for as long as the session takes, where such sessions take turns.
    turn: Option<OwnedSemaphorePermit>,
}

impl Session {
    /// A session that ends by `deadline`.
    pub fn new(connection: Object, deadline: Instant) -> Self {
        Self { connection: Some(connection), deadline, open: false.into(), broken: false.into(), turn: None }
    }

    /// A session that gives its turn to another when it ends.
    pub fn in_turn(self, turn: OwnedSemaphorePermit) -> Self {
        let mut session = self;
        session.turn = Some(turn);
        session
    }

    fn connection(&self) -> Result<&Object, Failure> {
        self.connection.as_ref().ok_or(Failure::TooSlow)
    }

    async fn bounded<T>(&self, answer: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, Failure> {
        let answer = timeout_at(self.deadline, answer).await.map_err(|_| Failure::TooSlow);
        let answer = answer.and_then(|answer| answer.map_err(Failure::from));
        if let Err(Failure::TooSlow) = &answer {
            self.broken.store(true, Ordering::Relaxed);
        }
        answer
    }

    /// Prepares statements that are to be sent together, in an order that counts.
    pub async fn prepare(&self, statements: &[&str]) -> Result<(), Failure> {
        let connection = self.connection()?;
        for sql in statements {
            self.bounded(connection.prepare_cached(sql)).await?;
        }
        Ok(())
    }

    /// All rows as they come.
    pub async fn rows(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Failure> {
        let connection = self.connection()?;
        let rows = async { connection.query(&connection.prepare_cached(sql).await?, values).await };
        // In place: a row is laid out as the driver's.
        Ok(self.bounded(rows).await?.into_iter().map(Row::of).collect())
    }

    /// The first row, if there is one.
    pub async fn first<T>(
        &self,
        sql: &str,
        values: Values<'_>,
        read: impl FnOnce(&Row) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        self.rows(sql, values).await?.first().map(read).transpose()
    }

    /// All rows.
    pub async fn all<T>(
        &self,
        sql: &str,
        values: Values<'_>,
        read: impl FnMut(&Row) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        self.rows(sql, values).await?.iter().map(read).collect()
    }

    /// Whether there is a row.
    pub async fn exists(&self, sql: &str, values: Values<'_>) -> Result<bool, Failure> {
        Ok(!self.rows(sql, values).await?.is_empty())
    }

    /// Runs a statement that gives no rows, and tells how many it changed.
    pub async fn run(&self, sql: &str, values: Values<'_>) -> Result<u64, Failure> {
        let connection = self.connection()?;
        self.bounded(async { connection.execute(&connection.prepare_cached(sql).await?, values).await }).await
    }

    /// Inserts a row by a statement that returns its id.
    pub async fn insert(&self, sql: &str, values: Values<'_>) -> Result<i64, Failure> {
        let connection = self.connection()?;
        let row = async { connection.query_one(&connection.prepare_cached(sql).await?, values).await };
        Ok(self.bounded(row).await?.try_get(0)?)
    }

    async fn control(&self, sql: &str) -> Result<(), Failure> {
        let connection = self.connection()?;
        self.bounded(connection.batch_execute(sql)).await
    }

    /// Begins a transaction in which each statement sees what others have committed by then. Unless it is
    /// [settled](Self::settle), its connection is given up, and the database undoes it.
    pub async fn begin(&self) -> Result<(), Failure> {
        self.open.store(true, Ordering::Relaxed);
        self.control("BEGIN ISOLATION LEVEL READ COMMITTED").await
    }

    /// As [`begin`](Self::begin), for what changes users, groups, projects or who is a member of them: there is one such
    /// transaction at a time. Whoever locks rows too does so afterwards.
    pub async fn begin_on_tree(&self) -> Result<(), Failure> {
        self.open.store(true, Ordering::Relaxed);
        self.control("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(1380732492)").await
    }

    /// Begins a transaction whose statements all see one moment.
    pub async fn begin_snapshot(&self) -> Result<(), Failure> {
        self.open.store(true, Ordering::Relaxed);
        self.control("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
    }

    /// Commits. After an error it is not known whether that was done.
    pub async fn commit(&self) -> Result<(), Failure> {
        self.control("COMMIT").await?;
        self.open.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Ends a transaction by its outcome, unless it has [committed](Self::commit): what was refused or has failed leaves
    /// nothing behind.
    pub async fn settle<T, E: From<StoreError>>(self, outcome: Result<T, E>) -> Result<T, E> {
        if !self.open.load(Ordering::Relaxed) {
            return outcome;
        }
        if outcome.is_ok() {
            self.commit().await.map_err(StoreError::from)?;
        } else if self.control("ROLLBACK").await.is_ok() {
            self.open.store(false, Ordering::Relaxed);
        }
        outcome
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let lost = self.open.load(Ordering::Relaxed) || self.broken.load(Ordering::Relaxed);
        if lost && let Some(connection) = self.connection.take() {
            drop(Object::take(connection));
        }
    }
}

/// The open visibilities, by their names.
pub fn open(viewer: &Viewer) -> Vec<&'static str> {
    viewer.open.iter().copied().map(Visibility::as_str).collect()
}
