//! Where files are kept, as an operator writes it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A folder, or a part of a bucket.
///
/// ```
/// use release_links_files::{FilesPlace, FilesPlaceError};
///
/// let place: FilesPlace = "s3://releases/files".parse()?;
/// assert_eq!(place, FilesPlace::Bucket { name: "releases".to_owned(), prefix: "files".to_owned() });
/// assert_eq!("/var/lib/files".parse::<FilesPlace>(), Err(FilesPlaceError));
/// # Ok::<(), FilesPlaceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesPlace {
    /// `file:DIR`.
    Folder(PathBuf),
    /// `s3://BUCKET/PREFIX`, where the prefix may be empty.
    Bucket {
        /// The name of the bucket.
        name: String,
        /// What the key of each object begins with, without a slash at either end.
        prefix: String,
    },
}

/// The text names neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be file:DIR or s3://BUCKET/PREFIX")]
pub struct FilesPlaceError;

impl FromStr for FilesPlace {
    type Err = FilesPlaceError;

    fn from_str(text: &str) -> Result<Self, FilesPlaceError> {
        if let Some(folder) = text.strip_prefix("file:").filter(|folder| !folder.is_empty()) {
            return Ok(Self::Folder(folder.into()));
        }
        let (name, prefix) =
            text.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, ""))).ok_or(FilesPlaceError)?;
        let may_hold = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        if name.is_empty() || !name.bytes().all(may_hold) {
            return Err(FilesPlaceError);
        }
        Ok(Self::Bucket { name: name.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

impl fmt::Display for FilesPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "file:{}", folder.display()),
            Self::Bucket { name, prefix } => write!(f, "s3://{name}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket_with_a_prefix() {
        assert_eq!("file:data/files".parse(), Ok(FilesPlace::Folder("data/files".into())));
        assert_eq!("file:/srv".parse(), Ok(FilesPlace::Folder("/srv".into())));
        for (text, prefix) in [("s3://a-1.b", ""), ("s3://a-1.b/", ""), ("s3://a-1.b/x/y/", "x/y")] {
            let bucket = FilesPlace::Bucket { name: "a-1.b".to_owned(), prefix: prefix.to_owned() };
            assert_eq!(text.parse(), Ok(bucket), "{text}");
        }
        for text in
            ["", "file:", "data/files", "s3:", "s3://", "s3:///x", "s3://A/x", "s3://a@b/x", "https://a/b", "S3://a"]
        {
            assert_eq!(text.parse::<FilesPlace>(), Err(FilesPlaceError), "{text}");
        }
    }
}
