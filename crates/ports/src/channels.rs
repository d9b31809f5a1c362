//! Release channels in storage.

use async_trait::async_trait;
use release_links_domain::access::{Reader, TagRule};
use release_links_domain::channel::{Channel, ChannelName};
use release_links_domain::history::Origin;
use release_links_domain::project::ProjectRef;
use release_links_domain::{ProjectId, ReleaseId};

use crate::{Page, PageRequest, ProjectRead, StoreError, WriteError};

/// Why a channel was not set. The conflict is that the project has [`Channel::MAX_PER_PROJECT`] channels already.
pub type ChannelWriteError = WriteError<()>;

/// The data that decides a write to a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritableChannel {
    /// All of the project's rules that protect tags.
    pub rules: Vec<TagRule>,
    /// The release of the tag that the request names, if there is one.
    pub release: Option<ReleaseId>,
    /// The channel, if it exists.
    pub channel: Option<Channel>,
}

/// The channels of projects. A read returns `None` if the project does not exist.
///
/// A channel of another project MUST NOT be found or changed. When a release is deleted, the channels that point to it
/// MUST be deleted with it.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ChannelRepository: Send + Sync {
    /// Returns a page of a project's channels, ordered by name.
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<Channel>>;

    /// Returns a channel.
    async fn get(&self, project: &ProjectRef, reader: Reader, name: &ChannelName) -> ProjectRead<Channel>;

    /// Returns the data that decides a write to the channel, which may be created, and to the release of `tag`, which may
    /// be any text.
    async fn load_for_write(
        &self,
        project: &ProjectRef,
        reader: Reader,
        name: &ChannelName,
        tag: &str,
    ) -> ProjectRead<WritableChannel>;

    /// Points a channel to a release, and returns it and whether it is new. A channel that points there already MUST NOT
    /// change. A project MUST NOT get more than [`Channel::MAX_PER_PROJECT`] channels, however many writers race.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the release does not exist; [`WriteError::Conflict`] if there are too many channels.
    async fn set(
        &self,
        project: ProjectId,
        name: ChannelName,
        release: ReleaseId,
        origin: Origin,
    ) -> Result<(Channel, bool), ChannelWriteError>;

    /// Deletes a channel. Returns it, if it existed.
    async fn delete(
        &self,
        project: ProjectId,
        name: ChannelName,
        origin: Origin,
    ) -> Result<Option<Channel>, StoreError>;
}
