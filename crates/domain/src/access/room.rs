//! How many rules protect the tags of a project, and what keeps it from taking one more (docs/contract.md, "Provisioning").

use super::TagRule;

impl TagRule {
    /// The most rules that a project takes: each is compared with each tag that is shown or written on.
    pub const MAX_PER_PROJECT: usize = 300;
}

/// What stands in the way of a further rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleObstacle {
    /// The project has a rule with this pattern.
    Taken,
    /// The project has as many rules as it may.
    TooMany,
}

impl RuleObstacle {
    /// What keeps a project that has `rules` rules from taking one more, whose pattern may be taken. Counting may stop at
    /// [`TagRule::MAX_PER_PROJECT`].
    ///
    /// ```
    /// use release_links_domain::access::{RuleObstacle, TagRule};
    ///
    /// assert_eq!(RuleObstacle::to_one_more(TagRule::MAX_PER_PROJECT - 1, false), None);
    /// assert_eq!(RuleObstacle::to_one_more(TagRule::MAX_PER_PROJECT, false), Some(RuleObstacle::TooMany));
    /// assert_eq!(RuleObstacle::to_one_more(TagRule::MAX_PER_PROJECT, true), Some(RuleObstacle::Taken));
    /// ```
    #[must_use]
    pub const fn to_one_more(rules: usize, pattern_is_taken: bool) -> Option<Self> {
        if pattern_is_taken {
            Some(Self::Taken)
        } else if rules >= TagRule::MAX_PER_PROJECT {
            Some(Self::TooMany)
        } else {
            None
        }
    }
}
