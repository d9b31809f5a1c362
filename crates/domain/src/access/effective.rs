//! The effective level of a user, from all sources that grant one (docs/contract.md, "Permissions").

use super::AccessLevel;

/// The levels that a user is granted in a project, or in the namespace of a group or a user.
///
/// ```
/// use release_links_domain::access::{AccessLevel, Grants};
///
/// let access = Grants {
///     direct: Some(AccessLevel::Developer),
///     inherited: Some(AccessLevel::Maintainer),
///     owns_namespace: false,
/// };
/// assert_eq!(access.level(), Some(AccessLevel::Maintainer));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grants {
    /// The level as a direct member of the project; always none for a namespace.
    pub direct: Option<AccessLevel>,
    /// The highest level as a member of the group or its parents, or of the groups that contain the project.
    pub inherited: Option<AccessLevel>,
    /// Whether it is the user's own namespace, or a project in it.
    pub owns_namespace: bool,
}

impl Grants {
    /// The level of a user in their own namespace.
    pub const IN_OWN_NAMESPACE: AccessLevel = AccessLevel::Owner;

    /// Returns the highest level granted, if any.
    #[must_use]
    pub fn level(self) -> Option<AccessLevel> {
        self.outside_groups().max(self.inherited)
    }

    /// Returns the highest level that does not come from a group.
    #[must_use]
    pub fn outside_groups(self) -> Option<AccessLevel> {
        let own = self.owns_namespace.then_some(Self::IN_OWN_NAMESPACE);
        self.direct.max(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AccessLevel::{Developer, Guest, Maintainer, Owner};

    fn access(direct: Option<AccessLevel>, inherited: Option<AccessLevel>, owns_namespace: bool) -> Grants {
        Grants { direct, inherited, owns_namespace }
    }

    #[test]
    fn the_highest_level_counts_whatever_its_source() {
        for (direct, inherited, owns, level) in [
            (None, None, false, None),
            (Some(Guest), None, false, Some(Guest)),
            (None, Some(Developer), false, Some(Developer)),
            (Some(Maintainer), Some(Guest), false, Some(Maintainer)),
            (Some(Guest), Some(Owner), false, Some(Owner)),
            (None, None, true, Some(Owner)),
            (Some(Guest), Some(Developer), true, Some(Owner)),
        ] {
            assert_eq!(access(direct, inherited, owns).level(), level, "{direct:?} {inherited:?} {owns}");
        }
    }

    #[test]
    fn a_level_outside_groups_comes_from_direct_membership_or_namespace_ownership() {
        assert_eq!(access(Some(Guest), Some(Owner), false).outside_groups(), Some(Guest));
        assert_eq!(access(None, Some(Owner), false).outside_groups(), None);
        assert_eq!(access(Some(Guest), None, true).outside_groups(), Some(Owner));
    }
}
