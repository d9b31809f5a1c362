//! The one thread that writes. It takes all requests that wait, runs each in a savepoint of its own within one
//! transaction, and answers none of them before the commit: one sync to disk for many requests.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use release_links_ports::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::query::run;

/// The most requests that share a transaction.
const BATCH: usize = 256;

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

struct Waiting {
    job: Box<dyn Job>,
    /// Whether it takes a transaction of its own.
    alone: bool,
}

/// The queue to the thread that writes.
pub struct Writer {
    queue: SyncSender<Waiting>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts the thread; at most `waiting` requests wait for it.
    pub fn start(conn: Connection, waiting: usize) -> io::Result<Self> {
        let (queue, requests) = sync_channel(waiting);
        let thread =
            thread::Builder::new().name("sqlite-writer".into()).spawn(move || serve(conn, &requests, waiting))?;
        Ok(Self { queue, thread })
    }

    /// Puts a request into the queue; the future is its outcome. Full or ended queues refuse at once.
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
        self.queue
            .try_send(Waiting { job, alone })
            .map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
        Ok(async { outcome.await.unwrap_or_else(|error| Err(StoreError::Internal(error.into()).into())) })
    }

    /// Does what waits, then closes the connection.
    pub fn finish(self) {
        drop(self.queue);
        if self.thread.join().is_err() {
            tracing::error!("the thread that writes has panicked");
        }
    }
}

fn serve(conn: Connection, requests: &Receiver<Waiting>, most: usize) {
    let mut next = None;
    while let Some(first) = next.take().or_else(|| requests.recv().ok()) {
        let alone = first.alone;
        let mut batch = vec![first.job];
        while !alone && batch.len() < BATCH {
            match requests.try_recv() {
                Ok(waiting) if waiting.alone => {
                    next = Some(waiting);
                    break;
                }
                Ok(waiting) => batch.push(waiting.job),
                Err(_) => break,
            }
        }
        if let Err(error) = run(&conn, "BEGIN IMMEDIATE", []) {
            // Whoever waits behind a lock that is not given up would wait as long once more, batch after batch.
            batch.extend(next.take().into_iter().chain(requests.try_iter().take(most)).map(|waiting| waiting.job));
            lose(&conn, batch, &error.into());
        } else if let Err(error) = carry_out(&conn, &mut batch) {
            lose(&conn, batch, &error);
        } else {
            batch.into_iter().for_each(Job::answer);
        }
    }
    if let Err(error) = conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the log was not written back; that is done when the database is next opened");
    }
    if let Err((_, error)) = conn.close() {
        tracing::warn!(%error, "the database was not closed");
    }
}

/// Ends the transaction, if there is one, and tells all that nothing of theirs is to be counted on.
fn lose(conn: &Connection, batch: Vec<Box<dyn Job>>, error: &StoreError) {
    if !conn.is_autocommit()
        && let Err(error) = conn.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "a transaction that failed was not rolled back");
    }
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
