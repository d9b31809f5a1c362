//! The files that the server keeps itself (docs/contract.md, "Files"): publishing, serving, checking and copying
//! them, and sweeping what no row names.

mod checking;
mod copying;
mod downloading;
mod keeping;
mod own;
mod publishing;
mod sweeping;
#[cfg(test)]
mod tests;
mod tickets;
mod uploading;
mod verifying;

pub use checking::{CheckedFiles, FileCheck, FileCheckError, FileFinding};
pub use copying::{CopiedFiles, FileCopy, FileCopyError};
pub use own::OwnFiles;
pub use publishing::{FileBody, NewPackageFile, PublishedFile};
pub use sweeping::{FileSweeper, Swept};
pub use tickets::Tickets;
pub(crate) use tickets::opened;
pub use uploading::{FileInForm, IncomingFile, UploadForm, Uploaded};

use std::sync::Arc;

use release_links_domain::file::MaxFileSize;
use release_links_ports::{Clock, Entropy, PackageRepository, UploadRepository};

use crate::Refusal;

/// The operations on the bytes of files.
#[derive(Clone)]
pub struct Files {
    packages: Arc<dyn PackageRepository>,
    uploads: Arc<dyn UploadRepository>,
    store: OwnFiles,
    tickets: Tickets,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Files {
    /// Works on the files of `packages` and on `uploads`, whose bytes are in `store` and which `tickets` open; takes the time from
    /// `clock` and keys from `entropy`.
    #[must_use]
    pub fn new(
        packages: Arc<dyn PackageRepository>,
        uploads: Arc<dyn UploadRepository>,
        store: OwnFiles,
        tickets: Tickets,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { packages, uploads, store, tickets, clock, entropy }
    }

    /// Returns how large a file may be.
    #[must_use]
    pub fn max_size(&self) -> MaxFileSize {
        self.store.max_size()
    }

    /// Returns random bytes for a key or a secret, which nobody can guess and which do not repeat.
    fn random(&self) -> Result<[u8; 16], Refusal> {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }
}
