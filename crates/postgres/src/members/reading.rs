//! Reads the direct and inherited members of projects and groups. Each statement returns the project or group, the
//! viewer's level in it, and the members.

use release_links_domain::UserId;
use release_links_domain::access::Reader;
use release_links_domain::user::UserRef;
use release_links_ports::{
    Member, MemberCandidate, MemberFilter, MemberSourceRef, MemberSourceView, Page, PageRequest, Reach, Viewer,
};
use release_links_sql::members::{level, optional_level};
use release_links_sql::namespaces;
use release_links_sql::users::{self, user};

use crate::admission::{admitted, to_group};
use crate::failure::Failure;
use crate::paging;
use crate::query::{Session, Values, open};
use crate::rows::Row;
use crate::tables::namespaces::{GROUP, group_rows};
use crate::tables::users::IS_THERE;
use crate::view::{FOUND_AT, Viewed, asked, view, viewed, viewed_page, views};

/// The column of a page's total, after the id of the project or group.
const AFTER_PLACE: usize = 1;

/// The direct members `m` of namespace `a.namespace_id` and its ancestors, without the groups that user `$2` may not
/// see: those whose visibility is not one of `$open` and in which the user has no level.
macro_rules! of_groups_seen {
    ($open:literal) => {
        concat!(
            "JOIN namespaces g ON g.id = a.ancestor_id JOIN group_members m ON m.group_id = g.id
                AND (g.visibility = ANY(",
            $open,
            "::text[]) OR EXISTS (SELECT FROM namespace_ancestors up JOIN group_members own
                    ON own.group_id = up.ancestor_id WHERE up.namespace_id = g.id AND own.user_id = $2))"
        )
    };
}

/// The users with a level in project `p` in namespace `n`, as `m`: the highest level that a user has there as a member,
/// and whether the user owns the namespace. Excludes members of groups that user `$2` may not see.
macro_rules! over_project {
    ($and:literal, open $open:literal) => {
        concat!(
            "(SELECT id, max(level) AS level, bool_or(owns) AS owns FROM (
                SELECT m.user_id AS id, m.level, FALSE AS owns FROM project_members m WHERE m.project_id = p.id",
            $and,
            " UNION ALL SELECT m.user_id, m.level, FALSE FROM namespace_ancestors a ",
            of_groups_seen!($open),
            " WHERE a.namespace_id = p.namespace_id",
            $and,
            " UNION ALL SELECT m.user_id, NULL, TRUE FROM namespaces m WHERE m.id = p.namespace_id AND m.user_id IS NOT NULL",
            $and,
            ") held GROUP BY id) m"
        )
    };
}

/// Like [`over_project`], for group `n`.
macro_rules! over_group {
    ($and:literal, open $open:literal) => {
        concat!(
            "(SELECT m.user_id AS id, max(m.level) AS level, FALSE AS owns FROM namespace_ancestors a ",
            of_groups_seen!($open),
            " WHERE a.namespace_id = n.id",
            $and,
            " GROUP BY m.user_id) m"
        )
    };
}

macro_rules! of_project {
    () => {
        "(SELECT user_id AS id, level, FALSE AS owns FROM project_members WHERE project_id = p.id) m"
    };
}

macro_rules! of_group {
    () => {
        "(SELECT user_id AS id, level, FALSE AS owns FROM group_members WHERE group_id = n.id) m"
    };
}

/// The columns of a member: those of the user `u` and of the level in `m`.
macro_rules! MEMBER {
    () => {
        concat!(release_links_sql::user_selection!(), ", m.level, m.owns")
    };
}

macro_rules! users_of {
    ($members:expr) => {
        concat!($members, " JOIN users u ON u.id = m.id AND ", IS_THERE!(), " JOIN namespaces un ON un.user_id = u.id")
    };
}

