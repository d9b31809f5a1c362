//! The table of release channels.

use jiff::Timestamp;
use release_links_domain::channel::{Channel, ChannelName};
use release_links_domain::history::Event;
use release_links_domain::tag::TagName;
use release_links_domain::{ProjectId, ReleaseId};
use release_links_ports::{Page, PageRequest};
use release_links_sql::channels::channel;
use release_links_sql::paging::limit_and_offset;
use release_links_sql::{channel_columns, channel_selection};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, count, first, run, statements};
use crate::tables::history::Journal;

statements! {
    LIST = concat!("SELECT ", channel_selection!(), " FROM release_channels c CROSS JOIN releases r ON r.id = c.release_id
        WHERE c.project_id = ?1 ORDER BY c.name LIMIT ?2 OFFSET ?3");
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM release_channels WHERE project_id = ?1 LIMIT ?2)";
    GET = concat!("SELECT ", channel_selection!(), " FROM release_channels c CROSS JOIN releases r ON r.id = c.release_id
        WHERE c.project_id = ?1 AND c.name = ?2");
    OF_RELEASE = concat!("SELECT ", channel_selection!(), " FROM release_channels c CROSS JOIN releases r ON r.id = c.release_id
        WHERE c.project_id = ?1 AND c.release_id = ?2");
    SET = concat!("INSERT INTO release_channels (", channel_columns!(new), ") VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (project_id, name) DO UPDATE SET release_id = excluded.release_id, updated_at = excluded.updated_at
        WHERE release_id <> excluded.release_id");
    DELETE = "DELETE FROM release_channels WHERE project_id = ?1 AND name = ?2";
}

/// Returns a page of a project's channels, ordered by name.
pub fn page_of(conn: &Connection, project: ProjectId, wanted: PageRequest) -> Result<Page<Channel>, Failure> {
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, LIST, params![project.get(), limit, offset], |row| channel(row, 0))?;
    Page::of(rows, wanted, |limit| count(conn, COUNT, project.get(), limit))
}

/// Returns a channel.
pub fn by_name(conn: &Connection, project: ProjectId, name: &ChannelName) -> Result<Option<Channel>, Failure> {
    first(conn, GET, params![project.get(), name.as_str()], |row| channel(row, 0))
}

/// Counts the channels of a project, up to the limit.
pub fn channels_in(conn: &Connection, project: ProjectId) -> Result<usize, Failure> {
    let channels = count(conn, COUNT, project.get(), Channel::MAX_PER_PROJECT as u64)?;
    Ok(usize::try_from(channels).unwrap_or(usize::MAX))
}

/// Points a channel to a release, unless it points there already.
pub fn set(
    journal: &mut Journal<'_>,
    name: &ChannelName,
    (release, tag): (ReleaseId, TagName),
    now: Timestamp,
) -> Result<(), Failure> {
    let (conn, project) = (journal.conn, journal.project);
    let before = by_name(conn, project, name)?.map(|channel| channel.tag);
    run(conn, SET, params![project.get(), name.as_str(), release.get(), now.as_millisecond()])?;
    let event = Event::Channel { name: name.clone(), before, after: Some(tag.clone()) };
    if event.is_nothing() { Ok(()) } else { journal.record(Some(tag.as_str()), &event) }
}

/// Deletes a channel.
pub fn delete(journal: &mut Journal<'_>, channel: Channel) -> Result<(), Failure> {
    let Channel { name, tag, .. } = channel;
    run(journal.conn, DELETE, params![journal.project.get(), name.as_str()])?;
    journal.record(Some(tag.as_str()), &Event::Channel { name, before: Some(tag.clone()), after: None })
}

/// Deletes the channels that point to a release.
pub fn delete_of_release(journal: &mut Journal<'_>, release: ReleaseId) -> Result<(), Failure> {
    let channels = all(journal.conn, OF_RELEASE, params![journal.project.get(), release.get()], |row| channel(row, 0))?;
    channels.into_iter().try_for_each(|channel| delete(journal, channel))
}
