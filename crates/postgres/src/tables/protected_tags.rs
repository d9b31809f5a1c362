//! The table of tag protection rules.

use release_links_sql::rule_columns;

use crate::query::statements;
use crate::view::{viewed, viewed_page, views};

views! {
    LIST = viewed_page!(rule_columns!(), of "protected_tags WHERE project_id = p.id", by "pattern");
    GET = viewed!(concat!(rule_columns!(), " FROM protected_tags WHERE project_id = p.id AND pattern = $3"));
}

statements! {
    // Serialises the transactions that add a rule to a project.
    LOCK = "SELECT 1 FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL FOR NO KEY UPDATE OF p";
    PATTERN_EXISTS = "SELECT 1 FROM protected_tags WHERE project_id = $1 AND pattern = $2";
    COUNT = "SELECT count(*) FROM (SELECT FROM protected_tags WHERE project_id = $1 LIMIT $2) counted";
    INSERT = concat!("INSERT INTO protected_tags (", rule_columns!(new), ") VALUES ($1, $2, $3) RETURNING id");
    DELETE = "DELETE FROM protected_tags WHERE project_id = $1 AND id = $2";
}
