//! The table of releases, with their tags and links.

use release_links_sql::{
    link_bytes, link_columns, link_order, release_columns, release_selection, rule_columns, tag_columns,
};

use crate::admission::admitted;
use crate::numbered::numbered;
use crate::paging::{page, total};
use crate::query::statements;
use crate::tables::links::array_of;
use crate::view::{asked, on_project, viewed, views};

/// The releases `r` that match `$condition`, with their tags and authors.
macro_rules! releases {
    ($condition:literal) => {
        concat!(
            "releases r JOIN tags t ON t.id = r.tag_id
            LEFT JOIN users u ON u.id = r.author_id AND ",
            $crate::tables::users::IS_THERE!(),
            " LEFT JOIN namespaces un ON un.user_id = u.id WHERE ",
            $condition
        )
    };
}

/// The number of bytes of text of release `r`, its tag `t`, its author `u`, and as many of its links as the limit
/// allows.
macro_rules! SIZE {
    ($most:literal) => {
        concat!(
            "(coalesce(octet_length(r.name), 0) + coalesce(octet_length(r.description), 0)
            + coalesce(octet_length(t.target), 0) + coalesce(octet_length(u.name), 0))::bigint
            + (SELECT coalesce(sum(bytes), 0)
                FROM (SELECT ",
            link_bytes!(),
            " + 100 AS bytes FROM links WHERE release_id = r.id LIMIT ",
            $most,
            ") few)"
        )
    };
}

/// A page of a project's releases, each with its [`SIZE`].
macro_rules! sizes {
    ($order:literal) => {
        on_project!(
            concat!(
                "p.id, CASE WHEN ",
                admitted!(),
                " THEN ",
                total!("releases WHERE project_id = p.id"),
                " END, page.*"
            ),
            concat!(
                "LEFT JOIN LATERAL ",
                asked!(page!(concat!("r.id, ", SIZE!("$6")), releases!("r.project_id = p.id"), $order)),
                " page ON TRUE"
            ),
            "ORDER BY page.number"
        )
    };
}

views! {
    // One row per tag rule, or one row without a rule.
    LOAD_FOR_WRITE = viewed!(concat!("p.id, r.id, r.immutable, ", "EXISTS (SELECT FROM burnt_tags b WHERE b.tag = $3)", ", ", rule_columns!("t"), " FROM (SELECT) always
        LEFT JOIN releases r ON r.project_id = p.id AND r.tag = $3
        LEFT JOIN protected_tags t ON t.project_id = p.id"));
    VIEWED_BY_TAG = viewed!(concat!(release_selection!(), " FROM ", releases!("r.project_id = p.id AND r.tag = $3")));
    VIEWED_LINKS_BY_TAG = viewed!(concat!(link_columns!("l"), ", l.release_id, counted.number, l.position
        FROM releases r CROSS JOIN LATERAL (SELECT count(*) AS number FROM links WHERE release_id = r.id) counted
        CROSS JOIN LATERAL (
            SELECT *, sum(", link_bytes!(), ") OVER (ORDER BY ", link_order!(), " ROWS UNBOUNDED PRECEDING) AS bytes
            FROM links WHERE release_id = r.id ORDER BY ", link_order!(), " LIMIT $4
        ) l WHERE r.project_id = p.id AND r.tag = $3 AND l.bytes <= $5"));
    NEWEST_RELEASED = sizes!("r.released_at DESC, r.id DESC");
    OLDEST_RELEASED = sizes!("r.released_at, r.id");
    NEWEST_CREATED = sizes!("r.created_at DESC, r.id DESC");
    OLDEST_CREATED = sizes!("r.created_at, r.id");
}

statements! {
    SIZES = concat!("SELECT r.id, ", SIZE!("$3"), " FROM ", releases!("r.project_id = $1 AND r.id = ANY($2)"));
    RELEASES = concat!("SELECT ", release_selection!(), " FROM ", releases!("r.project_id = $1 AND r.id = ANY($2)"));
    // The newest links of each release, up to a number of links and of bytes.
    LINKS = concat!("SELECT ", link_columns!("l"), ", l.release_id, l.number, l.position
        FROM unnest($2::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
            SELECT *, sum(", link_bytes!(), ") OVER (ORDER BY ", link_order!(), " ROWS UNBOUNDED PRECEDING) AS bytes, count(*) OVER () AS number
            FROM links WHERE release_id = wanted.id AND project_id = $1 ORDER BY ", link_order!(), " LIMIT $3
        ) l WHERE l.bytes <= $4");
    BY_TAG = concat!("SELECT ", release_selection!(), " FROM ", releases!("r.project_id = $1 AND r.tag = $2"));
    BY_ID = concat!("SELECT ", release_selection!(), " FROM ", releases!("r.project_id = $1 AND r.id = $2"));
    LINKS_BY_TAG = concat!("SELECT ", link_columns!("l"), ", l.release_id, l.number, l.position FROM releases r CROSS JOIN LATERAL (
            SELECT *, sum(", link_bytes!(), ") OVER (ORDER BY ", link_order!(), " ROWS UNBOUNDED PRECEDING) AS bytes, count(*) OVER () AS number
            FROM links WHERE release_id = r.id ORDER BY ", link_order!(), " LIMIT $3
        ) l WHERE r.project_id = $1 AND r.tag = $2 AND l.bytes <= $4");
    LINKS_BY_ID = concat!("SELECT ", link_columns!("l"), ", l.release_id, l.number, l.position FROM releases r CROSS JOIN LATERAL (
            SELECT *, sum(", link_bytes!(), ") OVER (ORDER BY ", link_order!(), " ROWS UNBOUNDED PRECEDING) AS bytes, count(*) OVER () AS number
            FROM links WHERE release_id = r.id ORDER BY ", link_order!(), " LIMIT $3
        ) l WHERE r.project_id = $1 AND r.id = $2 AND l.bytes <= $4");
    // Serialises the transactions that create releases or delete tags in a project.
    LOCK_PROJECT = "SELECT 1 FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL FOR NO KEY UPDATE OF p";
    // The time of the project's last activity, after one of its releases was created or deleted.
    SET_ACTIVITY = "UPDATE projects SET last_activity_at =
            coalesce((SELECT max(created_at) FROM releases WHERE project_id = $1), created_at) WHERE id = $1";
    // Delays a concurrent deletion of the author until the release is created. If the author is already deleted, the
    // release has none.
    LOCK_AUTHOR = "SELECT 1 FROM users WHERE id = $1 AND email IS NOT NULL FOR KEY SHARE";
    TAG_ID = "SELECT id FROM tags WHERE project_id = $1 AND name = $2";
    ID_BY_TAG = "SELECT id FROM releases WHERE project_id = $1 AND tag = $2";
    INSERT = numbered!(concat!("WITH made_tag AS (
            INSERT INTO tags (", tag_columns!(new), ")
            SELECT $1::bigint, $2::text, $3::text, $4::text, $5::bigint, $11::bytea WHERE $6::bigint IS NULL RETURNING id
        ), made AS (
            INSERT INTO releases (", release_columns!(new), ")
            SELECT $1, coalesce($6, (SELECT id FROM made_tag)), $2, $7::text, $8::text, $5, $9::bigint, $10::bigint,
                $12::text, $11, $13::boolean, FALSE
            RETURNING id
        )
        INSERT INTO links (", link_columns!(new), ") SELECT $1, made.id, ", link_columns!(held "link"), ", 0, $14::bigint,
            $15::bigint + link.place
        FROM made, unnest(", link_columns!(held "$", array_of!), ")
            WITH ORDINALITY AS link (", link_columns!(held), ", place)
        ORDER BY link.place"));
    // Excludes transactions that write links of the release.
    LOCK = "SELECT 1 FROM releases WHERE project_id = $1 AND id = $2 FOR UPDATE";
    SET_IMMUTABLE = "UPDATE releases SET immutable = $2 WHERE id = $1";
    UPDATE = "UPDATE releases SET name = $2, description = $3, released_at = $4 WHERE id = $1";
}
