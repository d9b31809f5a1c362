//! The table of the key of tickets.

use crate::query::statements;

statements! {
    GET = "SELECT key FROM ticket_keys WHERE id = 1";
    INSERT = "INSERT INTO ticket_keys (id, key) VALUES (1, $1) ON CONFLICT DO NOTHING";
}
