//! The releases port.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::{Reader, TagRule};
use release_links_domain::link::Link;
use release_links_domain::project::ProjectRef;
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::tag::TagName;
use release_links_domain::{ProjectId, ReleaseId, UserId};
use release_links_ports::{
    Batch, BatchedPage, NewRelease, Page, PageRequest, ProjectView, ReleaseKey, ReleaseOrder, ReleaseRepository,
    ReleaseSort, ReleaseWriteError, StoreError, TakenError, WritableProject,
};
use release_links_sql::paging::{clamped, counted, limit_and_offset};
use release_links_sql::protected_tags::rule;
use release_links_sql::releases::{before_partial, id, size, tag, without_links};
use release_links_sql::{release_columns, release_selection, rule_columns, tag_columns};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::links::{count_links, insert_link, links_of};
use crate::query::{all, exists, first, insert, run, statements};
use crate::reader::Lane;
use crate::users::IS_THERE;
use crate::{SqliteStore, removing, view::view};

/// More links than this take a transaction of their own, so that other writers do not wait for them within one batch.
pub const MANY_LINKS: usize = 32;
/// How many rules a project takes.
const MAX_RULES: u64 = TagRule::MAX_PER_PROJECT as u64;

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

/// The releases of a page, each with the bytes of its own text and of its links, of which at most `?4` are looked at. The inner
/// query takes the lengths, because SQLite would copy whole texts out of it.
macro_rules! sizes {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, ifnull(octet_length(r.name), 0) + ifnull(octet_length(r.description), 0)
                + ifnull(octet_length(t.target), 0) + ifnull(octet_length(u.name), 0)
                + (SELECT ifnull(sum(bytes), 0) FROM (
                    SELECT octet_length(url) + octet_length(name) + 100 AS bytes FROM links WHERE release_id = r.id LIMIT ?4
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
    NEWEST = "SELECT id, tag FROM releases WHERE project_id = ?1 AND released_at <= ?2
        ORDER BY released_at DESC, id DESC LIMIT 1";
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM releases WHERE project_id = ?1 LIMIT ?2)";
    ID_BY_TAG = "SELECT id FROM releases WHERE project_id = ?1 AND tag = ?2";
    RULES = concat!("SELECT ", rule_columns!(), " FROM protected_tags WHERE project_id = ?1 LIMIT ?2");
    PROJECT_EXISTS = "SELECT 1 FROM projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL";
    TAG_ID = "SELECT id FROM tags WHERE project_id = ?1 AND name = ?2";
    INSERT_TAG = concat!("INSERT INTO tags (", tag_columns!(new), ") VALUES (?1, ?2, ?3, ?4, ?5)");
    // An author who was deleted meanwhile leaves the release without one, as if deleted right after.
    INSERT = concat!("INSERT INTO releases (", release_columns!(new), ")
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT id FROM users WHERE id = ?8 AND email IS NOT NULL))");
    UPDATE = "UPDATE releases SET name = ?2, description = ?3, released_at = ?4 WHERE id = ?1";
}

/// The release of a tag.
pub fn release_id(conn: &Connection, project: ProjectId, tag: &str) -> Result<Option<ReleaseId>, Failure> {
    first(conn, ID_BY_TAG, params![project.get(), tag], |row| id(row, 0))
}

/// All rules of a project that protect tags. A database that an older version filled may hold more than are read on a worker.
pub fn rules(conn: &Connection, project: ProjectId, lane: Lane) -> Result<Vec<TagRule>, Failure> {
    match lane {
        Lane::Long => all(conn, RULES, params![project.get(), -1], |row| rule(row, 0)),
        Lane::Short => {
            let rules = all(conn, RULES, params![project.get(), clamped(MAX_RULES + 1)], |row| rule(row, 0))?;
            if rules.len() as u64 > MAX_RULES { Err(Failure::TooLong) } else { Ok(rules) }
        }
    }
}

