#![doc = include_str!("../README.md")]

mod ambient;
mod auth;
mod batch;
mod channels;
mod error;
mod files;
mod groups;
mod health;
mod history;
mod kept_files;
mod keys;
mod links;
mod members;
mod monitoring;
mod packages;
mod page;
mod precondition;
mod progress;
mod projects;
mod protected_tags;
mod releases;
mod removals;
mod storage;
mod tags;
mod times;
mod tokens;
mod uploads;
mod users;
mod view;
mod viewer;

pub use ambient::{Clock, Entropy, EntropyError};
pub use auth::{BearerRead, Claim, Credentials, TokenDigest};
pub use batch::{Batch, BatchedPage};
pub use channels::{ChannelRepository, ChannelWriteError, WritableChannel};
pub use error::{BoxError, StoreError, WriteError};
pub use files::{FileStore, FileStream, IncomingBytes, ListedFile, OutgoingBytes, PutError};
pub use groups::{GroupChanges, GroupFilter, GroupOrder, GroupRepository, GroupView, NewGroup};
pub use health::Health;
pub use history::{HistoryPage, HistoryRepository};
pub use kept_files::{FileOwner, KeptFiles, KeptTotal};
pub use keys::{DatabaseKey, DatabaseKeys, KeyUse};
pub use links::{
    LinkNotCreated, LinkPage, LinkRefused, LinkRepository, LinkUpdateError, LinkWriteError, ManifestRefused,
    ManifestWriteError, Run, WritableRelease,
};
pub use members::{
    Member, MemberCandidate, MemberFilter, MemberRepository, MemberSource, MemberSourceRead, MemberSourceRef,
    MemberSourceView, MemberWriteError, NewMember, Reach,
};
pub use monitoring::{CommitObserver, Monitored, PoolState, StorageState};
pub use packages::{FileWriteError, KeptBytes, PackageFileRef, PackageFilter, PackageRepository};
pub use page::Page;
pub use precondition::Precondition;
pub use progress::Progress;
pub use projects::{
    NamespaceView, NewProject, ProjectChanges, ProjectDetails, ProjectFilter, ProjectOrder, ProjectRepository,
    Transfer, Within,
};
pub use protected_tags::{ProtectedTagRepository, RuleWriteError};
pub use release_links_domain::Sort;
pub use release_links_domain::page::PageRequest;
pub use release_links_domain::release::ReleaseOrder;
pub use releases::{
    IfExists, MAX_LINK_BYTES, MAX_PATHS_OF_BURNT_TAG, NewRelease, ReleaseChangeError, ReleaseNotChanged,
    ReleaseRefused, ReleaseRepository, ReleaseWriteError, WritableProject,
};
pub use removals::{LINKS_REMOVED_AT_ONCE, REMOVED_AT_A_TIME, REMOVED_BY_THE_REQUEST};
pub use storage::Storage;
pub use tags::{ListedTag, TagFound, TagQuery, TagRepository};
pub use times::TimeRange;
pub use tokens::{
    NewJobToken, NewProjectToken, NewToken, Renewal, TokenFilter, TokenOrder, TokenRecord, TokenRepository,
};
pub use uploads::{NewUpload, UploadRepository};
pub use users::{
    NewUser, SearchedFields, UserChanges, UserFilter, UserOrder, UserRepository, UserTaken, UserWriteError,
};
pub use view::{ProjectFacts, ProjectRead, ProjectView, ReleaseKey};
pub use viewer::Viewer;

#[cfg(feature = "mock")]
pub use {
    ambient::{MockClock, MockEntropy},
    auth::MockCredentials,
    channels::MockChannelRepository,
    files::MockFileStore,
    groups::MockGroupRepository,
    health::MockHealth,
    history::MockHistoryRepository,
    kept_files::MockKeptFiles,
    keys::MockDatabaseKeys,
    links::MockLinkRepository,
    members::MockMemberRepository,
    packages::MockPackageRepository,
    projects::MockProjectRepository,
    protected_tags::MockProtectedTagRepository,
    releases::MockReleaseRepository,
    tags::MockTagRepository,
    tokens::MockTokenRepository,
    uploads::MockUploadRepository,
    users::MockUserRepository,
};
