//! The table of tags.

use release_links_sql::{rule_columns, tag_columns, tag_selection};

use crate::query::statements;
use crate::view::{viewed, viewed_page, views};

/// The name of tag `t` with its release `r`, and its number of bytes of text.
macro_rules! SIZE {
    () => {
        "t.id, t.name, (coalesce(octet_length(t.message), 0) + coalesce(octet_length(t.target), 0)
            + coalesce(octet_length(r.description), 0))::bigint"
    };
}

/// A page of the tags that match a search, each as [`SIZE`].
macro_rules! page {
    ($order:literal) => {
        viewed_page!(SIZE!(),
            of "tags t LEFT JOIN releases r ON r.tag_id = t.id WHERE t.project_id = p.id
                AND ($6::text IS NULL OR lower(t.name) LIKE lower($6 COLLATE \"C\"))",
            by $order)
    };
}

views! {
    NEWEST = page!("t.created_at DESC, t.id DESC");
    OLDEST = page!("t.created_at, t.id");
    BY_NAME_UP = page!("t.name");
    BY_NAME_DOWN = page!("t.name DESC");
    BY_VERSION_UP = page!("t.version IS NULL, t.version, CASE WHEN t.version IS NULL THEN t.name END, t.id");
    BY_VERSION_DOWN = page!("t.version IS NULL, t.version DESC, CASE WHEN t.version IS NULL THEN t.name END, t.id DESC");
    // Each row is the tag or a tag rule.
    GET = viewed!(concat!("p.id, shown.* FROM (
            SELECT ", tag_selection!(), ", NULL::bigint AS rule, NULL AS pattern, NULL::bigint AS level
            FROM tags t LEFT JOIN releases r ON r.tag_id = t.id WHERE t.project_id = p.id AND t.name = $3
            UNION ALL SELECT ", tag_columns!(NULL), ", NULL, NULL, ", rule_columns!(), "
            FROM protected_tags WHERE project_id = p.id) shown"));
}

statements! {
    SIZES = concat!("SELECT ", SIZE!(), " FROM tags t LEFT JOIN releases r ON r.tag_id = t.id
        WHERE t.project_id = $1 AND t.name = ANY($2)");
    TAGS = concat!("SELECT ", tag_selection!(), " FROM tags t LEFT JOIN releases r ON r.tag_id = t.id
        WHERE t.project_id = $1 AND t.name = ANY($2)");
    ALL_RULES = concat!("SELECT ", rule_columns!(), " FROM protected_tags WHERE project_id = $1");
    // Excludes transactions that create a release in the project.
    LOCK = "SELECT 1 FROM projects WHERE id = $1 FOR NO KEY UPDATE";
    FIND = "SELECT id, EXISTS (SELECT FROM releases WHERE tag_id = tags.id) FROM tags WHERE project_id = $1 AND name = $2";
    DELETE = "DELETE FROM tags WHERE id = $1";
}
