//! The one thread that writes. It runs small requests in batches, each request in its own savepoint within one
//! transaction, and answers none before the commit, so that one sync serves many requests. Large requests take turns
//! with the batches, one at a time, and so does background work.

use std::error::Error as _;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use release_links_ports::{CommitObserver, StoreError};
use rusqlite::Connection;
use tokio::sync::oneshot;
use tracing::Span;

use crate::checkpoints::{Checkpoints, merge};
use crate::failure::{Failure, in_words};
use crate::leases::Commits;
use crate::query::run;
use queue::{Background, Next, Queue, Turn};

pub mod queue;

/// The pause after background work failed, unless a large request comes.
const BACKGROUND_PAUSE: Duration = Duration::from_secs(10);

/// Background work between requests. It is checked at the start and after each large request, which may have added
/// some.
#[derive(Clone, Copy)]
pub struct BackgroundWork {
    /// Returns whether there is work. It only reads, so it never waits for a lock.
    pub is_pending: fn(&Connection) -> Result<bool, Failure>,
    /// Does one step, in a transaction of its own, and returns whether there may be more.
    pub step: fn(&Connection) -> Result<bool, Failure>,
}

/// A queued request, independent of its result type.
trait Job: Send {
    /// Runs in a savepoint and stores the outcome. Returns whether to keep what it wrote.
    fn run(&mut self, conn: &Connection) -> bool;
    /// Sends the outcome, after the commit.
    fn answer(self: Box<Self>);
    /// Reports that the transaction was not committed.
    fn fail(self: Box<Self>, error: StoreError);
}

struct Request<F, T, E> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    /// The caller's span.
    span: Span,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Request<F, T, E>
where
    F: FnOnce(&Connection) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, conn: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| self.span.in_scope(|| work(conn)));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(StoreError::Internal("the write panicked".into()).into()));
        // The caller may have stopped waiting.
        let _ = self.reply.send(outcome);
    }

    fn fail(self: Box<Self>, error: StoreError) {
        let _ = self.reply.send(Err(error.into()));
    }
}

/// Whom the writer tells of its commits, if there is anybody.
type Observer = OnceLock<Arc<dyn CommitObserver>>;

/// A handle to the thread that writes. After it is dropped, the thread finishes the queued requests and ends.
pub struct Writer {
    queue: Arc<Queue<Box<dyn Job>>>,
    observer: Arc<Observer>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread with a queue of `waiting` requests. It counts its commits.
    pub fn start(conn: Connection, waiting: usize, work: BackgroundWork, commits: Commits) -> io::Result<Self> {
        let queue = Arc::new(Queue::new(waiting));
        let waiting = Arc::clone(&queue);
        let observer = Arc::new(Observer::new());
        let told = Arc::clone(&observer);
        let serve = move || serve(conn, &waiting, work, &commits, &told);
        let thread = thread::Builder::new().name("sqlite-writer".into()).spawn(serve)?;
        Ok(Self { queue, observer, thread: Some(thread) })
    }

    /// Queues a request and returns a future of its outcome. Fails at once if the queue is full or closed. A request
    /// that is `alone` gets a transaction of its own.
    pub fn submit<W, T, E>(
        &self,
        work: W,
        alone: bool,
    ) -> Result<impl Future<Output = Result<T, E>> + use<W, T, E>, StoreError>
    where
        W: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, outcome) = oneshot::channel();
        let job = Box::new(Request { work: Some(work), outcome: None, span: Span::current(), reply });
        self.queue.push(job, alone).map_err(|full| StoreError::Unavailable(full.into()))?;
        Ok(async { outcome.await.unwrap_or_else(|error| Err(StoreError::Internal(error.into()).into())) })
    }

    /// Reports the commits of requests to `observer` from now on, unless there is an observer.
    pub fn observe(&self, observer: Arc<dyn CommitObserver>) {
        let _ = self.observer.set(observer);
    }

    /// Returns the number of queued requests.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Finishes the queued requests, then closes the connection.
    pub fn finish(mut self) {
        self.queue.close();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer thread panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close();
    }
}

