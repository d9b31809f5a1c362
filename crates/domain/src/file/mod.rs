//! The files that the server keeps itself (docs/contract.md, "Files"): their names, what their bytes hash to, and how large they may
//! be.

mod address;
mod digests;
mod hex;
mod key;
mod max_size;
mod names;
mod package;
mod publishing;
mod ticket;
mod upload;

pub use address::{FileAddress, FileRef, NoSuchFile};
pub use digests::{FileDigests, Md5, Sha1, Sha256};
pub use hex::HexError;
pub use key::{FileKey, FilesMark};
pub use max_size::{MaxFileSize, MaxFileSizeError};
pub use names::{FileNameError, PackageFileName, PackageName, PackageVersion, UploadName, UploadSecret};
pub use package::{Package, PackageFile, PackageStatus};
pub use publishing::{FileObstacle, FilePlacement};
pub use ticket::Ticket;
pub use upload::Upload;

use crate::link::AssetSize;

/// What is known of bytes that were stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBytes {
    /// What they hash to.
    pub digests: FileDigests,
    /// How many they are.
    pub size: AssetSize,
}
