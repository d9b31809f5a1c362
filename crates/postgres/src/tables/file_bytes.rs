//! The table of bytes that files have.

use release_links_sql::{bytes_columns, bytes_total, file_owners};

use crate::query::statements;

statements! {
    // Locks the row, whether or not it is new, so that nobody deletes it before a file has the bytes.
    KEEP = concat!("INSERT INTO file_bytes (", bytes_columns!(held), ") VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (sha256) DO UPDATE SET sha256 = excluded.sha256 RETURNING id");
    // In an order, so that two transactions that delete files do not wait for each other.
    LOCK = "SELECT FROM file_bytes WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    DELETE_UNUSED = "DELETE FROM file_bytes WHERE id = ANY($1)
        AND NOT EXISTS (SELECT FROM package_files WHERE bytes_id = file_bytes.id)
        AND NOT EXISTS (SELECT FROM uploads WHERE bytes_id = file_bytes.id)";
    OF_PACKAGE_FILE = concat!("SELECT ", bytes_columns!("b"), " FROM packages k JOIN package_files f ON f.package_id = k.id
        JOIN file_bytes b ON b.id = f.bytes_id
        WHERE k.project_id = $1 AND k.name = $2 AND k.version = $3 AND f.name = $4 ORDER BY f.id DESC LIMIT 1");
    OF_UPLOAD = concat!("SELECT ", bytes_columns!("b"), " FROM uploads f JOIN file_bytes b ON b.id = f.bytes_id
        WHERE f.project_id = $1 AND f.secret = $2 AND f.name = $3");
    IN_USE = "SELECT id, key FROM file_bytes WHERE key = ANY($1)";
    AFTER = concat!("SELECT ", bytes_columns!(), " FROM file_bytes WHERE key > $1 ORDER BY key LIMIT $2");
}

// These two sort or read the whole table, which no request does.
pub const OWNERS: &str = file_owners!("b.key = $1", "$2");
pub const TOTAL: &str = bytes_total!("BIGINT");
