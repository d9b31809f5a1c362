//! The rules that protect a project's tags, in storage.

use async_trait::async_trait;
use release_links_domain::access::{Reader, RuleObstacle, TagCreateLevel, TagRule};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagPattern;
use release_links_domain::{ProjectId, ProtectedTagId};

use crate::{Page, PageRequest, ProjectRead, StoreError, WriteError};

/// Why a rule was not added.
pub type RuleWriteError = WriteError<RuleObstacle>;

/// The protected tags of projects. `None` means that there is no such project.
///
/// A rule of another project MUST NOT be found or deleted.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ProtectedTagRepository: Send + Sync {
    /// A page of a project's rules, by their patterns.
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<TagRule>>;

    /// The rule with exactly this pattern; a text that is no pattern finds nothing.
    async fn get(&self, project: &ProjectRef, reader: Reader, pattern: &str) -> ProjectRead<TagRule>;

    /// Adds a rule. Of several writers that race for one pattern, exactly one MUST succeed. A project MUST NOT get more than
    /// [`TagRule::MAX_PER_PROJECT`] rules, however many writers race; [`RuleObstacle::to_one_more`] says what they are told.
    /// [`WriteError::Gone`] when the project is.
    async fn create(
        &self,
        project: ProjectId,
        pattern: TagPattern,
        create_level: TagCreateLevel,
    ) -> Result<TagRule, RuleWriteError>;

    /// Removes a rule. Whether there was one.
    async fn delete(&self, project: ProjectId, rule: ProtectedTagId) -> Result<bool, StoreError>;
}