fn serve(conn: Connection, queue: &Queue<Box<dyn Job>>, work: BackgroundWork, commits: &Commits, observer: &Observer) {
    let mut checkpoints = Checkpoints::watch(&conn, commits.clone());
    let (mut turn, mut background) = (Turn::Small, Background::Now);
    while let Some(next) = queue.next(&mut turn, background) {
        let mut batch = match next {
            Next::Small(batch) => batch,
            Next::Large(job) => {
                background = Background::Now;
                vec![job]
            }
            Next::Background => {
                background = do_background_work(&conn, work, commits);
                checkpoints.copy_if_long(&conn);
                continue;
            }
        };
        if let Err(error) = run(&conn, "BEGIN IMMEDIATE", []) {
            // Fail all queued requests: each further batch would wait for the same lock once more.
            batch.extend(queue.drain());
            fail_all(&conn, batch, &error.into());
        } else if let Err(error) = run_batch(&conn, &mut batch, commits, observer) {
            fail_all(&conn, batch, &error);
        } else {
            batch.into_iter().for_each(Job::answer);
        }
        checkpoints.copy_if_long(&conn);
    }
    merge(&conn);
    if let Err((_, error)) = conn.close() {
        tracing::warn!(why = %in_words(&error), "cannot close the database");
    }
}

/// Does one step of background work, and returns when to do the next.
fn do_background_work(conn: &Connection, work: BackgroundWork, commits: &Commits) -> Background {
    let take_step = || -> Result<bool, Failure> {
        if !(work.is_pending)(conn)? {
            return Ok(false);
        }
        run(conn, "BEGIN IMMEDIATE", [])?;
        let more = catch_unwind(AssertUnwindSafe(|| (work.step)(conn))).unwrap_or(Ok(false))?;
        commit(conn, commits)?;
        Ok(more)
    };
    match take_step() {
        Ok(true) => Background::Now,
        Ok(false) => Background::None,
        Err(failure) => {
            roll_back(conn);
            let error = StoreError::from(failure);
            tracing::warn!(%error, why = error.source().map(tracing::field::display), "cannot sweep deleted rows yet");
            Background::After(BACKGROUND_PAUSE)
        }
    }
}

fn roll_back(conn: &Connection) {
    if !conn.is_autocommit()
        && let Err(error) = conn.execute_batch("ROLLBACK")
    {
        tracing::error!(why = %in_words(&error), "cannot roll back a failed transaction");
    }
}

/// Rolls back the transaction, if there is one, and reports the error to all requests of the batch.
fn fail_all(conn: &Connection, batch: Vec<Box<dyn Job>>, error: &StoreError) {
    roll_back(conn);
    for job in batch {
        job.fail(copy(error));
    }
}

/// Runs a batch in the open transaction, and commits it. After an error, no request may be acknowledged.
fn run_batch(
    conn: &Connection,
    batch: &mut [Box<dyn Job>],
    commits: &Commits,
    observer: &Observer,
) -> Result<(), StoreError> {
    let step = |sql| run(conn, sql, []);
    for job in &mut *batch {
        step("SAVEPOINT request")?;
        // A panic affects only its own request, which then has no outcome.
        let keep = catch_unwind(AssertUnwindSafe(|| job.run(conn))).unwrap_or(false);
        // SQLite itself rolls back the transaction, and all savepoints with it, if the disk is full or fails.
        if conn.is_autocommit() {
            return Err(StoreError::Unavailable("the transaction was rolled back".into()));
        }
        if !keep {
            step("ROLLBACK TO request")?;
        }
        step("RELEASE request")?;
    }
    let told = observer.get().map(|observer| (observer, Instant::now()));
    commit(conn, commits)?;
    if let Some((observer, began)) = told {
        observer.committed(batch.len(), began.elapsed());
    }
    Ok(())
}

/// Commits, and counts the commit before anybody learns of it. One that fails may have been done, so it counts, too.
fn commit(conn: &Connection, commits: &Commits) -> Result<(), Failure> {
    let outcome = run(conn, "COMMIT", []);
    commits.add();
    outcome
}

/// Copies an error, as each request of a batch gets its own.
fn copy(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(source) => StoreError::Unavailable(source.to_string().into()),
        StoreError::Internal(source) | StoreError::Corrupt { source, .. } => {
            StoreError::Internal(source.to_string().into())
        }
    }
}

#[cfg(test)]
mod tests;
