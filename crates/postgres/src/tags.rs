//! The tags port.
