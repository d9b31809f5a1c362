//! The tables of packages and their files.

use release_links_sql::{package_columns, package_file_columns, package_file_selection};

use crate::query::statements;
use crate::tables::links_to_files::is_protected;
use crate::view::{asked, viewed, viewed_page, views};

/// The files `f`, with their bytes `b`, that match `$condition`.
macro_rules! files {
    ($condition:literal) => {
        concat!("package_files f JOIN file_bytes b ON b.id = f.bytes_id WHERE ", $condition)
    };
}

/// What decides whether a file of package `k` may be published, up to `$most` files counted, in project `$project`.
macro_rules! placement {
    ($project:literal, $allowed:literal, $name:literal, $version:literal, $file:literal, $most:literal, $file_ref:literal) => {
        concat!(
            $project,
            ", ",
            $allowed,
            ", EXISTS (SELECT FROM package_files f WHERE f.package_id = k.id AND f.name = ",
            $file,
            "), ",
            is_protected!($project, $file_ref),
            ", (SELECT count(*) FROM (SELECT FROM package_files f WHERE f.package_id = k.id LIMIT ",
            $most,
            ") counted) FROM (SELECT) always LEFT JOIN packages k ON k.project_id = ",
            $project,
            " AND k.name = ",
            $name,
            " AND k.version = ",
            $version
        )
    };
}

views! {
    LIST = viewed_page!(package_columns!("k"), of "packages k WHERE k.project_id = p.id AND k.status = 'default'",
        by "k.id");
    // Reads all packages of the project, and sorts what it finds.
    SEARCH = viewed_page!(package_columns!("k"), of "packages k WHERE k.project_id = p.id AND k.status = 'default'
        AND ($6::text IS NULL OR position(lower($6 COLLATE \"C\") IN lower(k.name)) > 0)
        AND ($7::text IS NULL OR k.version = $7)", by "k.id");
    GET = viewed!(concat!(package_columns!("k"), " FROM packages k WHERE k.project_id = p.id AND k.id = $3"));
    LIST_FILES = viewed_page!(package_file_selection!(), of files!("f.package_id = k.id"), by "f.id",
        in "k.id" concat!("LEFT JOIN LATERAL ",
            asked!("(SELECT id FROM packages WHERE project_id = p.id AND id = $6)"), " k ON TRUE"));
    NEWEST = viewed!(concat!(package_file_selection!(), " FROM packages k JOIN LATERAL (SELECT * FROM package_files
            WHERE package_id = k.id AND name = $5 ORDER BY id DESC LIMIT 1) f ON TRUE JOIN file_bytes b ON b.id = f.bytes_id
        WHERE k.project_id = p.id AND k.name = $3 AND k.version = $4"));
    PLACEMENT = viewed!(placement!("p.id", "p.generic_duplicates_allowed", "$3", "$4", "$5", "$6::bigint", "$7"));
}

statements! {
    PLACEMENT_OF = concat!("SELECT ", placement!("$1::bigint",
        "coalesce((SELECT generic_duplicates_allowed FROM projects WHERE id = $1), TRUE)", "$2", "$3", "$4", "$5::bigint", "$6"));
    PACKAGE_FOR = concat!("INSERT INTO packages (", package_columns!(new), ")
        VALUES ($1, $2, $3, coalesce($6, $4), $5) ON CONFLICT (project_id, name, version)
        DO UPDATE SET status = coalesce($6, packages.status) RETURNING id");
    INSERT_FILE = concat!("INSERT INTO package_files (", package_file_columns!(new), ") VALUES ($1, $2, $3, $4) RETURNING id");
    FILE = concat!("SELECT ", package_file_selection!(), " FROM ", files!("f.id = $1"));
    BY_ID = concat!("SELECT ", package_columns!(), " FROM packages WHERE project_id = $1 AND id = $2");
    FILE_OF = "SELECT f.id, f.bytes_id, f.name FROM packages k JOIN package_files f ON f.package_id = k.id
        WHERE k.project_id = $1 AND k.id = $2 AND f.id = $3";
    FILES_OF = "SELECT id, bytes_id FROM package_files WHERE package_id = $1";
    FILES_OF_PROJECT = "SELECT f.id, f.bytes_id FROM packages k JOIN package_files f ON f.package_id = k.id
        WHERE k.project_id = $1 LIMIT $2";
    DELETE_FILES = "DELETE FROM package_files WHERE id = ANY($1)";
    DELETE = "DELETE FROM packages WHERE id = $1";
}
