//! Packages and their files.

use jiff::Timestamp;

use super::{FileKey, FileRef, PackageFileName, PackageName, PackageVersion, StoredBytes};
use crate::word::word_enum;
use crate::{PackageFileId, PackageId};

word_enum! {
    /// Whether a package is listed. Its files are served either way.
    #[derive(Default)]
    PackageStatus {
        /// It is listed.
        #[default]
        Default = "default",
        /// It is not.
        Hidden = "hidden",
    }
}

/// A package of a project: files that have a name and a version in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Assigned by storage and never reused.
    pub id: PackageId,
    /// The name; unique within the project, together with the version.
    pub name: PackageName,
    /// The version.
    pub version: PackageVersion,
    /// Whether it is listed.
    pub status: PackageStatus,
    /// When its first file was published.
    pub created_at: Timestamp,
}

impl Package {
    /// The maximum number of files of a package, so that deleting one is a bounded amount of work.
    pub const MAX_FILES: usize = 10_000;

    /// Returns what names a file of this package.
    #[must_use]
    pub fn file_ref(&self, file: PackageFileName) -> FileRef {
        FileRef::Package { name: self.name.clone(), version: self.version.clone(), file }
    }

    /// Returns the range of the texts that name its files, in byte order: they begin with the first text, and those of no
    /// other package are from there up to the second.
    #[must_use]
    pub fn file_refs(&self) -> [String; 2] {
        let Self { name, version, .. } = self;
        // The digit follows the slash.
        [format!("packages/{name}/{version}/"), format!("packages/{name}/{version}0")]
    }
}

/// A file of a package. Of several with the same name, the newest is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFile {
    /// Assigned by storage and never reused.
    pub id: PackageFileId,
    /// Its package.
    pub package: PackageId,
    /// The name.
    pub name: PackageFileName,
    /// Its bytes.
    pub bytes: StoredBytes,
    /// Under which key the bytes are kept, perhaps those of another file that is equal.
    pub key: FileKey,
    /// When it was published.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_package_and_no_others_are_in_its_range() {
        let package = |name: &str, version: &str| Package {
            id: 1.try_into().unwrap(),
            name: name.parse().unwrap(),
            version: version.parse().unwrap(),
            status: PackageStatus::Default,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let hello = package("hello", "1");
        let [first, end] = hello.file_refs();
        for (other, expected) in [
            (&hello, true),
            (&package("hello", "1.0"), false),
            (&package("hello", "10"), false),
            (&package("hello", "1-a"), false),
            (&package("hell", "1"), false),
            (&package("hello-1", "1"), false),
        ] {
            for file in ["a", "0", "+", "~", "-"] {
                let text = other.file_ref(file.parse().unwrap()).to_string();
                assert_eq!(first <= text && text < end, expected, "{text}");
                assert_eq!(text.starts_with(&first), expected, "{text}");
            }
        }
    }
}
