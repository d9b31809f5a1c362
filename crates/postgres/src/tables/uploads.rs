//! The table of uploads.

use release_links_sql::{upload_columns, upload_selection};

use crate::query::statements;
use crate::view::{viewed, viewed_page, views};

/// The uploads `f` that match `$condition`, with their bytes and who uploaded them.
macro_rules! uploads {
    ($condition:literal) => {
        concat!(
            "uploads f JOIN file_bytes b ON b.id = f.bytes_id LEFT JOIN users u ON u.id = f.uploader_id AND ",
            $crate::tables::users::IS_THERE!(),
            " LEFT JOIN namespaces un ON un.user_id = u.id WHERE ",
            $condition
        )
    };
}

views! {
    LIST = viewed_page!(upload_selection!(), of uploads!("f.project_id = p.id"), by "f.id DESC");
    GET = viewed!(concat!(upload_selection!(), " FROM ", uploads!("f.project_id = p.id AND f.id = $3")));
    BY_SECRET = viewed!(concat!(upload_selection!(), " FROM ",
        uploads!("f.project_id = p.id AND f.secret = $3 AND f.name = $4")));
}

statements! {
    // If the user was deleted meanwhile, nobody has uploaded it, as if the user were deleted right after.
    INSERT = concat!("INSERT INTO uploads (", upload_columns!(new), ")
        VALUES ($1, $2, $3, $4, (SELECT id FROM users WHERE id = $5 AND email IS NOT NULL), $6)
        ON CONFLICT (project_id, secret) DO NOTHING RETURNING id");
    BY_ID = concat!("SELECT ", upload_selection!(), " FROM ", uploads!("f.id = $1"));
    OF = "SELECT id, bytes_id FROM uploads WHERE project_id = $1 AND id = $2";
    OF_PROJECT = "SELECT id, bytes_id FROM uploads WHERE project_id = $1 LIMIT $2";
    DELETE = "DELETE FROM uploads WHERE id = ANY($1)";
}
