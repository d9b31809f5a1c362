//! The table of links.

use release_links_domain::history::Event;
use release_links_domain::link::{Candidate, Link, LinkFields};
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{Batch, LinkPage, MAX_LINK_BYTES, Page, PageRequest};
use release_links_sql::links::{held, link, size, unique};
use release_links_sql::paging::{clamped, limit_and_offset};
use release_links_sql::{link_bytes, link_columns, link_order};
use rusqlite::{Connection, params, params_from_iter};

use crate::failure::Failure;
use crate::query::{all, count, exists, first, insert, run, statements, values};
use crate::reader::Lane;
use crate::rows::Row;
use crate::tables::history::Journal;

/// The link that matches `$condition` in the release of tag `?2` in project `?1`.
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

/// The links of release `?1` other than `?5` that match `$condition`.
macro_rules! alike {
    ($condition:literal) => {
        concat!("SELECT ", link_columns!(), " FROM links WHERE release_id = ?1 AND id IS NOT ?5 AND ", $condition)
    };
}

statements! {
    LIST = concat!("SELECT ", link_columns!(), " FROM links WHERE release_id = ?1 ORDER BY ", link_order!(), "
        LIMIT ?2 OFFSET ?3");
    SIZE = concat!("SELECT id, ", link_bytes!(), " FROM links WHERE project_id = ?1 AND id = ?2");
    BY_ID = concat!("SELECT ", link_columns!(), " FROM links WHERE project_id = ?1 AND id = ?2");
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM links WHERE release_id = ?1 LIMIT ?2)";
    OF_TAG = of_tag!("l.id = ?3");
    OF_TAG_BY_PATH = of_tag!("l.path = ?3");
    BY_PATH = concat!("SELECT ", link_columns!(), " FROM links WHERE release_id = ?1 AND path = ?2");
    OF_RELEASE = concat!("SELECT ", link_columns!(), " FROM links WHERE id = ?3 AND release_id = ?2 AND project_id = ?1");
    LINK_EXISTS = "SELECT 1 FROM links WHERE id = ?2 AND release_id = ?1";
    ALIKE = concat!(alike!("name = ?2"), " UNION ALL ", alike!("url = ?3"), " UNION ALL ", alike!("path = ?4"));
    INSERT = concat!("INSERT INTO links (", link_columns!(new), ") VALUES (", link_columns!(new ":", ""), ")");
    UPDATE = concat!("UPDATE links SET (", link_columns!(held), ") = (", link_columns!(held ":", ""), ") WHERE id = :id");
    BEGIN_STEP = "UPDATE links SET since = ?2, since_seq = ?3 WHERE id = ?1";
    // No link has a name or URL that is this long and begins with white space.
    SET_ASIDE = "UPDATE links SET name = printf('%3000d', id), url = printf('%3000d', id), path = NULL WHERE id = ?1";
    PLACE = "UPDATE links SET position = ?2 WHERE id = ?1 AND position <> ?2";
    DELETE = "DELETE FROM links WHERE id = ?1";
}

/// Returns the links of a release in their order, up to `most` links and [`MAX_LINK_BYTES`] bytes, and whether there may
/// be more.
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

/// Counts all links of a release.
pub fn count_links(conn: &Connection, release: ReleaseId) -> Result<usize, Failure> {
    let counted = count(conn, COUNT, release.get(), u64::MAX)?;
    Ok(usize::try_from(counted).unwrap_or(usize::MAX))
}

/// Inserts a link into the release of a tag. It must not conflict with another.
pub fn insert_link(
    journal: &mut Journal<'_>,
    tag: &str,
    release: ReleaseId,
    fields: &LinkFields,
) -> Result<LinkId, Failure> {
    let (seq, at) = journal.next()?;
    let (owners, (texts, size), rest) = ([journal.project.get(), release.get()], held(fields), [0, at, seq]);
    let values = values(&owners).chain(values(&texts)).chain(values(&size)).chain(values(&rest));
    let id = insert(journal.conn, INSERT, params_from_iter(values))?;
    let id = LinkId::try_from(id).map_err(|error| Failure::Internal(error.into()))?;
    journal.record(Some(tag), &Event::Link { id, before: None, after: Some(fields.clone()) })?;
    Ok(id)
}

/// Returns the links of a release, except the link `except`, that share a value with a candidate: once for each value.
pub fn alike(
    conn: &Connection,
    release: ReleaseId,
    except: Option<LinkId>,
    candidate: &Candidate,
) -> Result<Vec<Link>, Failure> {
    let [name, url, path] = unique(candidate);
    let values = params![release.get(), name, url, path, except.map(LinkId::get)];
    all(conn, ALIKE, values, |row| link(row, 0))
}

/// Counts the links of a release, up to the limit of links per release.
pub fn links_in(conn: &Connection, release: ReleaseId) -> Result<usize, Failure> {
    let counted = count(conn, COUNT, release.get(), Link::MAX_PER_RELEASE as u64)?;
    Ok(usize::try_from(counted).unwrap_or(usize::MAX))
}

