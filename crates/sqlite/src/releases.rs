//! The releases port.

use std::cmp::Reverse;
use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::TagRule;
use release_links_domain::link::Link;
use release_links_domain::project::ProjectRef;
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::tag::TagName;
use release_links_domain::{ProjectId, ReleaseId, UserId};
use release_links_ports::{
    NewRelease, Page, PageRequest, ProjectView, ReleaseKey, ReleaseOrder, ReleaseRepository, ReleaseSort,
    ReleaseWriteError, StoreError, TakenError, WritableProject,
};
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::links::{insert_link, link, links_of};
use crate::protected_tags::rule;
use crate::query::{all, exists, first, insert, run, statements};
use crate::rows::{Cells, clamped};
use crate::users::{IS_THERE, USER, maybe_user};
use crate::{SqliteStore, removing, view::view};

/// More links than this take a transaction of their own, so that other writers do not wait for them within one batch.
const MANY_LINKS: usize = 32;
/// Where the columns of the author begin.
const AUTHOR_AT: usize = 8;
/// Where a link on a page names its release.
const LINK_RELEASE_AT: usize = 5;

macro_rules! release {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.project_id, r.tag, r.name, r.description, t.target, r.created_at, r.released_at, ",
            USER!(),
            " FROM releases r JOIN tags t ON t.id = r.tag_id
            LEFT JOIN users u ON u.id = r.author_id AND ",
            IS_THERE!(),
            " LEFT JOIN namespaces un ON un.user_id = u.id
            WHERE r.project_id = ?1 ",
            $rest
        )
    };
}

/// All links of the releases on a page, in no order that counts.
macro_rules! links_of_page {
    ($order:literal) => {
        concat!(
            "SELECT l.id, l.name, l.url, l.path, l.link_type, l.release_id
            FROM (SELECT id AS on_page FROM releases WHERE project_id = ?1 ORDER BY ",
            $order,
            " LIMIT ?2 OFFSET ?3) CROSS JOIN links l ON l.release_id = on_page"
        )
    };
}

statements! {
    BY_TAG = release!("AND r.tag = ?2");
    BY_ID = release!("AND r.id = ?2");
    NEWEST_RELEASED = release!("ORDER BY r.released_at DESC, r.id DESC LIMIT ?2 OFFSET ?3");
    OLDEST_RELEASED = release!("ORDER BY r.released_at, r.id LIMIT ?2 OFFSET ?3");
    NEWEST_CREATED = release!("ORDER BY r.created_at DESC, r.id DESC LIMIT ?2 OFFSET ?3");
    OLDEST_CREATED = release!("ORDER BY r.created_at, r.id LIMIT ?2 OFFSET ?3");
    LINKS_OF_NEWEST_RELEASED = links_of_page!("released_at DESC, id DESC");
    LINKS_OF_OLDEST_RELEASED = links_of_page!("released_at, id");
    LINKS_OF_NEWEST_CREATED = links_of_page!("created_at DESC, id DESC");
    LINKS_OF_OLDEST_CREATED = links_of_page!("created_at, id");
    NEWEST = "SELECT id, tag FROM releases WHERE project_id = ?1 AND released_at <= ?2
        ORDER BY released_at DESC, id DESC LIMIT 1";
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM releases WHERE project_id = ?1 LIMIT ?2)";
    ID_BY_TAG = "SELECT id FROM releases WHERE project_id = ?1 AND tag = ?2";
    RULES = "SELECT id, pattern, create_level FROM protected_tags WHERE project_id = ?1";
    PROJECT_EXISTS = "SELECT 1 FROM projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL";
    TAG_ID = "SELECT id FROM tags WHERE project_id = ?1 AND name = ?2";
    INSERT_TAG = "INSERT INTO tags (project_id, name, message, target, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    // An author who was deleted meanwhile leaves the release without one, as if deleted right after.
    INSERT = "INSERT INTO releases (project_id, tag_id, tag, name, description, created_at, released_at, author_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT id FROM users WHERE id = ?8 AND email IS NOT NULL))";
    UPDATE = "UPDATE releases SET name = ?2, description = ?3, released_at = ?4 WHERE id = ?1";
}

/// The release of a tag.
pub fn release_id(conn: &Connection, project: ProjectId, tag: &str) -> Result<Option<ReleaseId>, Failure> {
    first(conn, ID_BY_TAG, params![project.get(), tag], |row| Cells::new(row, "releases", 0)?.id())
}

/// All rules of a project that protect tags.
pub fn rules(conn: &Connection, project: ProjectId) -> Result<Vec<TagRule>, Failure> {
    all(conn, RULES, params![project.get()], rule)
}

/// How many rows `sql` counts for `id`, up to `limit`.
pub fn count(conn: &Connection, sql: &str, id: i64, limit: u64) -> Result<u64, Failure> {
    let counted: Option<i64> = first(conn, sql, params![id, clamped(limit)], |row| Ok(row.get(0)?))?;
    Ok(counted.and_then(|counted| u64::try_from(counted).ok()).unwrap_or_default())
}

