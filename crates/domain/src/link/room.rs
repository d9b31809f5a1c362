//! How many links a release holds, and what keeps it from taking one more (docs/contract.md, "Link rules").

use super::{Link, LinkConflict, LinkFault, LinkFaults};

impl Link {
    /// The most links that a release takes. One that an older version let grow beyond keeps its links, and takes no more.
    pub const MAX_PER_RELEASE: usize = 1_000;
}

/// What stands in the way of a link that could otherwise be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkObstacle {
    /// Other links of the release hold these of its values.
    Taken(LinkConflict),
    /// The release holds as many links as it may.
    TooMany,
}

impl LinkObstacle {
    /// What keeps a release that has `links` links from taking one more, of which these values are `taken`. Counting may
    /// stop at [`Link::MAX_PER_RELEASE`]. A taken value comes first: it tells who repeats a request that it was done before.
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

/// Whether a release that has `links` links takes no further one.
pub(super) const fn is_full(links: usize) -> bool {
    links >= Link::MAX_PER_RELEASE
}

/// What a writer is told.
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

    #[test]
    fn a_release_holds_a_thousand_links_at_most() {
        for (links, expected) in
            [(0, None), (999, None), (1_000, Some(LinkObstacle::TooMany)), (14_000, Some(LinkObstacle::TooMany))]
        {
            assert_eq!(LinkObstacle::to_one_more(links, LinkConflict::NONE), expected, "{links}");
        }
        assert_eq!(LinkFaults::from(LinkObstacle::TooMany).sentences(), ["Links are too many (maximum is 1000)"]);
    }

    #[test]
    fn what_is_taken_is_told_before_that_links_are_too_many() {
        let taken = LinkConflict { name: true, ..LinkConflict::NONE };
        assert_eq!(LinkObstacle::to_one_more(1_000, taken), Some(LinkObstacle::Taken(taken)));
        assert_eq!(LinkFaults::from(LinkObstacle::Taken(taken)).sentences(), ["Name has already been taken"]);
    }
}
