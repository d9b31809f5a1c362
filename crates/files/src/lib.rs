#![doc = include_str!("../README.md")]

mod bucket;
mod failure;
mod folder;
mod hashes;
mod parts;
mod paths;
mod place;
mod store;
#[cfg(test)]
mod unsure;
mod upload;

pub use place::{FilesPlace, FilesPlaceError};
pub use store::{ObjectFiles, OpenError};

/// The limits on memory.
pub mod limits {
    pub use crate::bucket::MIN_PART as PART_ON_S3;
    pub use crate::folder::PART as PART_IN_FOLDER;
    pub use crate::store::{CHUNK, LARGE_CHUNK, LARGE_READS};
}
