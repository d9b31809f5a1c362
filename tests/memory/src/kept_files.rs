//! The port of bytes that are in use.

use async_trait::async_trait;
use release_links_domain::file::{FileKey, FileRef};
use release_links_ports::{FileOwner, KeptBytes, KeptFiles, KeptTotal, StoreError};

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

    /// The bytes that files have, by key.
    fn kept_once(&self) -> Vec<KeptBytes> {
        let mut kept: Vec<_> = self.kept().cloned().collect();
        kept.sort_by(|one, other| one.key.cmp(&other.key));
        kept.dedup();
        kept
    }

    /// The files that have the bytes of a key.
    fn owners(&self, key: &FileKey) -> Vec<FileOwner> {
        let (mut files, mut uploads) = (Vec::new(), Vec::new());
        for row in self.projects.values() {
            let owner = |file| FileOwner { project: self.path_of_project(row), file };
            for package in row.packages.values() {
                for (&id, file) in package.files.iter().filter(|(_, file)| file.kept.key == *key) {
                    let (name, version) = (package.name.clone(), package.version.clone());
                    files.push((id, owner(FileRef::Package { name, version, file: file.name.clone() })));
                }
            }
            for (&id, upload) in row.uploads.iter().filter(|(_, upload)| upload.kept.key == *key) {
                let (secret, file) = (upload.secret.clone(), upload.name.clone());
                uploads.push((id, owner(FileRef::Upload { secret, file })));
            }
        }
        files.sort_by_key(|(id, _)| *id);
        uploads.sort_by_key(|(id, _)| *id);
        files.into_iter().map(|(_, owner)| owner).chain(uploads.into_iter().map(|(_, owner)| owner)).collect()
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
            let mut kept = state.kept_once();
            kept.retain(|kept| Some(&kept.key) > key.as_ref());
            kept.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            kept
        })
    }

    async fn owners(&self, key: &FileKey, limit: u32) -> Result<Vec<FileOwner>, StoreError> {
        self.read(|state| {
            let mut owners = state.owners(key);
            owners.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            owners
        })
    }

    async fn total(&self) -> Result<KeptTotal, StoreError> {
        self.read(|state| {
            state.kept_once().iter().map(|kept| kept.bytes.size.bytes().unsigned_abs()).fold(
                KeptTotal::default(),
                |KeptTotal { files, bytes, largest }, size| KeptTotal {
                    files: files + 1,
                    bytes: bytes + size,
                    largest: largest.max(size),
                },
            )
        })
    }
}
