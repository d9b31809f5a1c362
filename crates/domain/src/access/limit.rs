//! The limit on a project's tag protection rules, and the conflicts of a new one (docs/contract.md, "Provisioning").

use super::TagRule;

impl TagRule {
    /// The maximum number of rules per project. Each is compared with every tag that is listed or written to.
    pub const MAX_PER_PROJECT: usize = 300;
}

/// Why a project cannot take another rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleObstacle {
    /// The project already has a rule with this pattern.
    Taken,
    /// The project already has the maximum number of rules.
    TooMany,
}

impl RuleObstacle {
    /// Returns why a project with `rules` rules cannot take another, if it cannot. `rules` need not count beyond
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
