//! The one thread that writes. It takes small requests together, runs each in a savepoint of its own within one
//! transaction, and answers none of them before the commit: one sync to disk for many requests. Large requests take turns
//! with those batches, one at a time, and so does a chore that nobody waits for.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use release_links_ports::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::failure::Failure;
use crate::query::run;
use lines::{Chore, Lines, Next, Turn};

pub mod lines;

/// How long a chore that failed is left alone, unless a large request comes.
const CHORE_PAUSE: Duration = Duration::from_secs(10);

/// What the thread does between requests: at the start, and after each large request, which may have made something to do.
#[derive(Clone, Copy)]
pub struct Work {
    /// Whether there is anything to do; it only reads, and so waits for no lock.
    pub is_due: fn(&Connection) -> Result<bool, Failure>,
    /// One step of it, in a transaction of its own. Whether there may be more to do.
    pub step: fn(&Connection) -> Result<bool, Failure>,
}

/// A request that waits, whatever its outcome is made of.
trait Job: Send {
    /// Runs within a savepoint and keeps the outcome. Whether what it wrote is to stay.
    fn run(&mut self, conn: &Connection) -> bool;
    /// Tells the outcome: the transaction has been committed.
    fn answer(self: Box<Self>);
    /// Tells that the transaction came to nothing.
    fn lost(self: Box<Self>, error: StoreError);
}

struct Request<F, T, E> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Request<F, T, E>
where
    F: FnOnce(&Connection) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, conn: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| work(conn));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(StoreError::Internal("the write panicked".into()).into()));
        // A caller that has gone away wants no answer.
        let _ = self.reply.send(outcome);
    }

    fn lost(self: Box<Self>, error: StoreError) {
        let _ = self.reply.send(Err(error.into()));
    }
}

/// The queue to the thread that writes. The thread ends when this is dropped, once it has done what waits.
pub struct Writer {
    lines: Arc<Lines<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread; at most `waiting` requests wait for it.
    pub fn start(conn: Connection, waiting: usize, work: Work) -> io::Result<Self> {
        let lines = Arc::new(Lines::new(waiting));
        let waiting = Arc::clone(&lines);
        let thread = thread::Builder::new().name("sqlite-writer".into()).spawn(move || serve(conn, &waiting, work))?;
        Ok(Self { lines, thread: Some(thread) })
    }

    /// Puts a request into the queue; the future is its outcome. Full or ended queues refuse at once. One that is `alone`
    /// takes a transaction of its own.
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
        let job = Box::new(Request { work: Some(work), outcome: None, reply });
        self.lines.join(job, alone).map_err(|full| StoreError::Unavailable(full.into()))?;
        Ok(async { outcome.await.unwrap_or_else(|error| Err(StoreError::Internal(error.into()).into())) })
    }

    /// Does what waits, then closes the connection.
    pub fn finish(mut self) {
        self.lines.close();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer thread panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.lines.close();
    }
}

fn serve(conn: Connection, lines: &Lines<Box<dyn Job>>, work: Work) {
    let (mut turn, mut chore) = (Turn::Small, Chore::Now);
    while let Some(next) = lines.next(&mut turn, chore) {
        let mut batch = match next {
            Next::Small(batch) => batch,
            Next::Large(job) => {
                chore = Chore::Now;
                vec![job]
            }
            Next::Chore => {
                chore = do_chore(&conn, work);
                continue;
            }
        };
        if let Err(error) = run(&conn, "BEGIN IMMEDIATE", []) {
            // Whoever waits behind a lock that is not given up would wait as long once more, batch after batch.
            batch.extend(lines.all());
            lose(&conn, batch, &error.into());
        } else if let Err(error) = carry_out(&conn, &mut batch) {
            lose(&conn, batch, &error);
        } else {
            batch.into_iter().for_each(Job::answer);
        }
    }
    if let Err(error) = conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "cannot write back the write-ahead log; the next start does it");
    }
    if let Err((_, error)) = conn.close() {
        tracing::warn!(%error, "cannot close the database");
    }
}

/// Takes a step of the chore. What is to become of the next.
fn do_chore(conn: &Connection, work: Work) -> Chore {
    let take_step = || -> Result<bool, Failure> {
        if !(work.is_due)(conn)? {
            return Ok(false);
        }
        run(conn, "BEGIN IMMEDIATE", [])?;
        let more = catch_unwind(AssertUnwindSafe(|| (work.step)(conn))).unwrap_or(Ok(false))?;
        run(conn, "COMMIT", [])?;
        Ok(more)
    };
    match take_step() {
        Ok(true) => Chore::Now,
        Ok(false) => Chore::None,
        Err(failure) => {
            roll_back(conn);
            tracing::warn!(error = ?failure, "cannot delete removed rows yet");
            Chore::After(CHORE_PAUSE)
        }
    }
}

fn roll_back(conn: &Connection) {
    if !conn.is_autocommit()
        && let Err(error) = conn.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "cannot roll back a failed transaction");
    }
}

/// Ends the transaction, if there is one, and tells all that nothing of theirs is to be counted on.
fn lose(conn: &Connection, batch: Vec<Box<dyn Job>>, error: &StoreError) {
    roll_back(conn);
    for job in batch {
        job.lost(copy(error));
    }
}

/// Runs a batch in the transaction that has begun, and commits it. After an error nothing of it may be acknowledged.
fn carry_out(conn: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let step = |sql| run(conn, sql, []);
    for job in batch {
        step("SAVEPOINT request")?;
        // One that panics is a bug of that request alone; it keeps no outcome.
        let stays = catch_unwind(AssertUnwindSafe(|| job.run(conn))).unwrap_or(false);
        // The database ends a transaction by itself when the disk is full or fails, and savepoints do not outlive it.
        if conn.is_autocommit() {
            return Err(StoreError::Unavailable("the transaction was rolled back".into()));
        }
        if !stays {
            step("ROLLBACK TO request")?;
        }
        step("RELEASE request")?;
    }
    Ok(step("COMMIT")?)
}

/// The same error once more, as each request of a batch gets its own.
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
