//! Projects and what they let people see (docs/contract.md, "Permissions" and "Provisioning").

use std::str::FromStr;

use jiff::Timestamp;

use crate::namespace::{DisplayName, FullPath, Namespace, PathSegment};
pub use crate::visibility::Visibility;
pub use crate::word::UnknownWord;
use crate::word::word_enum;
use crate::{ProjectId, UserId};

word_enum! {
    /// Who may read a project's releases, among those who may see the project.
    #[derive(Default)]
    ReleasesAccess {
        /// All of them.
        #[default]
        Enabled = "enabled",
        /// Members only.
        Private = "private",
        /// Nobody.
        Disabled = "disabled",
    }
}

/// What a project's settings say about access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectRules {
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether all writes on releases and links are refused.
    pub archived: bool,
    /// Who may read its releases.
    pub releases: ReleasesAccess,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Given out once, by storage.
    pub id: ProjectId,
    /// The name people read.
    pub name: DisplayName,
    /// Its own segment of the path.
    pub path: PathSegment,
    /// The path from the top.
    pub full_path: FullPath,
    /// What it stands in.
    pub namespace: Namespace,
    /// What its settings say about access.
    pub rules: ProjectRules,
    /// Who made it, while that user exists.
    pub creator: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Project {
    /// What the default branch of a project is called.
    pub const DEFAULT_BRANCH: &str = "main";
}

/// How a request names a project: by id, or by full path without regard to case.
///
/// ```
/// use release_links_domain::project::ProjectRef;
///
/// assert!(matches!("42".parse(), Ok(ProjectRef::Id(_))));
/// assert!(matches!("group/project".parse(), Ok(ProjectRef::Path(_))));
/// assert!("99999999999999999999".parse::<ProjectRef>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectRef {
    /// By id.
    Id(ProjectId),
    /// By full path.
    Path(FullPath),
}

/// The text can name no project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this can name no project")]
pub struct NoSuchProject;

impl FromStr for ProjectRef {
    type Err = NoSuchProject;

    fn from_str(raw: &str) -> Result<Self, NoSuchProject> {
        if raw.bytes().all(|b| b.is_ascii_digit()) {
            let id = raw.parse::<i64>().map_err(|_| NoSuchProject)?;
            return ProjectId::try_from(id).map(Self::Id).map_err(|_| NoSuchProject);
        }
        raw.parse().map(Self::Path).map_err(|_| NoSuchProject)
    }
}
