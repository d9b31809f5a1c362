//! The table of releases, and the conversion of its rows.

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
        version_prefix: Text,
        version: Bytes,
        prerelease: Boolean,
        immutable: Boolean read,
    }
}

/// The columns of release `r` with its tag `t` and its author `u`, whose namespace is `un`.
#[macro_export]
macro_rules! release_selection {
    () => {
        concat!($crate::release_columns!("r"), ", t.target, ", $crate::user_selection!())
    };
}

const TARGET: Column = Column { at: COUNT, name: "target of its tag" };
/// The first column of the author, after those of the release and the target of its tag.
const AUTHOR: usize = COUNT + 1;
const BYTES: Column = Column { at: 1, name: "bytes of its text" };

/// Reads a release without its links from the columns of `release_selection!`, starting at `at`.
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
        immutable: cells.boolean(COLUMNS.immutable)?,
        links: Vec::new(),
        link_count: 0,
    })
}

/// Reads a release's id from column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn id<R: SqlRow>(row: &R, at: usize) -> Result<ReleaseId, R::Failure> {
    Cells::new(row, TABLE.name, at)?.id()
}

/// Reads a release's tag from the column after its id, which is column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn tag<R: SqlRow>(row: &R, at: usize) -> Result<TagName, R::Failure> {
    Cells::new(row, TABLE.name, at)?.text(Column { at: 1, ..COLUMNS.tag })
}

/// Reads a release's id from column `at` and its number of bytes of text from the next column.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn size<R: SqlRow>(row: &R, at: usize) -> Result<(ReleaseId, u64), R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok((cells.id()?, cells.count(BYTES)?))
}

/// Ends the rows of a batch before the first release with more links than today's limit: such a release is read by
/// itself.
#[must_use]
pub fn before_partial(mut batch: Batch<Release, ReleaseId>) -> Batch<Release, ReleaseId> {
    if let Some(at) = batch.rows.iter().position(Release::is_partial) {
        let left = batch.rows.split_off(at).into_iter().map(|release| release.id);
        batch.rest = left.chain(batch.rest).collect();
    }
    batch
}
