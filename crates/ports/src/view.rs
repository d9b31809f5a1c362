//! What one snapshot shows of a project to one caller: enough to decide, and what was asked for.

use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::FullPath;
use release_links_domain::project::{ProjectRef, ProjectRules};
use release_links_domain::{ProjectId, UserId};

/// Which release a request is about, and who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseKey {
    /// The project as the request names it.
    pub project: ProjectRef,
    /// The tag as the request names it; a text that is no tag finds nothing.
    pub tag: String,
    /// The user whose level is wanted.
    pub viewer: Option<UserId>,
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

/// A project, the caller's level in it, and what was found there, all of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectView<T> {
    /// The project.
    pub project: ProjectFacts,
    /// The viewer's highest level over the project and all groups above it.
    pub level: Option<AccessLevel>,
    /// What was asked for.
    pub found: T,
}
