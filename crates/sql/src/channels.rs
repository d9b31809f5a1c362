//! The table of release channels, and the conversion of its rows.

use release_links_domain::channel::Channel;

use crate::{Cells, Column, SqlRow};

columns! {
    ($) channel_columns = numbered "release_channels" {
        id: Integer read,
        project_id: Integer,
        name: Text read,
        release_id: Integer,
        updated_at: Integer read,
    }
}

/// The columns of channel `c` with its release `r`.
#[macro_export]
macro_rules! channel_selection {
    () => {
        concat!($crate::channel_columns!("c"), ", r.tag")
    };
}

/// The number of columns of `channel_selection!`.
pub const SELECTED: usize = COUNT + 1;

const TAG: Column = Column { at: COUNT, name: "tag of its release" };

/// Reads a channel from the columns of `channel_selection!`, starting at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn channel<R: SqlRow>(row: &R, at: usize) -> Result<Channel, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok(Channel {
        name: cells.stored(COLUMNS.name)?,
        tag: cells.text(TAG)?,
        updated_at: cells.time(COLUMNS.updated_at)?,
    })
}
