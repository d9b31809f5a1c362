//! Reads a release, or a list of releases in batches.

use std::cmp::Reverse;
use std::collections::HashMap;

use release_links_domain::access::Reader;
use release_links_domain::link::Link;
use release_links_domain::project::ProjectRef;
use release_links_domain::release::Release;
use release_links_domain::{ProjectId, ReleaseId};
use release_links_ports::{Batch, BatchedPage, MAX_LINK_BYTES, PageRequest, ProjectView, ReleaseKey};
use release_links_sql::links::{Place, link, place};
use release_links_sql::releases::{before_partial, size, without_links};

use crate::failure::Failure;
use crate::paging;
use crate::query::{Session, Values, together};
use crate::rows::Row;
use crate::tables::releases::{LINKS, RELEASES, SIZES, VIEWED_BY_TAG, VIEWED_LINKS_BY_TAG};
use crate::view::{FOUND_AT, TOTAL_AT, Viewed, has_moved, moved_from, reaches, view, view_now};

/// The maximum number of links per release.
#[expect(clippy::cast_possible_wrap, reason = "it is a thousand")]
pub const MOST_LINKS: i64 = Link::MAX_PER_RELEASE as i64;

/// How many links of a release are looked at to find out how much text it has: enough to know that it has too many.
const LINKS_TO_SIZE: i64 = MOST_LINKS + 1;

/// Returns [`MAX_LINK_BYTES`] as a parameter of a statement.
pub fn most_bytes() -> i64 {
    i64::try_from(MAX_LINK_BYTES).unwrap_or(i64::MAX)
}

/// The links of a release that were read, each with its position, and how many it has.
#[derive(Default)]
struct Links {
    links: Vec<(u64, Link)>,
    count: usize,
}

impl Links {
    fn of(self, release: Release) -> Release {
        let links = self.links.into_iter().map(|(_, link)| link).collect();
        Release { links, link_count: self.count, ..release }
    }
}

/// Adds the links in `rows` to their release, in their order.
pub fn with_links(release: Release, rows: &[Row], at: usize) -> Result<Release, Failure> {
    Ok(by_release(rows, at)?.remove(&release.id).unwrap_or_default().of(release))
}

fn by_release(rows: &[Row], at: usize) -> Result<HashMap<ReleaseId, Links>, Failure> {
    let mut all: HashMap<ReleaseId, Links> = HashMap::new();
    for row in rows {
        let Place { release, links, position } = place(row, at)?;
        let found = all.entry(release).or_default();
        found.count = usize::try_from(links).unwrap_or(usize::MAX);
        found.links.push((position, link(row, at)?));
    }
    for found in all.values_mut() {
        found.links.sort_unstable_by_key(|(position, link)| (*position, Reverse(link.id)));
    }
    Ok(all)
}

/// Returns the links of a release in their order, up to [`MOST_LINKS`] and [`MAX_LINK_BYTES`].
pub async fn links_of(session: &Session, project: ProjectId, release: ReleaseId) -> Result<Vec<Link>, Failure> {
    let rows = session.rows(LINKS, &[&project.get(), &[release.get()].as_slice(), &MOST_LINKS, &most_bytes()]).await?;
    let found = by_release(&rows, 0)?.remove(&release).unwrap_or_default();
    Ok(found.links.into_iter().map(|(_, link)| link).collect())
}

/// Returns a release with its links, from one snapshot.
pub async fn get(session: &Session, key: &ReleaseKey) -> Result<Option<ProjectView<Release>>, Failure> {
    let now = get_now(session, &key.project, key).await?;
    if now.is_some() {
        return Ok(now);
    }
    let Some(moved) = moved_from(session, &key.project).await? else { return Ok(None) };
    Ok(get_now(session, &moved, key).await?.map(has_moved))
}

