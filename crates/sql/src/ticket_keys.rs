//! The table of the key of tickets.

use crate::Kind::{Bytes, Integer};
use crate::Table;

/// The table, for copies.
pub const TABLE: Table = Table::keyed("ticket_keys", 1, &[("id", Integer), ("key", Bytes)]);
