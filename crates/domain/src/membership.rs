//! Memberships of projects and groups, and the rules for changing them (docs/contract.md, "Provisioning").

mod change;

pub use change::{ChangeDecision, MembershipChange, needs_another_administrator};

/// The kind of a membership's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberOf {
    /// A project.
    Project,
    /// A group.
    Group,
}
