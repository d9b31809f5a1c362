//! The digests of a file, computed while it arrives.

use bytes::Bytes;
use md5::{Digest, Md5};
use release_links_domain::file::FileDigests;
use release_links_ports::StoreError;
use sha1::Sha1;
use sha2::Sha256;
use tokio::task::spawn_blocking;

/// The digests of what has arrived so far.
#[derive(Default)]
pub struct Hashes {
    sha: Sha,
    md5: Md5,
}

#[derive(Default)]
struct Sha {
    two: Sha256,
    one: Sha1,
}

impl Hashes {
    /// Hashes the next bytes on other threads, since a part takes longer than a server's worker may be kept busy. MD5 has a
    /// thread of its own, because it takes about as long as the other two together.
    pub async fn update(self, bytes: Bytes) -> Result<Self, StoreError> {
        let Self { mut sha, mut md5 } = self;
        let same = bytes.clone();
        let sha = spawn_blocking(move || {
            sha.two.update(&same);
            sha.one.update(&same);
            sha
        });
        let md5 = spawn_blocking(move || {
            md5.update(&bytes);
            md5
        });
        let (sha, md5) = tokio::try_join!(sha, md5).map_err(|error| StoreError::Internal(error.into()))?;
        Ok(Self { sha, md5 })
    }

    /// Returns the digests.
    pub fn finish(self) -> FileDigests {
        let Self { sha: Sha { two, one }, md5 } = self;
        FileDigests {
            sha256: <[u8; 32]>::from(two.finalize()).into(),
            sha1: <[u8; 20]>::from(one.finalize()).into(),
            md5: <[u8; 16]>::from(md5.finalize()).into(),
        }
    }
}
