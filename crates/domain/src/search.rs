//! Text search in lists (docs/contract.md, "Provisioning").

/// The longest text that a search can find, in Unicode characters: no name is longer. Comparing a longer text with
/// every row would only waste time, and databases reject patterns above a length.
pub const MAX_SEARCH_CHARS: usize = 255;

/// Whether a search for this text cannot match any row.
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
