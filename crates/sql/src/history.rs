//! The tables of histories, and the conversion of their rows.

use jiff::Timestamp;
use release_links_domain::history::{Actor, Event, HistoryAction, HistoryRow, ReleaseState, Step};
use release_links_domain::link::{AssetDigest, AssetPath, AssetSize, LinkFields};
use release_links_domain::tag::TagName;
use release_links_domain::{TokenId, UserId};

use crate::Kind::{Integer, Text};
use crate::{Cells, Column, SqlRow, Table};

macro_rules! history {
    ($($integer:ident)* ; $($text:ident)*) => {
        /// The table, for copies.
        pub const TABLE: Table = Table::paired(
            "history",
            &[("project_id", Integer), $((stringify!($integer), Integer),)* $((stringify!($text), Text),)* ("username", Text)],
        );

        /// The numbers of integers and of texts in a row, without the project and the username.
        const INTEGERS: usize = [$(stringify!($integer)),*].len();
        const TEXTS: usize = [$(stringify!($text)),*].len();

        /// Returns the position of a column among those of `history_columns!`.
        const fn at(name: &'static str) -> Column {
            let names = [$(stringify!($integer),)* $(stringify!($text),)* "username"];
            let mut at = 0;
            while !is_same(names[at], name) {
                at += 1;
            }
            Column { at, name }
        }
    };
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

history! {
    seq at user_id token_id link_id before_size before_released_at after_size after_released_at;
    action tag channel
    before_name before_url before_path before_type before_digest before_description before_tag
    after_name after_url after_path after_type after_digest after_description after_tag
}

/// All columns of a row of the history but the project: with `new` without the username, which storage finds.
#[macro_export]
macro_rules! history_columns {
    () => {
        concat!($crate::history_columns!(new), ", username")
    };
    (new) => {
        "seq, at, user_id, token_id, link_id, before_size, before_released_at, after_size, after_released_at, action, tag, \
            channel, before_name, before_url, before_path, before_type, before_digest, before_description, before_tag, \
            after_name, after_url, after_path, after_type, after_digest, after_description, after_tag"
    };
}

/// An SQL expression for the number of bytes of text in a row of the history.
#[macro_export]
macro_rules! history_bytes {
    () => {
        "coalesce(octet_length(before_name), 0) + coalesce(octet_length(before_url), 0)
            + coalesce(octet_length(before_path), 0) + coalesce(octet_length(before_digest), 0)
            + coalesce(octet_length(before_description), 0) + coalesce(octet_length(after_name), 0)
            + coalesce(octet_length(after_url), 0) + coalesce(octet_length(after_path), 0)
            + coalesce(octet_length(after_digest), 0) + coalesce(octet_length(after_description), 0)"
    };
}

/// The permanent links that led elsewhere before.
pub const ENDED_STEPS: Table = Table::keyed(
    "ended_steps",
    5,
    &[
        ("project_id", Integer),
        ("tag", Text),
        ("path", Text),
        ("until", Integer),
        ("seq", Integer),
        ("since", Integer),
        ("link_id", Integer),
        ("url", Text),
        ("digest", Text),
    ],
);

/// The tags that deleted immutable releases had, each with a path that led to the project.
pub const BURNT_TAGS: Table = Table::keyed("burnt_tags", 3, &[("tag", Text), ("path", Text), ("project_id", Integer)]);

/// The values of a new row: integers, then texts, in the order of `history_columns!(new)`.
pub type Values<'a> = ([Option<i64>; INTEGERS], [Option<&'a str>; TEXTS]);

/// A new row of the history.
#[derive(Debug, Clone, Copy)]
pub struct NewRow<'a> {
    /// Its number.
    pub seq: i64,
    /// When it happens, in milliseconds.
    pub at: i64,
    /// Who causes it.
    pub by: (Option<UserId>, Option<TokenId>),
    /// The tag of the release.
    pub tag: Option<&'a str>,
    /// What happens.
    pub event: &'a Event,
}