/// Like [`get`], but finds a project only by its current path.
async fn get_now(
    session: &Session,
    project: &ProjectRef,
    key: &ReleaseKey,
) -> Result<Option<ProjectView<Release>>, Failure> {
    let reader = key.reader;
    let reaches = reaches(session, project, reader).await?;
    let (sql, links_sql) =
        (VIEWED_BY_TAG.of(project, reader, reaches), VIEWED_LINKS_BY_TAG.of(project, reader, reaches));
    session.prepare(&[&sql, &links_sql]).await?;
    let read = |rows: &[Row]| rows.first().map(|row| without_links(row, FOUND_AT)).transpose();
    let most = most_bytes();
    let (values, links_values): (Values<'_>, Values<'_>) = (&[&key.tag], &[&key.tag, &MOST_LINKS, &most]);
    let ((), found, links, ()) = together!(
        session.begin_snapshot(),
        view_now(session, &sql, project, reader, values, read),
        view_now(session, &links_sql, project, reader, links_values, |rows| by_release(rows, FOUND_AT).map(Some)),
        session.commit()
    )?;
    let mut links = links.and_then(|view| view.found).unwrap_or_default();
    Ok(found.map(|view| view.map(|release| links.remove(&release.id).unwrap_or_default().of(release))))
}

/// Returns a page of releases in the order of `sql`, of which the first are read and the rest are ids.
pub async fn list(
    session: &Session,
    project: &ProjectRef,
    reader: Reader,
    sql: Viewed,
    wanted: PageRequest,
) -> Result<Option<ProjectView<BatchedPage<Release, ReleaseId>>>, Failure> {
    session.begin_snapshot().await?;
    let [limit, offset, counted] = paging::values(wanted);
    let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, wanted, size).map(Some);
    let Some(view) = view(session, sql, project, reader, &[&limit, &offset, &counted, &LINKS_TO_SIZE], read).await?
    else {
        session.commit().await?;
        return Ok(None);
    };
    let id = view.project.id;
    let ProjectView { project, level, found } = view;
    let found = match found {
        None => None,
        Some(page) => {
            let divided = Batch::<Release, ReleaseId>::divide_small(page.rows);
            let batch = before_partial(read_batch(session, id, divided, MOST_LINKS).await?);
            Some(BatchedPage { batch, total: page.total, has_next: page.has_next })
        }
    };
    session.commit().await?;
    Ok(Some(ProjectView { project, level, found }))
}

/// Reads the next batch of a list.
pub async fn read_on(
    session: &Session,
    project: ProjectId,
    ids: Vec<ReleaseId>,
) -> Result<Batch<Release, ReleaseId>, Failure> {
    session.begin_snapshot().await?;
    let wanted: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let sizes: HashMap<_, _> =
        session.all(SIZES, &[&project.get(), &wanted, &LINKS_TO_SIZE], |row| size(row, 0)).await?.into_iter().collect();
    let sizes = ids.into_iter().map(|id| (id, sizes.get(&id).copied().unwrap_or_default())).collect();
    let divided = Batch::<Release, ReleaseId>::divide(sizes);
    let batch = read_batch(session, project, divided, i64::MAX).await?;
    session.commit().await?;
    Ok(batch)
}

async fn read_batch(
    session: &Session,
    project: ProjectId,
    (now, rest): (Vec<ReleaseId>, Vec<ReleaseId>),
    links: i64,
) -> Result<Batch<Release, ReleaseId>, Failure> {
    let ids: Vec<i64> = now.iter().map(|id| id.get()).collect();
    let most = most_bytes();
    session.prepare(&[RELEASES, LINKS]).await?;
    let (found, links) = together!(
        session.all(RELEASES, &[&project.get(), &ids], |row| without_links(row, 0)),
        session.rows(LINKS, &[&project.get(), &ids, &links, &most]),
    )?;
    let mut links = by_release(&links, 0)?;
    let mut found: HashMap<_, _> = found.into_iter().map(|release| (release.id, release)).collect();
    let rows = now.into_iter().filter_map(|id| Some(links.remove(&id).unwrap_or_default().of(found.remove(&id)?)));
    Ok(Batch { rows: rows.collect(), rest })
}
