//! The table of projects.

use release_links_domain::access::AccessLevel;
use release_links_domain::description::ProjectDescription;
use release_links_domain::link::OnConflict;
use release_links_domain::namespace::{DisplayName, FullPath, PathSegment};
use release_links_domain::project::{BranchName, ReleasesAccess, Visibility};
use release_links_domain::{NamespaceId, ProjectId, UserId};
use release_links_ports::{
    NewProject, Page, PageRequest, ProjectChanges, ProjectDetails, ProjectFilter, ProjectOrder, Sort, Viewer,
};
use release_links_sql::paging::{milliseconds, order_by};
use release_links_sql::projects::{details, ids, stored_topics};

use crate::failure::Failure;
use crate::paging;
use crate::query::{Session, Values, open, statements};
use crate::tables::left_places::NOW;
use crate::tables::namespaces::NAMESPACE;
use crate::view::{viewed, views};

/// The columns of project `p` in namespace `n`, the grants of user `$2` in it, and the names above it.
macro_rules! PROJECT {
    () => {
        concat!(
            $crate::tables::namespaces::NAMESPACE!(),
            ", ",
            release_links_sql::project_selection!(),
            ", (SELECT level FROM project_members WHERE project_id = p.id AND user_id = $2), ",
            $crate::tables::namespaces::FULL_NAME!()
        )
    };
}

/// The namespace of the project, and the namespace `n` that matches `$condition`, or nulls if there is none.
macro_rules! transfer {
    ($condition:literal) => {
        viewed!(concat!(
            "p.namespace_id AS source, target.* FROM (SELECT) always LEFT JOIN (SELECT ",
            NAMESPACE!(),
            " FROM namespaces n WHERE ",
            $condition,
            ") target ON TRUE"
        ))
    };
}

/// The ids of the projects in which user `$2` has at least level `$6`.
macro_rules! held {
    () => {
        "(SELECT m.project_id FROM project_members m WHERE m.user_id = $2 AND m.level >= $6
        UNION ALL SELECT below.id FROM group_members m JOIN namespace_ancestors a ON a.ancestor_id = m.group_id
            JOIN projects below ON below.namespace_id = a.namespace_id WHERE m.user_id = $2 AND m.level >= $6
        UNION ALL SELECT own.id FROM namespaces home JOIN projects own ON own.namespace_id = home.id
            WHERE home.user_id = $2)"
    };
}

/// The ids of the projects in namespace `$15` and, if `$16` is true, in the groups below it.
macro_rules! within {
    () => {
        "(SELECT there.id FROM namespace_ancestors a JOIN projects there ON there.namespace_id = a.namespace_id
            WHERE a.ancestor_id = $15 AND ($16 OR a.namespace_id = $15))"
    };
}

