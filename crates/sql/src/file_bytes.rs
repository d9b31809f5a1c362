//! The table of bytes that files have, and the conversion of its rows.

use release_links_domain::file::{FileDigests, FileKey, StoredBytes};
use release_links_ports::{FileOwner, KeptBytes, KeptTotal};

use crate::{Cells, Column, SqlRow};

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

/// The files that have bytes, packages first, with the condition that chooses the bytes `b` and the limit: an id, the path of the
/// project and what the file is called there.
#[macro_export]
macro_rules! file_owners {
    ($condition:literal, $limit:literal) => {
        concat!(
            "SELECT b.id, ",
            $crate::project_path!(),
            ", 'packages/' || k.name || '/' || k.version || '/' || f.name, 1 AS kind, f.id AS made
            FROM file_bytes b JOIN package_files f ON f.bytes_id = b.id JOIN packages k ON k.id = f.package_id
            JOIN projects p ON p.id = k.project_id JOIN namespaces n ON n.id = p.namespace_id
            WHERE n.full_path IS NOT NULL AND ",
            $condition,
            " UNION ALL SELECT b.id, ",
            $crate::project_path!(),
            ", 'uploads/' || f.secret || '/' || f.name, 2 AS kind, f.id AS made
            FROM file_bytes b JOIN uploads f ON f.bytes_id = b.id
            JOIN projects p ON p.id = f.project_id JOIN namespaces n ON n.id = p.namespace_id
            WHERE n.full_path IS NOT NULL AND ",
            $condition,
            " ORDER BY kind, made LIMIT ",
            $limit
        )
    };
}

/// Reads a file that has bytes from the first three columns of [`file_owners!`](crate::file_owners).
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn owner<R: SqlRow>(row: &R) -> Result<FileOwner, R::Failure> {
    let cells = Cells::new(row, TABLE.name, 0)?;
    let [project, file] = [Column { at: 1, name: "full_path" }, Column { at: 2, name: "file" }];
    Ok(FileOwner { project: cells.text(project)?, file: cells.text(file)? })
}

/// The columns that [`total`] adds up, none of which is null.
#[macro_export]
macro_rules! bytes_total {
    ($number:literal) => {
        concat!(
            "SELECT count(*), CAST(coalesce(sum(size), 0) AS ",
            $number,
            "), coalesce(max(size), 0) FROM file_bytes"
        )
    };
}

/// Returns what all bytes are together, from the columns of [`bytes_total!`](crate::bytes_total).
#[must_use]
pub fn total(columns: [i64; 3]) -> KeptTotal {
    let [files, bytes, largest] = columns.map(|number| u64::try_from(number).unwrap_or_default());
    KeptTotal { files, bytes, largest }
}
