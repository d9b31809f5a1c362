//! The table of releases, and releases from its rows.

use release_links_domain::ReleaseId;
use release_links_domain::release::Release;
use release_links_domain::tag::TagName;
use release_links_ports::Batch;

use crate::users::maybe_user;
use crate::{Cells, Column, SqlRow};

columns! {
    ($) release_columns = numbered "releases" {
        id: Integer read,
        project_id: Integer read,
        tag_id: Integer,
        tag: Text read,
        name: Text read,
        description: Text read,
        created_at: Integer read,
        released_at: Integer read,
        author_id: Integer,
    }
}

/// What is read of a release `r` with its tag `t` and its author `u`, who has the namespace `un`.
#[macro_export]
macro_rules! release_selection {
    () => {
        concat!($crate::release_columns!("r"), ", t.target, ", $crate::user_selection!())
    };
}

const TARGET: Column = Column { at: COUNT, name: "target of its tag" };
/// Where the columns of the author begin, after those of the release and the target of its tag.
const AUTHOR: usize = COUNT + 1;
const BYTES: Column = Column { at: 1, name: "bytes of its text" };

/// A release without its links, from the columns of `release_selection!`, of which the first is column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn without_links<R: SqlRow>(row: &R, at: usize) -> Result<Release, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok(Release {
        id: cells.id()?,
        project: cells.number(COLUMNS.project_id)?,
        tag: cells.text(COLUMNS.tag)?,
        name: cells.optional_string(COLUMNS.name)?,
        description: cells.optional_string(COLUMNS.description)?,
        target: cells.optional_string(TARGET)?,
        created_at: cells.time(COLUMNS.created_at)?,
        released_at: cells.time(COLUMNS.released_at)?,
        author: maybe_user(row, at + AUTHOR)?,
        links: Vec::new(),
        link_count: 0,
    })
}

/// The id of a release in column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn id<R: SqlRow>(row: &R, at: usize) -> Result<ReleaseId, R::Failure> {
    Cells::new(row, TABLE.name, at)?.id()
}

/// The tag of a release, after its id in column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn tag<R: SqlRow>(row: &R, at: usize) -> Result<TagName, R::Failure> {
    Cells::new(row, TABLE.name, at)?.text(Column { at: 1, ..COLUMNS.tag })
}

/// The id of a release in column `at`, and the bytes of text that it has in the next.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn size<R: SqlRow>(row: &R, at: usize) -> Result<(ReleaseId, u64), R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok((cells.id()?, cells.count(BYTES)?))
}

/// The rows before the first release that has more links than it may have today: that is read by itself.
#[must_use]
pub fn before_partial(mut batch: Batch<Release, ReleaseId>) -> Batch<Release, ReleaseId> {
    if let Some(at) = batch.rows.iter().position(Release::is_partial) {
        let left = batch.rows.split_off(at).into_iter().map(|release| release.id);
        batch.rest = left.chain(batch.rest).collect();
    }
    batch
}
