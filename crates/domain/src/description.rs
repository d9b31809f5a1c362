//! Descriptions of projects, groups and tokens (docs/contract.md, "Provisioning").

use std::fmt;
use std::str::FromStr;

use crate::Stored;

/// Free text of at most `MAX` Unicode characters, stored as sent. What has no description has none, not an empty one.
///
/// ```
/// use release_links_domain::description::{DescriptionError, ProjectDescription};
///
/// let description: ProjectDescription = "Says hello.\nIn any language.".parse()?;
/// assert_eq!(description.as_str(), "Says hello.\nIn any language.");
/// assert_eq!("".parse::<ProjectDescription>(), Err(DescriptionError::Empty));
/// # Ok::<(), DescriptionError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description<const MAX: usize>(String);

/// A project's description.
pub type ProjectDescription = Description<2_000>;

/// A group's or a token's description.
pub type ShortDescription = Description<500>;

/// Why a text is not a valid description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DescriptionError {
    /// The empty text, which is no description.
    #[error("is empty")]
    Empty,
    /// More Unicode characters than the limit.
    #[error("is too long (maximum is {max} characters)")]
    TooLong {
        /// The limit.
        max: usize,
    },
}

impl<const MAX: usize> Description<MAX> {
    /// The longest description, in Unicode characters.
    pub const MAX_CHARS: usize = MAX;

    /// Returns the text as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> FromStr for Description<MAX> {
    type Err = DescriptionError;

    fn from_str(raw: &str) -> Result<Self, DescriptionError> {
        if raw.chars().nth(MAX).is_some() {
            return Err(DescriptionError::TooLong { max: MAX });
        }
        Self::from_stored(raw.to_owned())
    }
}

impl<const MAX: usize> Stored for Description<MAX> {
    type Error = DescriptionError;

    fn from_stored(raw: String) -> Result<Self, DescriptionError> {
        if raw.is_empty() { Err(DescriptionError::Empty) } else { Ok(Self(raw)) }
    }
}

impl<const MAX: usize> From<Description<MAX>> for String {
    fn from(description: Description<MAX>) -> Self {
        description.0
    }
}

impl<const MAX: usize> fmt::Display for Description<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_characters_and_holds_for_new_input_only() {
        let longest = "é".repeat(ShortDescription::MAX_CHARS);
        assert_eq!(longest.parse::<ShortDescription>().map(String::from), Ok(longest.clone()));
        let longer = longest + "é";
        assert_eq!(longer.parse::<ShortDescription>(), Err(DescriptionError::TooLong { max: 500 }));
        assert_eq!(ShortDescription::from_stored(longer.clone()).map(String::from), Ok(longer));
    }
}
