//! The releases that channels point to or of which the first is the newest, and the assets in them.

use release_links_sql::link_columns;

use crate::view::{Viewed, viewed, views};

/// The first `$most` releases `r` of project `p` that are out at `$3`.
macro_rules! ranked {
    ($columns:literal, $condition:literal, $order:literal, $most:literal) => {
        concat!(
            $columns,
            " FROM releases r WHERE r.project_id = p.id AND r.released_at <= $3",
            $condition,
            " ORDER BY ",
            $order,
            " LIMIT ",
            $most
        )
    };
}

/// The newest release.
macro_rules! release {
    ($condition:literal, $order:literal) => {
        viewed!(ranked!("r.id, r.tag", $condition, $order, "1"))
    };
}

/// The link with the path `$path` in the first of `$most` releases that has one, and that release.
macro_rules! asset {
    ($condition:literal, $order:literal, $path:literal, $most:literal) => {
        viewed!(concat!(
            link_columns!("l"),
            ", r.id, r.tag FROM (SELECT ",
            ranked!("r.id, r.tag, r.released_at, r.version", $condition, $order, $most),
            ") r JOIN links l ON l.release_id = r.id AND l.path = ",
            $path,
            " ORDER BY ",
            $order,
            " LIMIT 1"
        ))
    };
}

/// What follows `$select` in the release that the channel `$4` points to, if that is out; else, if `$5`, in the last released
/// one.
macro_rules! of_channel {
    ($select:expr) => {
        viewed!(concat!(
            $select,
            " WHERE r.id = coalesce((SELECT o.id FROM release_channels c JOIN releases o ON o.id = c.release_id
                WHERE c.project_id = p.id AND c.name = $4 AND o.released_at <= $3), CASE WHEN $5::boolean THEN (SELECT ",
            ranked!("r.id", "", "r.released_at DESC, r.id DESC", "1"),
            ") END)"
        ))
    };
}

views! {
    OF_CHANNEL = of_channel!("r.id, r.tag FROM releases r");
    ASSET_OF_CHANNEL = of_channel!(concat!(link_columns!("l"), ", r.id, r.tag
        FROM releases r JOIN links l ON l.release_id = r.id AND l.path = $6"));
    BY_DATE = release!("", "r.released_at DESC, r.id DESC");
    STABLE_BY_DATE = release!(" AND NOT r.prerelease", "r.released_at DESC, r.id DESC");
    BY_VERSION = release!(" AND r.version_prefix = $4 AND r.version >= $5 AND r.version < $6",
        "r.version DESC, r.released_at DESC, r.id DESC");
    STABLE_BY_VERSION = release!(" AND r.version_prefix = $4 AND r.version >= $5 AND r.version < $6 AND NOT r.prerelease",
        "r.version DESC, r.released_at DESC, r.id DESC");
    ASSET_BY_DATE = asset!("", "r.released_at DESC, r.id DESC", "$4", "$5");
    ASSET_STABLE_BY_DATE = asset!(" AND NOT r.prerelease", "r.released_at DESC, r.id DESC", "$4", "$5");
    ASSET_BY_VERSION = asset!(" AND r.version_prefix = $4 AND r.version >= $5 AND r.version < $6",
        "r.version DESC, r.released_at DESC, r.id DESC", "$7", "$8");
    ASSET_STABLE_BY_VERSION = asset!(" AND r.version_prefix = $4 AND r.version >= $5 AND r.version < $6 AND NOT r.prerelease",
        "r.version DESC, r.released_at DESC, r.id DESC", "$7", "$8");
}

/// A statement on all releases of a ranking, and one on those that are no pre-releases.
#[derive(Clone, Copy)]
pub struct Ranked {
    pub all: Viewed,
    pub stable: Viewed,
}

pub const RELEASE_BY_DATE: Ranked = Ranked { all: BY_DATE, stable: STABLE_BY_DATE };
pub const RELEASE_BY_VERSION: Ranked = Ranked { all: BY_VERSION, stable: STABLE_BY_VERSION };
pub const LINK_BY_DATE: Ranked = Ranked { all: ASSET_BY_DATE, stable: ASSET_STABLE_BY_DATE };
pub const LINK_BY_VERSION: Ranked = Ranked { all: ASSET_BY_VERSION, stable: ASSET_STABLE_BY_VERSION };
