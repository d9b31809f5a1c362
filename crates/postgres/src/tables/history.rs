//! The tables of histories. [`crate::journal`] writes the rows of changes.

use release_links_sql::{history_bytes, history_columns};

use crate::query::statements;
use crate::view::{asked, viewed, viewed_page, views};

/// The condition of a filter: the action `$6`, the path `$7` and the name `$8` of links.
macro_rules! filtered {
    () => {
        " AND ($6::text IS NULL OR action = $6)
            AND ($7::text IS NULL OR link_id IS NOT NULL AND (before_path = $7 OR after_path = $7))
            AND ($8::text IS NULL OR link_id IS NOT NULL AND (before_name = $8 OR after_name = $8))"
    };
}

/// A page of the rows of project `p`, newest first, that match a condition, each with its size.
macro_rules! sizes {
    ($condition:expr) => {
        viewed_page!(concat!("seq, (", history_bytes!(), ")::bigint"),
            of concat!("history WHERE project_id = p.id", $condition), by "seq DESC")
    };
    (of tag $tag:literal, $condition:expr) => {
        viewed_page!(concat!("seq, (", history_bytes!(), ")::bigint"),
            of concat!("history WHERE project_id = p.id AND tag = ", $tag, " AND r.id IS NOT NULL", $condition), by "seq DESC",
            in "r.id" concat!("LEFT JOIN LATERAL ",
                asked!("(SELECT id FROM releases WHERE project_id = p.id AND tag = ", $tag, ")"), " r ON TRUE"))
    };
}

/// Ends the steps of the links `$condition` at `$2`, with tag `$3`. A step keeps the URL and the digest itself if the row with
/// which it began was dropped.
macro_rules! end {
    ($condition:literal) => {
        concat!(
            "INSERT INTO ended_steps (project_id, tag, path, until, seq, since, link_id, url, digest)
            SELECT l.project_id, $3::text, l.path, $2::bigint, l.since_seq, l.since, l.id,
                CASE WHEN h.seq IS NULL THEN l.url END, CASE WHEN h.seq IS NULL THEN l.digest END
            FROM links l LEFT JOIN history h ON h.project_id = l.project_id AND h.seq = l.since_seq
            WHERE l.",
            $condition,
            " AND l.path IS NOT NULL AND l.since < $2"
        )
    };
}

views! {
    // Without a filter, the plan is one that reads no more rows than the page has.
    LIST = sizes!("");
    LIST_OF_TAG = sizes!(of tag "$6", "");
    FILTERED_OF_TAG = sizes!(of tag "$9", filtered!());
    FILTERED = sizes!(filtered!());
    // Steps of one path follow one another, so only the first that ends later can have begun by then.
    LED_AT = viewed!("step.* FROM releases r CROSS JOIN LATERAL (
            SELECT s.link_id, s.seq, s.since, s.until, coalesce(s.url, h.after_url) AS url,
                coalesce(s.digest, h.after_digest) AS digest
            FROM (SELECT * FROM ended_steps WHERE project_id = p.id AND tag = $3 AND path = $4 AND until > $5
                ORDER BY until, seq LIMIT 1) s
            LEFT JOIN history h ON h.project_id = p.id AND h.seq = s.seq WHERE s.since <= $5
            UNION ALL SELECT l.id, l.since_seq, l.since, NULL, l.url, l.digest FROM links l
                WHERE l.release_id = r.id AND l.path = $4 AND l.since <= $5
        ) step WHERE r.project_id = p.id AND r.tag = $3 LIMIT 1");
}

statements! {
    SIZES = concat!("SELECT seq, (", history_bytes!(), ")::bigint FROM history WHERE project_id = $1 AND seq = ANY($2)");
    BY_SEQS = concat!("SELECT ", history_columns!(), " FROM history WHERE project_id = $1 AND seq = ANY($2)");
    INSERT_DELETED_LINKS = "INSERT INTO history (project_id, seq, at, user_id, username, token_id, link_id, action, tag,
            before_name, before_url, before_path, before_type, before_digest, before_size)
        SELECT project_id, $2::bigint + row_number() OVER (ORDER BY position, id DESC), $3::bigint, $4::bigint,
            (SELECT path FROM namespaces WHERE user_id = $4), $5::bigint, id, $6::text, $7::text, name, url, path, link_type,
            digest, size
        FROM links WHERE release_id = $1";
    END_STEPS = end!("id = ANY($1)");
    END_STEPS_OF_RELEASE = end!("release_id = $1");
    TO_PRUNE = "SELECT p.id FROM projects p CROSS JOIN LATERAL
            (SELECT seq, at, action FROM history WHERE project_id = p.id ORDER BY seq LIMIT 1) oldest CROSS JOIN LATERAL
            (SELECT seq FROM history WHERE project_id = p.id ORDER BY seq DESC LIMIT 1) newest
        WHERE p.id >= $1 AND oldest.at < $2 AND NOT (oldest.seq = newest.seq AND oldest.action = $3) ORDER BY p.id LIMIT 1";
    NEWEST_ACTION = "SELECT action FROM history WHERE project_id = $1 ORDER BY seq DESC LIMIT 1";
    LAST_TO_PRUNE = "SELECT max(seq) FROM (SELECT seq, at FROM history WHERE project_id = $1
        AND seq < (SELECT seq FROM history WHERE project_id = $1 ORDER BY seq DESC LIMIT 1) ORDER BY seq LIMIT $3) old
        WHERE at < $2";
    KEEP_ENDED = "UPDATE ended_steps s SET url = h.after_url, digest = h.after_digest FROM history h
        WHERE h.project_id = $1 AND h.seq <= $2 AND h.after_path IS NOT NULL AND s.project_id = $1 AND s.tag = h.tag
            AND s.path = h.after_path AND s.seq = h.seq";
    DROP_ENDED = "DELETE FROM ended_steps s USING history h WHERE h.project_id = $1 AND h.seq <= $2
        AND h.before_path IS NOT NULL AND s.project_id = $1 AND s.tag = h.tag AND s.path = h.before_path
        AND s.until = h.at";
    PRUNE = "DELETE FROM history WHERE project_id = $1 AND seq <= $2";
}
