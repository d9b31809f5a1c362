//! The tables, one file each, with their statements and rows. None of these files depends on a port.

pub mod burnt_tags;
pub mod channels;
pub mod file_bytes;
pub mod history;
pub mod keys;
pub mod left_places;
pub mod links;
pub mod links_to_files;
pub mod members;
pub mod namespaces;
pub mod newest;
pub mod packages;
pub mod projects;
pub mod protected_tags;
pub mod releases;
pub mod removals;
pub mod tags;
pub mod tokens;
pub mod uploads;
pub mod users;
