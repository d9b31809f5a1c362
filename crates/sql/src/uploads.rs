//! The table of uploads, and the conversion of its rows.

use release_links_domain::file::Upload;
use release_links_ports::KeptBytes;

use crate::file_bytes::{self, kept};
use crate::users::maybe_user;
use crate::{Cells, SqlRow};

columns! {
    ($) upload_columns = numbered "uploads" {
        id: Integer read,
        project_id: Integer,
        secret: Text read,
        name: Text read,
        bytes_id: Integer,
        uploader_id: Integer,
        created_at: Integer read,
    }
}

/// The columns of upload `f`, of its bytes `b`, and of the user `u` who uploaded it, whose namespace is `un`.
#[macro_export]
macro_rules! upload_selection {
    () => {
        concat!($crate::upload_columns!("f"), ", ", $crate::bytes_columns!("b"), ", ", $crate::user_selection!())
    };
}

/// Reads the upload whose columns, those of `upload_selection!`, begin at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn upload<R: SqlRow>(row: &R, at: usize) -> Result<Upload, R::Failure> {
    let KeptBytes { key, bytes } = kept(row, at + COUNT)?;
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok(Upload {
        id: cells.id()?,
        secret: cells.text(COLUMNS.secret)?,
        name: cells.stored(COLUMNS.name)?,
        bytes,
        key,
        uploaded_by: maybe_user(row, at + COUNT + file_bytes::COUNT)?,
        created_at: cells.time(COLUMNS.created_at)?,
    })
}
