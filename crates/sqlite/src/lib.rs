#![doc = include_str!("../README.md")]

mod answers;
mod backup;
mod burning;
mod channels;
mod checkpoints;
mod copy;
mod failure;
mod file;
mod following;
mod groups;
mod health;
mod hiding;
mod history;
mod kept_files;
mod kept_in_file;
mod leases;
mod links;
mod manifests;

mod keys;
mod members;
mod migrations;
mod monitoring;
mod open;
mod packages;
mod projects;
mod protected_tags;
mod query;
mod reader;
mod refusal;
mod releases;
mod removing;
mod replicated;
mod rows;
mod store;
mod sweeping;
mod tables;
mod tags;
mod tokens;
mod uploads;
mod users;
mod versions;
mod view;
mod writer;

#[cfg(test)]
mod plans;

/// The limits on concurrent reads and writes.
pub mod limits {
    pub use crate::answers::REMEMBERED;
    pub use crate::checkpoints::RESTARTED_FROM;
    pub use crate::leases::LEASE;
    pub use crate::reader::{CONNECTIONS_PER_CORE, LOCK_TIMEOUT, SHORT_BYTES, SHORT_LINKS, SHORT_ROWS, TURN_TIMEOUT};
    pub use crate::releases::MANY_LINKS;
    pub use crate::store::QUEUE;
    pub use crate::writer::queue::{BATCH, LARGE_SHARE};
}

pub use backup::{CopyError, StagedCopy, stage_copy};
pub use copy::{open_copy_source, open_copy_target};
pub use kept_in_file::KeptInFile;
pub use open::{OpenError, create_directory};
pub use store::SqliteStore;

/// The version of SQLite, which is part of the binary.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}
