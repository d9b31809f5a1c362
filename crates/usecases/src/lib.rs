#![doc = include_str!("../README.md")]

mod authentication;
mod caller;
mod channels;
mod claimant;
mod files;
mod groups;
mod history;
mod keys;
mod links;
mod members;
mod packages;
mod partly_read;
mod permanent;
mod projects;
mod protected_tags;
mod refusal;
mod releases;
mod secret;
mod setup;
mod tags;
mod tokens;
mod uploads;
mod users;
mod uses;
mod version;

pub use authentication::{Authentication, Presented};
pub use channels::Channels;
pub use claimant::{Claimant, Identified};
pub use files::{
    CheckedFiles, CopiedFiles, FileBody, FileCheck, FileCheckError, FileCopy, FileCopyError, FileFinding, FileInForm,
    FileSweeper, Files, IncomingFile, NewPackageFile, OwnFiles, PublishedFile, Swept, Tickets, UploadForm, Uploaded,
};
pub use groups::{GroupDraft, Groups};
pub use history::{History, HistoryPage, LocalHistory, LocalHistoryError, UnreadHistory};
pub use keys::database_key;
pub use links::{Applied, LinkPage, LinkShown, ListedLinks, Manifests, ReleaseAddress, ReleaseLinks, UnreadLinks};
pub use members::{MemberDraft, MemberSourceAddress, Members};
pub use packages::Packages;
pub use partly_read::{PartlyRead, Unread};
pub use permanent::{AskedNames, Asset, NewestRelease, PermanentLinks};
pub use projects::{ProjectDraft, Projects};
pub use protected_tags::{ProtectedTagDraft, ProtectedTags};
pub use refusal::{Current, InvalidLink, Missing, ParameterFaults, Refusal, Taken};
pub use releases::{ReleaseDraft, ReleasePage, ReleasePatch, ReleaseShown, Releases, UnreadReleases};
pub use secret::Secret;
pub use setup::{Setup, SetupError, SetupOutcome};
pub use tags::{TagPage, TagShown, Tags, UnreadTags};
pub use tokens::{
    JobDraft, LocalTokenError, LocalTokens, PersonalToken, ProjectTokenDraft, TokenDraft, TokenMade, TokenSearch,
    TokenShown, Tokens,
};
pub use uploads::Uploads;
pub use users::{UserDraft, UserShown, Users};
pub use uses::TokenUses;
pub use version::may_read_version;
