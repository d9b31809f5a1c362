//! The release date: its default, and what follows from it.

use jiff::Timestamp;

use crate::ReleaseId;

/// Returns the release date of a new release: `now`, unless the request gives another one.
///
/// ```
/// use release_links_domain::release::date_of_new;
///
/// let (now, later) = ("2026-03-02T00:00Z".parse()?, "2026-03-03T00:00Z".parse()?);
/// assert_eq!(date_of_new(None, now), now);
/// assert_eq!(date_of_new(Some(later), now), later);
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn date_of_new(given: Option<Timestamp>, now: Timestamp) -> Timestamp {
    given.unwrap_or(now)
}

/// Whether a release date is in the future; at that exact moment the release is out.
pub(super) fn is_upcoming(released_at: Timestamp, now: Timestamp) -> bool {
    released_at > now
}

/// Returns the newest release of a project: the one that was released last, not counting future ones; of several
/// released at the same moment, the one with the highest id. Storage must find the same one.
///
/// ```
/// use release_links_domain::release::newest;
///
/// let (monday, tuesday, wednesday) = ("2026-03-02T00:00Z".parse()?, "2026-03-03T00:00Z".parse()?, "2026-03-04T00:00Z".parse()?);
/// let [first, second, third] = [1, 2, 3].map(|id| id.try_into().unwrap());
/// let releases = [(first, monday), (second, monday), (third, wednesday)];
/// assert_eq!(newest(releases, tuesday), Some(second));
/// assert_eq!(newest(releases, wednesday), Some(third));
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn newest(releases: impl IntoIterator<Item = (ReleaseId, Timestamp)>, now: Timestamp) -> Option<ReleaseId> {
    let out = releases.into_iter().filter(|(_, released_at)| !is_upcoming(*released_at, now));
    out.max_by_key(|&(id, released_at)| (released_at, id)).map(|(id, _)| id)
}
