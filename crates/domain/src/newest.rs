//! Which release is the newest (docs/contract.md, "Permanent links").

mod line;

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::ReleaseId;
use crate::release::is_upcoming;
use crate::tag::TagName;
use crate::version::{SEPARATORS, TagVersion};

pub use line::VersionRange;

/// What a request asks for beside the selector in its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preferences {
    /// What the newest release is the highest by.
    pub order: Option<NewestOrder>,
    /// Whether pre-releases count.
    pub prerelease: Option<bool>,
    /// Whether only releases with the requested asset count.
    pub having: bool,
}

/// What the newest release is the highest by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewestOrder {
    /// The release date.
    ReleasedAt,
    /// The version that the tag names.
    SemVer,
}

/// The releases of which the first is the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// Which releases, and their order.
    pub by: RankedBy,
    /// Whether pre-releases count.
    pub prereleases: Prereleases,
    /// How many releases are searched for an asset, from the first on.
    pub searched: usize,
}

/// The order of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RankedBy {
    /// All releases, the last released first.
    Date,
    /// The releases whose versions are in a range, the highest version first.
    Version(VersionRange),
}

/// Whether pre-releases count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prereleases {
    /// They do not.
    Never,
    /// They count like all others.
    Always,
    /// They count if there are no other releases.
    Alone,
}

impl Ranking {
    /// The maximum number of releases that are searched for an asset.
    pub const MAX_SEARCHED: usize = 1_000;

    /// By release date: the newest release, if a request says nothing else.
    pub const BY_DATE: Self = Self { by: RankedBy::Date, prereleases: Prereleases::Always, searched: 1 };

    /// Returns what a selector means: `latest`, a line of versions such as `1.x`, or one of these after a prefix.
    ///
    /// ```
    /// use release_links_domain::newest::{Preferences, RankedBy, Ranking};
    ///
    /// let ranking = |selector| Ranking::of(selector, Preferences::default());
    /// assert_eq!(ranking("latest"), Some(Ranking::BY_DATE));
    /// assert!(matches!(ranking("cli/v1.x").unwrap().by, RankedBy::Version(_)));
    /// assert_eq!(ranking("nightly"), None);
    /// ```
    #[must_use]
    pub fn of(selector: &str, preferences: Preferences) -> Option<Self> {
        let Preferences { order, prerelease, having } = preferences;
        let (prefix, rest) = selector.split_at(selector.rfind(SEPARATORS).map_or(0, |at| at + 1));
        let by = match rest {
            "latest" if prefix.is_empty() && order != Some(NewestOrder::SemVer) => RankedBy::Date,
            "latest" => RankedBy::Version(VersionRange::all(prefix)),
            line => RankedBy::Version(VersionRange::of_line(prefix, line)?),
        };
        let prereleases = match (prerelease, &by) {
            (Some(false), _) => Prereleases::Never,
            (Some(true), _) | (None, RankedBy::Date) => Prereleases::Always,
            (None, RankedBy::Version(_)) => Prereleases::Alone,
        };
        Some(Self { by, prereleases, searched: if having { Self::MAX_SEARCHED } else { 1 } })
    }

    /// Returns the releases that are out at the time `now`, the newest first; of equal ones, the last released and then
    /// the one with the highest id. Storage must find the same ones.
    ///
    /// ```
    /// use release_links_domain::newest::Ranking;
    /// use release_links_domain::tag::TagName;
    ///
    /// let tags: [TagName; 3] = ["a", "b", "c"].map(|tag| tag.parse().unwrap());
    /// let [first, second, third] = [1, 2, 3].map(|id| id.try_into().unwrap());
    /// let (monday, tuesday) = ("2026-03-02T00:00Z".parse()?, "2026-03-03T00:00Z".parse()?);
    /// let releases = [(first, monday, &tags[0]), (second, monday, &tags[1]), (third, tuesday, &tags[2])];
    /// assert_eq!(Ranking::BY_DATE.apply(releases, monday), [second, first]);
    /// assert_eq!(Ranking::BY_DATE.apply(releases, tuesday), [third, second, first]);
    /// # Ok::<(), jiff::Error>(())
    /// ```
    #[must_use]
    pub fn apply<'a>(
        &self,
        releases: impl IntoIterator<Item = (ReleaseId, Timestamp, &'a TagName)>,
        now: Timestamp,
    ) -> Vec<ReleaseId> {
        let out = releases.into_iter().filter(|(_, released_at, _)| !is_upcoming(*released_at, now));
        let mut ranked: Vec<_> = out
            .filter_map(|(id, released_at, tag)| {
                let version = TagVersion::of(tag.as_str());
                let is_prerelease = version.as_ref().is_some_and(|version| version.key.is_prerelease());
                let rank = match &self.by {
                    RankedBy::Date => None,
                    RankedBy::Version(range) => Some(version.filter(|version| range.contains(version))?.key),
                };
                Some((Reverse((rank, released_at, id)), is_prerelease))
            })
            .collect();
        let stable_only = match self.prereleases {
            Prereleases::Never => true,
            Prereleases::Always => false,
            Prereleases::Alone => ranked.iter().any(|(_, is_prerelease)| !is_prerelease),
        };
        ranked.retain(|(_, is_prerelease)| !(stable_only && *is_prerelease));
        ranked.sort();
        ranked.into_iter().map(|(Reverse((_, _, id)), _)| id).collect()
    }
}

#[cfg(test)]
mod tests;
