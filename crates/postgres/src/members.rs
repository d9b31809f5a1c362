//! The members port.
