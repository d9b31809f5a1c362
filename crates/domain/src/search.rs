//! What lists are searched for (docs/contract.md, "Provisioning").

/// The longest text that a search finds, in Unicode characters: no name is longer. Comparing more with every row would
/// only cost, and databases refuse patterns beyond a length.
pub const MAX_SEARCH_CHARS: usize = 255;

/// Whether a search for this text finds nothing, whatever there is.
///
/// ```
/// use release_links_domain::search::{MAX_SEARCH_CHARS, finds_nothing};
///
/// assert!(!finds_nothing(&"é".repeat(MAX_SEARCH_CHARS)));
/// assert!(finds_nothing(&"é".repeat(MAX_SEARCH_CHARS + 1)));
/// ```
#[must_use]
pub fn finds_nothing(text: &str) -> bool {
    text.chars().nth(MAX_SEARCH_CHARS).is_some()
}
