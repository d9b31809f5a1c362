//! Release channels: names that point to releases (docs/contract.md, "Permanent links"), for readers and writers of releases.

use std::sync::Arc;

use release_links_domain::access::Admission;
use release_links_domain::channel::{Channel, ChannelName};
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{
    ChannelRepository, ChannelWriteError, Clock, Page, PageRequest, ProjectFacts, WritableChannel,
};

use crate::caller::{always, ask, project_ref, see_releases};
use crate::{Missing, Refusal, ReleaseAddress};

const ABSENT: Refusal = Refusal::NotFound(Missing::Channel);

/// The operations on channels.
#[derive(Clone)]
pub struct Channels {
    channels: Arc<dyn ChannelRepository>,
    clock: Arc<dyn Clock>,
}

impl Channels {
    /// Works on the channels in `channels`, taking the time from `clock`.
    #[must_use]
    pub fn new(channels: Arc<dyn ChannelRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { channels, clock }
    }

    /// Returns a page of a project's channels.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 and 6, in that order.
    pub async fn list(&self, caller: &Caller, project: &str, page: PageRequest) -> Result<Page<Channel>, Refusal> {
        let reader = caller.reader(Admission::ReadReleases);
        let view = self.channels.list(&project_ref(project)?, reader, page).await?;
        let (_, _, channels) = see_releases(caller, Intent::Read, view)?;
        always(channels)
    }

    /// Returns a channel.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 8, in that order.
    pub async fn get(&self, caller: &Caller, project: &str, name: &ChannelName) -> Result<Channel, Refusal> {
        let reader = caller.reader(Admission::ReadReleases);
        let view = self.channels.get(&project_ref(project)?, reader, name).await?;
        let (_, _, channel) = see_releases(caller, Intent::Read, view)?;
        channel.ok_or(ABSENT)
    }

    /// Points a channel to a release; returns the channel and whether it is new. The caller must be able to write both
    /// that release and the one that the channel points to so far.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 10, in that order.
    pub async fn set(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        name: ChannelName,
    ) -> Result<(Channel, bool), Refusal> {
        let ReleaseAddress { project, tag } = address;
        let (project, resource, WritableChannel { rules, release, channel }) =
            self.load_for_write(caller, project, &name, tag).await?;
        let release = release.ok_or(Refusal::NotFound(Missing::Link))?;
        let so_far = channel.as_ref().map(|channel| channel.tag.as_str());
        for tag in [tag.as_str()].into_iter().chain(so_far) {
            ask(caller, resource, Action::WriteReleases { tag, rules: &rules })?;
        }
        let set = self.channels.set(project.id, name, release, caller.origin(self.clock.now())).await;
        set.map_err(|error| match error {
            ChannelWriteError::Conflict(()) => Refusal::TooManyChannels,
            ChannelWriteError::Gone => Refusal::NotFound(Missing::Link),
            ChannelWriteError::Store(error) => Refusal::Store(error),
        })
    }

    /// Deletes a channel and returns it.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 9, in that order.
    pub async fn delete(&self, caller: &Caller, project: &str, name: ChannelName) -> Result<Channel, Refusal> {
        let (project, resource, WritableChannel { rules, channel, .. }) =
            self.load_for_write(caller, project, &name, "").await?;
        let tag = channel.ok_or(ABSENT)?.tag;
        ask(caller, resource, Action::WriteReleases { tag: tag.as_str(), rules: &rules })?;
        self.channels.delete(project.id, name, caller.origin(self.clock.now())).await?.ok_or(ABSENT)
    }

    /// Loads what decides a write, and checks that the caller may read the project's releases.
    async fn load_for_write(
        &self,
        caller: &Caller,
        project: &str,
        name: &ChannelName,
        tag: &str,
    ) -> Result<(ProjectFacts, Resource, WritableChannel), Refusal> {
        let reader = caller.reader(Admission::ReadReleases);
        let view = self.channels.load_for_write(&project_ref(project)?, reader, name, tag).await?;
        let (project, resource, found) = see_releases(caller, Intent::Write, view)?;
        Ok((project, resource, always(found)?))
    }
}
