//! What the two SQL adapters share, without a dialect and without a driver: each table, declared once, with what is read of
//! its rows; decisions on what a statement has found; and the engine that copies all tables.
//!
//! A statement names the columns of a table by a macro such as [`link_columns!`], so a new column is written once.

#[macro_use]
mod columns;
mod copy;
pub mod left_places;
pub mod links;
pub mod members;
pub mod namespaces;
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
pub mod users;

pub use columns::Column;
pub use copy::{CopiedTable, CopyFailure, CopySource, CopyTarget, copy_everything};
pub use row::{Cells, Corrupt, SqlRow};
pub use schema::TABLES;
pub use table::{Kind, Table, Value};
