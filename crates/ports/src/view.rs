//! What one snapshot shows of a project to one caller: enough to decide, and what was asked for.

use release_links_domain::ProjectId;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::namespace::FullPath;
use release_links_domain::project::{ProjectRef, ProjectRules};

use crate::StoreError;

/// Which release a request is about, and who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseKey {
    /// The project as the request names it.
    pub project: ProjectRef,
    /// The tag as the request names it; a text that is no tag finds nothing.
    pub tag: String,
    /// Who asks.
    pub reader: Reader,
}

/// What deciding needs to know of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFacts {
    /// The project's id: what every further query carries.
    pub id: ProjectId,
    /// Its path now, in its own spelling.
    pub full_path: FullPath,
    /// What its settings say about access.
    pub rules: ProjectRules,
    /// Whether the request named it by a path that it has left.
    pub moved: bool,
}

/// A project, the reader's level in it, and what was found there, all of one moment.
///
/// A read MUST decide within its snapshot, by [`Reader::is_admitted_to`], before it reads anything in the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectView<T> {
    /// The project.
    pub project: ProjectFacts,
    /// The reader's highest level over the project and all groups above it.
    pub level: Option<AccessLevel>,
    /// What was asked for. `None` when there is no such thing, and when the reader is not admitted to it: whoever has decided
    /// that the reader is knows which.
    pub found: Option<T>,
}

/// What a read in one project returns; `None` when there is no such project.
pub type ProjectRead<T> = Result<Option<ProjectView<T>>, StoreError>;

impl<T> ProjectView<T> {
    /// The view with what was found changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> ProjectView<U> {
        ProjectView { project: self.project, level: self.level, found: self.found.map(change) }
    }
}
