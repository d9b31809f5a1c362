//! The projects port.