/// Returns the values of a row.
#[must_use]
pub fn values<'a>(row: &NewRow<'a>) -> Values<'a> {
    let (mut link_id, mut channel) = (None, None);
    let [before, after] = match row.event {
        Event::Link { id, before, after } => {
            link_id = Some(id.get());
            [before, after].map(|fields| fields.as_ref().map_or_else(Side::default, Side::of_link))
        }
        Event::Release { before, after } => {
            [before, after].map(|state| state.as_ref().map_or_else(Side::default, Side::of_release))
        }
        Event::Channel { name, before, after } => {
            channel = Some(name.as_str());
            [before, after].map(|tag| Side { tag: tag.as_ref().map(TagName::as_str), ..Side::default() })
        }
        Event::Immutable | Event::Thaw | Event::Prune => [Side::default(), Side::default()],
    };
    let (user, token) = row.by;
    let integers = [
        Some(row.seq),
        Some(row.at),
        user.map(UserId::get),
        token.map(TokenId::get),
        link_id,
        before.size,
        before.released_at,
        after.size,
        after.released_at,
    ];
    let [a, b] = [before, after]
        .map(|side| [side.name, side.url, side.path, side.link_type, side.digest, side.description, side.tag]);
    let [a0, a1, a2, a3, a4, a5, a6] = a;
    let [b0, b1, b2, b3, b4, b5, b6] = b;
    let action = Some(row.event.action().as_str());
    (integers, [action, row.tag, channel, a0, a1, a2, a3, a4, a5, a6, b0, b1, b2, b3, b4, b5, b6])
}

/// The values before or after.
#[derive(Default)]
struct Side<'a> {
    name: Option<&'a str>,
    url: Option<&'a str>,
    path: Option<&'a str>,
    link_type: Option<&'a str>,
    digest: Option<&'a str>,
    size: Option<i64>,
    description: Option<&'a str>,
    released_at: Option<i64>,
    tag: Option<&'a str>,
}

impl<'a> Side<'a> {
    fn of_link(fields: &'a LinkFields) -> Self {
        let LinkFields { name, url, path, link_type, digest, size } = fields;
        Self {
            name: Some(name.as_str()),
            url: Some(url.as_str()),
            path: path.as_ref().map(AssetPath::as_str),
            link_type: Some(link_type.as_str()),
            digest: digest.as_ref().map(AssetDigest::as_str),
            size: size.map(AssetSize::bytes),
            ..Self::default()
        }
    }

    fn of_release(state: &'a ReleaseState) -> Self {
        let ReleaseState { name, description, released_at } = state;
        Self {
            name: name.as_deref(),
            description: description.as_deref(),
            released_at: Some(released_at.as_millisecond()),
            ..Self::default()
        }
    }
}

/// Where the values before or after stand in a row.
struct Columns {
    name: Column,
    url: Column,
    path: Column,
    link_type: Column,
    digest: Column,
    size: Column,
    description: Column,
    released_at: Column,
    tag: Column,
}

const BEFORE: Columns = Columns {
    name: at("before_name"),
    url: at("before_url"),
    path: at("before_path"),
    link_type: at("before_type"),
    digest: at("before_digest"),
    size: at("before_size"),
    description: at("before_description"),
    released_at: at("before_released_at"),
    tag: at("before_tag"),
};
const AFTER: Columns = Columns {
    name: at("after_name"),
    url: at("after_url"),
    path: at("after_path"),
    link_type: at("after_type"),
    digest: at("after_digest"),
    size: at("after_size"),
    description: at("after_description"),
    released_at: at("after_released_at"),
    tag: at("after_tag"),
};