/// Returns a page of the links of a release, in their order.
pub fn page_of(conn: &Connection, release: ReleaseId, wanted: PageRequest) -> Result<LinkPage, Failure> {
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, LIST, params![release.get(), limit, offset], unless_large)?;
    let Page { rows, total, has_next } = Page::of(rows, wanted, |limit| count(conn, COUNT, release.get(), limit))?;
    Ok(LinkPage { batch: Batch::until_unread(rows, |link| link.id), total, has_next })
}

/// Reads the link in a row, but keeps only its id if its text exceeds today's limit.
fn unless_large(row: &Row<'_, '_>) -> Result<Result<Link, LinkId>, Failure> {
    let link = link(row, 0)?;
    Ok(if link.fields.text_bytes() > LinkFields::MAX_TEXT_BYTES { Err(link.id) } else { Ok(link) })
}

/// Reads the next batch of a list.
pub fn read_on(conn: &Connection, project: ProjectId, links: Vec<LinkId>) -> Result<Batch<Link, LinkId>, Failure> {
    let size = |id: LinkId| {
        let found = first(conn, SIZE, params![project.get(), id.get()], |row| size(row, 0))?;
        Ok(found.unwrap_or((id, 0)))
    };
    let sizes = links.into_iter().map(size).collect::<Result<_, Failure>>()?;
    let (now, rest) = Batch::<Link, LinkId>::divide(sizes);
    let found = now.into_iter().map(|id| first(conn, BY_ID, params![project.get(), id.get()], |row| link(row, 0)));
    Ok(Batch { rows: found.filter_map(Result::transpose).collect::<Result<_, _>>()?, rest })
}

/// Returns a link of a release.
pub fn stored(
    conn: &Connection,
    project: ProjectId,
    release: ReleaseId,
    id: impl Into<i64>,
) -> Result<Option<Link>, Failure> {
    first(conn, OF_RELEASE, params![project.get(), release.get(), id.into()], |row| link(row, 0))
}

/// Returns a link of a tag's release.
pub fn of_tag(conn: &Connection, project: ProjectId, tag: &str, id: LinkId) -> Result<Option<Link>, Failure> {
    first(conn, OF_TAG, params![project.get(), tag, id.get()], |row| link(row, 0))
}

/// Returns the link with this path in a tag's release.
pub fn of_tag_by_path(conn: &Connection, project: ProjectId, tag: &str, path: &str) -> Result<Option<Link>, Failure> {
    first(conn, OF_TAG_BY_PATH, params![project.get(), tag, path], |row| link(row, 0))
}

/// Returns the link with this path in a release.
pub fn by_path(conn: &Connection, release: ReleaseId, path: &str) -> Result<Option<Link>, Failure> {
    first(conn, BY_PATH, params![release.get(), path], |row| link(row, 0))
}

/// Returns whether a release has this link.
pub fn has_link(conn: &Connection, release: ReleaseId, link: LinkId) -> Result<bool, Failure> {
    exists(conn, LINK_EXISTS, params![release.get(), link.get()])
}

/// Updates the fields of a link, unless they stay as they are. They must not conflict with another link.
pub fn update_link(
    journal: &mut Journal<'_>,
    tag: &str,
    id: LinkId,
    before: &LinkFields,
    after: &LinkFields,
) -> Result<(), Failure> {
    if before == after {
        return Ok(());
    }
    journal.end_step(tag, id, before, Some(after))?;
    write_link(journal, tag, id, before, after)
}

/// Updates the fields of a link, which differ, after its step has ended.
fn write_link(
    journal: &mut Journal<'_>,
    tag: &str,
    id: LinkId,
    before: &LinkFields,
    after: &LinkFields,
) -> Result<(), Failure> {
    let (number, (texts, size)) = ([id.get()], held(after));
    run(journal.conn, UPDATE, params_from_iter(values(&texts).chain(values(&size)).chain(values(&number))))?;
    if !before.leads_on_to(after) {
        let (seq, at) = journal.next()?;
        run(journal.conn, BEGIN_STEP, params![id.get(), at, seq])?;
    }
    journal.record(Some(tag), &Event::Link { id, before: Some(before.clone()), after: Some(after.clone()) })
}

/// Updates links, each with its fields before and after, which may exchange values among them.
pub fn update_links(
    journal: &mut Journal<'_>,
    tag: &str,
    links: &[(LinkId, &LinkFields, &LinkFields)],
) -> Result<(), Failure> {
    // The unique indexes are checked at each statement, so links that swap a value first give theirs up.
    for (id, before, after) in links {
        journal.end_step(tag, *id, before, Some(after))?;
        run(journal.conn, SET_ASIDE, params![id.get()])?;
    }
    links.iter().try_for_each(|(id, before, after)| write_link(journal, tag, *id, before, after))
}

/// Sets the position of a link; the first is 1.
pub fn place_link(conn: &Connection, id: LinkId, position: i64) -> Result<(), Failure> {
    run(conn, PLACE, params![id.get(), position])
}

/// Deletes a link.
pub fn delete_link(journal: &mut Journal<'_>, tag: &str, link: &Link) -> Result<(), Failure> {
    journal.end_step(tag, link.id, &link.fields, None)?;
    run(journal.conn, DELETE, params![link.id.get()])?;
    journal.record(Some(tag), &Event::Link { id: link.id, before: Some(link.fields.clone()), after: None })
}
