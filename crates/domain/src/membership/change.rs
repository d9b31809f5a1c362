//! The rules for changing memberships and administrators (docs/contract.md, "Provisioning").

use super::MemberOf;
use crate::access::AccessLevel;
use crate::user::User;

/// A request to change the level of a membership, or to end it.
///
/// ```
/// use release_links_domain::access::AccessLevel;
/// use release_links_domain::membership::{ChangeDecision, MemberOf, MembershipChange};
///
/// let step_down = MembershipChange {
///     of: MemberOf::Group,
///     current: AccessLevel::Owner,
///     new: None,
///     ceiling: AccessLevel::Owner,
/// };
/// assert_eq!(step_down.decide(), ChangeDecision::IfAnotherOwnerIsLeft);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MembershipChange {
    /// The kind of source that the membership belongs to.
    pub of: MemberOf,
    /// The current level.
    pub current: AccessLevel,
    /// The new level; `None` ends the membership.
    pub new: Option<AccessLevel>,
    /// The caller's own level, the highest that they may manage.
    pub ceiling: AccessLevel,
}

/// Whether a membership may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeDecision {
    /// The change is allowed.
    Allow,
    /// The change is allowed if the group, or one of its parents, keeps another owner.
    IfAnotherOwnerIsLeft,
    /// The change is forbidden: the member's level is above the caller's.
    Above,
}

impl MembershipChange {
    /// Decides whether the change is allowed.
    #[must_use]
    pub fn decide(self) -> ChangeDecision {
        if self.current > self.ceiling {
            return ChangeDecision::Above;
        }
        let loses_an_owner = self.current == AccessLevel::Owner && self.new != Some(AccessLevel::Owner);
        if self.of == MemberOf::Group && loses_an_owner {
            ChangeDecision::IfAnotherOwnerIsLeft
        } else {
            ChangeDecision::Allow
        }
    }
}

/// Whether deleting or demoting this user requires another administrator: the server must keep at least one.
#[must_use]
pub const fn needs_another_administrator(user: &User, stays_administrator: bool) -> bool {
    user.administrator && !stays_administrator
}

#[cfg(test)]
mod tests {
    use super::*;
    use AccessLevel::{Developer, Maintainer, Owner};
    use ChangeDecision::{Above, Allow, IfAnotherOwnerIsLeft};

    #[test]
    fn a_group_keeps_an_owner_and_a_level_above_the_callers_is_not_changed() {
        for (of, current, new, ceiling, decision) in [
            (MemberOf::Project, Developer, None, Maintainer, Allow),
            (MemberOf::Project, Maintainer, Some(Developer), Maintainer, Allow),
            (MemberOf::Project, Owner, Some(Developer), Maintainer, Above),
            (MemberOf::Project, Owner, None, Owner, Allow),
            (MemberOf::Group, Developer, None, Owner, Allow),
            (MemberOf::Group, Owner, Some(Owner), Owner, Allow),
            (MemberOf::Group, Owner, Some(Maintainer), Owner, IfAnotherOwnerIsLeft),
            (MemberOf::Group, Owner, None, Owner, IfAnotherOwnerIsLeft),
            (MemberOf::Group, Owner, None, Maintainer, Above),
        ] {
            let change = MembershipChange { of, current, new, ceiling };
            assert_eq!(change.decide(), decision, "{change:?}");
        }
    }

    #[test]
    fn only_removing_an_administrator_requires_another() {
        let user = |administrator| User {
            id: 1.try_into().unwrap(),
            username: "ada".parse().unwrap(),
            name: "Ada".to_owned(),
            email: "ada@example.com".parse().unwrap(),
            administrator,
            bot: false,
        };
        for (administrator, stays, needs) in [(true, false, true), (true, true, false), (false, false, false)] {
            assert_eq!(needs_another_administrator(&user(administrator), stays), needs);
        }
    }
}
