//! The links port.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::link::{Candidate, Link, LinkChanges, LinkConflict, LinkFields, LinkObstacle};
use release_links_domain::project::ProjectRef;
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{
    Batch, LinkPage, LinkRepository, LinkWriteError, MAX_LINK_BYTES, Page, PageRequest, ProjectView, ReleaseKey,
    StoreError, TakenError, WritableRelease,
};
use release_links_sql::links::{COLUMNS, held, id, link, size, unique};
use release_links_sql::paging::{clamped, limit_and_offset};
use release_links_sql::{link_bytes, link_columns};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, exists, first, insert, run, statements};
use crate::reader::Lane;
use crate::releases::{count, release_id, rules_on};
use crate::rows::Row;
use crate::{SqliteStore, view::view};

/// The link of the release of tag `?2` in project `?1` for which `$condition` holds.
macro_rules! of_tag {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            link_columns!("l"),
            " FROM releases r JOIN links l ON l.release_id = r.id WHERE r.project_id = ?1 AND r.tag = ?2 AND ",
            $condition
        )
    };
}

/// The links of release `?1` other than `?5` for which `$condition` holds.
macro_rules! alike {
    ($condition:literal) => {
        concat!("SELECT ", link_columns!(), " FROM links WHERE release_id = ?1 AND id IS NOT ?5 AND ", $condition)
    };
}

statements! {
    LIST = concat!("SELECT ", link_columns!(), " FROM links WHERE release_id = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3");
    SIZE = concat!("SELECT id, ", link_bytes!(), " FROM links WHERE project_id = ?1 AND id = ?2");
    BY_ID = concat!("SELECT ", link_columns!(), " FROM links WHERE project_id = ?1 AND id = ?2");
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM links WHERE release_id = ?1 LIMIT ?2)";
    OF_TAG = of_tag!("l.id = ?3");
    OF_TAG_BY_PATH = of_tag!("l.path = ?3");
    OF_NEWEST_BY_PATH = concat!("SELECT ", link_columns!(), " FROM links WHERE path = ?3 AND release_id =
        (SELECT id FROM releases WHERE project_id = ?1 AND released_at <= ?2 ORDER BY released_at DESC, id DESC LIMIT 1)");
    OF_RELEASE = concat!("SELECT ", link_columns!(), " FROM links WHERE id = ?3 AND release_id = ?2 AND project_id = ?1");
    RELEASE_EXISTS = "SELECT 1 FROM releases r CROSS JOIN projects p CROSS JOIN namespaces n WHERE r.id = ?2
        AND r.project_id = ?1 AND p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL";
    LINK_EXISTS = "SELECT 1 FROM links WHERE id = ?2 AND release_id = ?1";
    ALIKE = concat!(alike!("name = ?2"), " UNION ALL ", alike!("url = ?3"), " UNION ALL ", alike!("path = ?4"));
    INSERT = concat!("INSERT INTO links (", link_columns!(new), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    UPDATE = concat!("UPDATE links SET (", link_columns!(held), ") = (?2, ?3, ?4, ?5) WHERE id = ?1");
    DELETE = "DELETE FROM links WHERE id = ?1";
}

/// The links of a release, newest first; at most so many, and [`MAX_LINK_BYTES`] of them; and whether it may have more.
pub fn links_of(conn: &Connection, release: ReleaseId, most: usize, lane: Lane) -> Result<(Vec<Link>, bool), Failure> {
    let mut statement = conn.prepare_cached(LIST)?;
    let mut rows = statement.query(params![release.get(), clamped(most as u64), 0])?;
    let (mut links, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let link = link(&Row::of(row), 0)?;
        bytes += link.fields.text_bytes();
        if bytes > MAX_LINK_BYTES {
            return Ok((links, true));
        }
        links.push(link);
        lane.admit_links(links.len())?;
    }
    let may_have_more = links.len() == most;
    Ok((links, may_have_more))
}

/// How many links a release has, whatever that takes.
pub fn count_links(conn: &Connection, release: ReleaseId) -> Result<usize, Failure> {
    let counted = count(conn, COUNT, release.get(), u64::MAX)?;
    Ok(usize::try_from(counted).unwrap_or(usize::MAX))
}

/// Stores a link that is known to collide with none.
pub fn insert_link(
    conn: &Connection,
    project: ProjectId,
    release: ReleaseId,
    fields: &LinkFields,
) -> Result<i64, Failure> {
    let [name, url, path, link_type] = held(fields);
    insert(conn, INSERT, params![project.get(), release.get(), name, url, path, link_type])
}

/// What a candidate collides with among the links of a release other than `except`.
fn taken(
    conn: &Connection,
    release: ReleaseId,
    except: Option<LinkId>,
    candidate: &Candidate,
) -> Result<LinkConflict, Failure> {
    let [name, url, path] = unique(candidate);
    let values = params![release.get(), name, url, path, except.map(LinkId::get)];
    let alike = all(conn, ALIKE, values, |row| link(row, 0))?;
    Ok(LinkConflict::between(candidate, alike.iter().map(|link| &link.fields)))
}

fn refuse_taken(
    conn: &Connection,
    release: ReleaseId,
    except: LinkId,
    fields: &LinkFields,
) -> Result<(), LinkWriteError> {
    let conflict = taken(conn, release, Some(except), &Candidate::from(fields))?;
    if conflict.is_none() { Ok(()) } else { Err(TakenError::Taken(LinkObstacle::Taken(conflict))) }
}

/// How many links a release has, counted as far as the limit.
fn links_in(conn: &Connection, release: ReleaseId) -> Result<usize, Failure> {
    let counted = count(conn, COUNT, release.get(), Link::MAX_PER_RELEASE as u64)?;
    Ok(usize::try_from(counted).unwrap_or(usize::MAX))
}

/// Refuses a link that its release cannot take as one more.
fn refuse_one_more(conn: &Connection, release: ReleaseId, fields: &LinkFields) -> Result<(), LinkWriteError> {
    let conflict = taken(conn, release, None, &Candidate::from(fields))?;
    LinkObstacle::to_one_more(links_in(conn, release)?, conflict).map_or(Ok(()), |found| Err(TakenError::Taken(found)))
}

fn page_of(conn: &Connection, release: ReleaseId, wanted: PageRequest) -> Result<LinkPage, Failure> {
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, LIST, params![release.get(), limit, offset], unless_large)?;
    let Page { rows, total, has_next } = Page::of(rows, wanted, |limit| count(conn, COUNT, release.get(), limit))?;
    Ok(LinkPage { batch: Batch::until_unread(rows, |link| link.id), total, has_next })
}

