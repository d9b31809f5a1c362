//! The releases that channels point to or of which the first is the newest, and the assets in them.

use jiff::Timestamp;
use release_links_domain::channel::Selection;
use release_links_domain::link::Link;
use release_links_domain::newest::{Prereleases, RankedBy, Ranking};
use release_links_domain::tag::TagName;
use release_links_domain::{ProjectId, ReleaseId};
use release_links_sql::link_columns;
use release_links_sql::links::{COUNT, link};
use release_links_sql::paging::clamped;
use release_links_sql::releases::{id, tag};
use rusqlite::{Connection, ToSql, params, params_from_iter};

use crate::failure::Failure;
use crate::query::{exists, first, statements};
use crate::rows::Row;
use crate::tables::links::by_path;

/// The releases of project `?1` that are out at `?2`, in the order of an index.
macro_rules! ranked {
    ($columns:literal, $most:literal, $index:literal, $condition:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM releases INDEXED BY ",
            $index,
            " WHERE project_id = ?1 AND released_at <= ?2",
            $condition,
            " ORDER BY ",
            $order,
            "released_at DESC, id DESC LIMIT ",
            $most
        )
    };
}

/// The first `?3` releases of a ranking.
macro_rules! releases {
    ($($ranking:literal),+) => {
        ranked!("id, tag", "?3", $($ranking),+)
    };
}

/// The link with the path `?3` in the first release of a ranking, and the release's tag.
macro_rules! asset {
    ($($ranking:literal),+) => {
        concat!(
            "SELECT ",
            link_columns!("l"),
            ", r.id, r.tag FROM releases r CROSS JOIN links l ON l.release_id = r.id AND l.path = ?3 WHERE r.id = (",
            ranked!("id", "1", $($ranking),+),
            ")"
        )
    };
}

/// What follows `$select` in the release that the channel `?3` points to, if that is out; else, if `?4`, in the last released
/// one.
macro_rules! of_channel {
    ($select:expr) => {
        concat!(
            $select,
            " WHERE r.id = ifnull((SELECT o.id FROM release_channels c CROSS JOIN releases o ON o.id = c.release_id
                WHERE c.project_id = ?1 AND c.name = ?3 AND o.released_at <= ?2), CASE WHEN ?4 THEN (",
            ranked!("id", "1", "releases_by_release_date", "", ""),
            ") END)"
        )
    };
}

/// What a macro makes of each ranking.
macro_rules! by_date {
    ($of:ident) => {
        $of!("releases_by_release_date", "", "")
    };
}
macro_rules! stable_by_date {
    ($of:ident) => {
        $of!("stable_releases_by_date", " AND prerelease = 0", "")
    };
}
macro_rules! by_version {
    ($of:ident) => {
        $of!("releases_by_version", " AND version_prefix = ?4 AND version >= ?5 AND version < ?6", "version DESC, ")
    };
}
macro_rules! stable_by_version {
    ($of:ident) => {
        $of!(
            "stable_releases_by_version",
            " AND version_prefix = ?4 AND version >= ?5 AND version < ?6 AND prerelease = 0",
            "version DESC, "
        )
    };
}

statements! {
    BY_DATE = by_date!(releases);
    STABLE_BY_DATE = stable_by_date!(releases);
    BY_VERSION = by_version!(releases);
    STABLE_BY_VERSION = stable_by_version!(releases);
    OF_CHANNEL = of_channel!("SELECT r.id, r.tag FROM releases r");
    ASSET_OF_CHANNEL = of_channel!(concat!("SELECT ", link_columns!("l"), ", r.id, r.tag
        FROM releases r CROSS JOIN links l ON l.release_id = r.id AND l.path = ?5"));
    ASSET_BY_DATE = by_date!(asset);
    ASSET_STABLE_BY_DATE = stable_by_date!(asset);
    ASSET_BY_VERSION = by_version!(asset);
    ASSET_STABLE_BY_VERSION = stable_by_version!(asset);
}

/// The columns of the id and the tag of the release that has the link of a row.
const RELEASE_AT: usize = COUNT;

/// The values that choose the releases of a ranking.
struct Chosen<'a> {
    project: i64,
    now: i64,
    range: Option<(&'a str, &'a [u8], &'a [u8])>,
}

impl Chosen<'_> {
    /// Returns all values of a statement whose parameter `?3` is `third`.
    fn with<'a>(&'a self, third: &'a dyn ToSql) -> Vec<&'a dyn ToSql> {
        let mut values: Vec<&dyn ToSql> = vec![&self.project, &self.now, third];
        if let Some((prefix, from, below)) = &self.range {
            values.extend([prefix as &dyn ToSql, from, below]);
        }
        values
    }
}

/// Returns the values of a ranking, and whether only releases that are no pre-releases count.
fn choose<'a>(
    conn: &Connection,
    project: ProjectId,
    ranking: &'a Ranking,
    now: Timestamp,
) -> Result<(Chosen<'a>, bool), Failure> {
    let range = match &ranking.by {
        RankedBy::Date => None,
        RankedBy::Version(range) => Some((range.prefix(), range.from(), range.below())),
    };
    let chosen = Chosen { project: project.get(), now: now.as_millisecond(), range };
    let is_stable_only = match ranking.prereleases {
        Prereleases::Never => true,
        Prereleases::Always => false,
        Prereleases::Alone => {
            let stable = if range.is_some() { STABLE_BY_VERSION } else { STABLE_BY_DATE };
            exists(conn, stable, params_from_iter(chosen.with(&1)))?
        }
    };
    Ok((chosen, is_stable_only))
}

