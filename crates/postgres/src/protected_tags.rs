//! The port of the rules that protect tags.
