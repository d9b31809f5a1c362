//! The table of releases.

use jiff::Timestamp;
use release_links_domain::history::{Event, ReleaseState};
use release_links_domain::link::Link;
use release_links_domain::release::Release;
use release_links_domain::version::{TagVersion, VersionKey};
use release_links_domain::{ProjectId, ReleaseId, UserId};
use release_links_ports::{Batch, BatchedPage, NewRelease, Page, PageRequest, ReleaseOrder, Sort};
use release_links_sql::paging::limit_and_offset;
use release_links_sql::releases::{before_partial, id, size, without_links};
use release_links_sql::{link_bytes, release_columns, release_selection};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, count, first, insert, run, statements};
use crate::reader::Lane;
use crate::tables::history::Journal;
use crate::tables::links::{count_links, links_of};
use crate::tables::users::IS_THERE;

macro_rules! release {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            release_selection!(),
            " FROM releases r JOIN tags t ON t.id = r.tag_id
            LEFT JOIN users u ON u.id = r.author_id AND ",
            IS_THERE!(),
            " LEFT JOIN namespaces un ON un.user_id = u.id
            WHERE r.project_id = ?1 ",
            $rest
        )
    };
}

/// A page of releases, each with the number of bytes of its own text and of up to `?4` of its links. The inner query
/// computes the lengths, because SQLite would copy whole texts out of it.
macro_rules! sizes {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, ifnull(octet_length(r.name), 0) + ifnull(octet_length(r.description), 0)
                + ifnull(octet_length(t.target), 0) + ifnull(octet_length(u.name), 0)
                + (SELECT ifnull(sum(bytes), 0) FROM (
                    SELECT ",
            link_bytes!(),
            " + 100 AS bytes FROM links WHERE release_id = r.id LIMIT ?4
                ))
            FROM releases r JOIN tags t ON t.id = r.tag_id LEFT JOIN users u ON u.id = r.author_id
            WHERE r.project_id = ?1 ",
            $rest
        )
    };
}

statements! {
    BY_TAG = release!("AND r.tag = ?2");
    BY_ID = release!("AND r.id = ?2");
    NEWEST_RELEASED = sizes!("ORDER BY r.released_at DESC, r.id DESC LIMIT ?2 OFFSET ?3");
    OLDEST_RELEASED = sizes!("ORDER BY r.released_at, r.id LIMIT ?2 OFFSET ?3");
    NEWEST_CREATED = sizes!("ORDER BY r.created_at DESC, r.id DESC LIMIT ?2 OFFSET ?3");
    OLDEST_CREATED = sizes!("ORDER BY r.created_at, r.id LIMIT ?2 OFFSET ?3");
    SIZE = sizes!("AND r.id = ?2");
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM releases WHERE project_id = ?1 LIMIT ?2)";
    ID_BY_TAG = "SELECT id, immutable FROM releases WHERE project_id = ?1 AND tag = ?2";
    // If the author was deleted meanwhile, the release has none, as if the author were deleted right after.
    INSERT = concat!("INSERT INTO releases (", release_columns!(new), ")
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT id FROM users WHERE id = ?8 AND email IS NOT NULL), ?9, ?10, ?11, 0)");
    SET_IMMUTABLE = "UPDATE releases SET immutable = ?2 WHERE id = ?1";
    UPDATE = "UPDATE releases SET name = ?2, description = ?3, released_at = ?4 WHERE id = ?1";
    TO_WRITE = "SELECT r.tag, r.immutable FROM releases r CROSS JOIN projects p CROSS JOIN namespaces n WHERE r.id = ?2
        AND r.project_id = ?1 AND p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL";
}

/// Returns the id of a tag's release.
pub fn release_id(conn: &Connection, project: ProjectId, tag: &str) -> Result<Option<ReleaseId>, Failure> {
    first(conn, ID_BY_TAG, params![project.get(), tag], |row| id(row, 0))
}

/// Returns a tag's release with its links.
pub fn by_tag(conn: &Connection, project: ProjectId, tag: &str, lane: Lane) -> Result<Option<Release>, Failure> {
    let found = first(conn, BY_TAG, params![project.get(), tag], |row| without_links(row, 0))?;
    found.map(|release| with_links(conn, release, Link::MAX_PER_RELEASE, lane)).transpose()
}

/// Returns a release with up to `links` of its links.
pub fn by_id(conn: &Connection, project: ProjectId, id: ReleaseId, links: usize) -> Result<Option<Release>, Failure> {
    let found = first(conn, BY_ID, params![project.get(), id.get()], |row| without_links(row, 0))?;
    found.map(|release| with_links(conn, release, links, Lane::Long)).transpose()
}

/// Adds up to `most` links to a release, in their order.
fn with_links(conn: &Connection, release: Release, most: usize, lane: Lane) -> Result<Release, Failure> {
    let (links, may_have_more) = links_of(conn, release.id, most, lane)?;
    let link_count = if may_have_more { count_links(conn, release.id)? } else { links.len() };
    Ok(Release { links, link_count, ..release })
}

/// Returns the releases of a page, each with its number of bytes of text.
fn sizes(
    conn: &Connection,
    project: ProjectId,
    sql: &str,
    wanted: PageRequest,
    lane: Lane,
) -> Result<Page<(ReleaseId, u64)>, Failure> {
    lane.admit_rows(wanted.offset())?;
    let [limit, offset] = limit_and_offset(wanted);
    let mut bytes = 0;
    let rows = all(conn, sql, params![project.get(), limit, offset, lane.links_to_measure()], |row| {
        let size = size(row, 0)?;
        bytes += size.1;
        // Stop as soon as the limit is exceeded, as each row costs time.
        lane.admit_bytes(bytes)?;
        Ok(size)
    })?;
    Page::of(rows, wanted, |limit| count(conn, COUNT, project.get(), limit))
}