/// The user with the id `$3` or the username `$4`, and the level as a direct member, if any.
macro_rules! for_write {
    ($members:expr) => {
        concat!(
            MEMBER!(),
            " FROM users u JOIN namespaces un ON un.user_id = u.id LEFT JOIN ",
            $members,
            " ON m.id = u.id WHERE u.id = coalesce($3,
                (SELECT user_id FROM namespaces WHERE lower(full_path) = lower($4 COLLATE \"C\"))) AND ",
            IS_THERE!()
        )
    };
}

/// Declares a statement on group `n` in both forms, from the columns after the group's, the joins and the end.
macro_rules! on_group {
    ($columns:expr, $joins:expr, $end:expr) => {
        Viewed {
            by_id: concat!(
                "SELECT ",
                GROUP!(),
                ", ",
                $columns,
                " FROM namespaces n ",
                $joins,
                " WHERE n.id = $1 AND n.user_id IS NULL AND n.full_path IS NOT NULL ",
                $end
            ),
            by_path: concat!(
                "SELECT ",
                GROUP!(),
                ", ",
                $columns,
                " FROM namespaces n ",
                $joins,
                " WHERE lower(n.full_path) = lower($1 COLLATE \"C\") AND n.user_id IS NULL ",
                $end
            ),
        }
    };
}

macro_rules! viewed_in_group {
    ($find:expr) => {
        on_group!("found.*", concat!("LEFT JOIN LATERAL ", asked!("(SELECT ", $find, ")"), " found ON TRUE"), "")
    };
}

/// The members that match the filter.
macro_rules! filtered {
    ($members:expr) => {
        concat!(
            users_of!($members),
            " WHERE $6::text[] IS NOT NULL AND ($7::text IS NULL
                OR position(lower($7 COLLATE \"C\") IN lower(u.name)) > 0
                OR position(lower($7 COLLATE \"C\") IN lower(un.path)) > 0)
            AND ($8::bigint[] IS NULL OR u.id = ANY($8)) AND u.id <> ALL($9::bigint[])"
        )
    };
}

/// A page of the members of project `p`.
macro_rules! project_page {
    ($members:expr) => {
        viewed_page!(MEMBER!(), of filtered!($members), by "u.id")
    };
}

/// Like [`project_page`], for group `n`.
macro_rules! group_page {
    ($members:expr) => {
        on_group!(
            concat!("n.id, CASE WHEN ", admitted!(), " THEN ", paging::total!(filtered!($members)), " END, page.*"),
            concat!(
                "LEFT JOIN LATERAL ",
                asked!(paging::page!(MEMBER!(), filtered!($members), "u.id")),
                " page ON TRUE"
            ),
            "ORDER BY page.number"
        )
    };
}

macro_rules! one {
    ($members:expr) => {
        concat!(MEMBER!(), " FROM ", users_of!($members), " WHERE u.id = $3")
    };
}

views! {
    OF_PROJECT = project_page!(of_project!());
    OVER_PROJECT = project_page!(over_project!("", open "$6"));
    OF_GROUP = group_page!(of_group!());
    OVER_GROUP = group_page!(over_group!("", open "$6"));
    ONE_OF_PROJECT = viewed!(one!(of_project!()));
    ONE_OVER_PROJECT = viewed!(one!(over_project!(" AND m.user_id = $3", open "$4")));
    ONE_OF_GROUP = viewed_in_group!(one!(of_group!()));
    ONE_OVER_GROUP = viewed_in_group!(one!(over_group!(" AND m.user_id = $3", open "$4")));
    FOR_WRITE_IN_PROJECT = viewed!(for_write!(of_project!()));
    FOR_WRITE_IN_GROUP = viewed_in_group!(for_write!(of_group!()));
}

/// Returns a project or group, the reader's level in it and, if the reader may see it, the result of `read` for the
/// rows found there and the position of their first column. A statement that finds nothing there returns one row, with
/// nulls.
async fn member_source_view<T>(
    session: &Session,
    (of_project, of_group): (Viewed, Viewed),
    source: &MemberSourceRef,
    reader: Reader,
    values: Values<'_>,
    read: impl FnOnce(&[Row], usize) -> Result<Option<T>, Failure>,
) -> Result<Option<MemberSourceView<T>>, Failure> {
    match source {
        MemberSourceRef::Project(project) => {
            let view = view(session, of_project, project, reader, values, |rows| read(rows, FOUND_AT)).await?;
            Ok(view.map(MemberSourceView::Project))
        }
        MemberSourceRef::Group(group) => {
            let rows = group_rows(session, &to_group(of_group.form(group), reader), group, reader.user, values).await?;
            let Some(first) = rows.first() else { return Ok(None) };
            let group = namespaces::group(first, 0)?;
            let sees = reader.access_in_namespace(group.level).sees(group.group.visibility);
            let found = if sees { read(&rows, namespaces::GROUP)? } else { None };
            Ok(Some(MemberSourceView::Group(group, found)))
        }
    }
}

/// Returns a page of members, ordered by user id.
pub async fn members(
    session: &Session,
    source: &MemberSourceRef,
    reader: Reader,
    reach: Reach,
    filter: &MemberFilter,
    wanted: PageRequest,
) -> Result<Option<MemberSourceView<Page<Member>>>, Failure> {
    let [limit, offset, counted] = paging::values(wanted);
    let open = open(&Viewer::from(reader));
    let only = filter.only.as_deref().map(numbers);
    let except = numbers(&filter.except);
    let values: Values<'_> = &[&limit, &offset, &counted, &open, &filter.search, &only, &except];
    let sql = match reach {
        Reach::Direct => (OF_PROJECT, OF_GROUP),
        Reach::Inherited => (OVER_PROJECT, OVER_GROUP),
    };
    member_source_view(session, sql, source, reader, values, |rows, at| {
        paging::read(rows, at + AFTER_PLACE, wanted, read).map(Some)
    })
    .await
}

fn numbers(ids: &[UserId]) -> Vec<i64> {
    ids.iter().copied().map(UserId::get).collect()
}

/// Returns one of the members that [`members`] lists.
pub async fn member(
    session: &Session,
    source: &MemberSourceRef,
    reader: Reader,
    reach: Reach,
    user: UserId,
) -> Result<Option<MemberSourceView<Member>>, Failure> {
    let (user, open) = (user.get(), open(&Viewer::from(reader)));
    let (sql, values): (_, Values<'_>) = match reach {
        Reach::Direct => ((ONE_OF_PROJECT, ONE_OF_GROUP), &[&user]),
        Reach::Inherited => ((ONE_OVER_PROJECT, ONE_OVER_GROUP), &[&user, &open]),
    };
    member_source_view(session, sql, source, reader, values, |rows, at| {
        found(rows, at)?.map(|row| read(row, at)).transpose()
    })
    .await
}

/// Returns a user, and their level as a direct member.
pub async fn candidate(
    session: &Session,
    source: &MemberSourceRef,
    reader: Reader,
    user: Option<&UserRef>,
) -> Result<Option<MemberSourceView<MemberCandidate>>, Failure> {
    let id = user.and_then(UserRef::id).map(UserId::get);
    let values: Values<'_> = &[&id, &user.and_then(UserRef::username)];
    member_source_view(session, (FOR_WRITE_IN_PROJECT, FOR_WRITE_IN_GROUP), source, reader, values, |rows, at| {
        let Some(row) = found(rows, at)? else { return Ok(None) };
        Ok(Some(MemberCandidate { user: self::user(row, at)?, level: optional_level(row, at, users::SELECTED)? }))
    })
    .await
}

/// Returns the row in which something was found.
fn found(rows: &[Row], at: usize) -> Result<Option<&Row>, Failure> {
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(row.holds(at)?.then_some(row))
}

/// Reads a member from the columns of [`MEMBER`].
fn read(row: &Row, at: usize) -> Result<Member, Failure> {
    Ok(Member { user: user(row, at)?, level: level(row, at, users::SELECTED)? })
}
