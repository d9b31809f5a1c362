#![doc = include_str!("../README.md")]

pub mod access;
pub mod address;
pub mod channel;
pub mod description;
pub mod file;
pub mod history;
mod id;
pub mod job;
pub mod link;
pub mod location;
pub mod membership;
pub mod namespace;
pub mod newest;
mod newtype;
pub mod page;
pub mod placement;
pub mod policy;
pub mod project;
pub mod release;
pub mod search;
mod sort;
pub mod tag;
pub mod token;
pub mod user;
pub mod version;
mod visibility;
mod word;

pub use id::{
    GroupId, IdError, LinkId, NamespaceId, PackageFileId, PackageId, ProjectId, ProtectedTagId, ReleaseId, TokenId,
    UploadId, UserId,
};
pub use newtype::Stored;
pub use sort::Sort;
