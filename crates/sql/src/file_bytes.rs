//! The table of bytes that files have, and the conversion of its rows.

use release_links_domain::file::{FileDigests, FileKey, StoredBytes};
use release_links_ports::KeptBytes;

use crate::{Cells, SqlRow};

columns! {
    ($) bytes_columns = numbered "file_bytes" {
        id: Integer read,
        key: Text read,
        sha256: Text read,
        sha1: Text read,
        md5: Text read,
        size: Integer read,
    }
}

/// Returns the values of a row's columns but the first, in order.
#[must_use]
pub fn held(kept: &KeptBytes) -> ([&str; 4], i64) {
    let KeptBytes { key, bytes: StoredBytes { digests: FileDigests { sha256, sha1, md5 }, size } } = kept;
    ([key.as_str(), sha256.as_str(), sha1.as_str(), md5.as_str()], size.bytes())
}

/// Reads the bytes whose columns begin at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn kept<R: SqlRow>(row: &R, at: usize) -> Result<KeptBytes, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    let digests = FileDigests {
        sha256: cells.text(COLUMNS.sha256)?,
        sha1: cells.text(COLUMNS.sha1)?,
        md5: cells.text(COLUMNS.md5)?,
    };
    Ok(KeptBytes { key: cells.text(COLUMNS.key)?, bytes: StoredBytes { digests, size: cells.number(COLUMNS.size)? } })
}

/// Reads a key from column `at`, which is that of an id.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn key<R: SqlRow>(row: &R, at: usize) -> Result<FileKey, R::Failure> {
    Cells::new(row, TABLE.name, at)?.text(COLUMNS.key)
}