/// The link in a row, or its id alone where it holds more than one may today.
fn unless_large(row: &Row<'_, '_>) -> Result<Result<Link, LinkId>, Failure> {
    let bytes = row.bytes(COLUMNS.name.at)? + row.bytes(COLUMNS.url.at)? + row.bytes(COLUMNS.path.at)?;
    Ok(if bytes > LinkFields::MAX_TEXT_BYTES { Err(id(row, 0)?) } else { Ok(link(row, 0)?) })
}

/// Reads on in a list.
fn read_on(conn: &Connection, project: ProjectId, links: Vec<LinkId>) -> Result<Batch<Link, LinkId>, Failure> {
    let size = |id: LinkId| {
        let found = first(conn, SIZE, params![project.get(), id.get()], |row| size(row, 0))?;
        Ok(found.unwrap_or((id, 0)))
    };
    let sizes = links.into_iter().map(size).collect::<Result<_, Failure>>()?;
    let (now, rest) = Batch::<Link, LinkId>::divide(sizes);
    let found = now.into_iter().map(|id| first(conn, BY_ID, params![project.get(), id.get()], |row| link(row, 0)));
    Ok(Batch { rows: found.filter_map(Result::transpose).collect::<Result<_, _>>()?, rest })
}

fn weighed(
    conn: &Connection,
    project: ProjectId,
    key: &ReleaseKey,
    link: Option<LinkId>,
    candidate: &Candidate,
    lane: Lane,
) -> Result<Option<WritableRelease>, Failure> {
    let Some(id) = release_id(conn, project, &key.tag)? else { return Ok(None) };
    if let Some(link) = link
        && !exists(conn, LINK_EXISTS, params![id.get(), link.get()])?
    {
        return Ok(None);
    }
    // A link that only changes makes the release no fuller.
    let links = if link.is_none() { links_in(conn, id)? } else { 0 };
    Ok(Some(WritableRelease {
        id,
        rules: rules_on(conn, project, &key.tag, lane)?,
        links,
        taken: taken(conn, id, link, candidate)?,
    }))
}

