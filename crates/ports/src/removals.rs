//! How what is removed is deleted: hidden by one transaction at once, then deleted piece by piece, so that nobody else waits
//! for it.

/// How many rows of what is removed the request itself deletes: what is small is gone when it is answered.
pub const REMOVED_BY_THE_REQUEST: i64 = 100;

/// How many rows each further transaction deletes. Others take turns with these transactions, each of a few milliseconds.
pub const REMOVED_AT_A_TIME: i64 = 500;

/// With more links than this, which only older versions took, a release is deleted piece by piece as well.
pub const LINKS_REMOVED_AT_ONCE: i64 = 1_000;
