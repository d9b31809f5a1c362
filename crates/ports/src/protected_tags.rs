//! Tag protection rules in storage.

use async_trait::async_trait;
use release_links_domain::access::{Reader, RuleObstacle, TagCreateLevel, TagRule};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagPattern;
use release_links_domain::{ProjectId, ProtectedTagId};

use crate::{Page, PageRequest, ProjectRead, StoreError, WriteError};

/// Why a rule was not created.
pub type RuleWriteError = WriteError<RuleObstacle>;

/// The tag protection rules of projects. A read returns `None` if the project does not exist.
///
/// A rule of another project MUST NOT be found or deleted.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ProtectedTagRepository: Send + Sync {
    /// Returns a page of a project's rules, ordered by pattern.
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<TagRule>>;

    /// Returns the rule with exactly this pattern; a text that is not a valid pattern finds nothing.
    async fn get(&self, project: &ProjectRef, reader: Reader, pattern: &str) -> ProjectRead<TagRule>;

    /// Creates a rule. Of several writers that race for one pattern, exactly one MUST succeed. A project MUST NOT get
    /// more than [`TagRule::MAX_PER_PROJECT`] rules, however many writers race.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the project does not exist; [`WriteError::Conflict`] with the result of
    /// [`RuleObstacle::to_one_more`].
    async fn create(
        &self,
        project: ProjectId,
        pattern: TagPattern,
        create_level: TagCreateLevel,
    ) -> Result<TagRule, RuleWriteError>;

    /// Deletes a rule. Returns whether it existed.
    async fn delete(&self, project: ProjectId, rule: ProtectedTagId) -> Result<bool, StoreError>;
}
