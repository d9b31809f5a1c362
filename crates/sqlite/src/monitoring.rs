//! What monitoring learns of a database file.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use release_links_ports::{CommitObserver, Monitored, StorageState, StoreError};

use crate::SqliteStore;
use crate::file::beside;

impl SqliteStore {
    /// Reports the commits of requests to `observer` from now on, unless there is an observer already.
    pub fn observe(&self, observer: Arc<dyn CommitObserver>) {
        // A closed store commits nothing any more.
        let _ = self.monitor(|_, _, writer| writer.observe(observer));
    }
}

#[async_trait]
impl Monitored for SqliteStore {
    async fn state(&self) -> Result<StorageState, StoreError> {
        self.monitor(|path, readers, writer| StorageState {
            database_bytes: length(path),
            log_bytes: length(&beside(path, "-wal")),
            waiting_writes: Some(writer.waiting()),
            pools: vec![readers.long_reads()],
        })
    }
}

fn length(path: &Path) -> Option<u64> {
    Some(fs::metadata(path).ok()?.len())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    #[derive(Default)]
    struct Seen(Mutex<Vec<(usize, Duration)>>);

    impl CommitObserver for Seen {
        fn committed(&self, requests: usize, took: Duration) {
            self.0.lock().unwrap().push((requests, took));
        }
    }

    #[tokio::test]
    async fn commits_are_reported_before_their_requests_are_answered() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&directory.path().join("t.db")).unwrap();
        let seen = Arc::new(Seen::default());
        store.observe(seen.clone());
        for _ in 0..3 {
            store.write(|_| Ok::<_, StoreError>(())).await.unwrap();
        }
        let seen = seen.0.lock().unwrap();
        let requests: Vec<_> = seen.iter().map(|(requests, _)| *requests).collect();
        assert_eq!(requests, [1, 1, 1]);
    }

    #[tokio::test]
    async fn the_state_has_the_sizes_of_the_database_and_its_log() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.db");
        let store = SqliteStore::open(&path).unwrap();
        let state = store.state().await.unwrap();
        assert_eq!(state.database_bytes, length(&path));
        assert_eq!(state.log_bytes, length(&beside(&path, "-wal")));
        assert_eq!((state.waiting_writes, state.pools[0].busy), (Some(0), 0));
        assert!(state.database_bytes.is_some() && state.log_bytes.is_some() && state.pools[0].maximum > 0);
        store.close();
        assert!(store.state().await.is_err());
    }
}
