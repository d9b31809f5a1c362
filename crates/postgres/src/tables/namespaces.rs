//! The table of groups and user namespaces, and that of their ancestors.

use release_links_domain::access::AccessLevel;
use release_links_domain::description::ShortDescription;
use release_links_domain::namespace::{DisplayName, FullPath, Group, GroupRef, PathSegment};
use release_links_domain::project::Visibility;
use release_links_domain::{GroupId, NamespaceId, UserId};
use release_links_ports::{
    GroupChanges, GroupFilter, GroupOrder, GroupView, NamespaceView, Page, PageRequest, Sort, Viewer,
};
use release_links_sql::namespace_columns;
pub use release_links_sql::namespaces::Reach;
use release_links_sql::namespaces::{self, NewNamespace, group, namespace_view};
use release_links_sql::paging::order_by;
use tokio_postgres::types::ToSql;

use crate::failure::Failure;
use crate::paging;
use crate::query::{Session, Values, one_of, open, statements};
use crate::rows::Row;
use crate::tables::left_places::{NOW, forget_whole};
use crate::view::{Viewed, views};

/// The columns of namespace `n`, and the highest level of user `$2` in it and its ancestors.
macro_rules! NAMESPACE {
    () => {
        concat!(
            release_links_sql::namespace_columns!("n"),
            ", (SELECT max(m.level) FROM namespace_ancestors a JOIN group_members m
                ON m.group_id = a.ancestor_id AND m.user_id = $2 WHERE a.namespace_id = n.id)"
        )
    };
}

/// The names of namespace `n` and its ancestors, from the top down.
macro_rules! FULL_NAME {
    () => {
        "(SELECT string_agg(above.name, ' / ' ORDER BY length(above.full_path)) FROM namespace_ancestors a
            JOIN namespaces above ON above.id = a.ancestor_id WHERE a.namespace_id = n.id)"
    };
}

/// The ids of the groups above the projects that user `$2` is a direct member of.
macro_rules! ABOVE_PROJECTS {
    () => {
        "(SELECT up.ancestor_id FROM project_members own JOIN projects there ON there.id = own.project_id
            JOIN namespaces home ON home.id = there.namespace_id AND home.full_path IS NOT NULL
            JOIN namespace_ancestors up ON up.namespace_id = home.id WHERE own.user_id = $2)"
    };
}

/// The columns of group `n` with that level, its full name, and whether the user is a direct member of a project below.
macro_rules! GROUP {
    () => {
        concat!(
            $crate::tables::namespaces::NAMESPACE!(),
            ", ",
            $crate::tables::namespaces::FULL_NAME!(),
            ", n.id IN ",
            $crate::tables::namespaces::ABOVE_PROJECTS!()
        )
    };
}

pub(crate) use {ABOVE_PROJECTS, FULL_NAME, GROUP, NAMESPACE};

/// The ids of the groups in which user `$2` has at least level `$10`.
macro_rules! held {
    () => {
        "(SELECT a.namespace_id FROM group_members m JOIN namespace_ancestors a ON a.ancestor_id = m.group_id
            WHERE m.user_id = $2 AND m.level >= $10)"
    };
}