fn link<R: SqlRow>(cells: &Cells<'_, R>, at: &Columns) -> Result<Option<LinkFields>, R::Failure> {
    let Some(name) = cells.optional_stored(at.name)? else { return Ok(None) };
    Ok(Some(LinkFields {
        name,
        url: cells.stored(at.url)?,
        path: cells.optional_stored(at.path)?,
        link_type: cells.text(at.link_type)?,
        digest: cells.optional_text(at.digest)?,
        size: cells.optional_number(at.size)?,
    }))
}

fn release<R: SqlRow>(cells: &Cells<'_, R>, at: &Columns) -> Result<Option<ReleaseState>, R::Failure> {
    let Some(released_at) = cells.optional_time(at.released_at)? else { return Ok(None) };
    let (name, description) = (cells.optional_string(at.name)?, cells.optional_string(at.description)?);
    Ok(Some(ReleaseState { name, description, released_at }))
}

/// Reads a row from the columns of `history_columns!`, starting at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn row<R: SqlRow>(row: &R, first: usize) -> Result<HistoryRow, R::Failure> {
    use HistoryAction as Is;
    let cells = Cells::new(row, TABLE.name, first)?;
    let event = match cells.text(at("action"))? {
        Is::LinkCreate | Is::LinkUpdate | Is::LinkDelete => Event::Link {
            id: cells.number(at("link_id"))?,
            before: link(&cells, &BEFORE)?,
            after: link(&cells, &AFTER)?,
        },
        Is::ReleaseCreate | Is::ReleaseUpdate | Is::ReleaseDelete => {
            Event::Release { before: release(&cells, &BEFORE)?, after: release(&cells, &AFTER)? }
        }
        Is::ReleaseImmutable => Event::Immutable,
        Is::ReleaseThaw => Event::Thaw,
        Is::ChannelSet | Is::ChannelDelete => Event::Channel {
            name: cells.stored(at("channel"))?,
            before: cells.optional_text(BEFORE.tag)?,
            after: cells.optional_text(AFTER.tag)?,
        },
        Is::HistoryPrune => Event::Prune,
    };
    let actor = Actor {
        user: cells.optional_number(at("user_id"))?,
        username: cells.optional_string(at("username"))?,
        token: cells.optional_number(at("token_id"))?,
    };
    let tag = cells.optional_text(at("tag"))?;
    Ok(HistoryRow { seq: cells.integer(at("seq"))?, at: cells.time(at("at"))?, tag, actor: Some(actor), event })
}

/// Reads the number of a row and its bytes of text, starting at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn size<R: SqlRow>(row: &R, at: usize) -> Result<(i64, u64), R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    let bytes = cells.count(Column { at: 1, name: "bytes of its text" })?;
    Ok((cells.integer(Column { at: 0, name: "seq" })?, bytes))
}

/// Reads a step from its link, row, beginning, end, URL and digest, starting at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn step<R: SqlRow>(row: &R, at: usize) -> Result<Step, R::Failure> {
    let cells = Cells::new(row, ENDED_STEPS.name, at)?;
    let column = |at, name| Column { at, name };
    Ok(Step {
        link: cells.id()?,
        seq: cells.integer(column(1, "seq"))?,
        since: cells.time(column(2, "since"))?,
        until: cells.optional_time(column(3, "until"))?,
        url: cells.stored(column(4, "url"))?,
        digest: cells.optional_text(column(5, "digest"))?,
    })
}

/// The number and time of a project's newest row, from which the next ones follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the newest row; 0 if there is none.
    pub seq: i64,
    /// When the next rows happen, in milliseconds: not before the newest row.
    pub at: i64,
}

impl Head {
    /// Returns the head from the newest row, if there is one, for rows of this time.
    #[must_use]
    pub fn after(newest: Option<(i64, i64)>, at: Timestamp) -> Self {
        let (seq, last) = newest.unwrap_or((0, i64::MIN));
        Self { seq, at: at.as_millisecond().max(last) }
    }

    /// Returns the number of the next row.
    pub const fn advance(&mut self) -> i64 {
        self.seq += 1;
        self.seq
    }
}
