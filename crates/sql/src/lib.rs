#![doc = include_str!("../README.md")]

#[macro_use]
mod columns;
pub mod channels;
mod copy;
pub mod file_bytes;
pub mod history;
pub mod keys;
pub mod left_places;
pub mod links;
pub mod links_to_files;
pub mod members;
pub mod namespaces;
pub mod packages;
pub mod paging;
pub mod projects;
pub mod protected_tags;
pub mod releases;
pub mod removals;
mod row;
mod schema;
mod table;
pub mod tags;
pub mod tokens;
pub mod uploads;
pub mod users;

pub use columns::Column;
pub use copy::{CopiedTable, CopyFailure, CopySource, CopyTarget, copy_everything};
pub use row::{Cells, Corrupt, SqlRow};
pub use schema::TABLES;
pub use table::{Kind, Table, Value};
