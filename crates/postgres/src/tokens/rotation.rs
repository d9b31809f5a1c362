//! Exchanging a token for a new one.
