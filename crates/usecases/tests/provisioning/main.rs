//! Users, groups, projects, protected tags and tokens (docs/contract.md, "Provisioning"): the order in which each use case refuses
//! a request, and the outcome of a request that it accepts, both on storage in memory.
//!
//! To show that a refusal comes before the faults of the parameters, the refused requests carry faulty ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

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