/// The rules of a project that protect this tag.
pub fn rules_on(conn: &Connection, project: ProjectId, tag: &str, lane: Lane) -> Result<Vec<TagRule>, Failure> {
    let mut rules = rules(conn, project, lane)?;
    rules.retain(|rule| rule.pattern.matches(tag));
    Ok(rules)
}

/// How many rows `sql` counts for `id`, up to `limit`.
pub fn count(conn: &Connection, sql: &str, id: i64, limit: u64) -> Result<u64, Failure> {
    Ok(counted(first(conn, sql, params![id, clamped(limit)], |row| row.get(0))?))
}

fn by_tag(conn: &Connection, project: ProjectId, tag: &str, lane: Lane) -> Result<Option<Release>, Failure> {
    let found = first(conn, BY_TAG, params![project.get(), tag], |row| without_links(row, 0))?;
    found.map(|release| with_links(conn, release, Link::MAX_PER_RELEASE, lane)).transpose()
}

fn by_id(conn: &Connection, project: ProjectId, id: ReleaseId, links: usize) -> Result<Option<Release>, Failure> {
    let found = first(conn, BY_ID, params![project.get(), id.get()], |row| without_links(row, 0))?;
    found.map(|release| with_links(conn, release, links, Lane::Long)).transpose()
}

/// The release with as many of its links, newest first.
fn with_links(conn: &Connection, release: Release, most: usize, lane: Lane) -> Result<Release, Failure> {
    let (links, may_have_more) = links_of(conn, release.id, most, lane)?;
    let link_count = if may_have_more { count_links(conn, release.id)? } else { links.len() };
    Ok(Release { links, link_count, ..release })
}

/// The releases of a page, each with the bytes of text that it has.
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
    let rows = all(conn, sql, params![project.get(), limit, offset, lane.links_to_size()], |row| {
        let size = size(row, 0)?;
        bytes += size.1;
        // Told as soon as it is known: the next row might take as long again.
        lane.admit_bytes(bytes)?;
        Ok(size)
    })?;
    Page::of(rows, wanted, |limit| count(conn, COUNT, project.get(), limit))
}