fn stored(
    conn: &Connection,
    project: ProjectId,
    release: ReleaseId,
    id: impl Into<i64>,
) -> Result<Option<Link>, Failure> {
    first(conn, OF_RELEASE, params![project.get(), release.get(), id.into()], |row| link(row, 0))
}

#[async_trait]
impl LinkRepository for SqliteStore {
    async fn list(
        &self,
        key: &ReleaseKey,
        page: PageRequest,
    ) -> Result<Option<ProjectView<Option<LinkPage>>>, StoreError> {
        let list = move |conn: &Connection, key: &ReleaseKey| {
            view(conn, &key.project, key.reader, |project| {
                release_id(conn, project, &key.tag)?.map(|release| page_of(conn, release, page)).transpose()
            })
        };
        // Rows before the page are looked at as well.
        if Lane::Short.admit_rows(page.offset()).is_ok() {
            self.read_nested(|conn| list(conn, key)).await
        } else {
            let key = key.clone();
            self.read_long(move |conn| list(conn, &key)).await
        }
    }

    async fn read_on(&self, project: ProjectId, links: Vec<LinkId>) -> Result<Batch<Link, LinkId>, StoreError> {
        self.read_long(move |conn| read_on(conn, project, links)).await
    }

    async fn get(&self, key: &ReleaseKey, id: LinkId) -> Result<Option<ProjectView<Option<Link>>>, StoreError> {
        self.read_nested(|conn| {
            view(conn, &key.project, key.reader, |project| {
                first(conn, OF_TAG, params![project.get(), key.tag, id.get()], |row| link(row, 0))
            })
        })
        .await
    }

    async fn get_by_path(&self, key: &ReleaseKey, path: &str) -> Result<Option<ProjectView<Option<Link>>>, StoreError> {
        self.read_nested(|conn| {
            view(conn, &key.project, key.reader, |project| {
                first(conn, OF_TAG_BY_PATH, params![project.get(), key.tag, path], |row| link(row, 0))
            })
        })
        .await
    }

    async fn get_newest_by_path(
        &self,
        project: &ProjectRef,
        reader: Reader,
        now: Timestamp,
        path: &str,
    ) -> Result<Option<ProjectView<Option<Link>>>, StoreError> {
        self.read_nested(|conn| {
            view(conn, project, reader, |project| {
                first(conn, OF_NEWEST_BY_PATH, params![project.get(), now.as_millisecond(), path], |row| link(row, 0))
            })
        })
        .await
    }

    async fn weigh(
        &self,
        key: &ReleaseKey,
        link: Option<LinkId>,
        candidate: &Candidate,
    ) -> Result<Option<ProjectView<Option<WritableRelease>>>, StoreError> {
        let (key, candidate) = (key.clone(), candidate.clone());
        self.read_any(move |conn, lane| {
            view(conn, &key.project, key.reader, |project| weighed(conn, project, &key, link, &candidate, lane))
        })
        .await
    }

    async fn create(&self, project: ProjectId, release: ReleaseId, fields: LinkFields) -> Result<Link, LinkWriteError> {
        self.write(move |conn| {
            if !exists(conn, RELEASE_EXISTS, params![project.get(), release.get()])? {
                return Err(TakenError::Gone);
            }
            refuse_one_more(conn, release, &fields)?;
            let id = insert_link(conn, project, release, &fields)?;
            stored(conn, project, release, id)?.ok_or(TakenError::Gone)
        })
        .await
    }

    async fn update(
        &self,
        project: ProjectId,
        release: ReleaseId,
        id: LinkId,
        changes: LinkChanges,
    ) -> Result<Link, LinkWriteError> {
        self.write(move |conn| {
            let current = stored(conn, project, release, id)?.ok_or(TakenError::Gone)?;
            let fields = changes.apply(current.fields);
            refuse_taken(conn, release, id, &fields)?;
            let [name, url, path, link_type] = held(&fields);
            run(conn, UPDATE, params![id.get(), name, url, path, link_type])?;
            Ok(Link { id, fields })
        })
        .await
    }

    async fn delete(&self, project: ProjectId, release: ReleaseId, id: LinkId) -> Result<Option<Link>, StoreError> {
        self.write(move |conn| {
            let found = stored(conn, project, release, id)?;
            if found.is_some() {
                run(conn, DELETE, params![id.get()])?;
            }
            Ok(found)
        })
        .await
    }
}
