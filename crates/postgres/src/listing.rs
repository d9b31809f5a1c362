//! Lists of groups and projects: of all there are, what one viewer may see.
//!
//! The rule is the domain's: what shows itself without a level comes as [`Viewer::open`], and any level shows the rest.

use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::Group;
use release_links_domain::project::Visibility;
use release_links_domain::{ProjectId, UserId};
use release_links_ports::{GroupFilter, Page, PageRequest, ProjectDetails, ProjectFilter, Viewer};
use release_links_sql::namespaces::group;
use release_links_sql::projects::details;

use crate::failure::Failure;
use crate::groups::GROUP;
use crate::paging::{self, paged};
use crate::projects::PROJECT;
use crate::query::{Session, statements};

/// The ids of the projects over which user `$2` has at least level `$6`.
macro_rules! held {
    () => {
        "(SELECT m.project_id FROM project_members m WHERE m.user_id = $2 AND m.level >= $6
        UNION ALL SELECT below.id FROM group_members m JOIN namespace_ancestors a ON a.ancestor_id = m.group_id
            JOIN projects below ON below.namespace_id = a.namespace_id WHERE m.user_id = $2 AND m.level >= $6
        UNION ALL SELECT own.id FROM namespaces home JOIN projects own ON own.namespace_id = home.id
            WHERE home.user_id = $2)"
    };
}

/// The projects `p` for which `$condition` and the filter hold.
macro_rules! projects_where {
    ($condition:expr) => {
        concat!(
            "projects p JOIN namespaces n ON n.id = p.namespace_id WHERE n.full_path IS NOT NULL AND p.id BETWEEN $7 AND $8 AND ",
            $condition,
            " AND ($9::text IS NULL OR p.visibility = $9) AND ($10::boolean IS NULL OR p.archived = $10)
            AND ($11::text IS NULL OR position(lower($11 COLLATE \"C\") IN lower(p.name)) > 0
                OR position(lower($11 COLLATE \"C\") IN lower(p.path)) > 0)"
        )
    };
}

macro_rules! groups {
    () => {
        "namespaces n WHERE n.user_id IS NULL AND n.full_path IS NOT NULL
        AND (n.visibility = ANY($1) OR n.id IN (SELECT a.namespace_id FROM group_members m
            JOIN namespace_ancestors a ON a.ancestor_id = m.group_id WHERE m.user_id = $2))
        AND (NOT $6 OR n.parent_id IS NULL)
        AND ($7::text IS NULL OR position(lower($7 COLLATE \"C\") IN lower(n.name)) > 0
            OR position(lower($7 COLLATE \"C\") IN lower(n.path)) > 0)"
    };
}

statements! {
    SEEN_PROJECTS = paged!(
        PROJECT!(),
        of projects_where!(concat!("(p.visibility = ANY($1) OR p.id IN ", held!(), ")")),
        by "p.id DESC"
    );
    // Apart from the others, so that few are looked at when few are held.
    HELD_PROJECTS = paged!(
        PROJECT!(),
        of projects_where!(concat!("$1::text[] IS NOT NULL AND p.id IN ", held!())),
        by "p.id DESC"
    );
    GROUPS = paged!(GROUP!(), of groups!(), by "lower(n.name), n.id");
}

/// The open visibilities, by their names.
pub fn open(viewer: &Viewer) -> Vec<&'static str> {
    viewer.open.iter().copied().map(Visibility::as_str).collect()
}

/// A page of projects, newest first.
pub async fn projects(
    session: &Session,
    viewer: &Viewer,
    filter: &ProjectFilter,
    wanted: PageRequest,
) -> Result<Page<ProjectDetails>, Failure> {
    let list = if filter.least_level.is_none() { SEEN_PROJECTS } else { HELD_PROJECTS };
    let open = open(viewer);
    let user = viewer.user.map(UserId::get);
    let [limit, offset, counted] = paging::values(wanted);
    let least = filter.least_level.unwrap_or(AccessLevel::ALL[0]).number();
    let (from, to) = filter.only.map_or((0, i64::MAX), |only| (ProjectId::get(only), ProjectId::get(only)));
    let visibility = filter.visibility.map(Visibility::as_str);
    let (archived, search) = (filter.archived, &filter.search);
    let rows = session
        .rows(list, &[&open, &user, &limit, &offset, &counted, &least, &from, &to, &visibility, &archived, search])
        .await?;
    paging::read(&rows, 0, wanted, |row, at| details(row, at, viewer.user))
}

/// A page of groups, by name.
pub async fn groups(
    session: &Session,
    viewer: &Viewer,
    filter: &GroupFilter,
    wanted: PageRequest,
) -> Result<Page<Group>, Failure> {
    let open = open(viewer);
    let user = viewer.user.map(UserId::get);
    let [limit, offset, counted] = paging::values(wanted);
    let (top_level_only, search) = (filter.top_level_only, &filter.search);
    let rows = session.rows(GROUPS, &[&open, &user, &limit, &offset, &counted, &top_level_only, search]).await?;
    Ok(paging::read(&rows, 0, wanted, group)?.map(|view| view.group))
}
