//! The releases port.

pub mod writing;

use std::cmp::Reverse;
use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::link::Link;
use release_links_domain::project::ProjectRef;
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::tag::TagName;
use release_links_domain::{ProjectId, ReleaseId, UserId};
use release_links_ports::{
    NewRelease, Page, PageRequest, ProjectView, ReleaseKey, ReleaseOrder, ReleaseRepository, ReleaseSort,
    ReleaseWriteError, StoreError, WritableProject,
};
use tokio_postgres::Row;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::links::link;
use crate::paging::{self, page, total};
use crate::protected_tags::rule;
use crate::query::{Session, Values, together};
use crate::rows::Cells;
use crate::users::{USER, maybe_user};
use crate::view::{FOUND_AT, TOTAL_AT, Viewed, has_moved, moved_from, on_project, view, view_now, viewed, views};

/// Where the columns of the author begin, after those of the release.
const AUTHOR_AFTER: usize = 8;
/// With more links than these, a release may take longer to make than a request is to wait for the database.
const MANY_LINKS: usize = 32;
/// Where a link names its release, after its own columns.
const RELEASE_AFTER: usize = 5;

/// The columns of a release `r` with its tag `t` and its author.
macro_rules! RELEASE {
    () => {
        concat!("r.id, r.project_id, r.tag, r.name, r.description, t.target, r.created_at, r.released_at, ", USER!())
    };
}

/// The releases `r` for which `$condition` holds, with their tags and authors.
macro_rules! releases {
    ($condition:literal) => {
        concat!(
            "releases r JOIN tags t ON t.id = r.tag_id
            LEFT JOIN users u ON u.id = r.author_id AND ",
            $crate::users::IS_THERE!(),
            " LEFT JOIN namespaces un ON un.user_id = u.id WHERE ",
            $condition
        )
    };
}

use {RELEASE, releases};

/// A page of a project's releases.
macro_rules! list {
    ($order:literal) => {
        on_project!(
            concat!("p.id, ", total!("releases WHERE project_id = p.id"), ", page.*"),
            concat!("LEFT JOIN LATERAL ", page!(RELEASE!(), releases!("r.project_id = p.id"), $order), " page ON TRUE"),
            "ORDER BY page.number"
        )
    };
}

