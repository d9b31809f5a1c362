//! Where a group or project may be: how deep, how visible, under which path (docs/contract.md, "Provisioning").

use std::fmt;

use crate::namespace::{Group, NamespaceKind};
use crate::visibility::Visibility;

/// Why a group or project cannot be created, changed or moved as requested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlacementObstacle {
    /// A group would be moved into itself or below.
    #[error("a group cannot be moved into itself or below")]
    InsideItself,
    /// A group would have more ancestors than allowed.
    #[error("a group has at most {} ancestors", Group::MAX_ABOVE)]
    NestedTooDeeply,
    /// It would be more visible than the group above it, or less visible than what it holds.
    #[error(transparent)]
    Visibility(#[from] VisibilityFaults),
    /// Something else has this path.
    #[error("the path has already been taken")]
    PathTaken,
}

/// Why a group or project cannot have a visibility; there is at least one reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
pub struct VisibilityFaults(Vec<VisibilityFault>);

impl VisibilityFaults {
    /// Returns GitLab's sentence for each reason.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

/// One reason why a group or project cannot have the visibility `wanted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct VisibilityFault {
    wanted: Visibility,
    reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    ProjectInGroup(Visibility),
    GroupInGroup(Visibility),
    HoldsProjects,
    HoldsGroups,
}

impl fmt::Display for VisibilityFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wanted, reason } = self;
        write!(f, "{wanted} is not allowed ")?;
        match reason {
            Reason::ProjectInGroup(group) => write!(f, "in a {group} group."),
            Reason::GroupInGroup(parent) => write!(f, "since the parent group has a {parent} visibility."),
            Reason::HoldsProjects => write!(f, "since this group contains projects with higher visibility."),
            Reason::HoldsGroups => write!(f, "since there are sub-groups with higher visibility."),
        }
    }
}

fn check_visibility(wanted: Visibility, reasons: Vec<Reason>) -> Result<(), PlacementObstacle> {
    if reasons.is_empty() {
        return Ok(());
    }
    Err(VisibilityFaults(reasons.into_iter().map(|reason| VisibilityFault { wanted, reason }).collect()).into())
}

/// Returns the visibility that a change makes necessary to check: none if neither it nor the place changes, because older
/// versions allowed any.
#[must_use]
pub fn visibility_to_check(current: Visibility, wanted: Option<Visibility>, moves: bool) -> Option<Visibility> {
    let after = wanted.unwrap_or(current);
    (moves || after != current).then_some(after)
}

/// Returns the visibilities that nothing in a group may have once the group's own changes.
#[must_use]
pub fn visibilities_to_exclude(current: Visibility, wanted: Option<Visibility>) -> Vec<Visibility> {
    let lowered = wanted.filter(|&wanted| wanted < current);
    lowered.map_or_else(Vec::new, |lowered| Visibility::ALL.iter().copied().filter(|&more| more > lowered).collect())
}

/// A project as a write would leave it.
///
/// ```
/// use release_links_domain::namespace::NamespaceKind;
/// use release_links_domain::placement::ProjectPlacement;
/// use release_links_domain::project::Visibility;
///
/// let mut project = ProjectPlacement {
///     visibility: Some(Visibility::Public),
///     namespace: (NamespaceKind::Group, Visibility::Internal),
///     path_is_taken: false,
/// };
/// assert!(project.check().is_err());
/// project.visibility = Some(Visibility::Private);
/// assert!(project.check().is_ok());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectPlacement {
    /// Its visibility, unless it [need not be checked](visibility_to_check).
    pub visibility: Option<Visibility>,
    /// The kind and the visibility of the namespace that will contain it.
    pub namespace: (NamespaceKind, Visibility),
    /// Whether something else has its path.
    pub path_is_taken: bool,
}

impl ProjectPlacement {
    /// Checks that the project may be so. A user's own namespace limits no visibility.
    ///
    /// # Errors
    /// Returns the first [`PlacementObstacle`].
    pub fn check(self) -> Result<(), PlacementObstacle> {
        if let (Some(wanted), (NamespaceKind::Group, group)) = (self.visibility, self.namespace)
            && wanted > group
        {
            check_visibility(wanted, vec![Reason::ProjectInGroup(group)])?;
        }
        if self.path_is_taken { Err(PlacementObstacle::PathTaken) } else { Ok(()) }
    }
}

/// A group as a write would leave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that storage finds on its own")]
pub struct GroupPlacement<'a> {
    /// Its visibility, unless it [need not be checked](visibility_to_check).
    pub visibility: Option<Visibility>,
    /// The parent, if any.
    pub parent: Option<&'a Group>,
    /// Whether the parent is the group itself or below it.
    pub parent_is_below: bool,
    /// The number of levels of groups below it.
    pub levels_below: usize,
    /// Whether it directly contains projects of a visibility that is [to be excluded](visibilities_to_exclude).
    pub holds_projects: bool,
    /// Whether it directly contains groups of such a visibility.
    pub holds_groups: bool,
    /// Whether something else has its path.
    pub path_is_taken: bool,
}

