//! The table of tags that deleted immutable releases had.

use crate::query::statements;

statements! {
    IS_BURNT = "SELECT FROM burnt_tags WHERE project_id = $1 AND tag = $2
        UNION ALL SELECT FROM projects p JOIN namespaces n ON n.id = p.namespace_id JOIN burnt_tags b ON b.tag = $2
            AND b.path = lower((n.full_path || '/' || p.path) COLLATE \"C\") WHERE p.id = $1 LIMIT 1";
    IS_BURNT_ANYWHERE = "SELECT FROM burnt_tags WHERE tag = $1 LIMIT 1";
    IS_BURNT_AT = "SELECT FROM burnt_tags WHERE tag = $1 AND path = $2 LIMIT 1";
    BURN = "INSERT INTO burnt_tags (tag, path, project_id)
        SELECT tag, $2, $3 FROM unnest($1::text[]) AS sent (tag) ON CONFLICT DO NOTHING";
    IMMUTABLE = "SELECT tag FROM releases WHERE project_id = $1 AND immutable";
    IMMUTABLE_BELOW = "SELECT p.id FROM namespace_ancestors a JOIN projects p ON p.namespace_id = a.namespace_id
        CROSS JOIN LATERAL (SELECT FROM releases WHERE project_id = p.id AND immutable LIMIT 1) r WHERE a.ancestor_id = $1";
    HAS_IMMUTABLE = "SELECT FROM releases WHERE immutable LIMIT 1";
}
