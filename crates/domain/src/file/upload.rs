//! Uploads: single files under addresses that are hard to guess.

use jiff::Timestamp;

use super::{FileKey, FileRef, StoredBytes, UploadName, UploadSecret};
use crate::user::User;
use crate::{ProjectId, UploadId};

/// A file of a project that belongs to no package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Assigned by storage and never reused.
    pub id: UploadId,
    /// What makes its address hard to guess.
    pub secret: UploadSecret,
    /// The name.
    pub name: UploadName,
    /// Its bytes.
    pub bytes: StoredBytes,
    /// Under which key the bytes are kept, perhaps those of another file that is equal.
    pub key: FileKey,
    /// The user who uploaded it, while that user exists.
    pub uploaded_by: Option<User>,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

impl Upload {
    /// Returns what names this file.
    #[must_use]
    pub fn file_ref(&self) -> FileRef {
        FileRef::Upload { secret: self.secret.clone(), file: self.name.clone() }
    }

    /// Returns its path below the page of its project.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/uploads/{}/{}", self.secret, self.name)
    }

    /// Returns its path below the external URL.
    #[must_use]
    pub fn full_path(&self, project: ProjectId) -> String {
        format!("/-/project/{project}{}", self.path())
    }

    /// Returns the Markdown that shows an image, or leads to another file.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mark = if self.name.is_image() { "!" } else { "" };
        format!("{mark}[{}]({})", self.name.alt(), self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{FileAddress, FileDigests, Md5, Sha1, Sha256};
    use crate::link::AssetSize;

    fn upload(name: &str) -> Upload {
        let digests = FileDigests { sha256: Sha256::from([1; 32]), sha1: Sha1::from([2; 20]), md5: Md5::from([3; 16]) };
        Upload {
            id: 5.try_into().unwrap(),
            secret: [0xab; 16].into(),
            name: name.parse().unwrap(),
            bytes: StoredBytes { digests, size: AssetSize::try_from(9).unwrap() },
            key: [4; 16].into(),
            uploaded_by: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn an_upload_is_found_at_its_full_path() {
        let (upload, project) = (upload("app.tar.gz"), ProjectId::try_from(7).unwrap());
        let secret = "ab".repeat(16);
        assert_eq!(upload.path(), format!("/uploads/{secret}/app.tar.gz"));
        assert_eq!(upload.full_path(project), format!("/-/project/7/uploads/{secret}/app.tar.gz"));
        let found = FileAddress::at_path(&upload.full_path(project)).map(|address| address.file);
        assert_eq!(found, Some(upload.file_ref()));
    }

    #[test]
    fn markdown_shows_an_image_and_links_to_another_file() {
        let secret = "ab".repeat(16);
        assert_eq!(upload("app.tar.gz").markdown(), format!("[app.tar.gz](/uploads/{secret}/app.tar.gz)"));
        assert_eq!(upload("shot.png").markdown(), format!("![shot](/uploads/{secret}/shot.png)"));
    }
}
