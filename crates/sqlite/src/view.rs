//! Views of a project: the statement with which every request on a project begins.

use release_links_domain::access::Reader;
use release_links_domain::project::ProjectRef;
use release_links_domain::{ProjectId, UserId};
use release_links_ports::{ProjectFacts, ProjectView};
use release_links_sql::{project_facts, projects};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{first, statements};
use crate::rows::Row;
use crate::tables::left_places::last_holder;

/// The project `p` in namespace `n`, with the grants of user `?2` in it. Without a viewer, `?2` is null and equals
/// nothing.
macro_rules! project {
    ($from:literal) => {
        concat!(
            "SELECT ",
            project_facts!(),
            ", (SELECT level FROM project_members WHERE project_id = p.id AND user_id = ?2),
            (SELECT max(m.level) FROM namespace_ancestors a CROSS JOIN group_members m
                WHERE a.namespace_id = p.namespace_id AND m.group_id = a.ancestor_id AND m.user_id = ?2),
            n.user_id FROM ",
            $from
        )
    };
}

statements! {
    BY_ID = project!("projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL");
    BY_PATH = project!("namespaces n CROSS JOIN projects p
        WHERE n.full_path = ?1 AND p.namespace_id = n.id AND p.path = ?3");
}

/// Returns a project, the reader's level in it and, if the reader is admitted to it, the result of `find`. A former
/// address of a project counts only if no project has it now.
///
/// While `find` runs, the statement that found the project is still on its row, so both read the same snapshot, with or
/// without a transaction around them.
pub fn view<T>(
    conn: &Connection,
    project: &ProjectRef,
    reader: Reader,
    find: impl FnOnce(ProjectId) -> Result<Option<T>, Failure>,
) -> Result<Option<ProjectView<T>>, Failure> {
    let user = reader.user.map(UserId::get);
    let path = match project {
        ProjectRef::Id(id) => {
            return first(conn, BY_ID, params![id.get(), user], |row| facts(row, reader, false, find));
        }
        ProjectRef::Path(path) => path,
    };
    // The statement finds at most one row, which consumes `find`.
    let mut find = Some(find);
    let (above, own) = path.split();
    let now = first(conn, BY_PATH, params![above, user, own], |row| {
        find.take().map(|find| facts(row, reader, false, find)).transpose()
    })?;
    if let Some(find) = find
        && let Some(id) = last_holder(conn, path)?
    {
        return first(conn, BY_ID, params![id.get(), user], |row| facts(row, reader, true, find));
    }
    Ok(now.flatten())
}

fn facts<T>(
    row: &Row<'_, '_>,
    reader: Reader,
    moved: bool,
    find: impl FnOnce(ProjectId) -> Result<Option<T>, Failure>,
) -> Result<ProjectView<T>, Failure> {
    let (project, access) = projects::facts(row, reader.user)?;
    let (project, level) = (ProjectFacts { moved, ..project }, access.level());
    let admitted = reader.is_admitted_to(project.id, project.rules, level);
    let found = if admitted { find(project.id)? } else { None };
    Ok(ProjectView { project, level, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::open_for_writing;
    use release_links_domain::access::Admission;

    #[test]
    fn a_project_and_what_is_found_in_it_come_from_one_snapshot() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.db");
        let writer = open_for_writing(&path).unwrap();
        writer
            .execute_batch(
                "INSERT INTO namespaces (id, name, path, full_path, visibility, since, created_at)
                    VALUES (1, 'G', 'g', 'g', 'public', 0, 0);
                INSERT INTO projects (id, namespace_id, name, path, visibility, since, created_at)
                    VALUES (1, 1, 'P', 'p', 'public', 1, 0);
                INSERT INTO left_places (below, segment, project_id, since) VALUES (1, 'old', 1, 0)",
            )
            .unwrap();
        let reader = Connection::open(&path).unwrap();
        let anybody = Reader::anonymous(Admission::SeeProject);
        let name =
            |conn: &Connection| conn.query_row("SELECT name FROM projects", [], |row| row.get::<_, String>(0)).unwrap();
        for (round, project) in ["1", "g/p", "g/old"].into_iter().enumerate() {
            let before = name(&reader);
            let view = view(&reader, &project.parse().unwrap(), anybody, |_| {
                writer.execute("UPDATE projects SET name = ?1", [round.to_string()]).unwrap();
                Ok(Some(name(&reader)))
            });
            assert_eq!(view.unwrap().unwrap().found, Some(before), "{project}");
            assert_eq!(name(&reader), round.to_string());
        }
    }
}
