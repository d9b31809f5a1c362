//! The result of a read in a project: the facts that decide whether the caller may have it, and what was requested.

use release_links_domain::ProjectId;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::namespace::FullPath;
use release_links_domain::project::{ProjectRef, ProjectRules};

use crate::StoreError;

/// The release that a request identifies, and its reader.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReleaseKey {
    /// The project as the request identifies it.
    pub project: ProjectRef,
    /// The tag as the request identifies it; a text that is not a valid tag finds nothing.
    pub tag: String,
    /// The caller and the access that they need.
    pub reader: Reader,
}

/// The facts about a project that access decisions need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFacts {
    /// The id, which every later query is given.
    pub id: ProjectId,
    /// The current full path, in its stored letter case.
    pub full_path: FullPath,
    /// Its access settings.
    pub rules: ProjectRules,
    /// Whether the request identified it by a former path.
    pub moved: bool,
}

/// A project, the reader's level in it, and the result of a read there, all from one snapshot.
///
/// A read MUST check [`Reader::is_admitted_to`] within its snapshot, before it reads anything in the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectView<T> {
    /// The project.
    pub project: ProjectFacts,
    /// The reader's highest level in the project and its ancestor groups.
    pub level: Option<AccessLevel>,
    /// What was requested. `None` if it does not exist, and also if the reader is not admitted: a use case that finds
    /// the reader admitted knows that it does not exist.
    pub found: Option<T>,
}

/// The result of a read in a project; `None` if the project does not exist.
pub type ProjectRead<T> = Result<Option<ProjectView<T>>, StoreError>;

impl<T> ProjectView<T> {
    /// Applies `change` to what was found.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> ProjectView<U> {
        ProjectView { project: self.project, level: self.level, found: self.found.map(change) }
    }
}
