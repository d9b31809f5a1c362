//! The port of bytes that are in use.

use async_trait::async_trait;
use release_links_domain::file::FileKey;
use release_links_ports::{KeptBytes, KeptFiles, StoreError};

use crate::MemoryStore;
use crate::state::State;

impl State {
    /// The bytes that files have, once for each file.
    fn kept(&self) -> impl Iterator<Item = &KeptBytes> {
        let packages = self.projects.values().flat_map(|project| project.packages.values());
        let uploads = self.projects.values().flat_map(|project| project.uploads.values());
        packages.flat_map(|package| package.files.values()).map(|file| &file.kept).chain(uploads.map(|file| &file.kept))
    }

    /// These bytes, or equal ones that a file has already.
    pub fn keep(&self, bytes: KeptBytes) -> KeptBytes {
        let equal = self.kept().find(|kept| kept.bytes.digests.sha256 == bytes.bytes.digests.sha256).cloned();
        equal.unwrap_or(bytes)
    }
}

#[async_trait]
impl KeptFiles for MemoryStore {
    async fn in_use(&self, keys: Vec<FileKey>) -> Result<Vec<FileKey>, StoreError> {
        let is_used = |state: &State, key: &FileKey| state.kept().any(|kept| kept.key == *key);
        self.read(|state| keys.into_iter().filter(|key| is_used(state, key)).collect())
    }

    async fn after(&self, key: Option<FileKey>, limit: u32) -> Result<Vec<KeptBytes>, StoreError> {
        self.read(|state| {
            let mut kept: Vec<_> = state.kept().filter(|kept| Some(&kept.key) > key.as_ref()).cloned().collect();
            kept.sort_by(|one, other| one.key.cmp(&other.key));
            kept.dedup();
            kept.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            kept
        })
    }
}
