//! Tokens as clients see them (docs/contract.md, "Provisioning"): personal ones, those of projects and those of jobs.

mod job;
mod parameters;
mod personal;
mod project;
mod shape;

use crate::operation::Operation;

/// Returns the operations on tokens.
pub(crate) fn operations() -> Vec<Operation> {
    [personal::operations(), project::operations(), job::operations()].into_iter().flatten().collect()
}
