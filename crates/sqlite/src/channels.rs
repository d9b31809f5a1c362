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
use rusqlite::Connection;

use crate::SqliteStore;
use crate::failure::Failure;
use crate::tables::channels::{self, by_name, channels_in, page_of};
use crate::tables::history::Journal;
use crate::tables::protected_tags::rules;
use crate::tables::releases::{release_id, to_write};
use crate::view::view;

fn set(
    conn: &Connection,
    project: ProjectId,
    name: &ChannelName,
    release: ReleaseId,
    origin: Origin,
) -> Result<(Channel, bool), ChannelWriteError> {
    let (tag, _) = to_write(conn, project, release)?.ok_or(WriteError::Gone)?;
    let tag = tag.parse().map_err(|error| Failure::Internal(Box::new(error)))?;
    let is_new = by_name(conn, project, name)?.is_none();
    if is_new && channels_in(conn, project)? >= Channel::MAX_PER_PROJECT {
        return Err(WriteError::Conflict(()));
    }
    channels::set(&mut Journal::new(conn, project, origin), name, (release, tag), origin.at)?;
    Ok((by_name(conn, project, name)?.ok_or(WriteError::Gone)?, is_new))
}

#[async_trait]
impl ChannelRepository for SqliteStore {
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<Channel>> {
        self.read(|conn| view(conn, project, reader, |project| page_of(conn, project, page).map(Some))).await
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, name: &ChannelName) -> ProjectRead<Channel> {
        self.read(|conn| view(conn, project, reader, |project| by_name(conn, project, name))).await
    }

    async fn load_for_write(
        &self,
        project: &ProjectRef,
        reader: Reader,
        name: &ChannelName,
        tag: &str,
    ) -> ProjectRead<WritableChannel> {
        let (project, name, tag) = (project.clone(), name.clone(), tag.to_owned());
        self.read_any(move |conn, lane| {
            view(conn, &project, reader, |project| {
                Ok(Some(WritableChannel {
                    rules: rules(conn, project, lane)?,
                    release: release_id(conn, project, &tag)?,
                    channel: by_name(conn, project, &name)?,
                }))
            })
        })
        .await
    }

    async fn set(
        &self,
        project: ProjectId,
        name: ChannelName,
        release: ReleaseId,
        origin: Origin,
    ) -> Result<(Channel, bool), ChannelWriteError> {
        self.write(move |conn| set(conn, project, &name, release, origin)).await
    }

    async fn delete(
        &self,
        project: ProjectId,
        name: ChannelName,
        origin: Origin,
    ) -> Result<Option<Channel>, StoreError> {
        self.write(move |conn| {
            let channel = by_name(conn, project, &name)?;
            if let Some(channel) = channel.clone() {
                channels::delete(&mut Journal::new(conn, project, origin), channel)?;
            }
            Ok(channel)
        })
        .await
    }
}
