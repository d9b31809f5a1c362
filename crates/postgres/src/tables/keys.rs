//! The table of keys.

use crate::query::statements;

statements! {
    GET = "SELECT key FROM keys WHERE id = $1";
    INSERT = "INSERT INTO keys (id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING";
}
