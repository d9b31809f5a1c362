//! Runs statements, each prepared once per connection, up to a deadline.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deadpool_postgres::Object;
use release_links_domain::ProjectId;
use release_links_domain::history::{Event, Origin};
use release_links_domain::location::ExternalUrl;
use release_links_domain::project::Visibility;
use release_links_ports::{StoreError, Viewer};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::types::ToSql;

use crate::failure::Failure;
use crate::journal::{HEAD, Journal, LEAD, RECORD, UNLEAD};
use crate::rows::Row;

/// A parameter of a statement.
pub type Value<'a> = &'a (dyn ToSql + Sync);

/// The parameters of a statement, `$1` first.
pub type Values<'a> = &'a [Value<'a>];

/// Returns values of one type as parameters, to be concatenated with others.
pub fn parameters<T: ToSql + Sync, const N: usize>(values: &[T; N]) -> [Value<'_>; N] {
    values.each_ref().map(|value| value as Value<'_>)
}

/// Declares the statements of a file as constants and, for tests, a list of all of them.
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$meta])* pub const $name: &str = $sql;)+

        #[cfg(test)]
        pub const STATEMENTS: &[&str] = &[$($name),+];
    };
}

/// Sends statements together, in this order, and waits for all answers: one round trip, if each is
/// [prepared](Session::prepare). Fails with the first error.
macro_rules! together {
    ($($step:expr),+ $(,)?) => {
        futures_util::try_join!($(async { $step.await }),+)
    };
}

pub(crate) use {statements, together};

/// A connection for one operation with a deadline.
///
/// The first use of a statement on a connection prepares it, in a separate round trip. Statements that are sent
/// [together], in an order that matters, must therefore be [prepared](Self::prepare) before.
pub struct Session {
    /// `None` only while the session is dropped.
    connection: Option<Object>,
    deadline: Instant,
    /// Whether there is a transaction that may still be open.
    open: AtomicBool,
    /// Whether an answer is missing. The next one could belong to an earlier statement, so the connection must not be
    /// reused.
    broken: AtomicBool,
    /// The permit of a session that takes turns, held until the session ends.
    turn: Option<OwnedSemaphorePermit>,
    /// What the transaction adds to the history of a project.
    journal: Mutex<Option<Journal>>,
    /// Where the service is reached, if the store knows.
    external: Option<Arc<ExternalUrl>>,
}

impl Session {
    /// Creates a session that ends by `deadline`.
    pub fn new(connection: Object, deadline: Instant) -> Self {
        Self {
            connection: Some(connection),
            deadline,
            open: false.into(),
            broken: false.into(),
            turn: None,
            journal: Mutex::default(),
            external: None,
        }
    }

    /// Makes the session release its turn when it ends.
    pub fn in_turn(self, turn: OwnedSemaphorePermit) -> Self {
        let mut session = self;
        session.turn = Some(turn);
        session
    }

    /// Tells where the service is reached, so that links may follow its files.
    pub fn serving_at(self, external: Option<Arc<ExternalUrl>>) -> Self {
        let mut session = self;
        session.external = external;
        session
    }

