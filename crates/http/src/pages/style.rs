//! The stylesheet of all pages, at an address that changes with its content.

use std::sync::LazyLock;

use crate::digest::digest;

/// The path of the stylesheet.
pub(super) const PATH: &str = "/-/style.css";
/// The content type of the stylesheet.
pub(super) const CSS: &str = "text/css; charset=utf-8";
/// The stylesheet.
pub(super) const TEXT: &str = include_str!("../../templates/style.css");

/// The query that names the current content.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| format!("v={}", &digest(TEXT.as_bytes())[..16]));

/// Returns the address of the stylesheet below the external URL's own path.
pub(super) fn address(root: &str) -> String {
    format!("{root}{PATH}?{}", *VERSION)
}
