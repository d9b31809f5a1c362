//! Black-box tests: the real binary on a free port with a database of its own, and nothing but HTTP and signals.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this crate is tests; clippy looks for `#[test]` alone and so misses the harness"
)]

mod arrows;
mod backup;
mod bodies;
mod channels;
mod circles;
mod connections;
mod credentials;
mod cross_origin;
mod digests;
mod files;
mod files_check;
mod flooding;
#[allow(dead_code, unused_imports, reason = "made for all black-box tests, of which these are most")]
mod harness;
mod headers;
mod history;
mod hygiene;
mod immutable;
mod lacked_filters;
mod large;
mod limits;
mod limits_page;
mod linked_files;
mod links;
mod log;
mod malformed;
mod manifests;
mod matrix;
mod metrics;
mod mistakes;
mod model;
mod moved;
mod newest;
mod openapi;
mod packages;
mod pages;
mod pagination;
mod parameters;
mod patching;
mod paths;
mod people;
mod permanent;
mod places;
mod preconditions;
mod publishing;
mod races;
mod readme;
mod release_changes;
mod release_commands;
mod release_conflicts;
mod release_lists;
mod release_making;
mod releases;
mod selectors;
mod settings;
mod sqlite_file;
mod starting;
mod stopping;
mod supervised;
mod tags;
mod token_commands;
mod tokens;
mod upgrade;
mod uploads;
mod urls;
mod version;
