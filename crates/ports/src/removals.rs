//! The sizes of the steps of a deletion. One transaction hides everything that is deleted; further ones delete its rows
//! in batches, so that other requests do not wait for the whole deletion.

/// How many rows the request itself deletes, so that a small deletion is complete when the request is answered.
pub const REMOVED_BY_THE_REQUEST: i64 = 100;

/// How many rows each further transaction deletes. Each takes a few milliseconds, and other writes take turns with
/// them.
pub const REMOVED_AT_A_TIME: i64 = 500;

/// The maximum number of links of a release that is deleted in one transaction. A release with more, which only an
/// older version accepted, is deleted in batches as well.
pub const LINKS_REMOVED_AT_ONCE: i64 = 1_000;
