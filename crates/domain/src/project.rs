//! Projects and their access settings (docs/contract.md, "Permissions" and "Provisioning").

mod branch;
mod topics;

use std::str::FromStr;

use jiff::Timestamp;

pub use branch::BranchName;
pub use topics::{Topics, TopicsError};

use crate::description::ProjectDescription;
use crate::link::OnConflict;
use crate::namespace::{DisplayName, FullPath, Namespace, PathSegment};
pub use crate::visibility::Visibility;
pub use crate::word::UnknownWord;
use crate::word::word_enum;
use crate::{ProjectId, UserId};

word_enum! {
    /// Who may read a project's releases, among those who can see the project.
    #[derive(Default)]
    ReleasesAccess {
        /// Everyone who can see the project.
        #[default]
        Enabled = "enabled",
        /// Members only.
        Private = "private",
        /// Nobody.
        Disabled = "disabled",
    }
}

/// A project's access settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectRules {
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether the project is archived, so that all writes to its releases and links are refused.
    pub archived: bool,
    /// Who may read its releases.
    pub releases: ReleasesAccess,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Assigned by storage and never reused.
    pub id: ProjectId,
    /// The display name.
    pub name: DisplayName,
    /// The display names from the top-level namespace down to the project, joined by ` / `.
    pub full_name: String,
    /// What it is for.
    pub description: Option<ProjectDescription>,
    /// The last segment of its full path.
    pub path: PathSegment,
    /// The full path.
    pub full_path: FullPath,
    /// The group or user namespace that contains it.
    pub namespace: Namespace,
    /// Its access settings.
    pub rules: ProjectRules,
    /// The name of its default branch.
    pub default_branch: BranchName,
    /// What it is about.
    pub topics: Topics,
    /// What becomes of a link that is sent again without `on_conflict`.
    pub links_on_conflict: OnConflict,
    /// Whether a package may get a file with the name of one that it has.
    pub generic_duplicates_allowed: bool,
    /// The user who created it, while that user exists.
    pub creator: Option<UserId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the last created of its releases was created, or the project itself if it has none.
    pub last_activity_at: Timestamp,
}

/// How a request identifies a project: by id or by full path, ignoring case.
///
/// ```
/// use release_links_domain::project::ProjectRef;
///
/// assert!(matches!("42".parse(), Ok(ProjectRef::Id(_))));
/// assert!(matches!("group/project".parse(), Ok(ProjectRef::Path(_))));
/// assert!("99999999999999999999".parse::<ProjectRef>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ProjectRef {
    /// By id.
    Id(ProjectId),
    /// By full path.
    Path(FullPath),
}

/// The text is neither a project's id nor its path.
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
