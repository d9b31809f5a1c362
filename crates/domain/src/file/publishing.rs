//! Whether a package may get another file.

use super::Package;

/// Why a file is not published, or not deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileObstacle {
    /// An immutable release links to it.
    #[error("an immutable release links to the file")]
    Protected,
    /// The package has a file with this name, and the project allows none twice.
    #[error("the package has a file with this name")]
    Duplicate,
    /// The package has as many files as it may.
    #[error("a package has at most {} files", Package::MAX_FILES)]
    TooMany,
}

/// What decides whether a package may get a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FilePlacement {
    /// Whether an immutable release links to the file.
    pub is_protected: bool,
    /// Whether the package has a file with this name.
    pub exists: bool,
    /// Whether the project allows several files with one name.
    pub duplicates_allowed: bool,
    /// The number of files of the package, possibly counted up to [`Package::MAX_FILES`] only.
    pub files: usize,
}

impl FilePlacement {
    /// Checks whether the file may be published.
    ///
    /// # Errors
    /// Returns the first obstacle, in the order of [`FileObstacle`].
    pub const fn check(self) -> Result<(), FileObstacle> {
        if self.is_protected {
            Err(FileObstacle::Protected)
        } else if self.exists && !self.duplicates_allowed {
            Err(FileObstacle::Duplicate)
        } else if self.files >= Package::MAX_FILES {
            Err(FileObstacle::TooMany)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_published_unless_it_is_protected_a_duplicate_or_one_too_many() {
        let (most, full) = (Package::MAX_FILES - 1, Package::MAX_FILES);
        for (is_protected, exists, duplicates_allowed, files, expected) in [
            (false, false, false, 0, Ok(())),
            (false, true, true, 1, Ok(())),
            (false, true, true, most, Ok(())),
            (false, true, true, full, Err(FileObstacle::TooMany)),
            (false, false, true, full, Err(FileObstacle::TooMany)),
            (false, true, false, full, Err(FileObstacle::Duplicate)),
            (true, true, false, full, Err(FileObstacle::Protected)),
            (true, false, true, 0, Err(FileObstacle::Protected)),
        ] {
            let placement = FilePlacement { is_protected, exists, duplicates_allowed, files };
            assert_eq!(placement.check(), expected, "{placement:?}");
        }
    }
}
