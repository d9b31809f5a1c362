#![doc = include_str!("../README.md")]

mod admission;
mod changing;
mod connections;
mod copy;
mod failure;
mod gone;
mod groups;
mod health;
mod links;
mod listing;
mod members;
mod migrations;
mod moves;
mod open;
mod paging;
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
mod tags;
mod tokens;
mod users;
mod view;

#[cfg(test)]
mod plans;

/// How much of the database reads and writes take at once, beside what [`Options`] says.
pub mod limits {
    pub use crate::releases::MANY_LINKS;
    pub use crate::store::{LONG_READS_SHARE, TURN_TIMEOUT};
    pub use crate::sweeper::LOOKS_EVERY;
}

pub use copy::{open_copy_source, open_copy_target};
pub use open::{InvalidUrl, OpenError, Options};
pub use store::PostgresStore;
