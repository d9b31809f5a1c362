//! The tables of packages and their files, and the conversion of their rows.

use release_links_domain::file::{Package, PackageFile, PackageFileName};
use release_links_ports::KeptBytes;

use crate::file_bytes::kept;
use crate::{Cells, SqlRow};

columns! {
    ($) package_columns = numbered "packages" {
        id: Integer read,
        project_id: Integer,
        name: Text read,
        version: Text read,
        status: Text read,
        created_at: Integer read,
    }
}

/// Reads the package whose columns begin at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn package<R: SqlRow>(row: &R, at: usize) -> Result<Package, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok(Package {
        id: cells.id()?,
        name: cells.stored(COLUMNS.name)?,
        version: cells.stored(COLUMNS.version)?,
        status: cells.text(COLUMNS.status)?,
        created_at: cells.time(COLUMNS.created_at)?,
    })
}

/// The files of packages.
pub mod files {
    use super::{Cells, KeptBytes, PackageFile, PackageFileName, SqlRow, kept};

    columns! {
        ($) package_file_columns = numbered "package_files" {
            id: Integer read,
            package_id: Integer read,
            name: Text read,
            bytes_id: Integer,
            created_at: Integer read,
        }
    }

    /// The columns of file `f` of a package, and of its bytes `b`.
    #[macro_export]
    macro_rules! package_file_selection {
        () => {
            concat!($crate::package_file_columns!("f"), ", ", $crate::bytes_columns!("b"))
        };
    }

    /// Reads the name of a file from the third of three columns, which are its id, its package and its name.
    ///
    /// # Errors
    /// [`Corrupt`](crate::Corrupt).
    pub fn name<R: SqlRow>(row: &R, at: usize) -> Result<PackageFileName, R::Failure> {
        Cells::new(row, TABLE.name, at)?.stored(COLUMNS.name)
    }

    /// Reads the file whose columns, those of `package_file_selection!`, begin at `at`.
    ///
    /// # Errors
    /// [`Corrupt`](crate::Corrupt).
    pub fn file<R: SqlRow>(row: &R, at: usize) -> Result<PackageFile, R::Failure> {
        let KeptBytes { key, bytes } = kept(row, at + COUNT)?;
        let cells = Cells::new(row, TABLE.name, at)?;
        Ok(PackageFile {
            id: cells.id()?,
            package: cells.number(COLUMNS.package_id)?,
            name: cells.stored(COLUMNS.name)?,
            bytes,
            key,
            created_at: cells.time(COLUMNS.created_at)?,
        })
    }
}
