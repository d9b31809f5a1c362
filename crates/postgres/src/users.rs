//! The users port.
