//! The limit on a release's links, and why another cannot be added (docs/contract.md, "Link rules").

use super::{Link, LinkConflict, LinkFault, LinkFaults};

impl Link {
    /// The maximum number of links per release. A release that an older version let grow larger keeps its links, but
    /// takes no more.
    pub const MAX_PER_RELEASE: usize = 1_000;
}

/// Why a valid link cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkObstacle {
    /// Other links of the release have these of its values.
    Taken(LinkConflict),
    /// The release already has the maximum number of links.
    TooMany,
}

impl LinkObstacle {
    /// Returns why a release with `links` links cannot take another with these conflicts, if it cannot. `links` need
    /// not count beyond [`Link::MAX_PER_RELEASE`]. Conflicts are reported first, so that a client that retries a
    /// request learns that it already succeeded.
    ///
    /// ```
    /// use release_links_domain::link::{Link, LinkConflict, LinkObstacle};
    ///
    /// let free = LinkConflict::NONE;
    /// assert_eq!(LinkObstacle::to_one_more(Link::MAX_PER_RELEASE - 1, free), None);
    /// assert_eq!(LinkObstacle::to_one_more(Link::MAX_PER_RELEASE, free), Some(LinkObstacle::TooMany));
    /// ```
    #[must_use]
    pub fn to_one_more(links: usize, taken: LinkConflict) -> Option<Self> {
        if !taken.is_none() {
            Some(Self::Taken(taken))
        } else if is_full(links) {
            Some(Self::TooMany)
        } else {
            None
        }
    }
}

/// Whether a release with `links` links cannot take another.
pub(super) const fn is_full(links: usize) -> bool {
    links >= Link::MAX_PER_RELEASE
}

/// The faults that the client is told.
impl From<LinkObstacle> for LinkFaults {
    fn from(obstacle: LinkObstacle) -> Self {
        match obstacle {
            LinkObstacle::Taken(taken) => taken.into(),
            LinkObstacle::TooMany => Self::of(LinkFault::TooMany),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LinkId;

    fn holder() -> LinkId {
        7.try_into().unwrap()
    }

    #[test]
    fn a_release_has_at_most_a_thousand_links() {
        for (links, expected) in
            [(0, None), (999, None), (1_000, Some(LinkObstacle::TooMany)), (14_000, Some(LinkObstacle::TooMany))]
        {
            assert_eq!(LinkObstacle::to_one_more(links, LinkConflict::NONE), expected, "{links}");
        }
        assert_eq!(LinkFaults::from(LinkObstacle::TooMany).sentences(), ["Links are too many (maximum is 1000)"]);
    }

    #[test]
    fn conflicts_are_reported_before_too_many_links() {
        let taken = LinkConflict { name: Some(holder()), ..LinkConflict::NONE };
        assert_eq!(LinkObstacle::to_one_more(1_000, taken), Some(LinkObstacle::Taken(taken)));
        assert_eq!(LinkFaults::from(LinkObstacle::Taken(taken)).sentences(), ["Name has already been taken"]);
    }
}
