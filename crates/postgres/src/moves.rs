//! A namespace that gets another path, with all that stands in it (contract section 7): no path that something has now is
//! ever among those that projects have left.

use release_links_domain::NamespaceId;
use release_links_domain::namespace::FullPath;

use crate::failure::Failure;
use crate::query::{Session, statements};

/// The ids of namespace `$1` and of all below it.
macro_rules! below {
    () => {
        "(SELECT namespace_id FROM namespace_ancestors WHERE ancestor_id = $1)"
    };
}

statements! {
    LEAVE_BELOW = concat!("INSERT INTO moved_paths (old_path, project_id)
        SELECT full_path, id FROM projects WHERE namespace_id IN ", below!());
    MOVE_PROJECTS_BELOW = concat!("UPDATE projects SET full_path = $3 || substr(full_path, length($2) + 1)
        WHERE namespace_id IN ", below!());
    MOVE_NAMESPACES_BELOW = concat!("UPDATE namespaces SET full_path = $3 || substr(full_path, length($2) + 1)
        WHERE id IN ", below!());
    TAKE_PROJECTS_BELOW = concat!("DELETE FROM moved_paths WHERE lower(old_path) IN
        (SELECT lower(full_path) FROM projects WHERE namespace_id IN ", below!(), ")");
    TAKE_NAMESPACES_BELOW = concat!("DELETE FROM moved_paths WHERE lower(old_path) IN
        (SELECT lower(full_path) FROM namespaces WHERE id IN ", below!(), ")");
}

/// Gives a namespace, which now has the path `old`, another that is free, and with it everything below.
pub async fn move_namespace(
    session: &Session,
    namespace: NamespaceId,
    old: &FullPath,
    new: &FullPath,
) -> Result<(), Failure> {
    let id = namespace.get();
    session.run(LEAVE_BELOW, &[&id]).await?;
    for sql in [MOVE_PROJECTS_BELOW, MOVE_NAMESPACES_BELOW] {
        session.run(sql, &[&id, &old.as_str(), &new.as_str()]).await?;
    }
    for sql in [TAKE_PROJECTS_BELOW, TAKE_NAMESPACES_BELOW] {
        session.run(sql, &[&id]).await?;
    }
    Ok(())
}
