//! The port of release channels.

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::channel::{Channel, ChannelName};
use release_links_domain::history::Origin;
use release_links_domain::project::ProjectRef;
use release_links_domain::{ProjectId, ReleaseId};
use release_links_ports::{
    ChannelRepository, ChannelWriteError, Page, PageRequest, ProjectRead, StoreError, WritableChannel, WriteError,
};

use crate::MemoryStore;
use crate::listing::page_of;
use crate::state::{ChannelRow, ProjectRow, State, stored};

impl ProjectRow {
    fn channel(&self, name: &ChannelName) -> Option<Channel> {
        let row = self.channels.get(name)?;
        let tag = self.releases.get(&row.release)?.tag.clone();
        Some(Channel { name: name.clone(), tag, updated_at: row.updated_at })
    }
}

impl State {
    fn set_channel(
        &mut self,
        project: ProjectId,
        name: &ChannelName,
        release: ReleaseId,
        origin: Origin,
    ) -> Result<(Channel, bool), ChannelWriteError> {
        let row = self.projects.get_mut(&project).ok_or(WriteError::Gone)?;
        if !row.releases.contains_key(&release) {
            return Err(WriteError::Gone);
        }
        let current = row.channels.get(name).map(|channel| channel.release);
        if current.is_none() && row.channels.len() >= Channel::MAX_PER_PROJECT {
            return Err(WriteError::Conflict(()));
        }
        if current != Some(release) {
            row.channels.insert(name.clone(), ChannelRow { release, updated_at: stored(origin.at) });
        }
        Ok((row.channel(name).ok_or(WriteError::Gone)?, current.is_none()))
    }
}

#[async_trait]
impl ChannelRepository for MemoryStore {
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<Channel>> {
        self.read(|state| {
            state.view(project, reader, |_, row| {
                let channels: Vec<_> = row.channels.keys().filter_map(|name| row.channel(name)).collect();
                Some(page_of(channels, page))
            })
        })
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, name: &ChannelName) -> ProjectRead<Channel> {
        self.read(|state| state.view(project, reader, |_, row| row.channel(name)))
    }

    async fn load_for_write(
        &self,
        project: &ProjectRef,
        reader: Reader,
        name: &ChannelName,
        tag: &str,
    ) -> ProjectRead<WritableChannel> {
        self.read(|state| {
            state.view(project, reader, |_, row| {
                let release = row.release_of(tag).map(|(id, _)| id);
                Some(WritableChannel { rules: row.all_rules(), release, channel: row.channel(name) })
            })
        })
    }

    async fn set(
        &self,
        project: ProjectId,
        name: ChannelName,
        release: ReleaseId,
        origin: Origin,
    ) -> Result<(Channel, bool), ChannelWriteError> {
        self.record(origin, |state| state.set_channel(project, &name, release, origin))
    }

    async fn delete(
        &self,
        project: ProjectId,
        name: ChannelName,
        origin: Origin,
    ) -> Result<Option<Channel>, StoreError> {
        self.record(origin, |state| {
            let Some(row) = state.projects.get_mut(&project) else { return Ok(None) };
            let channel = row.channel(&name);
            row.channels.remove(&name);
            Ok(channel)
        })
    }
}
