//! The tables: one file each, with its statements and its rows. None of them knows a port.

pub mod left_places;
pub mod links;
pub mod members;
pub mod namespaces;
pub mod projects;
pub mod protected_tags;
pub mod releases;
pub mod removals;
pub mod tags;
pub mod tokens;
pub mod users;
