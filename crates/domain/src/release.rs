//! Releases (contract section 8).

use jiff::Timestamp;

use crate::link::Link;
use crate::tag::TagName;
use crate::user::User;
use crate::{ProjectId, ReleaseId};

/// A release of a project, named by its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Given out once, by storage.
    pub id: ReleaseId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// Its tag, unique within the project.
    pub tag: TagName,
    /// The name people read; the tag's when there is none.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// What the tag was made from, as recorded with it.
    pub target: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is, or will be, released.
    pub released_at: Timestamp,
    /// Who made it, while that user exists.
    pub author: Option<User>,
    /// Its links, newest first.
    pub links: Vec<Link>,
}

impl Release {
    /// Whether its day is still to come.
    #[must_use]
    pub fn is_upcoming(&self, now: Timestamp) -> bool {
        self.released_at > now
    }

    /// The commit it was made from: its target, if that is a full commit SHA (40 or 64 hexadecimal digits).
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.target.as_deref().filter(|target| is_commit_sha(target))
    }
}

/// Whether a `ref` is a full commit SHA, of SHA-1 or SHA-256.
#[must_use]
pub fn is_commit_sha(target: &str) -> bool {
    matches!(target.len(), 40 | 64) && target.bytes().all(|b| b.is_ascii_hexdigit())
}
