//! The place with the files of one database. Another database would not know its files, and sweep them.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use release_links_domain::file::FilesMark;
use release_links_ports::{DatabaseKey, FileStore, StoreError};

/// A place for files that has the mark of this database, or none as long as it has no files.
#[derive(Clone)]
pub struct OwnFiles {
    store: Arc<dyn FileStore>,
    mark: FilesMark,
    claimed: Arc<AtomicBool>,
}

impl OwnFiles {
    /// Keeps files in `store` for the database with this key.
    #[must_use]
    pub fn new(store: Arc<dyn FileStore>, key: DatabaseKey) -> Self {
        Self { store, mark: key.0.into(), claimed: Arc::default() }
    }

    /// Whether the place has no mark of another database.
    ///
    /// # Errors
    /// [`StoreError`] if the place cannot be read.
    pub async fn are_ours(&self) -> Result<bool, StoreError> {
        Ok(self.store.mark().await?.is_none_or(|mark| mark == self.mark))
    }

    /// Marks the place, unless it is marked.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if it is that of another database, or cannot be read or written.
    pub(super) async fn claim(&self) -> Result<(), StoreError> {
        if self.claimed.load(Ordering::Relaxed) {
            return Ok(());
        }
        if !self.are_marked().await? {
            self.store.set_mark(&self.mark).await?;
            // Of two databases that begin at once, one sees the mark of the other.
            self.are_marked().await?;
        }
        self.claimed.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Whether the place has the mark of this database and not none.
    ///
    /// # Errors
    /// As for [`claim`](Self::claim).
    pub(super) async fn are_marked(&self) -> Result<bool, StoreError> {
        match self.store.mark().await? {
            Some(mark) if mark != self.mark => {
                Err(StoreError::Unavailable("the files there are those of another database".into()))
            }
            mark => Ok(mark.is_some()),
        }
    }
}

impl Deref for OwnFiles {
    type Target = dyn FileStore;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use release_links_ports::MockFileStore;

    use super::*;

    /// A place with this mark.
    fn place(mark: Option<u8>) -> Arc<dyn FileStore> {
        let mark = Arc::new(Mutex::new(mark.map(|byte| FilesMark::from([byte; 32]))));
        let mut store = MockFileStore::new();
        let read = mark.clone();
        store.expect_mark().returning(move || Ok(read.lock().unwrap().clone()));
        store.expect_set_mark().returning(move |new| {
            *mark.lock().unwrap() = Some(new.clone());
            Ok(())
        });
        Arc::new(store)
    }

    fn files(place: &Arc<dyn FileStore>, key: u8) -> OwnFiles {
        OwnFiles::new(place.clone(), DatabaseKey([key; 32]))
    }

    #[tokio::test]
    async fn a_place_is_that_of_the_first_database_that_keeps_a_file_there() {
        let place = place(None);
        assert!(!files(&place, 1).are_marked().await.unwrap());
        assert!(files(&place, 1).are_ours().await.unwrap());
        assert!(files(&place, 2).are_ours().await.unwrap());
        files(&place, 2).claim().await.unwrap();
        files(&place, 2).claim().await.unwrap();
        assert!(!files(&place, 1).are_ours().await.unwrap());
        assert!(matches!(files(&place, 1).claim().await, Err(StoreError::Unavailable(_))));
        assert!(matches!(files(&place, 1).are_marked().await, Err(StoreError::Unavailable(_))));
        assert!(files(&place, 2).are_marked().await.unwrap());
    }

    #[tokio::test]
    async fn a_place_that_is_marked_is_not_marked_again() {
        files(&place(Some(1)), 2).claim().await.unwrap_err();
        let marked = place(Some(1));
        files(&marked, 1).claim().await.unwrap();
        assert_eq!(marked.mark().await.unwrap(), Some(FilesMark::from([1; 32])));
    }
}