/// Returns a page of releases, of which the first are read and the rest are ids.
pub fn page_of(
    conn: &Connection,
    project: ProjectId,
    (order, sort): (ReleaseOrder, Sort),
    wanted: PageRequest,
    lane: Lane,
) -> Result<BatchedPage<Release, ReleaseId>, Failure> {
    let sql = match (order, sort) {
        (ReleaseOrder::ReleasedAt, Sort::Descending) => NEWEST_RELEASED,
        (ReleaseOrder::ReleasedAt, Sort::Ascending) => OLDEST_RELEASED,
        (ReleaseOrder::CreatedAt, Sort::Descending) => NEWEST_CREATED,
        (ReleaseOrder::CreatedAt, Sort::Ascending) => OLDEST_CREATED,
    };
    let Page { rows, total, has_next } = sizes(conn, project, sql, wanted, lane)?;
    let divided = Batch::<Release, ReleaseId>::divide_small(rows);
    let batch = before_partial(read_batch(conn, project, divided, Link::MAX_PER_RELEASE)?);
    Ok(BatchedPage { batch, total, has_next })
}

fn read_batch(
    conn: &Connection,
    project: ProjectId,
    (now, rest): (Vec<ReleaseId>, Vec<ReleaseId>),
    links: usize,
) -> Result<Batch<Release, ReleaseId>, Failure> {
    let found = now.into_iter().map(|id| by_id(conn, project, id, links));
    Ok(Batch { rows: found.filter_map(Result::transpose).collect::<Result<_, _>>()?, rest })
}

/// Reads the next batch of a list.
pub fn read_on(
    conn: &Connection,
    project: ProjectId,
    releases: Vec<ReleaseId>,
) -> Result<Batch<Release, ReleaseId>, Failure> {
    let limit = Lane::Long.links_to_measure();
    let size_of = |id: ReleaseId| first(conn, SIZE, params![project.get(), id.get(), 0, limit], |row| size(row, 0));
    let sizes = releases.into_iter().map(|id| Ok((id, size_of(id)?.map_or(0, |size| size.1))));
    let sizes = sizes.collect::<Result<_, Failure>>()?;
    read_batch(conn, project, Batch::<Release, ReleaseId>::divide(sizes), usize::MAX)
}

/// Returns the tag of a release in a project that is not deleted, and whether the release is immutable.
pub fn to_write(conn: &Connection, project: ProjectId, release: ReleaseId) -> Result<Option<(String, bool)>, Failure> {
    first(conn, TO_WRITE, params![project.get(), release.get()], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Returns the id of a tag's release, and whether it is immutable.
pub fn id_and_lock(conn: &Connection, project: ProjectId, tag: &str) -> Result<Option<(ReleaseId, bool)>, Failure> {
    first(conn, ID_BY_TAG, params![project.get(), tag], |row| Ok((id(row, 0)?, row.get(1)?)))
}

/// Inserts a release, without its links, for a tag that has none.
pub fn insert_release(journal: &mut Journal<'_>, new: &NewRelease, tag: i64) -> Result<(), Failure> {
    let (created_at, released_at) = (new.created_at.as_millisecond(), new.released_at.as_millisecond());
    let (name, author) = (new.tag.as_str(), new.author.map(UserId::get));
    let version = TagVersion::of(name);
    let (prefix, key) = (version.as_ref().map(|version| version.prefix), version.as_ref().map(|version| &version.key));
    let is_prerelease = key.is_some_and(VersionKey::is_prerelease);
    insert(
        journal.conn,
        INSERT,
        params![
            new.project.get(),
            tag,
            name,
            new.name,
            new.description,
            created_at,
            released_at,
            author,
            prefix,
            key.map(VersionKey::as_bytes),
            is_prerelease,
        ],
    )?;
    let (name, description) = (new.name.clone(), new.description.clone());
    let after = ReleaseState { name, description, released_at: in_milliseconds(new.released_at) };
    journal.record(Some(new.tag.as_str()), &Event::Release { before: None, after: Some(after) })
}

/// Updates the row of a release, unless it stays as it is.
pub fn update_release(journal: &mut Journal<'_>, before: &Release, ended: &Release) -> Result<(), Failure> {
    let states = [before, ended].map(ReleaseState::from);
    let [before, after] = states.map(|state| ReleaseState { released_at: in_milliseconds(state.released_at), ..state });
    let event = Event::Release { before: Some(before), after: Some(after) };
    if event.is_nothing() {
        return Ok(());
    }
    let Release { id, name, description, released_at, tag, .. } = ended;
    run(journal.conn, UPDATE, params![id.get(), name, description, released_at.as_millisecond()])?;
    journal.record(Some(tag.as_str()), &event)
}

/// Makes a release immutable, or mutable again. Returns whether it was not so before.
pub fn set_immutable(journal: &mut Journal<'_>, release: &Release, immutable: bool) -> Result<bool, Failure> {
    if release.immutable == immutable {
        return Ok(false);
    }
    run(journal.conn, SET_IMMUTABLE, params![release.id.get(), immutable])?;
    journal.record(Some(release.tag.as_str()), if immutable { &Event::Immutable } else { &Event::Thaw })?;
    Ok(true)
}

/// Returns a time as it is stored.
fn in_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}