/// Returns the tag of the selected release.
pub fn selected(
    conn: &Connection,
    project: ProjectId,
    selection: &Selection,
    now: Timestamp,
) -> Result<Option<TagName>, Failure> {
    let Selection { channel, ranking } = selection;
    if let Some(channel) = channel {
        let falls_back = *ranking == Some(Ranking::BY_DATE);
        let values = params![project.get(), now.as_millisecond(), channel.as_str(), falls_back];
        let found = first(conn, OF_CHANNEL, values, |row| tag(row, 0))?;
        if found.is_some() || falls_back {
            return Ok(found);
        }
    }
    match ranking {
        Some(ranking) => find(conn, project, ranking, now, 1, |_, tag| Ok(Some(tag))),
        None => Ok(None),
    }
}

/// Returns the link with this path in the selected release, and the release's tag.
pub fn selected_asset(
    conn: &Connection,
    project: ProjectId,
    selection: &Selection,
    now: Timestamp,
    path: &str,
) -> Result<Option<(TagName, Link)>, Failure> {
    let Selection { channel, ranking } = selection;
    if let Some(channel) = channel {
        let falls_back = *ranking == Some(Ranking::BY_DATE);
        let (project, now, name) = (project.get(), now.as_millisecond(), channel.as_str());
        let found = first(conn, ASSET_OF_CHANNEL, params![project, now, name, falls_back, path], asset)?;
        if found.is_some() || falls_back || exists(conn, OF_CHANNEL, params![project, now, name, false])? {
            return Ok(found);
        }
    }
    match ranking {
        None => Ok(None),
        Some(ranking) if ranking.searched == 1 => asset_of_newest(conn, project, ranking, now, path),
        Some(ranking) => find(conn, project, ranking, now, ranking.searched, |release, tag| {
            Ok(by_path(conn, release, path)?.map(|link| (tag, link)))
        }),
    }
}

fn asset(row: &Row<'_, '_>) -> Result<(TagName, Link), Failure> {
    Ok((tag(row, RELEASE_AT)?, link(row, 0)?))
}

/// Returns the link with this path in the newest release, and the release's tag.
fn asset_of_newest(
    conn: &Connection,
    project: ProjectId,
    ranking: &Ranking,
    now: Timestamp,
    path: &str,
) -> Result<Option<(TagName, Link)>, Failure> {
    let (chosen, is_stable_only) = choose(conn, project, ranking, now)?;
    let sql = match (&ranking.by, is_stable_only) {
        (RankedBy::Date, false) => ASSET_BY_DATE,
        (RankedBy::Date, true) => ASSET_STABLE_BY_DATE,
        (RankedBy::Version(_), false) => ASSET_BY_VERSION,
        (RankedBy::Version(_), true) => ASSET_STABLE_BY_VERSION,
    };
    first(conn, sql, params_from_iter(chosen.with(&path)), asset)
}

/// Returns what `find` finds first in the first `most` releases of a ranking.
fn find<T>(
    conn: &Connection,
    project: ProjectId,
    ranking: &Ranking,
    now: Timestamp,
    most: usize,
    mut find: impl FnMut(ReleaseId, TagName) -> Result<Option<T>, Failure>,
) -> Result<Option<T>, Failure> {
    let (chosen, is_stable_only) = choose(conn, project, ranking, now)?;
    let sql = match (&ranking.by, is_stable_only) {
        (RankedBy::Date, false) => BY_DATE,
        (RankedBy::Date, true) => STABLE_BY_DATE,
        (RankedBy::Version(_), false) => BY_VERSION,
        (RankedBy::Version(_), true) => STABLE_BY_VERSION,
    };
    let most = clamped(most as u64);
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(chosen.with(&most)))?;
    while let Some(row) = rows.next()? {
        let row = Row::of(row);
        if let Some(found) = find(id(&row, 0)?, tag(&row, 0)?)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
