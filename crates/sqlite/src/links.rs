//! The links port.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::link::{
    AssetPath, Candidate, Link, LinkChanges, LinkConflict, LinkFields, LinkName, LinkObstacle, LinkUrl,
};
use release_links_domain::project::ProjectRef;
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{
    Batch, LinkPage, LinkRepository, LinkWriteError, MAX_LINK_BYTES, Page, PageRequest, ProjectView, ReleaseKey,
    StoreError, TakenError, WritableRelease,
};
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::query::{all, exists, first, insert, run, statements};
use crate::reader::Lane;
use crate::releases::{count, release_id, rules_on};
use crate::rows::{Cells, clamped};
use crate::{SqliteStore, view::view};

statements! {
    LIST = "SELECT id, name, url, path, link_type FROM links WHERE release_id = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3";
    SIZE = "SELECT id, octet_length(name) + octet_length(url) + ifnull(octet_length(path), 0) FROM links
        WHERE project_id = ?1 AND id = ?2";
    BY_ID = "SELECT id, name, url, path, link_type FROM links WHERE project_id = ?1 AND id = ?2";
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM links WHERE release_id = ?1 LIMIT ?2)";
    OF_TAG = "SELECT l.id, l.name, l.url, l.path, l.link_type FROM releases r JOIN links l ON l.release_id = r.id
        WHERE r.project_id = ?1 AND r.tag = ?2 AND l.id = ?3";
    OF_TAG_BY_PATH = "SELECT l.id, l.name, l.url, l.path, l.link_type FROM releases r JOIN links l ON l.release_id = r.id
        WHERE r.project_id = ?1 AND r.tag = ?2 AND l.path = ?3";
    OF_NEWEST_BY_PATH = "SELECT id, name, url, path, link_type FROM links WHERE path = ?3 AND release_id =
        (SELECT id FROM releases WHERE project_id = ?1 AND released_at <= ?2 ORDER BY released_at DESC, id DESC LIMIT 1)";
    OF_RELEASE = "SELECT id, name, url, path, link_type FROM links WHERE id = ?3 AND release_id = ?2 AND project_id = ?1";
    RELEASE_EXISTS = "SELECT 1 FROM releases r CROSS JOIN projects p CROSS JOIN namespaces n WHERE r.id = ?2
        AND r.project_id = ?1 AND p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL";
    LINK_EXISTS = "SELECT 1 FROM links WHERE id = ?2 AND release_id = ?1";
    ALIKE = "SELECT id, name, url, path, link_type FROM links WHERE release_id = ?1 AND name = ?2 AND id IS NOT ?5
        UNION ALL SELECT id, name, url, path, link_type FROM links WHERE release_id = ?1 AND url = ?3 AND id IS NOT ?5
        UNION ALL SELECT id, name, url, path, link_type FROM links WHERE release_id = ?1 AND path = ?4 AND id IS NOT ?5";
    INSERT = "INSERT INTO links (project_id, release_id, name, url, path, link_type) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    UPDATE = "UPDATE links SET name = ?2, url = ?3, path = ?4, link_type = ?5 WHERE id = ?1";
    DELETE = "DELETE FROM links WHERE id = ?1";
}

/// The link in a row's first columns.
pub fn link(row: &Row<'_>) -> Result<Link, Failure> {
    let cells = Cells::new(row, "links", 0)?;
    let fields = LinkFields {
        name: cells.stored(1, "name")?,
        url: cells.stored(2, "url")?,
        path: cells.optional_stored(3, "path")?,
        link_type: cells.text(4, "link_type")?,
    };
    Ok(Link { id: cells.id()?, fields })
}

/// The links of a release, newest first; at most so many, and [`MAX_LINK_BYTES`] of them; and whether it may have more.
pub fn links_of(conn: &Connection, release: ReleaseId, most: usize, lane: Lane) -> Result<(Vec<Link>, bool), Failure> {
    let mut statement = conn.prepare_cached(LIST)?;
    let mut rows = statement.query(params![release.get(), clamped(most as u64), 0])?;
    let (mut links, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let link = link(row)?;
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
    let LinkFields { name, url, path, link_type } = fields;
    let path = path.as_ref().map(AssetPath::as_str);
    insert(conn, INSERT, params![project.get(), release.get(), name.as_str(), url.as_str(), path, link_type.as_str()])
}

/// What a candidate collides with among the links of a release other than `except`.
fn taken(
    conn: &Connection,
    release: ReleaseId,
    except: Option<LinkId>,
    candidate: &Candidate,
) -> Result<LinkConflict, Failure> {
    let values = params![
        release.get(),
        candidate.name.as_ref().map(LinkName::as_str),
        candidate.url.as_ref().map(LinkUrl::as_str),
        candidate.path.as_ref().map(AssetPath::as_str),
        except.map(LinkId::get),
    ];
    let alike = all(conn, ALIKE, values, link)?;
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
    let (limit, offset) = (clamped(wanted.per_page.saturating_add(1)), clamped(wanted.offset()));
    let rows = all(conn, LIST, params![release.get(), limit, offset], unless_large)?;
    let Page { rows, total, has_next } = Page::of(rows, wanted, |limit| count(conn, COUNT, release.get(), limit))?;
    Ok(LinkPage { batch: Batch::until_unread(rows, |link| link.id), total, has_next })
}

/// The link in a row, or its id alone where it holds more than one may today.
fn unless_large(row: &Row<'_>) -> Result<Result<Link, LinkId>, Failure> {
    let cells = Cells::new(row, "links", 0)?;
    let bytes = cells.bytes(1, "name")? + cells.bytes(2, "url")? + cells.bytes(3, "path")?;
    Ok(if bytes > LinkFields::MAX_TEXT_BYTES { Err(cells.id()?) } else { Ok(link(row)?) })
}

/// Reads on in a list.
fn read_on(conn: &Connection, project: ProjectId, links: Vec<LinkId>) -> Result<Batch<Link, LinkId>, Failure> {
    let size = |id: LinkId| {
        let found = first(conn, SIZE, params![project.get(), id.get()], |row| {
            Ok(Cells::new(row, "links", 0)?.raw::<i64>(1, "bytes of its text")?.unsigned_abs())
        })?;
        Ok((id, found.unwrap_or_default()))
    };
    let sizes = links.into_iter().map(size).collect::<Result<_, Failure>>()?;
    let (now, rest) = Batch::<Link, LinkId>::divide(sizes);
    let found = now.into_iter().map(|id| first(conn, BY_ID, params![project.get(), id.get()], link));
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
    first(conn, OF_RELEASE, params![project.get(), release.get(), id.into()], link)
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
                first(conn, OF_TAG, params![project.get(), key.tag, id.get()], link)
            })
        })
        .await
    }

    async fn get_by_path(&self, key: &ReleaseKey, path: &str) -> Result<Option<ProjectView<Option<Link>>>, StoreError> {
        self.read_nested(|conn| {
            view(conn, &key.project, key.reader, |project| {
                first(conn, OF_TAG_BY_PATH, params![project.get(), key.tag, path], link)
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
                first(conn, OF_NEWEST_BY_PATH, params![project.get(), now.as_millisecond(), path], link)
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
            let LinkFields { name, url, path, link_type } = &fields;
            let path = path.as_ref().map(AssetPath::as_str);
            run(conn, UPDATE, params![id.get(), name.as_str(), url.as_str(), path, link_type.as_str()])?;
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
