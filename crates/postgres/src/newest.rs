//! Finds the newest release, and an asset in it.

use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::link::Link;
use release_links_domain::newest::{Prereleases, RankedBy, Ranking};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagName;
use release_links_ports::ProjectView;
use release_links_sql::links::{COUNT, link};
use release_links_sql::releases::tag;

use crate::failure::Failure;
use crate::paging::stop_at;
use crate::query::{Session, Value};
use crate::rows::Row;
use crate::tables::newest::{LINK_BY_DATE, LINK_BY_VERSION, RELEASE_BY_DATE, RELEASE_BY_VERSION, Ranked};
use crate::view::{FACTS, FOUND_AT, view};

/// Returns the tag of the newest release.
pub async fn release(
    session: &Session,
    project: &ProjectRef,
    reader: Reader,
    ranking: Option<Ranking>,
    now: Timestamp,
) -> Result<Option<ProjectView<TagName>>, Failure> {
    let read = |rows: &[Row]| rows.first().map(|row| tag(row, FOUND_AT)).transpose();
    find(session, project, reader, ranking, now, (RELEASE_BY_DATE, RELEASE_BY_VERSION), &[], read).await
}

/// Returns the link with this path in the newest release, and the release's tag.
pub async fn asset(
    session: &Session,
    project: &ProjectRef,
    reader: Reader,
    ranking: Option<Ranking>,
    now: Timestamp,
    path: &str,
) -> Result<Option<ProjectView<(TagName, Link)>>, Failure> {
    let searched = stop_at(ranking.as_ref().map_or(0, |ranking| ranking.searched));
    let read = |rows: &[Row]| {
        let found = rows.first().map(|row| Ok((tag(row, FOUND_AT + COUNT)?, link(row, FOUND_AT)?)));
        found.transpose()
    };
    find(session, project, reader, ranking, now, (LINK_BY_DATE, LINK_BY_VERSION), &[&path, &searched], read).await
}

/// Returns what a statement finds in a ranking, of which there is one statement by date and one by version.
#[expect(clippy::too_many_arguments, reason = "the ranking and what is read in it")]
async fn find<T>(
    session: &Session,
    project: &ProjectRef,
    reader: Reader,
    ranking: Option<Ranking>,
    now: Timestamp,
    (by_date, by_version): (Ranked, Ranked),
    values: &[Value<'_>],
    read: impl FnOnce(&[Row]) -> Result<Option<T>, Failure>,
) -> Result<Option<ProjectView<T>>, Failure> {
    let Some(Ranking { by, prereleases, .. }) = ranking else {
        return view(session, FACTS, project, reader, &[], |_| Ok(None)).await;
    };
    let now = now.as_millisecond();
    let range = match &by {
        RankedBy::Date => None,
        RankedBy::Version(range) => Some((range.prefix(), range.from(), range.below())),
    };
    let mut ranked: Vec<Value<'_>> = vec![&now];
    let (release, sql) = match &range {
        None => (RELEASE_BY_DATE, by_date),
        Some((prefix, from, below)) => {
            ranked.extend([prefix as Value<'_>, from, below]);
            (RELEASE_BY_VERSION, by_version)
        }
    };
    let all = [&ranked[..], values].concat();
    let sql = match prereleases {
        Prereleases::Never => sql.stable,
        Prereleases::Always => sql.all,
        Prereleases::Alone => {
            session.begin_snapshot().await?;
            let stable =
                view(session, release.stable, project, reader, &ranked, |rows| Ok(rows.first().map(|_| ()))).await?;
            let sql = if stable.is_some_and(|view| view.found.is_some()) { sql.stable } else { sql.all };
            let found = view(session, sql, project, reader, &all, read).await?;
            session.commit().await?;
            return Ok(found);
        }
    };
    view(session, sql, project, reader, &all, read).await
}
