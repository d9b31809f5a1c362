//! Which memberships and administrators may change, and which must stay (docs/contract.md, "Provisioning").

use super::MemberOf;
use crate::access::AccessLevel;
use crate::user::User;

/// A membership that is to get another level, or to end.
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
    /// What it is a membership of.
    pub of: MemberOf,
    /// The level now.
    pub current: AccessLevel,
    /// The level that is to be; none ends the membership.
    pub new: Option<AccessLevel>,
    /// The level of whoever asks for the change.
    pub ceiling: AccessLevel,
}

/// Whether a membership may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeDecision {
    /// It may.
    Allow,
    /// It may if the group, or one above it, has another owner: a group keeps one.
    IfAnotherOwnerIsLeft,
    /// It may not: the member has a higher level than whoever asks.
    Above,
}

impl MembershipChange {
    /// Decides.
    #[must_use]
    pub fn decide(self) -> ChangeDecision {
        if self.current > self.ceiling {
            return ChangeDecision::Above;
        }
        let takes_an_owner = self.current == AccessLevel::Owner && self.new != Some(AccessLevel::Owner);
        if self.of == MemberOf::Group && takes_an_owner {
            ChangeDecision::IfAnotherOwnerIsLeft
        } else {
            ChangeDecision::Allow
        }
    }
}

/// Whether the server must have another administrator before this one goes, or stops being one: it keeps one.
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
    fn a_group_keeps_an_owner_and_nobody_changes_a_level_above_their_own() {
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
    fn only_an_administrator_who_stops_being_one_needs_another() {
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
