//! The port of release channels.

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::channel::{Channel, ChannelName};
use release_links_domain::history::{Event, Origin};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagName;
use release_links_domain::{ProjectId, ReleaseId};
use release_links_ports::{
    ChannelRepository, ChannelWriteError, Page, PageRequest, ProjectRead, StoreError, WritableChannel, WriteError,
};
use release_links_sql::channels::{SELECTED, channel};
use release_links_sql::protected_tags::rule;
use release_links_sql::releases;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::paging;
use crate::query::{Session, Values, together};
use crate::rows::Row;
use crate::tables::channels::{BY_NAME, COUNT, DELETE, GET, LIST, LOAD_FOR_WRITE, LOCK_RELEASE, SET};
use crate::tables::releases::LOCK_PROJECT;
use crate::view::{FOUND_AT, TOTAL_AT, view};

/// The column of the release that the request names, and the first columns of the channel and of a tag rule, in a row that
/// is loaded for a write.
const RELEASE_AT: usize = FOUND_AT + 1;
const CHANNEL_AT: usize = FOUND_AT + 2;
const RULE_AT: usize = CHANNEL_AT + SELECTED;

fn for_write(rows: &[Row]) -> Result<Option<WritableChannel>, Failure> {
    let Some(first) = rows.first() else { return Ok(None) };
    let release = if first.holds(RELEASE_AT)? { Some(releases::id(first, RELEASE_AT)?) } else { None };
    let channel = if first.holds(CHANNEL_AT)? { Some(channel(first, CHANNEL_AT)?) } else { None };
    let mut rules = Vec::new();
    for row in rows {
        if row.holds(RULE_AT)? {
            rules.push(rule(row, RULE_AT)?);
        }
    }
    Ok(Some(WritableChannel { rules, release, channel }))
}

async fn set(
    session: &Session,
    project: ProjectId,
    name: &ChannelName,
    release: ReleaseId,
    origin: Origin,
) -> Result<(Channel, bool), ChannelWriteError> {
    session.prepare(&[LOCK_PROJECT, LOCK_RELEASE, BY_NAME, COUNT, SET]).await?;
    session.prepare_journal().await?;
    let (id, release, most) = (project.get(), release.get(), paging::stop_at(Channel::MAX_PER_PROJECT));
    let named: Values<'_> = &[&id, &name.as_str()];
    // The lock of the project also orders the writers of one channel.
    let ((), has_project, (), tag, old, channels) = together!(
        session.begin(),
        session.exists(LOCK_PROJECT, &[&id]),
        session.open_journal(project, origin),
        session.first(LOCK_RELEASE, &[&id, &release], |row| row.get::<String>(0)),
        session.first(BY_NAME, named, |row| channel(row, 0)),
        session.first(COUNT, &[&id, &most], |row| row.get::<i64>(0)),
    )?;
    let tag = tag.filter(|_| has_project).ok_or(WriteError::Gone)?;
    let is_new = old.is_none();
    if is_new && paging::counted(channels.unwrap_or_default()) >= Channel::MAX_PER_PROJECT {
        return Err(WriteError::Conflict(()));
    }
    let after: TagName = tag.parse().map_err(|error| Failure::Internal(Box::new(error)))?;
    let before = old.map(|channel| channel.tag);
    session.record(Some(&tag), Event::Channel { name: name.clone(), before, after: Some(after) })?;
    let (_, set, ()) = together!(
        session.run(SET, &[&id, &name.as_str(), &release, &origin.at.as_millisecond()]),
        session.first(BY_NAME, named, |row| channel(row, 0)),
        session.commit(),
    )?;
    Ok((set.ok_or(WriteError::Gone)?, is_new))
}

async fn delete(
    session: &Session,
    project: ProjectId,
    name: &ChannelName,
    origin: Origin,
) -> Result<Option<Channel>, StoreError> {
    session.prepare(&[LOCK_PROJECT, BY_NAME, DELETE]).await?;
    session.prepare_journal().await?;
    let id = project.get();
    let named: Values<'_> = &[&id, &name.as_str()];
    let ((), _, (), deleted, _) = together!(
        session.begin(),
        session.exists(LOCK_PROJECT, &[&id]),
        session.open_journal(project, origin),
        session.first(BY_NAME, named, |row| channel(row, 0)),
        session.run(DELETE, named),
    )?;
    if let Some(Channel { name, tag, .. }) = deleted.clone() {
        session.record(Some(tag.as_str()), Event::Channel { name, before: Some(tag.clone()), after: None })?;
    }
    Ok(deleted)
}

#[async_trait]
impl ChannelRepository for PostgresStore {
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<Channel>> {
        let session = self.session().await?;
        let [limit, offset, counted] = paging::values(page);
        let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, page, channel).map(Some);
        Ok(view(&session, LIST, project, reader, &[&limit, &offset, &counted], read).await?)
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, name: &ChannelName) -> ProjectRead<Channel> {
        let session = self.session().await?;
        let read = |rows: &[Row]| rows.first().map(|row| channel(row, FOUND_AT)).transpose();
        Ok(view(&session, GET, project, reader, &[&name.as_str()], read).await?)
    }

    async fn load_for_write(
        &self,
        project: &ProjectRef,
        reader: Reader,
        name: &ChannelName,
        tag: &str,
    ) -> ProjectRead<WritableChannel> {
        let session = self.session().await?;
        Ok(view(&session, LOAD_FOR_WRITE, project, reader, &[&name.as_str(), &tag], for_write).await?)
    }

    async fn set(
        &self,
        project: ProjectId,
        name: ChannelName,
        release: ReleaseId,
        origin: Origin,
    ) -> Result<(Channel, bool), ChannelWriteError> {
        let session = self.session().await?;
        let set = set(&session, project, &name, release, origin).await;
        session.settle(set).await
    }

    async fn delete(
        &self,
        project: ProjectId,
        name: ChannelName,
        origin: Origin,
    ) -> Result<Option<Channel>, StoreError> {
        let session = self.session().await?;
        let deleted = delete(&session, project, &name, origin).await;
        session.settle(deleted).await
    }
}