/// The projects `p` that match the filter.
macro_rules! FILTERED {
    () => {
        "projects p JOIN namespaces n ON n.id = p.namespace_id WHERE n.full_path IS NOT NULL
        AND ($9::text IS NULL OR p.visibility = $9) AND ($10::boolean IS NULL OR p.archived = $10)
        AND ($11::text IS NULL OR position(lower($11 COLLATE \"C\") IN lower(p.name)) > 0
            OR position(lower($11 COLLATE \"C\") IN lower(p.path)) > 0)
        AND $12::text[] <@ string_to_array(p.topics, chr(10))
        AND ($13::bigint IS NULL OR p.last_activity_at >= $13) AND ($14::bigint IS NULL OR p.last_activity_at <= $14) AND "
    };
}

/// The projects that the viewer may see.
macro_rules! SEEN {
    () => {
        concat!(FILTERED!(), "(p.visibility = ANY($1) OR p.id IN ", held!(), ")")
    };
}

/// The projects that the viewer may see, all or those of a namespace, and the projects in which the viewer has the level of
/// the filter: separate conditions, so that SQL reads only the projects of the namespace or viewer rather than filtering
/// all.
const SEEN: &str = SEEN!();
const WITHIN: &str = concat!(SEEN!(), " AND p.id IN ", within!());
const HELD: &str = concat!(FILTERED!(), "$1::text[] IS NOT NULL AND p.id IN ", held!());

views! {
    VIEWED = viewed!(PROJECT!());
    TRANSFER = transfer!("n.id = $3 AND n.full_path IS NOT NULL");
    TRANSFER_TO_PATH = transfer!("lower(n.full_path) = lower($3 COLLATE \"C\")");
}

statements! {
    AT_PATH = "SELECT p.id FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE lower(n.full_path) = lower($1 COLLATE \"C\") AND lower(p.path) = lower($2 COLLATE \"C\")";
    GET = concat!("SELECT ", PROJECT!(), " FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL");
    INSERT = concat!("INSERT INTO projects
            (namespace_id, name, path, visibility, releases_access, creator_id, since, created_at, last_activity_at,
            description, default_branch, topics)
        VALUES ($1, $2, $3, $4, $5, (SELECT id FROM users WHERE id = $6 AND email IS NOT NULL), ", NOW!(), ", $7, $7,
            $8, $9, $10)
        RETURNING id");
    IS_THERE = "SELECT FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL";
    SET_PROJECT = "UPDATE projects SET name = coalesce($2, name), path = coalesce($3, path),
        namespace_id = coalesce($4, namespace_id), visibility = coalesce($5, visibility),
        releases_access = coalesce($6, releases_access), archived = coalesce($7, archived),
        description = CASE WHEN $8 THEN description ELSE $9 END, default_branch = coalesce($10, default_branch),
        topics = coalesce($11, topics), links_on_conflict = coalesce($12, links_on_conflict),
        generic_duplicates_allowed = coalesce($13, generic_duplicates_allowed) WHERE id = $1";
}

/// Returns a project with the viewer's grants in it.
pub async fn by_id(session: &Session, project: i64, viewer: Option<UserId>) -> Result<Option<ProjectDetails>, Failure> {
    session.first(GET, &[&project, &viewer.map(UserId::get)], |row| details(row, 0, viewer)).await
}

/// Returns the project that has a path now.
pub async fn at_path(session: &Session, path: &FullPath) -> Result<Option<ProjectId>, Failure> {
    let (above, own) = path.split();
    let found = session.first(AT_PATH, &[&above, &own], |row| row.get::<i64>(0)).await?;
    Ok(found.and_then(|id| ProjectId::try_from(id).ok()))
}

/// Returns whether a project exists and is not deleted.
pub async fn is_there(session: &Session, project: ProjectId) -> Result<bool, Failure> {
    session.exists(IS_THERE, &[&project.get()]).await
}

/// Inserts a project, whose path must be free.
pub async fn insert_project(session: &Session, new: &NewProject) -> Result<i64, Failure> {
    let row: Values<'_> = &[
        &new.namespace.get(),
        &new.name.as_str(),
        &new.path.as_str(),
        &new.visibility.as_str(),
        &new.releases.as_str(),
        &new.creator.get(),
        &new.created_at.as_millisecond(),
        &new.description.as_ref().map(ProjectDescription::as_str),
        &new.default_branch.as_str(),
        &stored_topics(&new.topics),
    ];
    session.insert(INSERT, row).await
}

/// Updates the row of a project.
pub async fn update_project(
    session: &Session,
    id: ProjectId,
    path: &PathSegment,
    namespace: NamespaceId,
    changes: &ProjectChanges,
) -> Result<(), Failure> {
    let visibility = changes.visibility.map(Visibility::as_str);
    let releases = changes.releases.map(ReleasesAccess::as_str);
    let name = changes.name.as_ref().map(DisplayName::as_str);
    let (path, namespace) = (path.as_str(), namespace.get());
    let (keeps_description, description) = (changes.description.is_keep(), changes.description.clone().apply(None));
    let values: Values<'_> = &[
        &id.get(),
        &name,
        &path,
        &namespace,
        &visibility,
        &releases,
        &changes.archived,
        &keeps_description,
        &description.as_ref().map(ProjectDescription::as_str),
        &changes.default_branch.as_ref().map(BranchName::as_str),
        &changes.topics.as_ref().map(stored_topics),
        &changes.links_on_conflict.map(OnConflict::as_str),
        &changes.generic_duplicates_allowed,
    ];
    session.run(SET_PROJECT, values).await?;
    Ok(())
}

/// Returns the statement of a page of projects.
fn listing(of: &str, order: ProjectOrder, sort: Sort) -> String {
    // The sum keeps the planner from an index by id where another has the order.
    let (id, key) = match order {
        ProjectOrder::Id => ("p.id", "p.id"),
        ProjectOrder::Name => ("p.id + 0", "lower(p.name)"),
        ProjectOrder::Path => ("p.id + 0", "lower(p.path)"),
        ProjectOrder::CreatedAt => ("p.id + 0", "p.created_at"),
        ProjectOrder::LastActivityAt => ("p.id + 0", "p.last_activity_at"),
    };
    let of = format!("{of} AND {id} BETWEEN $7 AND $8");
    paging::listing(PROJECT!(), &of, &order_by([key, "p.id"], sort))
}

/// Returns a page of projects.
pub async fn list(
    session: &Session,
    viewer: &Viewer,
    filter: &ProjectFilter,
    wanted: PageRequest,
) -> Result<Page<ProjectDetails>, Failure> {
    let of = match filter {
        ProjectFilter { within: Some(_), .. } => WITHIN,
        ProjectFilter { least_level: Some(_), .. } => HELD,
        _ => SEEN,
    };
    // At most one project has no order.
    let order = if viewer.only.is_some() { ProjectOrder::Id } else { filter.order };
    // A filter by level leaves out what the viewer sees without one.
    let open = if filter.least_level.is_none() { open(viewer) } else { Vec::new() };
    let user = viewer.user.map(UserId::get);
    let [limit, offset, counted] = paging::values(wanted);
    let least = filter.least_level.unwrap_or(AccessLevel::ALL[0]).number();
    let [from, to] = ids(viewer, filter);
    let visibility = filter.visibility.map(Visibility::as_str);
    let (archived, search) = (filter.archived, &filter.search);
    let [after, before] = milliseconds(filter.active);
    let namespace = filter.within.map(|within| within.namespace.get());
    let subgroups = filter.within.map(|within| within.subgroups);
    let values: Values<'_> = &[
        &open,
        &user,
        &limit,
        &offset,
        &counted,
        &least,
        &from,
        &to,
        &visibility,
        &archived,
        search,
        &filter.topics,
        &after,
        &before,
        &namespace,
        &subgroups,
    ];
    let values = if namespace.is_some() { values } else { &values[..14] };
    let rows = session.rows(&listing(of, order, filter.sort), values).await?;
    paging::read(&rows, 0, wanted, |row, at| details(row, at, viewer.user))
}

/// Returns the statements of the lists of projects that the viewer may see.
#[cfg(test)]
pub fn listings() -> Vec<String> {
    ProjectOrder::ALL.iter().flat_map(|&order| Sort::BOTH.map(|sort| listing(SEEN, order, sort))).collect()
}

/// Returns the statements of the lists of the viewer's own projects and of those of a namespace, which they read whole.
#[cfg(test)]
pub fn sorted_listings() -> Vec<String> {
    let sorted = |&order: &ProjectOrder| {
        Sort::BOTH.into_iter().flat_map(move |sort| [HELD, WITHIN].map(|of| listing(of, order, sort)))
    };
    ProjectOrder::ALL.iter().flat_map(sorted).collect()
}
