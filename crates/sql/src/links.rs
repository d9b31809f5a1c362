//! The table of links, and the conversion of its rows.

use release_links_domain::link::{AssetDigest, AssetPath, AssetSize, Candidate, Link, LinkFields, LinkName, LinkUrl};
use release_links_domain::{LinkId, ReleaseId};

use crate::{Cells, Column, SqlRow};

columns! {
    ($) link_columns = numbered "links" {
        id: Integer read,
        project_id: Integer,
        release_id: Integer,
        name: Text read,
        url: Text read,
        path: Text read,
        link_type: Text read,
        digest: Text read,
        size: Integer read,
        position: Integer,
        since: Integer,
        since_seq: Integer,
    }
}

/// The order in which the links of a release are listed: first those without a position (0), newest first, then the
/// others.
#[macro_export]
macro_rules! link_order {
    () => {
        "position, id DESC"
    };
}

/// An SQL expression for the number of bytes of text in a link, as [`LinkFields::text_bytes`] counts them.
#[macro_export]
macro_rules! link_bytes {
    () => {
        concat!(
            "coalesce(octet_length(name), 0) + coalesce(octet_length(url), 0) + ",
            "coalesce(octet_length(path), 0) + coalesce(octet_length(digest), 0)"
        )
    };
}

/// Reads a link whose columns begin at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn link<R: SqlRow>(row: &R, at: usize) -> Result<Link, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    let fields = LinkFields {
        name: cells.stored(COLUMNS.name)?,
        url: cells.stored(COLUMNS.url)?,
        path: cells.optional_stored(COLUMNS.path)?,
        link_type: cells.text(COLUMNS.link_type)?,
        digest: cells.optional_text(COLUMNS.digest)?,
        size: cells.optional_number(COLUMNS.size)?,
    };
    Ok(Link { id: cells.id()?, fields })
}

/// Reads a link's id from column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn id<R: SqlRow>(row: &R, at: usize) -> Result<LinkId, R::Failure> {
    Cells::new(row, TABLE.name, at)?.id()
}

/// Reads a link's id from column `at` and its number of bytes of text from the next column.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn size<R: SqlRow>(row: &R, at: usize) -> Result<(LinkId, u64), R::Failure> {
    const BYTES: Column = Column { at: 1, name: "bytes of its text" };
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok((cells.id()?, cells.count(BYTES)?))
}

/// Where a link that was read stands.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The release of the link.
    pub release: ReleaseId,
    /// The number of links of that release.
    pub links: u64,
    /// The position of the link; 0 is none.
    pub position: u64,
}

/// Reads where a link stands, from the three columns after the link's, which begin at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn place<R: SqlRow>(row: &R, at: usize) -> Result<Place, R::Failure> {
    const RELEASE: Column = Column { at: COUNT, name: "release_id" };
    const LINKS: Column = Column { at: COUNT + 1, name: "number of links" };
    const POSITION: Column = Column { at: COUNT + 2, name: "position" };
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok(Place { release: cells.number(RELEASE)?, links: cells.count(LINKS)?, position: cells.count(POSITION)? })
}

/// The values for the columns that `link_columns!(held)` lists, in their order: texts, then the size.
pub type Held<'a> = ([Option<&'a str>; COUNT - 2], [Option<i64>; 1]);

/// Returns the values of a link.
#[must_use]
pub fn held(fields: &LinkFields) -> Held<'_> {
    let LinkFields { name, url, path, link_type, digest, size } = fields;
    let texts = [
        Some(name.as_str()),
        Some(url.as_str()),
        path.as_ref().map(AssetPath::as_str),
        Some(link_type.as_str()),
        digest.as_ref().map(AssetDigest::as_str),
    ];
    (texts, [size.map(AssetSize::bytes)])
}

/// What each of those columns holds of all links, in their order.
pub type HeldByAll<'a> = ([Vec<Option<&'a str>>; COUNT - 2], [Vec<Option<i64>>; 1]);

/// Returns the values of all links.
#[must_use]
pub fn held_by_all<'a>(links: impl IntoIterator<Item = &'a LinkFields>) -> HeldByAll<'a> {
    let mut columns = HeldByAll::default();
    for fields in links {
        let (texts, [size]) = held(fields);
        for (column, text) in columns.0.iter_mut().zip(texts) {
            column.push(text);
        }
        columns.1[0].push(size);
    }
    columns
}

/// Returns the values that must be unique within a release: name, URL and path.
#[must_use]
pub fn unique(candidate: &Candidate) -> [Option<&str>; 3] {
    [
        candidate.name.as_ref().map(LinkName::as_str),
        candidate.url.as_ref().map(LinkUrl::as_str),
        candidate.path.as_ref().map(AssetPath::as_str),
    ]
}
