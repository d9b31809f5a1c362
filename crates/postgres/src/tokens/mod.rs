//! The ports of credentials and tokens.
