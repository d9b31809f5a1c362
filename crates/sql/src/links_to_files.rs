//! The table of links that lead to a file of their project.

use crate::Kind::{Integer, Text};
use crate::Table;

/// The table, for copies.
pub const TABLE: Table =
    Table::keyed("links_to_files", 1, &[("link_id", Integer), ("project_id", Integer), ("file", Text)]);
