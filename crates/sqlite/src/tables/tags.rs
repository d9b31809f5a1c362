//! The table of tags.

use release_links_domain::tag::{Tag, TagName, TagOrder};
use release_links_domain::version::VersionKey;
use release_links_domain::{ProjectId, Sort};
use release_links_ports::{NewRelease, Page, PageRequest, TagQuery};
use release_links_sql::paging::{clamped, limit_and_offset};
use release_links_sql::tags::{pattern, size, tag};
use release_links_sql::{tag_columns, tag_selection};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, counted, exists, first, insert, run, statements};

macro_rules! tag {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            tag_selection!(),
            " FROM tags t LEFT JOIN releases r ON r.tag_id = t.id WHERE t.project_id = ?1 ",
            $rest
        )
    };
}

/// The names of tags, each with the tag's number of bytes of text.
macro_rules! sizes {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.name, ifnull(octet_length(t.message), 0) + ifnull(octet_length(t.target), 0)
                + ifnull(octet_length(r.description), 0)
            FROM tags t LEFT JOIN releases r ON r.tag_id = t.id WHERE t.project_id = ?1 ",
            $rest
        )
    };
}

/// A page of the tags that match a search, as [`sizes`].
macro_rules! page {
    ($order:literal) => {
        concat!(sizes!("AND (?2 IS NULL OR t.name LIKE ?2 ESCAPE '\\') ORDER BY "), $order, " LIMIT ?3 OFFSET ?4")
    };
}

statements! {
    NEWEST = page!("t.created_at DESC, t.id DESC");
    OLDEST = page!("t.created_at, t.id");
    BY_NAME_UP = page!("t.name");
    BY_NAME_DOWN = page!("t.name DESC");
    BY_VERSION_UP = page!("t.version IS NULL, t.version, CASE WHEN t.version IS NULL THEN t.name END, t.id");
    BY_VERSION_DOWN = page!("t.version IS NULL, t.version DESC, CASE WHEN t.version IS NULL THEN t.name END, t.id DESC");
    SIZE = sizes!("AND t.name = ?2");
    COUNT = "SELECT count(*) FROM
        (SELECT 1 FROM tags WHERE project_id = ?1 AND (?2 IS NULL OR name LIKE ?2 ESCAPE '\\') LIMIT ?3)";
    BY_NAME = tag!("AND t.name = ?2");
    ID = "SELECT id FROM tags WHERE project_id = ?1 AND name = ?2";
    HAS_RELEASE = "SELECT 1 FROM releases WHERE tag_id = ?1";
    DELETE = "DELETE FROM tags WHERE id = ?1";
    INSERT = concat!("INSERT INTO tags (", tag_columns!(new), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
}

/// Returns a page of tag names, each with the tag's number of bytes of text.
pub fn sizes(
    conn: &Connection,
    project: ProjectId,
    query: &TagQuery,
    wanted: PageRequest,
) -> Result<Page<(TagName, u64)>, Failure> {
    let sql = match (query.order, query.sort) {
        (TagOrder::Updated, Sort::Descending) => NEWEST,
        (TagOrder::Updated, Sort::Ascending) => OLDEST,
        (TagOrder::Name, Sort::Descending) => BY_NAME_DOWN,
        (TagOrder::Name, Sort::Ascending) => BY_NAME_UP,
        (TagOrder::Version, Sort::Descending) => BY_VERSION_DOWN,
        (TagOrder::Version, Sort::Ascending) => BY_VERSION_UP,
    };
    let pattern = query.search.as_ref().map(pattern);
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, sql, params![project.get(), pattern, limit, offset], |row| size(row, 0))?;
    Page::of(rows, wanted, |limit| counted(conn, COUNT, params![project.get(), pattern, clamped(limit)]))
}

/// Returns a tag's name with its number of bytes of text.
pub fn size_of(conn: &Connection, project: ProjectId, name: TagName) -> Result<(TagName, u64), Failure> {
    let found = first(conn, SIZE, params![project.get(), name.as_str()], |row| size(row, 0))?;
    Ok(found.unwrap_or((name, 0)))
}

/// Returns the tag with this name.
pub fn by_name(conn: &Connection, project: ProjectId, name: &str) -> Result<Option<Tag>, Failure> {
    first(conn, BY_NAME, params![project.get(), name], |row| tag(row, 0))
}

/// Returns the id of a tag.
pub fn row_of(conn: &Connection, project: ProjectId, name: &TagName) -> Result<Option<i64>, Failure> {
    first(conn, ID, params![project.get(), name.as_str()], |row| row.get(0))
}

/// Inserts the tag of a new release.
pub fn insert_tag(conn: &Connection, new: &NewRelease) -> Result<i64, Failure> {
    let created_at = new.created_at.as_millisecond();
    let version = VersionKey::of(new.tag.as_str());
    let version = version.as_ref().map(VersionKey::as_bytes);
    insert(conn, INSERT, params![new.project.get(), new.tag.as_str(), new.tag_message, new.target, created_at, version])
}

/// Returns whether a tag has a release.
pub fn has_release(conn: &Connection, tag: i64) -> Result<bool, Failure> {
    exists(conn, HAS_RELEASE, params![tag])
}

/// Deletes a tag, which must have no release.
pub fn delete_tag(conn: &Connection, tag: i64) -> Result<(), Failure> {
    run(conn, DELETE, params![tag])
}
