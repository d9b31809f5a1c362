//! Lists tokens: the personal ones of all users or of one user, and those of a project.

use release_links_domain::UserId;
use release_links_domain::access::Reader;
use release_links_domain::project::ProjectRef;
use release_links_ports::{Page, PageRequest, ProjectView, TokenFilter, TokenOrder, TokenRecord};
use release_links_sql::paging::milliseconds;
use release_links_sql::token_selection;
use release_links_sql::tokens::{order_by, record};

use crate::failure::Failure;
use crate::paging;
use crate::query::{Session, Value, parameters};
use crate::rows::Row;
use crate::tables::tokens::{BOT, IN_FORCE, OWNER_IS_THERE};
use crate::view::{TOTAL_AT, Viewed, view, viewed_page, views};

/// The tokens `t` that match the filter, and a further condition.
macro_rules! FILTERED {
    () => {
        concat!(
            "tokens t ",
            BOT!(),
            " WHERE ",
            OWNER_IS_THERE!(),
            " AND ($9::boolean IS NULL OR t.revoked = $9) AND ($6::boolean IS NULL
                OR (NOT t.revoked AND (t.expires_on IS NULL OR t.expires_on > $7 COLLATE \"C\")) = $6)
            AND ($8::text IS NULL OR position(lower($8 COLLATE \"C\") IN lower(t.name)) > 0)
            AND ($10::bigint IS NULL OR t.created_at >= $10) AND ($11::bigint IS NULL OR t.created_at <= $11)
            AND ($12::bigint IS NULL OR t.last_used_at >= $12) AND ($13::bigint IS NULL OR t.last_used_at <= $13)
            AND ($14::text IS NULL OR t.expires_on >= $14 COLLATE \"C\")
            AND ($15::text IS NULL OR t.expires_on < $15 COLLATE \"C\") AND "
        )
    };
}

const NAME: &str = "lower(t.name)";
const EXPIRY: &str = "coalesce(t.expires_on, '~')";
const LAST_USE: &str = "coalesce(t.last_used_at, 9223372036854775807)";

/// Returns the statement of a page of the personal tokens of user `$1`, or of all.
fn listing(of_user: bool, order: TokenOrder) -> String {
    let of = if of_user {
        concat!(FILTERED!(), "t.user_id = $1 AND $2::bigint IS NULL AND t.kind = 'personal'")
    } else {
        concat!(FILTERED!(), "$1::bigint IS NULL AND $2::bigint IS NULL AND t.kind = 'personal'")
    };
    paging::listing(token_selection!(), of, &order_by(order, [NAME, EXPIRY, LAST_USE]))
}

/// A page of the tokens of a project, in this order.
macro_rules! of_project {
    ($order:literal) => {
        viewed_page!(token_selection!(), of concat!(FILTERED!(), "t.project_id = p.id AND ", IN_FORCE!()), by $order)
    };
}

views! {
    BY_CREATION = of_project!("t.created_at, t.id");
    BY_CREATION_DOWN = of_project!("t.created_at DESC, t.id DESC");
    BY_NAME = of_project!("lower(t.name), t.id");
    BY_NAME_DOWN = of_project!("lower(t.name) DESC, t.id DESC");
    BY_EXPIRY = of_project!("coalesce(t.expires_on, '~'), t.id");
    BY_EXPIRY_ID_DOWN = of_project!("coalesce(t.expires_on, '~'), t.id DESC");
    BY_LAST_USE = of_project!("coalesce(t.last_used_at, 9223372036854775807), t.id");
    BY_LAST_USE_DOWN = of_project!("coalesce(t.last_used_at, 9223372036854775807) DESC, t.id DESC");
}

/// Returns the statement of a page of the tokens of a project.
const fn listing_of_project(order: TokenOrder) -> Viewed {
    match order {
        TokenOrder::CreatedAscending => BY_CREATION,
        TokenOrder::CreatedDescending => BY_CREATION_DOWN,
        TokenOrder::NameAscending => BY_NAME,
        TokenOrder::NameDescending => BY_NAME_DOWN,
        TokenOrder::ExpiresAscending => BY_EXPIRY,
        TokenOrder::ExpiresAscendingIdDescending => BY_EXPIRY_ID_DOWN,
        TokenOrder::LastUsedAscending => BY_LAST_USE,
        TokenOrder::LastUsedDescending => BY_LAST_USE_DOWN,
    }
}

/// The parameters of a filter, from `$6` on.
struct Filter<'a> {
    active: Option<bool>,
    days: [Option<String>; 3],
    times: [Option<i64>; 4],
    filter: &'a TokenFilter,
}

impl<'a> Filter<'a> {
    fn of(filter: &'a TokenFilter) -> Self {
        let (active, today) = filter.active.unzip();
        let [created_after, created_before] = milliseconds(filter.created);
        let [used_after, used_before] = milliseconds(filter.last_used);
        Self {
            active,
            days: [today, filter.expires_after, filter.expires_before].map(|day| day.map(|day| day.to_string())),
            times: [created_after, created_before, used_after, used_before],
            filter,
        }
    }

    fn values(&self) -> [Value<'_>; 10] {
        let Self { active, days: [today, expires_after, expires_before], times: [a, b, c, d], filter } = self;
        [active, today, &filter.search, &filter.revoked, a, b, c, d, expires_after, expires_before]
    }
}

/// Returns a page of personal access tokens.
pub async fn personal(
    session: &Session,
    filter: &TokenFilter,
    wanted: PageRequest,
) -> Result<Page<TokenRecord>, Failure> {
    let user = filter.user.map(UserId::get);
    let page = paging::values(wanted);
    let filtered = Filter::of(filter);
    let mut values: Vec<Value<'_>> = vec![&user, &None::<i64>];
    values.extend(parameters(&page));
    values.extend(filtered.values());
    let rows = session.rows(&listing(user.is_some(), filter.order), &values).await?;
    paging::read(&rows, 0, wanted, record)
}

/// Returns a page of a project's tokens.
pub async fn of_project(
    session: &Session,
    project: &ProjectRef,
    reader: Reader,
    filter: &TokenFilter,
    wanted: PageRequest,
) -> Result<Option<ProjectView<Page<TokenRecord>>>, Failure> {
    let page = paging::values(wanted);
    let filtered = Filter::of(filter);
    let values: Vec<Value<'_>> = parameters(&page).into_iter().chain(filtered.values()).collect();
    let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, wanted, record).map(Some);
    view(session, listing_of_project(filter.order), project, reader, &values, read).await
}

/// Returns the statements of the lists of personal tokens in all orders.
#[cfg(test)]
pub fn listings() -> Vec<String> {
    TokenOrder::ALL.iter().map(|&order| listing(false, order)).collect()
}

/// Returns the statements of the lists of one user's tokens, which are few enough to sort.
#[cfg(test)]
pub fn sorted_listings() -> Vec<String> {
    TokenOrder::ALL.iter().map(|&order| listing(true, order)).collect()
}
