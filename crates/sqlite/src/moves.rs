//! A namespace that gets another path, with all that stands in it (contract section 7): no path that something has now is
//! ever among those that projects have left.

use release_links_domain::NamespaceId;
use release_links_domain::namespace::FullPath;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{run, statements};
use crate::rows::clamped;

/// The ids of namespace `?1` and of all below it.
macro_rules! below {
    () => {
        "(SELECT namespace_id FROM namespace_ancestors WHERE ancestor_id = ?1)"
    };
}

statements! {
    LEAVE_BELOW = concat!("INSERT OR REPLACE INTO moved_paths (old_path, project_id)
        SELECT full_path, id FROM projects WHERE namespace_id IN ", below!());
    MOVE_PROJECTS_BELOW = concat!("UPDATE projects SET full_path = ?2 || substr(full_path, ?3)
        WHERE namespace_id IN ", below!());
    MOVE_NAMESPACES_BELOW = concat!("UPDATE namespaces SET full_path = ?2 || substr(full_path, ?3)
        WHERE id IN ", below!());
    TAKE_PROJECTS_BELOW = concat!("DELETE FROM moved_paths WHERE old_path IN
        (SELECT full_path FROM projects WHERE namespace_id IN ", below!(), ")");
    TAKE_NAMESPACES_BELOW = concat!("DELETE FROM moved_paths WHERE old_path IN
        (SELECT full_path FROM namespaces WHERE id IN ", below!(), ")");
}

/// Gives a namespace, which now has the path `old`, another that is free, and with it everything below.
pub fn move_namespace(
    conn: &Connection,
    namespace: NamespaceId,
    old: &FullPath,
    new: &FullPath,
) -> Result<(), Failure> {
    let id = namespace.get();
    run(conn, LEAVE_BELOW, params![id])?;
    // Paths are ASCII: bytes are characters, which SQL counts from one.
    let rest = clamped(old.as_str().len() as u64 + 1);
    for sql in [MOVE_PROJECTS_BELOW, MOVE_NAMESPACES_BELOW] {
        run(conn, sql, params![id, new.as_str(), rest])?;
    }
    for sql in [TAKE_PROJECTS_BELOW, TAKE_NAMESPACES_BELOW] {
        run(conn, sql, params![id])?;
    }
    Ok(())
}
