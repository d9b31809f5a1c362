//! Checking that rows and bytes agree: finding files whose bytes are missing or have changed, and bytes that no row names.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use release_links_ports::{FileOwner, FileStore, KeptBytes, KeptFiles, ListedFile, Progress, StoreError};

use super::sweeping::{ASKED_AT_ONCE, MIN_AGE, unused};
use super::verifying::{Found, Meter, Rows, VerifyError, size_of, verify};

/// Compares the rows of files with the bytes that a store has. It changes nothing, and a server may run meanwhile.
pub struct FileCheck {
    kept: Arc<dyn KeptFiles>,
    store: Arc<dyn FileStore>,
    progress: Arc<dyn Progress>,
}

/// What is not as it should be.
#[derive(Debug)]
pub enum FileFinding {
    /// The bytes of files are missing.
    Missing(KeptBytes, Vec<FileOwner>),
    /// The bytes of files are not those that were stored.
    Changed(KeptBytes, Vec<FileOwner>),
    /// The bytes of files cannot be read.
    Unreadable(KeptBytes, Vec<FileOwner>, StoreError),
    /// Bytes that are more than a day old and that no row names: the server is about to delete them.
    Unused(ListedFile),
}

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CheckedFiles {
    /// How many files' bytes were read, each once.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many files' bytes are missing, have changed or cannot be read.
    pub damaged: u64,
    /// How many files no row names.
    pub unused: u64,
}

