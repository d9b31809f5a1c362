//! What an operator does to immutable releases and histories, directly on the database.

use std::sync::Arc;

use jiff::Timestamp;
use release_links_domain::access::{Admission, Reader};
use release_links_domain::history::Origin;
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagName;
use release_links_ports::{Clock, HistoryRepository, ReleaseRepository, StoreError, WritableProject, WriteError};

/// The operations on releases and histories that require no credential.
#[derive(Clone)]
pub struct LocalHistory {
    releases: Arc<dyn ReleaseRepository>,
    history: Arc<dyn HistoryRepository>,
    clock: Arc<dyn Clock>,
}

/// Why an operation failed; nothing was changed. The messages are for the operator.
#[derive(Debug, thiserror::Error)]
pub enum LocalHistoryError {
    /// No project has this id or path.
    #[error("there is no project {0:?}")]
    UnknownProject(String),
    /// The project has no release of this tag.
    #[error("the project {project:?} has no release {tag:?}")]
    UnknownRelease {
        /// The project as the operator named it.
        project: String,
        /// The tag as the operator named it.
        tag: String,
    },
    /// The release can be changed already.
    #[error("the release {0:?} is not immutable")]
    NotImmutable(String),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LocalHistory {
    /// Works on the releases in `releases` and the histories in `history`, taking the time from `clock`.
    #[must_use]
    pub fn new(
        releases: Arc<dyn ReleaseRepository>,
        history: Arc<dyn HistoryRepository>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { releases, history, clock }
    }

    /// Makes an immutable release mutable again.
    ///
    /// # Errors
    /// Returns a [`LocalHistoryError`].
    pub async fn thaw(&self, project: &str, tag: &str) -> Result<(), LocalHistoryError> {
        let unknown_project = || LocalHistoryError::UnknownProject(project.to_owned());
        let unknown_release = || LocalHistoryError::UnknownRelease { project: project.to_owned(), tag: tag.to_owned() };
        let wanted: ProjectRef = project.parse().map_err(|_| unknown_project())?;
        let name: Option<TagName> = tag.parse().ok();
        let operator = Reader { administrator: true, ..Reader::anonymous(Admission::SeeProject) };
        let view = self.releases.load_for_write(&wanted, operator, name.clone()).await?;
        let view = view.ok_or_else(unknown_project)?;
        let release = view.found.and_then(|WritableProject { release, .. }| release).filter(|_| name.is_some());
        let release = release.ok_or_else(unknown_release)?;
        let origin = Origin::operator(self.clock.now());
        match self.releases.set_immutable(view.project.id, release, false, origin).await {
            Ok((_, true)) => Ok(()),
            Ok((_, false)) => Err(LocalHistoryError::NotImmutable(tag.to_owned())),
            Err(WriteError::Store(error)) => Err(error.into()),
            Err(WriteError::Gone | WriteError::Conflict(())) => Err(unknown_release()),
        }
    }

    /// Drops the rows of all histories that are older than `before`, and returns how many.
    ///
    /// # Errors
    /// Returns [`LocalHistoryError::Store`] if storage fails; some rows may have been dropped.
    pub async fn prune(&self, before: Timestamp) -> Result<u64, LocalHistoryError> {
        let (mut dropped, mut from, origin) = (0, None, Origin::operator(self.clock.now()));
        while let Some((project, rows)) = self.history.prune(from, before, origin).await? {
            dropped += rows;
            from = Some(project);
        }
        Ok(dropped)
    }
}
