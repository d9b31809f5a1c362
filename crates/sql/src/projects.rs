//! The table of projects, and the conversion of its rows.

use release_links_domain::UserId;
use release_links_domain::access::Grants;
use release_links_domain::link::OnConflict;
use release_links_domain::namespace::DisplayName;
use release_links_domain::project::{Project, ProjectRules, Topics};
use release_links_ports::{ProjectDetails, ProjectFacts, ProjectFilter, Viewer};

use crate::namespaces::{self, namespace};
use crate::{Cells, Column, SqlRow};

columns! {
    ($) project_columns = numbered "projects" {
        id: Integer read,
        namespace_id: Integer,
        name: Text read,
        path: Text read,
        visibility: Text read,
        archived: Boolean read,
        releases_access: Text read,
        creator_id: Integer read,
        since: Integer,
        created_at: Integer read,
        description: Text read,
        default_branch: Text read,
        topics: Text read,
        last_activity_at: Integer read,
        links_on_conflict: Text read,
        generic_duplicates_allowed: Boolean read,
    }
}

/// An SQL expression for the full path of project `p` in namespace `n`.
#[macro_export]
macro_rules! project_path {
    () => {
        "n.full_path || '/' || p.path"
    };
}

/// The columns of project `p` in namespace `n` that authorisation needs. The columns of the viewer's grants follow: the
/// level as a member, the level as a member of an ancestor group, and the owner of the namespace.
#[macro_export]
macro_rules! project_facts {
    () => {
        concat!("p.id, p.visibility, p.archived, p.releases_access, ", $crate::project_path!())
    };
}

/// The columns of project `p` that say what it does about a link that is sent again.
#[macro_export]
macro_rules! project_on_conflict {
    () => {
        "p.id, p.links_on_conflict"
    };
}

/// The columns of project `p` in namespace `n`, between those of the namespace with the viewer's level and the viewer's
/// level as a member. The names of the namespace and its ancestors follow.
#[macro_export]
macro_rules! project_selection {
    () => {
        concat!($crate::project_columns!("p"), ", ", $crate::project_path!())
    };
}

const FULL_PATH: Column = Column { at: COUNT, name: "path" };
const DIRECT: Column = Column { at: COUNT + 1, name: "level of the viewer" };
const NAMES_ABOVE: Column = Column { at: COUNT + 2, name: "names of its ancestors" };

/// What stands between two topics; no topic has a control character.
const BETWEEN_TOPICS: char = '\n';

/// The positions of a project's facts.
mod fact {
    use crate::Column;

    pub const VISIBILITY: Column = Column { at: 1, name: "visibility" };
    pub const ARCHIVED: Column = Column { at: 2, name: "archived" };
    pub const RELEASES: Column = Column { at: 3, name: "releases_access" };
    pub const FULL_PATH: Column = Column { at: 4, name: "path" };
    pub const DIRECT: Column = Column { at: 5, name: "level of the viewer" };
    pub const INHERITED: Column = Column { at: 6, name: "level of its groups' members" };
    pub const OWNER: Column = Column { at: 7, name: "user_id of its namespace" };
}

/// The number of columns of a project's facts and the viewer's grants.
pub const FACTS: usize = 8;

/// Reads what authorisation needs of a project, and the viewer's grants. The columns are those of `project_facts!` and
/// three more: the level as a member, the highest level as a member of an ancestor group, and the user whose own
/// namespace the project is in.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn facts<R: SqlRow>(row: &R, viewer: Option<UserId>) -> Result<(ProjectFacts, Grants), R::Failure> {
    let cells = Cells::new(row, TABLE.name, 0)?;
    let rules = ProjectRules {
        visibility: cells.text(fact::VISIBILITY)?,
        archived: cells.boolean(fact::ARCHIVED)?,
        releases: cells.text(fact::RELEASES)?,
    };
    let owner: Option<UserId> = cells.optional_number(fact::OWNER)?;
    let access = Grants {
        direct: cells.optional_number(fact::DIRECT)?,
        inherited: cells.optional_number(fact::INHERITED)?,
        owns_namespace: owner.is_some() && owner == viewer,
    };
    let facts = ProjectFacts { id: cells.id()?, full_path: cells.text(fact::FULL_PATH)?, rules, moved: false };
    Ok((facts, access))
}

/// Returns the lowest and the highest id of the projects in a list.
#[must_use]
pub fn ids(viewer: &Viewer, filter: &ProjectFilter) -> [i64; 2] {
    let (first, last) = viewer.only.map_or((0, i64::MAX), |only| (only.get(), only.get()));
    [
        filter.id_after.map_or(first, |after| first.max(after.saturating_add(1))),
        filter.id_before.map_or(last, |before| last.min(before.saturating_sub(1))),
    ]
}

/// Reads a project and the viewer's grants. The columns, starting at `at`, are those of the namespace with the viewer's
/// level, of `project_selection!`, the viewer's level as a member, and the names of the namespace and its ancestors.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn details<R: SqlRow>(row: &R, at: usize, viewer: Option<UserId>) -> Result<ProjectDetails, R::Failure> {
    let (namespace, access) = namespace(row, at, viewer)?;
    let cells = Cells::new(row, TABLE.name, at + namespaces::WITH_LEVEL)?;
    let name: DisplayName = cells.stored(COLUMNS.name)?;
    let project = Project {
        id: cells.id()?,
        full_name: format!("{} / {name}", cells.string(NAMES_ABOVE)?),
        name,
        description: cells.optional_stored(COLUMNS.description)?,
        path: cells.text(COLUMNS.path)?,
        full_path: cells.text(FULL_PATH)?,
        namespace,
        rules: ProjectRules {
            visibility: cells.text(COLUMNS.visibility)?,
            archived: cells.boolean(COLUMNS.archived)?,
            releases: cells.text(COLUMNS.releases_access)?,
        },
        default_branch: cells.stored(COLUMNS.default_branch)?,
        topics: topics(&cells.string(COLUMNS.topics)?),
        links_on_conflict: cells.text(COLUMNS.links_on_conflict)?,
        generic_duplicates_allowed: cells.boolean(COLUMNS.generic_duplicates_allowed)?,
        creator: cells.optional_number(COLUMNS.creator_id)?,
        created_at: cells.time(COLUMNS.created_at)?,
        last_activity_at: cells.time(COLUMNS.last_activity_at)?,
    };
    let access = Grants { direct: cells.optional_number(DIRECT)?, ..access };
    Ok(ProjectDetails { project, project_access: access.outside_groups(), group_access: access.inherited })
}

/// Reads what a project does about a link that is sent again. The columns, starting at `at`, are those of
/// `project_on_conflict!`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn on_conflict<R: SqlRow>(row: &R, at: usize) -> Result<OnConflict, R::Failure> {
    Cells::new(row, TABLE.name, at)?.text(Column { at: 1, name: COLUMNS.links_on_conflict.name })
}

fn topics(stored: &str) -> Topics {
    Topics::from_stored(stored.split(BETWEEN_TOPICS).filter(|topic| !topic.is_empty()).map(str::to_owned).collect())
}

/// Returns texts as a JSON list.
#[must_use]
pub fn json_texts(texts: &[String]) -> String {
    serde_json::Value::from(texts).to_string()
}

/// Returns the value of the column `topics`.
#[must_use]
pub fn stored_topics(topics: &Topics) -> String {
    topics.as_slice().join(&BETWEEN_TOPICS.to_string())
}