fn page_of(
    conn: &Connection,
    project: ProjectId,
    sql: &str,
    wanted: PageRequest,
    lane: Lane,
) -> Result<BatchedPage<Release, ReleaseId>, Failure> {
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

/// Reads on in a list.
fn read_on(
    conn: &Connection,
    project: ProjectId,
    releases: Vec<ReleaseId>,
) -> Result<Batch<Release, ReleaseId>, Failure> {
    let limit = Lane::Long.links_to_size();
    let size_of = |id: ReleaseId| first(conn, SIZE, params![project.get(), id.get(), 0, limit], |row| size(row, 0));
    let sizes = releases.into_iter().map(|id| Ok((id, size_of(id)?.map_or(0, |size| size.1))));
    let sizes = sizes.collect::<Result<_, Failure>>()?;
    read_batch(conn, project, Batch::<Release, ReleaseId>::divide(sizes), usize::MAX)
}

fn create(conn: &Connection, new: &NewRelease) -> Result<Release, ReleaseWriteError> {
    let project = new.project;
    if !exists(conn, PROJECT_EXISTS, params![project.get()])? {
        return Err(TakenError::Gone);
    }
    let tag = new.tag.as_str();
    if release_id(conn, project, tag)?.is_some() {
        return Err(TakenError::Taken(()));
    }
    let created_at = new.created_at.as_millisecond();
    let existing: Option<i64> = first(conn, TAG_ID, params![project.get(), tag], |row| row.get(0))?;
    let tag_id = match existing {
        Some(id) => id,
        None => insert(conn, INSERT_TAG, params![project.get(), tag, new.tag_message, new.target, created_at])?,
    };
    let released_at = new.released_at.as_millisecond();
    let author = new.author.map(UserId::get);
    insert(
        conn,
        INSERT,
        params![project.get(), tag_id, tag, new.name, new.description, created_at, released_at, author],
    )?;
    let release = release_id(conn, project, tag)?.ok_or(TakenError::Gone)?;
    for fields in &new.links {
        insert_link(conn, project, release, fields)?;
    }
    by_tag(conn, project, tag, Lane::Long)?.ok_or(TakenError::Gone)
}

#[async_trait]
impl ReleaseRepository for SqliteStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        order: ReleaseOrder,
        sort: ReleaseSort,
        page: PageRequest,
    ) -> Result<Option<ProjectView<BatchedPage<Release, ReleaseId>>>, StoreError> {
        let sql = match (order, sort) {
            (ReleaseOrder::ReleasedAt, ReleaseSort::Descending) => NEWEST_RELEASED,
            (ReleaseOrder::ReleasedAt, ReleaseSort::Ascending) => OLDEST_RELEASED,
            (ReleaseOrder::CreatedAt, ReleaseSort::Descending) => NEWEST_CREATED,
            (ReleaseOrder::CreatedAt, ReleaseSort::Ascending) => OLDEST_CREATED,
        };
        let project = project.clone();
        self.read_any(move |conn, lane| view(conn, &project, reader, |project| page_of(conn, project, sql, page, lane)))
            .await
    }

    async fn read_on(
        &self,
        project: ProjectId,
        releases: Vec<ReleaseId>,
    ) -> Result<Batch<Release, ReleaseId>, StoreError> {
        self.read_long(move |conn| read_on(conn, project, releases)).await
    }

    async fn get(&self, key: &ReleaseKey) -> Result<Option<ProjectView<Option<Release>>>, StoreError> {
        let key = key.clone();
        self.read_any(move |conn, lane| {
            view(conn, &key.project, key.reader, |project| by_tag(conn, project, &key.tag, lane))
        })
        .await
    }

    async fn newest(
        &self,
        project: &ProjectRef,
        reader: Reader,
        now: Timestamp,
    ) -> Result<Option<ProjectView<Option<TagName>>>, StoreError> {
        self.read(|conn| {
            view(conn, project, reader, |project| {
                first(conn, NEWEST, params![project.get(), now.as_millisecond()], |row| tag(row, 0))
            })
        })
        .await
    }

    async fn weigh(
        &self,
        project: &ProjectRef,
        reader: Reader,
        tag: Option<TagName>,
    ) -> Result<Option<ProjectView<WritableProject>>, StoreError> {
        let project = project.clone();
        self.read_any(move |conn, lane| {
            view(conn, &project, reader, |project| match &tag {
                None => Ok(WritableProject { rules: rules(conn, project, lane)?, release: None }),
                Some(tag) => Ok(WritableProject {
                    rules: rules_on(conn, project, tag.as_str(), lane)?,
                    release: release_id(conn, project, tag.as_str())?,
                }),
            })
        })
        .await
    }

    async fn create(&self, release: NewRelease) -> Result<Release, ReleaseWriteError> {
        if release.links.len() > MANY_LINKS {
            self.write_alone(move |conn| create(conn, &release)).await
        } else {
            self.write(move |conn| create(conn, &release)).await
        }
    }

    async fn update(
        &self,
        project: ProjectId,
        id: ReleaseId,
        changes: ReleaseChanges,
    ) -> Result<Option<Release>, StoreError> {
        self.write(move |conn| {
            let Some(current) = by_id(conn, project, id, 0)? else { return Ok(None) };
            let Release { name, description, released_at, .. } = changes.apply(current);
            run(conn, UPDATE, params![id.get(), name, description, released_at.as_millisecond()])?;
            Ok(by_id(conn, project, id, Link::MAX_PER_RELEASE)?)
        })
        .await
    }

    async fn delete(&self, project: ProjectId, id: ReleaseId) -> Result<Option<Release>, StoreError> {
        self.write_alone(move |conn| {
            let found = by_id(conn, project, id, Link::MAX_PER_RELEASE)?;
            if found.is_some() {
                removing::release(conn, id)?;
            }
            Ok(found)
        })
        .await
    }
}