/// Why the check ended early.
#[derive(Debug, thiserror::Error)]
pub enum FileCheckError {
    /// [`Progress::stopped`] returned true.
    #[error("stopped before the end")]
    Stopped,
    /// The rows cannot be read.
    #[error("cannot read which files there are")]
    Rows(#[source] StoreError),
    /// The store cannot list what it has.
    #[error("cannot list files")]
    List(#[source] StoreError),
}

impl FileCheck {
    /// How many of the files that have the same bytes a finding names.
    pub const OWNERS: u32 = 10;

    /// Checks `store`, where the rows are in `kept`.
    #[must_use]
    pub fn new(kept: Arc<dyn KeptFiles>, store: Arc<dyn FileStore>, progress: Arc<dyn Progress>) -> Self {
        Self { kept, store, progress }
    }

    /// Lists what the store has, then reads the bytes of every file, and reports what is wrong as it is found.
    ///
    /// # Errors
    /// [`FileCheckError`].
    pub async fn run(
        &self,
        now: Timestamp,
        mut report: impl FnMut(FileFinding),
    ) -> Result<CheckedFiles, FileCheckError> {
        let mut checked = CheckedFiles { unused: self.find_unused(now, &mut report).await?, ..CheckedFiles::default() };
        let total = self.kept.total().await.map_err(FileCheckError::Rows)?;
        let meter = Meter::begin(&self.progress, "reading files", total.bytes);
        let mut rows = Rows::of(&*self.kept);
        loop {
            let page = rows.next().await.map_err(FileCheckError::Rows)?;
            if page.is_empty() {
                return Ok(checked);
            }
            for kept in page {
                let before = meter.read();
                let finding = match verify(&*self.store, &kept, &meter).await {
                    Ok(found) => Ok(found),
                    Err(VerifyError::Store(error)) => Err(error),
                    Err(VerifyError::Stopped) => return Err(FileCheckError::Stopped),
                };
                meter.set(before.saturating_add(size_of(&kept)));
                self.settle(kept, finding, &mut checked, &mut report).await?;
            }
        }
    }

    /// Counts what was found, and reports it if it is wrong.
    async fn settle(
        &self,
        kept: KeptBytes,
        found: Result<Found, StoreError>,
        checked: &mut CheckedFiles,
        report: &mut impl FnMut(FileFinding),
    ) -> Result<(), FileCheckError> {
        if !matches!(found, Ok(Found::Whole)) {
            let used = self.kept.in_use(vec![kept.key.clone()]).await.map_err(FileCheckError::Rows)?;
            if used.is_empty() {
                // The file was deleted meanwhile, and its bytes with it.
                return Ok(());
            }
        }
        checked.files += 1;
        checked.bytes += size_of(&kept);
        if matches!(found, Ok(Found::Whole)) {
            return Ok(());
        }
        checked.damaged += 1;
        let owners = self.kept.owners(&kept.key, Self::OWNERS).await.map_err(FileCheckError::Rows)?;
        report(match found {
            Ok(Found::Missing) => FileFinding::Missing(kept, owners),
            Ok(_) => FileFinding::Changed(kept, owners),
            Err(error) => FileFinding::Unreadable(kept, owners, error),
        });
        Ok(())
    }

    /// Reports the bytes that no row names, of those that are more than a day old: younger ones may belong to an upload whose row
    /// is on its way.
    async fn find_unused(&self, now: Timestamp, report: &mut impl FnMut(FileFinding)) -> Result<u64, FileCheckError> {
        self.progress.begin("listing files", None);
        let Ok(before) = now.checked_sub(MIN_AGE) else { return Ok(0) };
        let (mut old, mut count) = (Vec::with_capacity(ASKED_AT_ONCE), 0);
        let mut listed = self.store.list();
        while let Some(file) = listed.try_next().await.map_err(FileCheckError::List)? {
            if file.stored_at < before {
                old.push(file);
            }
            if old.len() == ASKED_AT_ONCE {
                count += self.report_unused(&mut old, report).await?;
            }
            if self.progress.stopped() {
                return Err(FileCheckError::Stopped);
            }
        }
        Ok(count + self.report_unused(&mut old, report).await?)
    }

    async fn report_unused(
        &self,
        files: &mut Vec<ListedFile>,
        report: &mut impl FnMut(FileFinding),
    ) -> Result<u64, FileCheckError> {
        let unused = unused(&*self.kept, files).await.map_err(FileCheckError::Rows)?;
        let mut count = 0;
        for file in unused {
            count += 1;
            report(FileFinding::Unused(file));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use release_links_domain::file::{FileDigests, FileKey, Md5, Sha1, Sha256, StoredBytes};
    use release_links_domain::link::AssetSize;
    use release_links_ports::{KeptTotal, MockFileStore, MockKeptFiles};

    use super::*;

    /// Asks to stop once so many bytes are read.
    struct StopAt(u64, std::sync::atomic::AtomicU64);

    impl Progress for StopAt {
        fn begin(&self, _: &str, _: Option<u64>) {}

        fn reach(&self, steps: u64) {
            self.1.store(steps, std::sync::atomic::Ordering::Relaxed);
        }

        fn stopped(&self) -> bool {
            self.1.load(std::sync::atomic::Ordering::Relaxed) >= self.0
        }
    }

    fn kept(number: u8) -> KeptBytes {
        let digests = FileDigests {
            sha256: Sha256::from([number; 32]),
            sha1: Sha1::from([number; 20]),
            md5: Md5::from([number; 16]),
        };
        let size = AssetSize::try_from(4).unwrap();
        KeptBytes { key: FileKey::from([number; 16]), bytes: StoredBytes { digests, size } }
    }

    /// Rows of two files. The first is deleted while the check runs.
    fn rows() -> MockKeptFiles {
        let mut rows = MockKeptFiles::new();
        rows.expect_total().returning(|| Ok(KeptTotal { files: 2, bytes: 8, largest: 4 }));
        rows.expect_after().returning(|key, _| Ok(if key.is_none() { vec![kept(1), kept(2)] } else { Vec::new() }));
        rows.expect_in_use().returning(|keys| Ok(keys.into_iter().filter(|key| *key == kept(2).key).collect()));
        rows.expect_owners().returning(|_, _| Ok(Vec::new()));
        rows
    }

    fn check(store: MockFileStore, stop_at: u64) -> FileCheck {
        FileCheck::new(Arc::new(rows()), Arc::new(store), Arc::new(StopAt(stop_at, 0.into())))
    }

    fn now() -> Timestamp {
        "2026-11-27T12:00:00Z".parse().unwrap()
    }

    #[tokio::test]
    async fn a_file_that_is_deleted_meanwhile_is_not_missing() {
        let mut store = MockFileStore::new();
        store.expect_list().returning(|| Box::pin(stream::empty()));
        store.expect_size().times(2).returning(|_| Ok(None));
        let mut missing = Vec::new();
        let check = check(store, u64::MAX);
        let checked = check.run(now(), |finding| match finding {
            FileFinding::Missing(kept, _) => missing.push(kept),
            other => panic!("{other:?}"),
        });
        let expected = CheckedFiles { files: 1, bytes: 4, damaged: 1, unused: 0 };
        assert_eq!((checked.await.unwrap(), missing), (expected, vec![kept(2)]));
    }

    #[tokio::test]
    async fn a_check_that_is_to_stop_reads_nothing_more() {
        let mut store = MockFileStore::new();
        store.expect_list().returning(|| Box::pin(stream::empty()));
        store.expect_size().once().returning(|_| Ok(Some(4)));
        store.expect_read().once().returning(|_, _| Ok(Some(Box::pin(stream::iter([Ok("good".into())])))));
        let stopped = check(store, 4).run(now(), |finding| panic!("{finding:?}")).await;
        assert!(matches!(stopped, Err(FileCheckError::Stopped)), "{stopped:?}");
    }
}
