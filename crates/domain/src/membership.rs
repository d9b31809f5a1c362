//! Who may say who is a member (docs/contract.md, "Provisioning").

use crate::access::{AccessLevel, Standing};

/// What somebody is a member of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberOf {
    /// A project.
    Project,
    /// A group.
    Group,
}

/// Whether somebody who stands so may add, change and remove members of the levels `touched`: those that are there, and
/// those that are to be given. Nobody touches a level above their own.
///
/// ```
/// use release_links_domain::access::{AccessLevel, Standing};
/// use release_links_domain::membership::{MemberOf, may_manage};
///
/// let maintainer = Standing::SignedIn(Some(AccessLevel::Maintainer));
/// assert!(may_manage(maintainer, MemberOf::Project, &[AccessLevel::Maintainer]));
/// assert!(!may_manage(maintainer, MemberOf::Project, &[AccessLevel::Owner]));
/// ```
#[must_use]
pub fn may_manage(standing: Standing, of: MemberOf, touched: &[AccessLevel]) -> bool {
    let least = match of {
        MemberOf::Project => AccessLevel::Maintainer,
        MemberOf::Group => AccessLevel::Owner,
    };
    standing.is_at_least(least) && touched.iter().all(|&level| standing.is_at_least(level))
}

#[cfg(test)]
mod tests {
    use super::*;
    use AccessLevel::{Developer, Guest, Maintainer, Owner};

    #[test]
    fn members_are_managed_by_maintainers_of_a_project_and_owners_of_a_group() {
        for (standing, project, group) in [
            (Standing::Anonymous, false, false),
            (Standing::OutOfReach, false, false),
            (Standing::SignedIn(None), false, false),
            (Standing::SignedIn(Some(Developer)), false, false),
            (Standing::SignedIn(Some(Maintainer)), true, false),
            (Standing::SignedIn(Some(Owner)), true, true),
            (Standing::Administrator, true, true),
        ] {
            let managed = [MemberOf::Project, MemberOf::Group].map(|of| may_manage(standing, of, &[Guest]));
            assert_eq!(managed, [project, group], "{standing:?}");
        }
    }

    #[test]
    fn nobody_touches_a_level_above_their_own() {
        let maintainer = Standing::SignedIn(Some(Maintainer));
        for (touched, allowed) in [(&[][..], true), (&[Maintainer, Guest], true), (&[Owner, Guest], false)] {
            assert_eq!(may_manage(maintainer, MemberOf::Project, touched), allowed, "{touched:?}");
        }
        assert!(may_manage(Standing::Administrator, MemberOf::Project, &[Owner]));
    }
}
