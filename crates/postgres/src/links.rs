//! The links port.
