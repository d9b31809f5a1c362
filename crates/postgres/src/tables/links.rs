//! The table of links.

use release_links_sql::{link_bytes, link_columns, link_order, project_on_conflict, rule_columns};

use crate::numbered::numbered;
use crate::query::statements;
use crate::view::{asked, viewed, viewed_page, views};

/// The links of release `$release` other than `$except` that have one of the names, URLs or paths, once per matching
/// value, with further columns.
macro_rules! alike {
    (of $release:literal, except $except:literal, $name:literal, $url:literal, $path:literal, $more:literal) => {
        concat!(
            alike!($release, $except, "name = ", $name, $more),
            " UNION ALL ",
            alike!($release, $except, "url = ", $url, $more),
            " UNION ALL ",
            alike!($release, $except, "path = ", $path, $more)
        )
    };
    ($release:literal, $except:literal, $column:literal, $value:literal, $more:literal) => {
        concat!(
            "SELECT ",
            link_columns!(),
            $more,
            " FROM links WHERE release_id = ",
            $release,
            " AND ",
            $column,
            $value,
            " AND id IS DISTINCT FROM ",
            $except
        )
    };
}

/// A cast to an array of a column's kind.
macro_rules! array_of {
    (Text) => {
        "::text[]"
    };
    (Integer) => {
        "::bigint[]"
    };
}

pub(super) use array_of;

/// The columns of a link. All but the id are null if it has more than `$7` bytes of text.
macro_rules! unless_large {
    () => {
        concat!("id, ", link_columns!(held concat!("CASE WHEN ", link_bytes!(), " <= $7::bigint THEN "), " END"))
    };
}

views! {
    LIST = viewed_page!(unless_large!(), of "links WHERE release_id = r.id", by link_order!(),
        in "r.id" concat!("LEFT JOIN LATERAL ",
            asked!("(SELECT id FROM releases WHERE project_id = p.id AND tag = $6)"), " r ON TRUE"));
    OF_TAG = viewed!(concat!(link_columns!("l"), " FROM releases r JOIN links l ON l.release_id = r.id
        WHERE r.project_id = p.id AND r.tag = $3 AND l.id = $4"));
    OF_TAG_BY_PATH = viewed!(concat!(link_columns!("l"), " FROM releases r
        JOIN links l ON l.release_id = r.id WHERE r.project_id = p.id AND r.tag = $3 AND l.path = $4"));
    // Each row is a conflicting link or a tag rule. An update adds no link, so it counts none.
    LOAD_FOR_WRITE = viewed!(concat!("r.id, r.immutable, CASE WHEN $4::bigint IS NULL THEN
            (SELECT count(*) FROM (SELECT FROM links WHERE release_id = r.id LIMIT $8) counted) ELSE 0 END,
        ", project_on_conflict!(), ", for_write.* FROM releases r LEFT JOIN LATERAL (",
        alike!(of "r.id", except "$4", "$5", "$6", "$7", ", NULL::bigint AS rule, NULL AS pattern, NULL::bigint AS level"),
        " UNION ALL SELECT ", link_columns!(NULL), ", ", rule_columns!(), "
            FROM protected_tags WHERE project_id = p.id) for_write ON TRUE
        WHERE r.project_id = p.id AND r.tag = $3
            AND ($4::bigint IS NULL OR EXISTS (SELECT FROM links WHERE id = $4 AND release_id = r.id))"));
}

statements! {
    SIZES = concat!("SELECT id, (", link_bytes!(), ")::bigint FROM links WHERE project_id = $1 AND id = ANY($2)");
    BY_IDS = concat!("SELECT ", link_columns!(), " FROM links WHERE project_id = $1 AND id = ANY($2)");
    // Serialises the transactions that write links of a release, after the lock of the project.
    LOCK = concat!("SELECT ", project_on_conflict!(), ", r.tag, r.immutable FROM releases r
        JOIN projects p ON p.id = r.project_id JOIN namespaces n ON n.id = p.namespace_id
        WHERE r.id = $2 AND r.project_id = $1 AND n.full_path IS NOT NULL FOR NO KEY UPDATE OF r");
    LOCK_LINK = concat!("SELECT ", link_columns!(), " FROM links
        WHERE id = $3 AND release_id = $2 AND project_id = $1 FOR NO KEY UPDATE");
    ALIKE = alike!(of "$1", except "$2::bigint", "$3", "$4", "$5", "");
    ALIKE_TO_ANY = alike!(of "$1", except "NULL::bigint", "ANY($2::text[])", "ANY($3::text[])", "ANY($4::text[])", "");
    COUNT = "SELECT count(*) FROM (SELECT FROM links WHERE release_id = $1 LIMIT $2) counted";
    INSERT = numbered!(concat!("INSERT INTO links (", link_columns!(new), ")
        VALUES (", link_columns!(new "$", ""), ") RETURNING id"));
    // Without a step that begins, the last two stay.
    UPDATE = numbered!(concat!("UPDATE links SET (", link_columns!(held), ", since, since_seq)
        = (", link_columns!(held "$", ""), ", coalesce($since::bigint, since), coalesce($since_seq::bigint, since_seq))
        WHERE id = $id"));
    // Keeps deletions of single links, which do not lock the release, from a release that gets a manifest.
    LOCK_LINKS = "SELECT 1 FROM links WHERE release_id = $1 FOR UPDATE";
    DELETE_ALL = "DELETE FROM links WHERE id = ANY($1)";
    // No link has a name or URL that is this long and begins with white space.
    SET_ASIDE = "UPDATE links SET name = lpad(id::text, 3000), url = lpad(id::text, 3000), path = NULL WHERE id = ANY($1)";
    UPDATE_ALL = numbered!(concat!("UPDATE links SET (", link_columns!(held), ", since, since_seq)
        = (", link_columns!(held "sent"), ", coalesce(sent.since, links.since), coalesce(sent.since_seq, links.since_seq))
        FROM unnest(", link_columns!(held "$", array_of!), ", $since::bigint[], $since_seq::bigint[], $id::bigint[])
            AS sent (", link_columns!(held), ", since, since_seq, id) WHERE links.id = sent.id"));
    INSERT_ALL = numbered!(concat!("INSERT INTO links (", link_columns!(new), ")
        SELECT $project::bigint, $release::bigint, ", link_columns!(held "sent"), ", 0, $at::bigint,
            $before_first::bigint + sent.place
        FROM unnest(", link_columns!(held "$", array_of!), ") WITH ORDINALITY AS sent (", link_columns!(held), ", place)
        ORDER BY sent.place RETURNING id"));
    PLACE_ALL = "UPDATE links SET position = sent.place FROM unnest($1::bigint[]) WITH ORDINALITY AS sent (id, place)
        WHERE links.id = sent.id AND links.position <> sent.place";
    DELETE = concat!("DELETE FROM links WHERE id = $3 AND release_id = $2 AND project_id = $1
        RETURNING ", link_columns!());
}
