//! Memberships of projects and groups: which may change, and which must stay (docs/contract.md, "Provisioning").

mod change;

pub use change::{ChangeDecision, MembershipChange, needs_another_administrator};

/// What somebody is a member of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberOf {
    /// A project.
    Project,
    /// A group.
    Group,
}
