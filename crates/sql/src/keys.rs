//! The table of keys.

use release_links_ports::KeyUse;

use crate::Kind::{Bytes, Integer};
use crate::Table;

/// The table, for copies.
pub const TABLE: Table = Table::keyed("keys", 1, &[("id", Integer), ("key", Bytes)]);

/// Returns the id of the key for a use.
#[must_use]
pub const fn id(of: KeyUse) -> i64 {
    match of {
        KeyUse::Tickets => 1,
        KeyUse::Files => 2,
    }
}