/// All links of the releases on a page, in no order that counts.
macro_rules! links_of_page {
    ($order:literal) => {
        viewed!(concat!(
            "l.id, l.name, l.url, l.path, l.link_type, l.release_id
            FROM (SELECT r.id FROM releases r WHERE r.project_id = p.id ORDER BY ",
            $order,
            " LIMIT $3 OFFSET $4) on_page JOIN links l ON l.release_id = on_page.id"
        ))
    };
}

views! {
    BY_TAG = viewed!(concat!(RELEASE!(), " FROM ", releases!("r.project_id = p.id AND r.tag = $3")));
    LINKS_BY_TAG = viewed!("l.id, l.name, l.url, l.path, l.link_type, l.release_id
        FROM releases r JOIN links l ON l.release_id = r.id WHERE r.project_id = p.id AND r.tag = $3");
    NEWEST_RELEASED = list!("r.released_at DESC, r.id DESC");
    OLDEST_RELEASED = list!("r.released_at, r.id");
    NEWEST_CREATED = list!("r.created_at DESC, r.id DESC");
    OLDEST_CREATED = list!("r.created_at, r.id");
    LINKS_OF_NEWEST_RELEASED = links_of_page!("r.released_at DESC, r.id DESC");
    LINKS_OF_OLDEST_RELEASED = links_of_page!("r.released_at, r.id");
    LINKS_OF_NEWEST_CREATED = links_of_page!("r.created_at DESC, r.id DESC");
    LINKS_OF_OLDEST_CREATED = links_of_page!("r.created_at, r.id");
    NEWEST = viewed!("id, tag FROM releases WHERE project_id = p.id AND released_at <= $3
        ORDER BY released_at DESC, id DESC LIMIT 1");
    // One row for each rule, or one without.
    WEIGH = viewed!("p.id, r.id, t.id, t.pattern, t.create_level FROM (SELECT) always
        LEFT JOIN releases r ON r.project_id = p.id AND r.tag = $3
        LEFT JOIN protected_tags t ON t.project_id = p.id");
}

/// A release without its links, of which the columns begin at `at`.
fn bare(row: &Row, at: usize) -> Result<Release, Failure> {
    let cells = Cells::new(row, "releases", at)?;
    Ok(Release {
        id: cells.id()?,
        project: cells.number(1, "project_id")?,
        tag: cells.text(2, "tag")?,
        name: cells.raw(3, "name")?,
        description: cells.raw(4, "description")?,
        target: cells.raw(5, "target of its tag")?,
        created_at: cells.time(6, "created_at")?,
        released_at: cells.time(7, "released_at")?,
        author: maybe_user(row, at + AUTHOR_AFTER)?,
        links: Vec::new(),
    })
}

/// The links of each release, newest first.
fn links_by_release(rows: &[Row]) -> Result<HashMap<ReleaseId, Vec<Link>>, Failure> {
    let mut links: HashMap<ReleaseId, Vec<Link>> = HashMap::new();
    for row in rows {
        let release = Cells::new(row, "links", FOUND_AT)?.number(RELEASE_AFTER, "release_id")?;
        links.entry(release).or_default().push(link(row, FOUND_AT)?);
    }
    for links in links.values_mut() {
        links.sort_unstable_by_key(|link| Reverse(link.id));
    }
    Ok(links)
}

/// What is found in a project, if there is one, and the links of releases there.
type WithLinks<T> = Option<(ProjectView<T>, HashMap<ReleaseId, Vec<Link>>)>;

/// What is found in a project, and the links of the releases in it, all of one moment.
async fn with_links<T>(
    session: &Session,
    project: &ProjectRef,
    viewer: Option<UserId>,
    found: (Viewed, Values<'_>),
    links: (Viewed, Values<'_>),
    read: impl Fn(&[Row]) -> Result<T, Failure>,
) -> Result<WithLinks<T>, Failure> {
    let now = with_links_now(session, project, viewer, found, links, &read).await?;
    if now.is_some() {
        return Ok(now);
    }
    let Some(moved) = moved_from(session, project).await? else { return Ok(None) };
    let now = with_links_now(session, &moved, viewer, found, links, &read).await?;
    Ok(now.map(|(view, links)| (has_moved(view), links)))
}

/// As [`with_links`], in the project that has the path now.
async fn with_links_now<T>(
    session: &Session,
    project: &ProjectRef,
    viewer: Option<UserId>,
    (sql, values): (Viewed, Values<'_>),
    (links_sql, links_values): (Viewed, Values<'_>),
    read: &impl Fn(&[Row]) -> Result<T, Failure>,
) -> Result<WithLinks<T>, Failure> {
    session.prepare(&[sql.of(project), links_sql.of(project)]).await?;
    let ((), found, links, ()) = together!(
        session.begin_snapshot(),
        view_now(session, sql, project, viewer, values, read),
        view_now(session, links_sql, project, viewer, links_values, links_by_release),
        session.commit()
    )?;
    Ok(found.zip(links.map(|links| links.found)))
}

async fn get(session: &Session, key: &ReleaseKey) -> Result<Option<ProjectView<Option<Release>>>, Failure> {
    let read = |rows: &[Row]| rows.first().map(|row| bare(row, FOUND_AT)).transpose();
    let values: Values<'_> = &[&key.tag];
    let found = with_links(session, &key.project, key.viewer, (BY_TAG, values), (LINKS_BY_TAG, values), read).await?;
    let Some((mut view, mut links)) = found else { return Ok(None) };
    if let Some(release) = &mut view.found {
        release.links = links.remove(&release.id).unwrap_or_default();
    }
    Ok(Some(view))
}

/// The releases of a page, and the links of all of them at once.
async fn list(
    session: &Session,
    project: &ProjectRef,
    viewer: Option<UserId>,
    (sql, links_sql): (Viewed, Viewed),
    wanted: PageRequest,
) -> Result<Option<ProjectView<Page<Release>>>, Failure> {
    let [limit, offset, counted] = paging::values(wanted);
    let shown = limit - 1;
    let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, wanted, bare);
    let (values, links_values): (Values<'_>, Values<'_>) = (&[&limit, &offset, &counted], &[&shown, &offset]);
    let found = with_links(session, project, viewer, (sql, values), (links_sql, links_values), read).await?;
    let Some((mut view, mut links)) = found else { return Ok(None) };
    for release in &mut view.found.rows {
        release.links = links.remove(&release.id).unwrap_or_default();
    }
    Ok(Some(view))
}

fn weighed(rows: &[Row]) -> Result<WritableProject, Failure> {
    let Some(first) = rows.first() else { return Ok(WritableProject { rules: Vec::new(), release: None }) };
    let release = Cells::new(first, "projects", FOUND_AT)?.optional_number(1, "id of a release")?;
    let mut rules = Vec::new();
    for row in rows {
        if row.try_get::<_, Option<i64>>(FOUND_AT + 2)?.is_some() {
            rules.push(rule(row, FOUND_AT + 2)?);
        }
    }
    Ok(WritableProject { rules, release })
}

#[async_trait]
impl ReleaseRepository for PostgresStore {
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
        Ok(list(&self.session().await?, project, viewer, sql, page).await?)
    }

    async fn get(&self, key: &ReleaseKey) -> Result<Option<ProjectView<Option<Release>>>, StoreError> {
        Ok(get(&self.session().await?, key).await?)
    }

    async fn newest(
        &self,
        project: &ProjectRef,
        viewer: Option<UserId>,
        now: Timestamp,
    ) -> Result<Option<ProjectView<Option<TagName>>>, StoreError> {
        let session = self.session().await?;
        let read =
            |rows: &[Row]| rows.first().map(|row| Cells::new(row, "releases", FOUND_AT)?.text(1, "tag")).transpose();
        Ok(view(&session, NEWEST, project, viewer, &[&now.as_millisecond()], read).await?)
    }

    async fn weigh(
        &self,
        project: &ProjectRef,
        viewer: Option<UserId>,
        tag: Option<TagName>,
    ) -> Result<Option<ProjectView<WritableProject>>, StoreError> {
        let session = self.session().await?;
        let tag = tag.as_ref().map(TagName::as_str);
        Ok(view(&session, WEIGH, project, viewer, &[&tag], weighed).await?)
    }

    async fn create(&self, release: NewRelease) -> Result<Release, ReleaseWriteError> {
        let many = release.links.len() > MANY_LINKS;
        let session = if many { self.session_for_long().await? } else { self.session().await? };
        let created = writing::create(&session, &release).await;
        session.settle(created).await
    }

    async fn update(
        &self,
        project: ProjectId,
        id: ReleaseId,
        changes: ReleaseChanges,
    ) -> Result<Option<Release>, StoreError> {
        let session = self.session().await?;
        let updated = writing::update(&session, project, id, changes).await;
        session.settle(updated).await
    }

    async fn delete(&self, project: ProjectId, id: ReleaseId) -> Result<Option<Release>, StoreError> {
        // It may have any number of links.
        let session = self.session_for_long().await?;
        let deleted = writing::delete(&session, project, id).await;
        let deleted = session.settle(deleted).await?;
        self.wake_sweeper();
        Ok(deleted)
    }
}