    /// Returns where the service is reached, if the store knows.
    pub fn external(&self) -> Option<&ExternalUrl> {
        self.external.as_deref()
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

    /// Prepares statements that are to be sent together, in an order that matters.
    pub async fn prepare(&self, statements: &[&str]) -> Result<(), Failure> {
        let connection = self.connection()?;
        for sql in statements {
            self.bounded(connection.prepare_cached(sql)).await?;
        }
        Ok(())
    }

    /// Returns all rows, unconverted.
    pub async fn rows(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Failure> {
        let connection = self.connection()?;
        let rows = async { connection.query(&connection.prepare_cached(sql).await?, values).await };
        // Reuses the allocation, as `Row` has the layout of the driver's row.
        Ok(self.bounded(rows).await?.into_iter().map(Row::of).collect())
    }

    /// Returns the first row, or `None` if there is none.
    pub async fn first<T>(
        &self,
        sql: &str,
        values: Values<'_>,
        read: impl FnOnce(&Row) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        self.rows(sql, values).await?.first().map(read).transpose()
    }

    /// Returns all rows.
    pub async fn all<T>(
        &self,
        sql: &str,
        values: Values<'_>,
        read: impl FnMut(&Row) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        self.rows(sql, values).await?.iter().map(read).collect()
    }

    /// Returns whether there is a row.
    pub async fn exists(&self, sql: &str, values: Values<'_>) -> Result<bool, Failure> {
        Ok(!self.rows(sql, values).await?.is_empty())
    }

    /// Runs a statement that returns no rows, and returns the number of rows it changed.
    pub async fn run(&self, sql: &str, values: Values<'_>) -> Result<u64, Failure> {
        let connection = self.connection()?;
        self.bounded(async { connection.execute(&connection.prepare_cached(sql).await?, values).await }).await
    }

    /// Inserts a row with a statement that returns its id, and returns the id.
    pub async fn insert(&self, sql: &str, values: Values<'_>) -> Result<i64, Failure> {
        let connection = self.connection()?;
        let row = async { connection.query_one(&connection.prepare_cached(sql).await?, values).await };
        Ok(self.bounded(row).await?.try_get(0)?)
    }

    async fn control(&self, sql: &str) -> Result<(), Failure> {
        let connection = self.connection()?;
        self.bounded(connection.batch_execute(sql)).await
    }

    /// Begins a transaction in which each statement sees everything that others have committed. Unless the session is
    /// [settled](Self::settle), its connection is closed and the database rolls back.
    pub async fn begin(&self) -> Result<(), Failure> {
        self.open.store(true, Ordering::Relaxed);
        self.control("BEGIN ISOLATION LEVEL READ COMMITTED").await
    }

    /// Like [`begin`](Self::begin), for changes to users, groups, projects or memberships, of which only one runs at a
    /// time. Row locks must be taken after this lock.
    pub async fn begin_on_tree(&self) -> Result<(), Failure> {
        self.open.store(true, Ordering::Relaxed);
        self.control("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(1380732492)").await
    }

    /// Begins a transaction whose statements all read the same snapshot.
    pub async fn begin_snapshot(&self) -> Result<(), Failure> {
        self.open.store(true, Ordering::Relaxed);
        self.control("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
    }

    /// Begins what the transaction adds to the history of a project, which it must have locked. Its statements must be
    /// [prepared](Self::prepare_journal) before, if they are sent together with others.
    pub async fn open_journal(&self, project: ProjectId, origin: Origin) -> Result<(), Failure> {
        let newest = Box::pin(self.first(HEAD, &[&project.get()], |row| Ok((row.get(0)?, row.get(1)?)))).await?;
        *self.journal() = Some(Journal::new(project, origin, newest));
        Ok(())
    }

    /// Prepares the statements of [`open_journal`](Self::open_journal) and [`commit`](Self::commit).
    pub async fn prepare_journal(&self) -> Result<(), Failure> {
        self.prepare(&[HEAD, RECORD]).await
    }

    fn journal(&self) -> MutexGuard<'_, Option<Journal>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uses the journal, which must be open.
    pub fn with_journal<T>(&self, use_it: impl FnOnce(&mut Journal) -> T) -> Result<T, Failure> {
        self.journal().as_mut().map(use_it).ok_or_else(|| Failure::Internal("a write without a journal".into()))
    }

    /// Adds a row to the history, unless nothing changed. The commit writes it.
    pub fn record(&self, tag: Option<&str>, event: Event) -> Result<(), Failure> {
        self.with_journal(|journal| journal.record(tag, event))
    }

    /// Writes the rows of the journal.
    pub async fn write_journal(&self) -> Result<(), Failure> {
        let Some(journal) = self.journal().take().filter(|journal| !journal.is_empty()) else { return Ok(()) };
        let (project, (integers, texts)) = (journal.project.get(), journal.columns());
        let integers = integers.iter().map(|column| column as Value<'_>);
        let values: Vec<Value<'_>> = std::iter::once(&project as Value<'_>)
            .chain(integers)
            .chain(texts.iter().map(|column| column as Value<'_>))
            .collect();
        self.run(RECORD, &values).await?;
        if !journal.leads_nowhere() {
            let [tags, urls, files] = journal.led();
            self.run(UNLEAD, &[&project, &tags, &urls, &files]).await?;
            self.run(LEAD, &[&project, &tags, &urls, &files]).await?;
        }
        Ok(())
    }

    /// Writes the rows of the journal and commits, in one round trip. After an error, the transaction may or may not be
    /// committed.
    pub async fn commit(&self) -> Result<(), Failure> {
        let has_rows = self.journal().as_ref().is_some_and(|journal| !journal.is_empty());
        let leads = self.journal().as_ref().is_some_and(|journal| !journal.leads_nowhere());
        if has_rows && leads {
            self.write_journal().await?;
            self.control("COMMIT").await?;
        } else if has_rows {
            Box::pin(async { together!(self.write_journal(), self.control("COMMIT")) }).await?;
        } else {
            self.control("COMMIT").await?;
        }
        self.open.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Gives up the transaction and the rows of the journal.
    pub async fn roll_back(&self) -> Result<(), Failure> {
        *self.journal() = None;
        self.control("ROLLBACK").await?;
        self.open.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Commits or rolls back the transaction according to its outcome, unless it has [committed](Self::commit) or was
    /// [rolled back](Self::roll_back). An operation that is refused or fails leaves no trace.
    pub async fn settle<T, E: From<StoreError>>(self, outcome: Result<T, E>) -> Result<T, E> {
        if !self.open.load(Ordering::Relaxed) {
            return outcome;
        }
        if outcome.is_ok() {
            self.commit().await.map_err(StoreError::from)?;
        } else {
            // If this fails, the connection is closed, and the database rolls back.
            drop(self.roll_back().await);
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

/// Returns the names of the visibilities that are open to the viewer.
pub fn open(viewer: &Viewer) -> Vec<&'static str> {
    one_of(&viewer.open)
}

/// Returns the names of visibilities.
pub fn one_of(visibilities: &[Visibility]) -> Vec<&'static str> {
    visibilities.iter().copied().map(Visibility::as_str).collect()
}
