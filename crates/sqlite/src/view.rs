//! A project as one viewer stands in it: the statement that every request on a project begins with.

use release_links_domain::access::Reader;
use release_links_domain::project::{ProjectRef, ProjectRules};
use release_links_domain::{ProjectId, UserId};
use release_links_ports::{ProjectFacts, ProjectView};
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::query::{first, statements};
use crate::rows::Cells;

/// The viewer's highest level over project `p` in namespace `n`: as a member, as a member of a group above, or as the one
/// whose own namespace it is. Without a viewer, `?2` is null and equals nothing.
macro_rules! project {
    (where $condition:literal, from $from:literal, moved $moved:literal) => {
        concat!(
            "SELECT p.id, p.full_path, p.visibility, p.archived, p.releases_access, nullif(max(
                ifnull((SELECT level FROM project_members WHERE project_id = p.id AND user_id = ?2), 0),
                ifnull((SELECT max(m.level) FROM namespace_ancestors a CROSS JOIN group_members m
                    WHERE a.namespace_id = p.namespace_id AND m.group_id = a.ancestor_id AND m.user_id = ?2), 0),
                CASE WHEN n.user_id = ?2 THEN 50 ELSE 0 END), 0), ",
            $moved,
            " FROM ",
            $from,
            " JOIN namespaces n ON n.id = p.namespace_id WHERE ",
            $condition
        )
    };
}

statements! {
    BY_ID = project!(where "p.id = ?1", from "projects p", moved "0");
    BY_PATH = concat!(
        project!(where "p.full_path = ?1", from "projects p", moved "0"),
        " UNION ALL ",
        project!(where "o.old_path = ?1 AND NOT EXISTS (SELECT 1 FROM projects WHERE full_path = ?1)",
            from "moved_paths o JOIN projects p ON p.id = o.project_id", moved "1")
    );
}

/// A project, the reader's level in it, and what `find` finds there for a reader who is admitted to it. An address that a project has left counts only when no
/// project has it now.
///
/// While `find` runs, the statement that found the project still stands on its row, so both are of one snapshot, with a
/// transaction around them or without.
pub fn view<T>(
    conn: &Connection,
    project: &ProjectRef,
    reader: Reader,
    find: impl FnOnce(ProjectId) -> Result<T, Failure>,
) -> Result<Option<ProjectView<T>>, Failure> {
    let user = reader.user.map(UserId::get);
    match project {
        ProjectRef::Id(id) => first(conn, BY_ID, params![id.get(), user], |row| facts(row, reader, find)),
        ProjectRef::Path(path) => first(conn, BY_PATH, params![path.as_str(), user], |row| facts(row, reader, find)),
    }
}

fn facts<T>(
    row: &Row<'_>,
    reader: Reader,
    find: impl FnOnce(ProjectId) -> Result<T, Failure>,
) -> Result<ProjectView<T>, Failure> {
    let cells = Cells::new(row, "projects", 0)?;
    let rules = ProjectRules {
        visibility: cells.text(2, "visibility")?,
        archived: cells.raw(3, "archived")?,
        releases: cells.text(4, "releases_access")?,
    };
    let moved = cells.raw(6, "whether it has moved")?;
    let project = ProjectFacts { id: cells.id()?, full_path: cells.text(1, "full_path")?, rules, moved };
    let level = cells.optional_number(5, "level of its members")?;
    let admitted = reader.is_admitted_to(project.id, project.rules, level);
    let found = admitted.then(|| find(project.id)).transpose()?;
    Ok(ProjectView { project, level, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::open_for_writing;
    use release_links_domain::access::Admission;

    #[test]
    fn what_is_found_in_a_project_is_of_the_projects_own_snapshot() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.db");
        let writer = open_for_writing(&path).unwrap();
        writer
            .execute_batch(
                "INSERT INTO namespaces (id, name, path, full_path, visibility, created_at)
                    VALUES (1, 'G', 'g', 'g', 'public', 0);
                INSERT INTO projects (id, namespace_id, name, path, full_path, visibility, created_at)
                    VALUES (1, 1, 'P', 'p', 'g/p', 'public', 0);
                INSERT INTO moved_paths VALUES ('g/old', 1)",
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
                Ok(name(&reader))
            });
            assert_eq!(view.unwrap().unwrap().found, Some(before), "{project}");
            assert_eq!(name(&reader), round.to_string());
        }
    }
}
