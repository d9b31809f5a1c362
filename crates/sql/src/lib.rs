//! What the two SQL adapters share, without a dialect and without a driver: the tables, and the engine that copies them.

mod copy;
mod schema;

pub use copy::{CopiedTable, CopyFailure, CopySource, CopyTarget, copy_everything};
pub use schema::{Kind, TABLES, Table, Value};
