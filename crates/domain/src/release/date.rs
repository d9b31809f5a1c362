//! The release date: its default, and what follows from it.

use jiff::Timestamp;

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
pub fn is_upcoming(released_at: Timestamp, now: Timestamp) -> bool {
    released_at > now
}
