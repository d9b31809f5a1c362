//! The table of release channels.

use release_links_sql::{channel_columns, channel_selection, rule_columns};

use crate::query::statements;
use crate::view::{viewed, viewed_page, views};

/// The channels `c` that match `$condition`, with their releases.
macro_rules! channels {
    ($condition:literal) => {
        concat!("release_channels c JOIN releases r ON r.id = c.release_id WHERE ", $condition)
    };
}

views! {
    LIST = viewed_page!(channel_selection!(), of channels!("c.project_id = p.id"), by "c.name");
    GET = viewed!(concat!(channel_selection!(), " FROM ", channels!("c.project_id = p.id AND c.name = $3")));
    // One row per tag rule, or one row without a rule.
    LOAD_FOR_WRITE = viewed!(concat!("p.id, named.id, ", channel_selection!(), ", ", rule_columns!("t"), " FROM (SELECT) always
        LEFT JOIN (release_channels c JOIN releases r ON r.id = c.release_id) ON c.project_id = p.id AND c.name = $3
        LEFT JOIN releases named ON named.project_id = p.id AND named.tag = $4
        LEFT JOIN protected_tags t ON t.project_id = p.id"));
}

statements! {
    BY_NAME = concat!("SELECT ", channel_selection!(), " FROM ", channels!("c.project_id = $1 AND c.name = $2"));
    COUNT = "SELECT count(*) FROM (SELECT FROM release_channels WHERE project_id = $1 LIMIT $2) counted";
    // Keeps the release from being deleted or moved before the channel points to it.
    LOCK_RELEASE = "SELECT tag FROM releases WHERE project_id = $1 AND id = $2 FOR KEY SHARE";
    OF_RELEASE = concat!("SELECT ", channel_selection!(), " FROM ", channels!("c.project_id = $1 AND c.release_id = $2"));
    SET = concat!("INSERT INTO release_channels (", channel_columns!(new), ") VALUES ($1, $2, $3, $4)
        ON CONFLICT (project_id, name) DO UPDATE SET release_id = excluded.release_id, updated_at = excluded.updated_at
        WHERE release_channels.release_id <> excluded.release_id");
    DELETE = "DELETE FROM release_channels WHERE project_id = $1 AND name = $2";
}