impl GroupPlacement<'_> {
    /// Checks that the group may be so.
    ///
    /// # Errors
    /// Returns the first [`PlacementObstacle`].
    pub fn check(self) -> Result<(), PlacementObstacle> {
        if self.parent_is_below {
            return Err(PlacementObstacle::InsideItself);
        }
        let above = self.parent.map_or(0, Group::depth);
        if above + self.levels_below > Group::MAX_ABOVE {
            return Err(PlacementObstacle::NestedTooDeeply);
        }
        if let Some(wanted) = self.visibility {
            let mut reasons = Vec::new();
            reasons.extend(self.holds_projects.then_some(Reason::HoldsProjects));
            reasons.extend(self.holds_groups.then_some(Reason::HoldsGroups));
            let above = self.parent.map(|parent| parent.visibility).filter(|&parent| wanted > parent);
            reasons.extend(above.map(Reason::GroupInGroup));
            check_visibility(wanted, reasons)?;
        }
        if self.path_is_taken { Err(PlacementObstacle::PathTaken) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Visibility::{Internal, Private, Public};

    fn group(visibility: Visibility, depth: usize) -> Group {
        Group {
            id: 1.try_into().unwrap(),
            name: "a".parse().unwrap(),
            path: "a".parse().unwrap(),
            full_path: vec!["a"; depth].join("/").parse().unwrap(),
            full_name: "a".to_owned(),
            parent: None,
            description: None,
            visibility,
        }
    }

    fn of(visibility: Visibility, parent: Option<&Group>) -> GroupPlacement<'_> {
        let visibility = Some(visibility);
        GroupPlacement {
            visibility,
            parent,
            parent_is_below: false,
            levels_below: 0,
            holds_projects: false,
            holds_groups: false,
            path_is_taken: false,
        }
    }

    fn said(obstacle: Result<(), PlacementObstacle>) -> Vec<String> {
        match obstacle {
            Err(PlacementObstacle::Visibility(faults)) => faults.sentences(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_is_more_visible_than_the_group_above() {
        for (wanted, above, allowed) in [
            (Private, Private, true),
            (Internal, Private, false),
            (Public, Private, false),
            (Private, Internal, true),
            (Internal, Internal, true),
            (Public, Internal, false),
            (Public, Public, true),
        ] {
            let namespace = (NamespaceKind::Group, above);
            let mut project = ProjectPlacement { visibility: Some(wanted), namespace, path_is_taken: false };
            assert_eq!(project.check().is_ok(), allowed, "{wanted} {above}");
            assert_eq!(of(wanted, Some(&group(above, 1))).check().is_ok(), allowed, "{wanted} {above}");
            project.namespace.0 = NamespaceKind::User;
            assert!(project.check().is_ok());
            assert!(of(wanted, None).check().is_ok());
        }
        let project = ProjectPlacement {
            visibility: Some(Public),
            namespace: (NamespaceKind::Group, Private),
            path_is_taken: true,
        };
        assert_eq!(said(project.check()), ["public is not allowed in a private group."]);
        let parent = group(Internal, 1);
        let sentence = "public is not allowed since the parent group has a internal visibility.";
        assert_eq!(said(of(Public, Some(&parent)).check()), [sentence]);
    }

    #[test]
    fn a_group_is_not_less_visible_than_what_it_holds() {
        let holding = GroupPlacement { holds_projects: true, holds_groups: true, ..of(Internal, None) };
        assert_eq!(
            said(holding.check()),
            [
                "internal is not allowed since this group contains projects with higher visibility.",
                "internal is not allowed since there are sub-groups with higher visibility.",
            ]
        );
    }

    #[test]
    fn what_does_not_change_is_not_checked_again() {
        assert_eq!(visibility_to_check(Public, None, false), None);
        assert_eq!(visibility_to_check(Public, Some(Public), false), None);
        assert_eq!(visibility_to_check(Public, None, true), Some(Public));
        assert_eq!(visibility_to_check(Public, Some(Internal), false), Some(Internal));
        assert_eq!(visibilities_to_exclude(Public, Some(Private)), [Internal, Public]);
        assert_eq!(visibilities_to_exclude(Internal, Some(Internal)), []);
        assert_eq!(visibilities_to_exclude(Private, Some(Public)), []);
        let parent = group(Private, 1);
        assert!(GroupPlacement { visibility: None, ..of(Public, Some(&parent)) }.check().is_ok());
        let namespace = (NamespaceKind::Group, Private);
        let project = ProjectPlacement { visibility: None, namespace, path_is_taken: false };
        assert!(project.check().is_ok());
        assert_eq!(ProjectPlacement { path_is_taken: true, ..project }.check(), Err(PlacementObstacle::PathTaken));
    }

    #[test]
    fn nesting_comes_first_and_a_taken_path_last() {
        let deep = group(Private, 21);
        let taken = GroupPlacement { path_is_taken: true, ..of(Public, Some(&deep)) };
        assert_eq!(taken.check(), Err(PlacementObstacle::NestedTooDeeply));
        let inside = GroupPlacement { parent_is_below: true, ..taken };
        assert_eq!(inside.check(), Err(PlacementObstacle::InsideItself));
        let middle = group(Public, 18);
        let tall = GroupPlacement { levels_below: 3, ..of(Public, Some(&middle)) };
        assert_eq!(tall.check(), Err(PlacementObstacle::NestedTooDeeply));
        assert_eq!(GroupPlacement { levels_below: 2, ..tall }.check(), Ok(()));
        let shallow = group(Private, 20);
        let taken = GroupPlacement { parent: Some(&shallow), ..taken };
        assert!(matches!(taken.check(), Err(PlacementObstacle::Visibility(_))));
        let taken = GroupPlacement { visibility: Some(Private), ..taken };
        assert_eq!(taken.check(), Err(PlacementObstacle::PathTaken));
    }
}