/// The groups `n` that match the filter.
macro_rules! FILTERED {
    () => {
        "namespaces n WHERE n.user_id IS NULL AND n.full_path IS NOT NULL AND (NOT $6 OR n.parent_id IS NULL)
        AND ($7::text IS NULL OR position(lower($7 COLLATE \"C\") IN lower(n.name)) > 0
            OR position(lower($7 COLLATE \"C\") IN lower(n.path)) > 0)
        AND ($8::text IS NULL OR n.visibility = $8) AND n.id <> ALL($9::bigint[]) AND "
    };
}

/// The groups that the viewer may see; with a filter by level, without which `$1` has an element, those where the viewer
/// has that level.
macro_rules! SEEN {
    () => {
        concat!(
            FILTERED!(),
            "(n.visibility = ANY($1) OR n.id IN ",
            held!(),
            " OR cardinality($1) > 0 AND n.id IN ",
            ABOVE_PROJECTS!(),
            ")"
        )
    };
}

/// The groups that the viewer may see, all or those directly below group `$11`, and the groups in which the viewer has the
/// level of the filter.
const SEEN: &str = SEEN!();
const BELOW: &str = concat!(SEEN!(), " AND n.parent_id = $11");
const HELD: &str = concat!(FILTERED!(), "$1::text[] IS NOT NULL AND n.id IN ", held!());

views! {
    NAMED = Viewed {
        by_id: concat!("SELECT ", GROUP!(), " FROM namespaces n WHERE n.id = $1 AND n.user_id IS NULL
            AND n.full_path IS NOT NULL"),
        by_path: concat!("SELECT ", GROUP!(), " FROM namespaces n
            WHERE lower(n.full_path) = lower($1 COLLATE \"C\") AND n.user_id IS NULL"),
    };
}

statements! {
    IS_GROUP = "SELECT FROM namespaces WHERE id = $1 AND user_id IS NULL AND full_path IS NOT NULL";
    GET = concat!("SELECT ", GROUP!(), " FROM namespaces n WHERE n.id = $1 AND n.user_id IS NULL
        AND n.full_path IS NOT NULL");
    TAKEN = "SELECT FROM namespaces WHERE lower(full_path) = lower($1 COLLATE \"C\")
        UNION ALL SELECT FROM namespaces n JOIN projects p ON p.namespace_id = n.id
            WHERE lower(n.full_path) = lower($2 COLLATE \"C\") AND lower(p.path) = lower($3 COLLATE \"C\")";
    INSERT = concat!("INSERT INTO namespaces (", namespace_columns!(new), ")
        VALUES ($1, $2, $3, $4, $5, $6, ", NOW!(), ", $7, $8) RETURNING id");
    INSERT_ANCESTORS = "INSERT INTO namespace_ancestors (namespace_id, ancestor_id)
        SELECT $1::bigint, ancestor_id FROM namespace_ancestors WHERE namespace_id = $2 UNION ALL SELECT $1, $1";
    HOLDS_PROJECTS = "SELECT FROM projects WHERE namespace_id = $1 AND visibility = ANY($2)";
    HOLDS_GROUPS = "SELECT FROM namespaces WHERE parent_id = $1 AND full_path IS NOT NULL AND visibility = ANY($2)";
    IS_BELOW = "SELECT FROM namespace_ancestors WHERE namespace_id = $2 AND ancestor_id = $1";
    DEEPEST = "SELECT max(length(n.full_path) - length(replace(n.full_path, '/', ''))) + 1::bigint
        FROM namespace_ancestors a JOIN namespaces n ON n.id = a.namespace_id WHERE a.ancestor_id = $1";
    SET_PARENT = "UPDATE namespaces SET parent_id = $2 WHERE id = $1";
    // The ancestors of everything below change in those that are above the group itself.
    LEAVE_ANCESTORS = "DELETE FROM namespace_ancestors
        WHERE namespace_id IN (SELECT namespace_id FROM namespace_ancestors WHERE ancestor_id = $1)
            AND ancestor_id IN (SELECT ancestor_id FROM namespace_ancestors WHERE namespace_id = $1 AND ancestor_id <> $1)";
    JOIN_ANCESTORS = "INSERT INTO namespace_ancestors (namespace_id, ancestor_id)
        SELECT below.namespace_id, above.ancestor_id FROM namespace_ancestors below
            JOIN namespace_ancestors above ON above.namespace_id = $2 WHERE below.ancestor_id = $1";
    NAMESPACE_BY_ID = concat!("SELECT ", NAMESPACE!(), " FROM namespaces n
        WHERE n.id = $1 AND n.full_path IS NOT NULL");
    OWN_NAMESPACE = concat!("SELECT ", NAMESPACE!(), " FROM namespaces n WHERE n.user_id = $1");
    SET_GROUP = "UPDATE namespaces SET name = coalesce($2, name), path = coalesce($3, path),
        visibility = coalesce($4, visibility), description = CASE WHEN $5 THEN description ELSE $6 END WHERE id = $1";
}

/// Returns whether a group exists and is not deleted.
pub async fn is_group(session: &Session, group: GroupId) -> Result<bool, Failure> {
    session.exists(IS_GROUP, &[&group.get()]).await
}

/// Returns whether a user, group or project has this path.
pub async fn path_is_taken(session: &Session, path: &FullPath) -> Result<bool, Failure> {
    let (above, own) = path.split();
    session.exists(TAKEN, &[&path.as_str(), &above, &own]).await
}

/// Inserts a namespace, whose path must be free.
pub async fn insert_namespace(session: &Session, new: &NewNamespace<'_>) -> Result<i64, Failure> {
    let NewNamespace { parent, user, name, path, full_path, visibility, created_at, description } = *new;
    let (path, at, visibility) = (path.as_str(), full_path.as_str(), visibility.as_str());
    let description = description.map(ShortDescription::as_str);
    let values: Values<'_> = &[&parent, &user, &name, &path, &at, &visibility, &created_at, &description];
    let id = session.insert(INSERT, values).await?;
    session.run(INSERT_ANCESTORS, &[&id, &parent]).await?;
    forget_whole(session, full_path).await?;
    Ok(id)
}

/// Returns a group with the viewer's level in it.
pub async fn group_view(session: &Session, group: i64, viewer: Option<UserId>) -> Result<Option<GroupView>, Failure> {
    session.first(GET, &[&group, &viewer.map(UserId::get)], |row| namespaces::group(row, 0)).await
}

/// Like [`group_view`], for the group that a request names by id or path.
pub async fn named_group_view(
    session: &Session,
    group: &GroupRef,
    viewer: Option<UserId>,
) -> Result<Option<GroupView>, Failure> {
    group_rows(session, NAMED.form(group), group, viewer, &[])
        .await?
        .first()
        .map(|row| namespaces::group(row, 0))
        .transpose()
}

/// Returns the rows that the statement finds, in its [form](Viewed::form) for the group that a request names, with
/// `values` as its parameters from `$3` on.
pub async fn group_rows(
    session: &Session,
    sql: &str,
    group: &GroupRef,
    viewer: Option<UserId>,
    values: Values<'_>,
) -> Result<Vec<Row>, Failure> {
    let viewer = viewer.map(UserId::get);
    let by_id;
    let by_path;
    let named: &(dyn ToSql + Sync) = match group {
        GroupRef::Id(id) => {
            by_id = id.get();
            &by_id
        }
        GroupRef::Path(path) => {
            by_path = path.as_str();
            &by_path
        }
    };
    let mut all: Vec<&(dyn ToSql + Sync)> = vec![named, &viewer];
    all.extend_from_slice(values);
    session.rows(sql, &all).await
}

/// Returns whether the path `new` is taken by something other than the holder of the path `old`.
pub async fn is_taken_by_another(session: &Session, old: &FullPath, new: &FullPath) -> Result<bool, Failure> {
    Ok(!old.as_str().eq_ignore_ascii_case(new.as_str()) && path_is_taken(session, new).await?)
}

/// Returns a namespace.
pub async fn namespace_by_id(session: &Session, namespace: NamespaceId) -> Result<Option<NamespaceView>, Failure> {
    let values: Values<'_> = &[&namespace.get(), &None::<i64>];
    session.first(NAMESPACE_BY_ID, values, |row| namespace_view(row, 0, None)).await
}

/// Returns whether a group directly contains projects, and whether it contains groups, of one of these visibilities.
pub async fn holds(session: &Session, group: GroupId, visibilities: &[Visibility]) -> Result<[bool; 2], Failure> {
    if visibilities.is_empty() {
        return Ok([false; 2]);
    }
    let values: Values<'_> = &[&group.get(), &one_of(visibilities)];
    Ok([session.exists(HOLDS_PROJECTS, values).await?, session.exists(HOLDS_GROUPS, values).await?])
}

/// Returns how far a group reaches below, and whether that includes its new parent.
pub async fn reach_below(session: &Session, group: GroupId, parent: Option<GroupId>) -> Result<Reach, Failure> {
    let includes_parent = session.exists(IS_BELOW, &[&group.get(), &parent.map(GroupId::get)]).await?;
    let deepest = session.first(DEEPEST, &[&group.get()], |row| row.get::<Option<i64>>(0)).await?.flatten();
    Ok(Reach { includes_parent, deepest: paging::counted(deepest.unwrap_or_default()) })
}

/// Moves a group, with everything below it, under another parent.
pub async fn set_parent(session: &Session, group: GroupId, parent: Option<GroupId>) -> Result<(), Failure> {
    let parent = parent.map(GroupId::get);
    session.run(SET_PARENT, &[&group.get(), &parent]).await?;
    session.run(LEAVE_ANCESTORS, &[&group.get()]).await?;
    session.run(JOIN_ANCESTORS, &[&group.get(), &parent]).await?;
    Ok(())
}

/// Returns the named namespace, or the viewer's own if none is named, and the viewer's level in it.
pub async fn namespace_of(
    session: &Session,
    wanted: Option<NamespaceId>,
    viewer: UserId,
) -> Result<Option<NamespaceView>, Failure> {
    let (sql, id) = wanted.map_or((OWN_NAMESPACE, viewer.get()), |id| (NAMESPACE_BY_ID, id.get()));
    session.first(sql, &[&id, &viewer.get()], |row| namespace_view(row, 0, Some(viewer))).await
}

/// Updates the row of a group.
pub async fn update_group(session: &Session, id: GroupId, changes: &GroupChanges) -> Result<(), Failure> {
    let path = changes.path.as_ref().map(PathSegment::as_str);
    let visibility = changes.visibility.map(Visibility::as_str);
    let name = changes.name.as_ref().map(DisplayName::as_str);
    let (keeps_description, description) = (changes.description.is_keep(), changes.description.clone().apply(None));
    let description = description.as_ref().map(ShortDescription::as_str);
    session.run(SET_GROUP, &[&id.get(), &name, &path, &visibility, &keeps_description, &description]).await?;
    Ok(())
}

/// Returns the statement of a page of groups.
fn listing(of: &str, order: GroupOrder, sort: Sort) -> String {
    let key = match order {
        GroupOrder::Name => "lower(n.name)",
        GroupOrder::Path => "lower(n.path)",
        GroupOrder::Id => "n.id",
    };
    paging::listing(GROUP!(), of, &order_by([key, "n.id"], sort))
}

/// Returns a page of groups.
pub async fn list_groups(
    session: &Session,
    viewer: &Viewer,
    filter: &GroupFilter,
    wanted: PageRequest,
) -> Result<Page<Group>, Failure> {
    let of = match filter {
        GroupFilter { parent: Some(_), .. } => BELOW,
        GroupFilter { least_level: Some(_), .. } => HELD,
        _ => SEEN,
    };
    // A filter by level leaves out what the viewer sees without one.
    let open = if filter.least_level.is_none() { open(viewer) } else { Vec::new() };
    let user = viewer.user.map(UserId::get);
    let [limit, offset, counted] = paging::values(wanted);
    let least = filter.least_level.unwrap_or(AccessLevel::LOWEST).number();
    let visibility = filter.visibility.map(Visibility::as_str);
    let except: Vec<i64> = filter.except.iter().copied().map(GroupId::get).collect();
    let GroupFilter { search, top_level_only, order, sort, .. } = filter;
    let parent = filter.parent.map(GroupId::get);
    let values: Values<'_> =
        &[&open, &user, &limit, &offset, &counted, top_level_only, search, &visibility, &except, &least, &parent];
    let values = if parent.is_some() { values } else { &values[..10] };
    let rows = session.rows(&listing(of, *order, *sort), values).await?;
    Ok(paging::read(&rows, 0, wanted, group)?.map(|view| view.group))
}

/// Returns the statements of the lists of groups that the viewer may see.
#[cfg(test)]
pub fn listings() -> Vec<String> {
    GroupOrder::ALL.iter().flat_map(|&order| Sort::BOTH.map(|sort| listing(SEEN, order, sort))).collect()
}

/// Returns the statements of the lists of the viewer's own groups and of a group's subgroups, which they read whole.
#[cfg(test)]
pub fn sorted_listings() -> Vec<String> {
    let sorted = |&order: &GroupOrder| {
        Sort::BOTH.into_iter().flat_map(move |sort| [HELD, BELOW].map(|of| listing(of, order, sort)))
    };
    GroupOrder::ALL.iter().flat_map(sorted).collect()
}
