//! The table of links that lead to a file of their project.

use release_links_sql::link_columns;

use crate::query::statements;

/// Whether a link of an immutable release of a project leads to a file.
macro_rules! is_protected {
    ($project:expr, $file:expr) => {
        concat!(
            "EXISTS (SELECT FROM links_to_files t JOIN links l ON l.id = t.link_id JOIN releases r ON r.id = l.release_id
                WHERE t.project_id = ",
            $project,
            " AND t.file = ",
            $file,
            " AND r.project_id = t.project_id AND r.immutable)"
        )
    };
}

pub(crate) use is_protected;

statements! {
    OTHERS = "SELECT count(*) FROM (SELECT FROM links_to_files WHERE project_id = $1 AND file = $2
        AND link_id IS DISTINCT FROM $3 LIMIT $4) counted";
    OF_FILE = concat!("SELECT ", link_columns!("l"), ", r.tag FROM links_to_files t JOIN links l ON l.id = t.link_id
        JOIN releases r ON r.id = l.release_id AND r.project_id = t.project_id
        WHERE t.project_id = $1 AND t.file = $2 ORDER BY t.link_id LIMIT $3");
    // A name has no slash, so what follows the range's first text is one.
    PACKAGE_IS_PROTECTED = "SELECT FROM links_to_files t JOIN links l ON l.id = t.link_id JOIN releases r ON r.id = l.release_id
            AND r.project_id = t.project_id
        JOIN package_files f ON f.package_id = $2 AND f.name = substr(t.file, length($3) + 1)
        WHERE t.project_id = $1 AND t.file >= $3 AND t.file < $4 AND r.immutable LIMIT 1";
    IS_PROTECTED = concat!("SELECT WHERE ", is_protected!("$1::bigint", "$2"));
}
