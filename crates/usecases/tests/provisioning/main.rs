//! Users, groups, projects, protected tags and tokens (docs/contract.md, "Provisioning"): the order in which each use
//! case refuses a request, and the outcome of an accepted request, both on storage in memory.
//!
//! The refused requests have faulty parameters, to show that the refusal comes before the faults.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod files;
mod groups;
mod job_tokens;
mod local_tokens;
mod personal_tokens;
mod project_tokens;
mod projects;
mod protected_tags;
mod transfer;
mod users;
mod world;
