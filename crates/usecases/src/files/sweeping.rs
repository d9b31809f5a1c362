//! Deleting the bytes that no row names: of uploads that were not finished, and of files that were deleted.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp};
use release_links_domain::file::FileKey;
use release_links_ports::{KeptFiles, ListedFile, StoreError};

use super::OwnFiles;

/// How old bytes are before they are swept: older than any upload whose row may still be on its way.
pub(super) const MIN_AGE: SignedDuration = SignedDuration::from_hours(24);
/// Of how many keys it is asked at once whether a row names them.
pub(super) const ASKED_AT_ONCE: usize = 1_000;

/// Deletes the bytes that no row names.
#[derive(Clone)]
pub struct FileSweeper {
    kept: Arc<dyn KeptFiles>,
    store: OwnFiles,
}

/// What was swept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// The number of files that no row named.
    pub files: u64,
    /// The number of bytes that they had.
    pub bytes: u64,
    /// The number of uploads that never ended.
    pub unfinished: u64,
}

impl FileSweeper {
    /// Sweeps `store`, where the rows are in `kept`.
    #[must_use]
    pub fn new(kept: Arc<dyn KeptFiles>, store: OwnFiles) -> Self {
        Self { kept, store }
    }

    /// Deletes what no row names and is more than a day old, where the place has the mark of the database. Several servers may do
    /// so at once.
    ///
    /// # Errors
    /// [`StoreError`] if the rows or the bytes cannot be reached, or if the place is that of another database; what was
    /// deleted before stays deleted.
    pub async fn sweep(&self, now: Timestamp) -> Result<Swept, StoreError> {
        let Ok(before) = now.checked_sub(MIN_AGE) else { return Ok(Swept::default()) };
        if !self.store.are_marked().await? {
            return Ok(Swept::default());
        }
        let unfinished = self.store.discard_unfinished(before).await?;
        let mut swept = Swept { unfinished, ..Swept::default() };
        let mut old = Vec::with_capacity(ASKED_AT_ONCE);
        let mut listed = self.store.list();
        while let Some(file) = listed.try_next().await? {
            if file.stored_at < before {
                old.push(file);
            }
            if old.len() == ASKED_AT_ONCE {
                self.sweep_unused(&mut old, &mut swept).await?;
            }
        }
        self.sweep_unused(&mut old, &mut swept).await?;
        Ok(swept)
    }

    /// Deletes those of these files that no row names, and forgets all of them.
    async fn sweep_unused(&self, files: &mut Vec<ListedFile>, swept: &mut Swept) -> Result<(), StoreError> {
        for file in unused(&*self.kept, files).await? {
            self.store.delete(&file.key).await?;
            swept.files += 1;
            swept.bytes += file.size;
        }
        Ok(())
    }
}

/// Takes these files, and returns those of them that no row names.
pub(super) async fn unused(kept: &dyn KeptFiles, files: &mut Vec<ListedFile>) -> Result<Vec<ListedFile>, StoreError> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<FileKey> = files.iter().map(|file| file.key.clone()).collect();
    let used = kept.in_use(keys).await?;
    Ok(files.drain(..).filter(|file| !used.contains(&file.key)).collect())
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use mockall::predicate::eq;
    use release_links_ports::{DatabaseKey, FileStream, MockFileStore, MockKeptFiles};

    use super::*;

    fn now() -> Timestamp {
        "2026-11-27T12:00:00Z".parse().unwrap()
    }

    fn key(number: u16) -> FileKey {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        bytes.into()
    }

    /// A store that lists files of 10 bytes each, by their number and their age in hours.
    fn store(files: Vec<(u16, i64)>) -> MockFileStore {
        let mut store = MockFileStore::new();
        let yesterday = now() - SignedDuration::from_hours(24);
        store.expect_mark().returning(|| Ok(Some([1; 32].into())));
        store.expect_discard_unfinished().with(eq(yesterday)).returning(|_| Ok(2));
        store.expect_list().returning(move || -> FileStream<ListedFile, StoreError> {
            let listed: Vec<_> = files
                .iter()
                .map(|(number, hours)| {
                    let stored_at = now() - SignedDuration::from_hours(*hours);
                    Ok(ListedFile { key: key(*number), size: 10, stored_at })
                })
                .collect();
            Box::pin(stream::iter(listed))
        });
        store
    }

    /// Sweeps for the database whose mark the store has.
    fn sweeper(kept: MockKeptFiles, store: MockFileStore) -> FileSweeper {
        FileSweeper::new(Arc::new(kept), OwnFiles::new(Arc::new(store), DatabaseKey([1; 32])))
    }

    #[tokio::test]
    async fn a_place_without_the_mark_of_the_database_is_not_swept() {
        for mark in [None, Some([2; 32].into())] {
            let mut store = MockFileStore::new();
            let found = mark.clone();
            store.expect_mark().returning(move || Ok(found.clone()));
            let swept = sweeper(MockKeptFiles::new(), store).sweep(now()).await;
            match mark {
                None => assert_eq!(swept.unwrap(), Swept::default()),
                Some(_) => assert!(matches!(swept, Err(StoreError::Unavailable(_))), "{swept:?}"),
            }
        }
    }

    #[tokio::test]
    async fn what_no_row_names_is_swept_after_a_day() {
        let mut store = store(vec![(1, 25), (2, 25), (3, 23), (4, 0)]);
        store.expect_delete().with(eq(key(2))).once().returning(|_| Ok(()));
        let mut kept = MockKeptFiles::new();
        kept.expect_in_use().with(eq(vec![key(1), key(2)])).once().returning(|_| Ok(vec![key(1)]));
        let swept = sweeper(kept, store).sweep(now()).await.unwrap();
        assert_eq!(swept, Swept { files: 1, bytes: 10, unfinished: 2 });
    }

    #[tokio::test]
    async fn rows_are_asked_for_a_thousand_keys_at_once() {
        let mut store = store((0..2_500).map(|number| (number, 100)).collect());
        store.expect_delete().times(500).returning(|_| Ok(()));
        let mut kept = MockKeptFiles::new();
        kept.expect_in_use().withf(|keys| keys.len() == 1_000).times(2).returning(Ok);
        kept.expect_in_use().withf(|keys| keys.len() == 500).once().returning(|_| Ok(Vec::new()));
        let swept = sweeper(kept, store).sweep(now()).await.unwrap();
        assert_eq!(swept.files, 500);
    }

    #[tokio::test]
    async fn nothing_is_deleted_that_rows_cannot_be_asked_about() {
        let mut kept = MockKeptFiles::new();
        kept.expect_in_use().once().returning(|_| Err(StoreError::Unavailable("away".into())));
        let swept = sweeper(kept, store(vec![(1, 25)])).sweep(now()).await;
        assert!(matches!(swept, Err(StoreError::Unavailable(_))), "{swept:?}");
    }
}
