//! The order of a list of releases, and its default (docs/contract.md, "Releases").

/// The time by which releases are ordered; equal times are ordered by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReleaseOrder {
    /// When it was, or will be, released.
    #[default]
    ReleasedAt,
    /// When it was created.
    CreatedAt,
}
