//! Reading bytes again, to see whether they still are those that were stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::TryStreamExt as _;
use release_links_domain::file::{FileKey, Sha256};
use release_links_ports::{FileStore, KeptBytes, KeptFiles, Progress, StoreError};
use sha2::Digest as _;

/// How many rows are read at once.
const ROWS_AT_ONCE: u32 = 1_000;

/// What a store has under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The bytes that were stored.
    Whole,
    /// No bytes.
    Missing,
    /// Other bytes.
    Changed,
}

/// Reports how many bytes were read.
#[derive(Clone)]
pub(super) struct Meter {
    progress: Arc<dyn Progress>,
    read: Arc<AtomicU64>,
}

/// The task was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped before the end")]
pub(super) struct Stopped;

/// Why it is unknown what a store has.
pub(super) enum VerifyError {
    Stopped,
    Store(StoreError),
}

impl From<Stopped> for VerifyError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<StoreError> for VerifyError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Meter {
    /// Begins a part of the task that reads so many bytes.
    pub(super) fn begin(progress: &Arc<dyn Progress>, part: &str, bytes: u64) -> Self {
        progress.begin(part, Some(bytes));
        Self { progress: progress.clone(), read: Arc::default() }
    }

    /// Returns how many bytes were read.
    pub(super) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Reports how many bytes were read in all.
    pub(super) fn set(&self, read: u64) {
        self.read.store(read, Ordering::Relaxed);
        self.progress.reach(read);
    }

    /// Reports that bytes were read, and fails if the task must stop.
    pub(super) fn add(&self, bytes: usize) -> Result<(), Stopped> {
        self.set(self.read().saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX)));
        if self.progress.stopped() { Err(Stopped) } else { Ok(()) }
    }
}

/// Rows one page after another, so that memory does not grow with their number.
pub(super) struct Rows<'a> {
    kept: &'a dyn KeptFiles,
    last: Option<FileKey>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(kept: &'a dyn KeptFiles) -> Self {
        Self { kept, last: None }
    }

    /// Returns the next rows; none after the last.
    pub(super) async fn next(&mut self) -> Result<Vec<KeptBytes>, StoreError> {
        let rows = self.kept.after(self.last.take(), ROWS_AT_ONCE).await?;
        self.last = rows.last().map(|row| row.key.clone());
        Ok(rows)
    }
}

/// Returns how many bytes a row says that there are.
pub(super) fn size_of(kept: &KeptBytes) -> u64 {
    kept.bytes.size.bytes().unsigned_abs()
}

/// Reads what a store has of these bytes.
pub(super) async fn verify(store: &dyn FileStore, kept: &KeptBytes, meter: &Meter) -> Result<Found, VerifyError> {
    let size = size_of(kept);
    match store.size(&kept.key).await? {
        None => return Ok(Found::Missing),
        Some(found) if found != size => return Ok(Found::Changed),
        Some(_) => {}
    }
    let Some(mut bytes) = store.read(&kept.key, 0..size).await? else { return Ok(Found::Missing) };
    let mut hash = sha2::Sha256::new();
    while let Some(piece) = bytes.try_next().await? {
        hash.update(&piece);
        meter.add(piece.len())?;
    }
    let is_whole = Sha256::from(<[u8; 32]>::from(hash.finalize())) == kept.bytes.digests.sha256;
    Ok(if is_whole { Found::Whole } else { Found::Changed })
}
