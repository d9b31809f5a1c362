//! Connections for short reads. Each keeps its snapshot from one read to the next, so that most reads take no lock and
//! begin no transaction (docs/decisions/0008-reads-keep-their-snapshot.md).

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::answers::Answers;
use crate::failure::{Failure, in_words};
use crate::query::run;

/// The longest time for which reads use one snapshot. What another process commits is seen after that time at the latest.
pub const LEASE: Duration = Duration::from_millis(10);
/// How often snapshots are looked for that no read has renewed, and how old those are: together no older than a lease.
const TICK: Duration = Duration::from_millis(5);
/// For how many milliseconds after a commit no snapshot outlives its read if another process wants the log: Litestream asks twice a second.
const LOG_WANTED_FOR: u64 = 10_000;
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The number of commits of this process. A read that begins after a commit was counted sees it.
#[derive(Debug, Clone, Default)]
pub struct Commits(Arc<Written>);

/// What the writer tells the readers.
#[derive(Debug, Default)]
struct Written {
    commits: AtomicU64,
    /// Until when another process wants the log, in milliseconds since [`START`], or 0.
    log_wanted_until: AtomicU64,
}

impl Commits {
    /// Counts a commit.
    pub fn add(&self) {
        self.0.commits.fetch_add(1, Ordering::Release);
    }

    /// Says whether another process waits for a moment in which nobody has a snapshot. That ends by itself, since the writer does not
    /// learn that the moment came before it commits again.
    pub fn want_log(&self, is_wanted: bool) {
        let until = if is_wanted { milliseconds() + LOG_WANTED_FOR } else { 0 };
        self.0.log_wanted_until.store(until, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.commits.load(Ordering::Acquire)
    }

    fn is_log_wanted(&self) -> bool {
        let until = self.0.log_wanted_until.load(Ordering::Relaxed);
        until != 0 && milliseconds() < until
    }
}

fn milliseconds() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A connection, the snapshot that it keeps, and what it remembers of it.
struct Leased {
    conn: Connection,
    snapshot: Option<Snapshot>,
    answers: Answers,
}

/// An open read transaction.
#[derive(Clone, Copy)]
struct Snapshot {
    began: Instant,
    /// The commits that were counted before it began; it may contain later ones.
    commits: u64,
}

impl Leased {
    /// Makes sure that the snapshot contains all counted commits and is not too old. Returns whether it is a new one.
    fn renew(&mut self, commits: &Commits) -> Result<bool, Failure> {
        let (began, commits) = (Instant::now(), commits.count());
        let is_current = |kept: Snapshot| kept.commits == commits && began.duration_since(kept.began) < LEASE;
        if self.snapshot.is_some_and(is_current) {
            return Ok(false);
        }
        self.end();
        run(&self.conn, "BEGIN", [])?;
        self.snapshot = Some(Snapshot { began, commits });
        self.answers.follow(&self.conn).inspect_err(|_| self.end())?;
        Ok(true)
    }

    /// Ends the snapshot.
    fn end(&mut self) {
        // After some errors SQLite ends the transaction itself. Nothing was written, so nothing is lost.
        if self.snapshot.take().is_some()
            && !self.conn.is_autocommit()
            && let Err(Failure::Sqlite(error)) = run(&self.conn, "ROLLBACK", [])
        {
            tracing::warn!(why = %in_words(&error), "cannot end a read transaction");
        }
    }

    /// Ends the snapshot if no read has renewed it lately. Returns whether it is still open.
    fn end_if_old(&mut self) -> bool {
        if self.snapshot.is_some_and(|kept| kept.began.elapsed() >= TICK) {
            self.end();
        }
        self.snapshot.is_some()
    }
}

/// Connections whose snapshots outlive a read.
pub struct Leases {
    connections: Arc<[Mutex<Leased>]>,
    commits: Commits,
    /// Tells the thread that ends old snapshots that there is one; dropped, it ends the thread.
    begun: Option<SyncSender<()>>,
    ending: Option<JoinHandle<()>>,
}

impl Leases {
    /// Takes the connections, and starts the thread that ends old snapshots.
    pub fn new(connections: Vec<Connection>, commits: Commits) -> std::io::Result<Self> {
        let leased = connections
            .into_iter()
            .map(|conn| Mutex::new(Leased { conn, snapshot: None, answers: Answers::default() }));
        let connections: Arc<[_]> = leased.collect();
        let (begun, wait) = sync_channel(1);
        let ended = Arc::clone(&connections);
        let ending = thread::Builder::new().name("sqlite-leases".into()).spawn(move || end_old(&ended, &wait))?;
        Ok(Self { connections, commits, begun: Some(begun), ending: Some(ending) })
    }

    /// Runs a query in a snapshot that contains all counted commits. Returns `None` if other threads use all connections.
    pub fn read<T>(
        &self,
        query: impl FnOnce(&Connection, &mut Answers) -> Result<T, Failure>,
    ) -> Option<Result<T, Failure>> {
        let mut leased = self.free_connection()?;
        match leased.renew(&self.commits) {
            Ok(false) => {}
            // If the thread has been told already, it will look.
            Ok(true) => drop(self.begun.as_ref().map(|begun| begun.try_send(()))),
            Err(failure) => return Some(Err(failure)),
        }
        let Leased { conn, answers, .. } = &mut *leased;
        let outcome = query(conn, answers);
        if outcome.is_err() || self.commits.is_log_wanted() {
            leased.end();
        }
        Some(outcome)
    }

    /// Returns a connection that no other thread uses: the one that this thread used last time, if possible.
    fn free_connection(&self) -> Option<MutexGuard<'_, Leased>> {
        let count = self.connections.len();
        let first = preference();
        (0..count).find_map(|after| try_lock(&self.connections[(first + after) % count]))
    }
}

impl Drop for Leases {
    /// Waits for the thread, so that all connections are closed when this returns.
    fn drop(&mut self) {
        self.begun = None;
        if self.ending.take().is_some_and(|ending| ending.join().is_err()) {
            tracing::error!("the thread that ends read transactions panicked");
        }
    }
}

/// The connection that the current thread prefers: each thread another.
fn preference() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static PREFERRED: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    PREFERRED.get()
}

fn try_lock(leased: &Mutex<Leased>) -> Option<MutexGuard<'_, Leased>> {
    match leased.try_lock() {
        Ok(free) => Some(free),
        Err(TryLockError::WouldBlock) => None,
        // A read panicked. Nothing is known about its snapshot.
        Err(TryLockError::Poisoned(poisoned)) => {
            leased.clear_poison();
            let mut free = poisoned.into_inner();
            free.end();
            Some(free)
        }
    }
}

/// Ends old snapshots, so that a connection that nobody uses does not keep the write-ahead log from starting again.
fn end_old(connections: &[Mutex<Leased>], begun: &Receiver<()>) {
    while begun.recv().is_ok() {
        loop {
            thread::sleep(TICK);
            // A connection in use has a snapshot.
            let open = connections.iter().map(|leased| try_lock(leased).is_none_or(|mut free| free.end_if_old()));
            if !open.fold(false, |any, is_open| any | is_open) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests;
