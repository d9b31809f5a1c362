#![doc = include_str!("../README.md")]

mod access;
mod admission;
mod bearers;
mod burning;
mod channels;
mod connections;
mod copy;
mod failure;
mod following;
mod groups;
mod health;
mod hiding;
mod history;
mod journal;
mod keeping;
mod kept_files;
mod keys;
mod links;
mod manifests;
mod members;
mod migrations;
mod monitoring;
mod newest;
mod numbered;
mod open;
mod open_error;
mod packages;
mod paging;
mod passfile;
mod projects;
mod protected_tags;
mod query;
mod reach;
mod releases;
mod removing;
mod rows;
mod store;
mod sweeper;
mod sweeping;
mod tables;
mod tags;
mod tokens;
mod updating;
mod uploads;
mod url;
mod users;
mod versions;
mod view;

#[cfg(test)]
mod plans;

/// The limits on concurrent reads and writes, besides those in [`Options`].
pub mod limits {
    pub use crate::access::{LONG_READS_SHARE, TURN_TIMEOUT};
    pub use crate::bearers::REMEMBERED;
    pub use crate::releases::MANY_LINKS;
    pub use crate::sweeper::SWEEP_INTERVAL;
}

pub use copy::{open_copy_source, open_copy_target};
pub use open::Options;
pub use open_error::OpenError;
pub use store::PostgresStore;
pub use url::InvalidUrl;
