//! All ports of one store.

use std::sync::Arc;

use crate::{
    ChannelRepository, Credentials, DatabaseKeys, GroupRepository, Health, HistoryRepository, KeptFiles,
    LinkRepository, MemberRepository, PackageRepository, ProjectRepository, ProtectedTagRepository, ReleaseRepository,
    TagRepository, TokenRepository, UploadRepository, UserRepository,
};

/// The ports that one store implements.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its name")]
pub struct Storage {
    pub channels: Arc<dyn ChannelRepository>,
    pub credentials: Arc<dyn Credentials>,
    pub groups: Arc<dyn GroupRepository>,
    pub health: Arc<dyn Health>,
    pub history: Arc<dyn HistoryRepository>,
    pub kept_files: Arc<dyn KeptFiles>,
    pub links: Arc<dyn LinkRepository>,
    pub members: Arc<dyn MemberRepository>,
    pub packages: Arc<dyn PackageRepository>,
    pub projects: Arc<dyn ProjectRepository>,
    pub protected_tags: Arc<dyn ProtectedTagRepository>,
    pub releases: Arc<dyn ReleaseRepository>,
    pub tags: Arc<dyn TagRepository>,
    pub keys: Arc<dyn DatabaseKeys>,
    pub tokens: Arc<dyn TokenRepository>,
    pub uploads: Arc<dyn UploadRepository>,
    pub users: Arc<dyn UserRepository>,
}

impl Storage {
    /// Returns the ports of a store that implements all of them.
    pub fn of<S>(store: S) -> Self
    where
        S: ChannelRepository
            + Credentials
            + GroupRepository
            + Health
            + HistoryRepository
            + KeptFiles
            + LinkRepository
            + MemberRepository
            + PackageRepository
            + ProjectRepository
            + ProtectedTagRepository
            + ReleaseRepository
            + TagRepository
            + DatabaseKeys
            + TokenRepository
            + UploadRepository
            + UserRepository
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            channels: store.clone(),
            credentials: store.clone(),
            groups: store.clone(),
            health: store.clone(),
            history: store.clone(),
            kept_files: store.clone(),
            links: store.clone(),
            members: store.clone(),
            packages: store.clone(),
            projects: store.clone(),
            protected_tags: store.clone(),
            releases: store.clone(),
            tags: store.clone(),
            keys: store.clone(),
            tokens: store.clone(),
            uploads: store.clone(),
            users: store,
        }
    }
}