/// The release without its links.
fn bare(row: &Row<'_>) -> Result<Release, Failure> {
    let cells = Cells::new(row, "releases", 0)?;
    Ok(Release {
        id: cells.id()?,
        project: cells.number(1, "project_id")?,
        tag: cells.text(2, "tag")?,
        name: cells.raw(3, "name")?,
        description: cells.raw(4, "description")?,
        target: cells.raw(5, "target of its tag")?,
        created_at: cells.time(6, "created_at")?,
        released_at: cells.time(7, "released_at")?,
        author: maybe_user(row, AUTHOR_AT)?,
        links: Vec::new(),
    })
}

fn by_tag(conn: &Connection, project: ProjectId, tag: &str) -> Result<Option<Release>, Failure> {
    let found = first(conn, BY_TAG, params![project.get(), tag], bare)?;
    found.map(|release| with_links(conn, release)).transpose()
}

fn by_id(conn: &Connection, project: ProjectId, id: ReleaseId) -> Result<Option<Release>, Failure> {
    let found = first(conn, BY_ID, params![project.get(), id.get()], bare)?;
    found.map(|release| with_links(conn, release)).transpose()
}

fn with_links(conn: &Connection, release: Release) -> Result<Release, Failure> {
    Ok(Release { links: links_of(conn, release.id)?, ..release })
}

/// The releases of a page, and the links of all of them at once.
fn page_of(
    conn: &Connection,
    project: ProjectId,
    (sql, links_sql): (&str, &str),
    wanted: PageRequest,
) -> Result<Page<Release>, Failure> {
    let PageRequest { per_page, .. } = wanted;
    let offset = clamped(wanted.offset());
    let rows = all(conn, sql, params![project.get(), clamped(per_page.saturating_add(1)), offset], bare)?;
    let mut page = Page::of(rows, wanted, |limit| count(conn, COUNT, project.get(), limit))?;
    let mut links: HashMap<ReleaseId, Vec<Link>> = HashMap::new();
    for (release, link) in all(conn, links_sql, params![project.get(), clamped(per_page), offset], |row| {
        Ok((Cells::new(row, "links", 0)?.number(LINK_RELEASE_AT, "release_id")?, link(row)?))
    })? {
        links.entry(release).or_default().push(link);
    }
    for release in &mut page.rows {
        release.links = links.remove(&release.id).unwrap_or_default();
        release.links.sort_unstable_by_key(|link| Reverse(link.id));
    }
    Ok(page)
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
    let existing: Option<i64> = first(conn, TAG_ID, params![project.get(), tag], |row| Ok(row.get(0)?))?;
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
    by_tag(conn, project, tag)?.ok_or(TakenError::Gone)
}

#[async_trait]
impl ReleaseRepository for SqliteStore {
    async fn list(
        &self,
        project: &ProjectRef,
        viewer: Option<UserId>,
        order: ReleaseOrder,
        sort: ReleaseSort,
        page: PageRequest,
    ) -> Result<Option<ProjectView<Page<Release>>>, StoreError> {
        let sql = match (order, sort) {
            (ReleaseOrder::ReleasedAt, ReleaseSort::Descending) => (NEWEST_RELEASED, LINKS_OF_NEWEST_RELEASED),
            (ReleaseOrder::ReleasedAt, ReleaseSort::Ascending) => (OLDEST_RELEASED, LINKS_OF_OLDEST_RELEASED),
            (ReleaseOrder::CreatedAt, ReleaseSort::Descending) => (NEWEST_CREATED, LINKS_OF_NEWEST_CREATED),
            (ReleaseOrder::CreatedAt, ReleaseSort::Ascending) => (OLDEST_CREATED, LINKS_OF_OLDEST_CREATED),
        };
        let project = project.clone();
        self.read_aside(move |conn| view(conn, &project, viewer, |project| page_of(conn, project, sql, page))).await
    }

    async fn get(&self, key: &ReleaseKey) -> Result<Option<ProjectView<Option<Release>>>, StoreError> {
        self.read(|conn| view(conn, &key.project, key.viewer, |project| by_tag(conn, project, &key.tag)))
    }

    async fn newest(
        &self,
        project: &ProjectRef,
        viewer: Option<UserId>,
        now: Timestamp,
    ) -> Result<Option<ProjectView<Option<TagName>>>, StoreError> {
        self.read(|conn| {
            view(conn, project, viewer, |project| {
                first(conn, NEWEST, params![project.get(), now.as_millisecond()], |row| {
                    Cells::new(row, "releases", 0)?.text(1, "tag")
                })
            })
        })
    }

    async fn weigh(
        &self,
        project: &ProjectRef,
        viewer: Option<UserId>,
        tag: Option<TagName>,
    ) -> Result<Option<ProjectView<WritableProject>>, StoreError> {
        self.read(|conn| {
            view(conn, project, viewer, |project| {
                let release = tag.map(|tag| release_id(conn, project, tag.as_str())).transpose()?.flatten();
                Ok(WritableProject { rules: rules(conn, project)?, release })
            })
        })
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
            let Some(current) = by_id(conn, project, id)? else { return Ok(None) };
            let Release { name, description, released_at, .. } = changes.apply(current);
            run(conn, UPDATE, params![id.get(), name, description, released_at.as_millisecond()])?;
            Ok(by_id(conn, project, id)?)
        })
        .await
    }

    async fn delete(&self, project: ProjectId, id: ReleaseId) -> Result<Option<Release>, StoreError> {
        self.write_alone(move |conn| {
            let found = by_id(conn, project, id)?;
            if found.is_some() {
                removing::release(conn, id)?;
            }
            Ok(found)
        })
        .await
    }
}
