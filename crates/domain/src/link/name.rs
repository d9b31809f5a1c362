//! The name of a link (docs/contract.md, "Link rules"): not blank, at most 255 characters, stored as sent.

use crate::newtype::{is_blank, stored_newtype, text_newtype};

/// A link's name: stored as sent, not trimmed, compared byte for byte.
///
/// ```
/// use release_links_domain::link::{LinkName, LinkNameError};
///
/// let name: LinkName = "hello-linux-amd64".parse()?;
/// assert_eq!(name.as_str(), "hello-linux-amd64");
/// assert_eq!(" \t".parse::<LinkName>(), Err(LinkNameError::Blank));
/// # Ok::<(), LinkNameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct LinkName(String);

/// Why a text is not a link name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkNameError {
    /// Empty, or Unicode white space only.
    #[error("can't be blank")]
    Blank,
    /// More Unicode characters than [`LinkName::MAX_CHARS`].
    #[error("is too long (maximum is {max} characters)")]
    TooLong {
        /// The limit, in Unicode characters.
        max: usize,
    },
}

impl LinkName {
    /// The longest name, in Unicode characters.
    pub const MAX_CHARS: usize = 255;

    fn check(raw: String) -> Result<String, LinkNameError> {
        let name = Self::check_stored(raw)?;
        if name.chars().count() > Self::MAX_CHARS {
            return Err(LinkNameError::TooLong { max: Self::MAX_CHARS });
        }
        Ok(name)
    }

    fn check_stored(raw: String) -> Result<String, LinkNameError> {
        if is_blank(&raw) { Err(LinkNameError::Blank) } else { Ok(raw) }
    }
}

text_newtype!(LinkName, LinkNameError);
stored_newtype!(LinkName, LinkNameError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_unicode_white_space_is_blank() {
        for raw in ["", " ", "\t\n", "\u{a0}\u{2003}", "\u{3000}", "\u{3000}\u{2028}"] {
            assert_eq!(raw.parse::<LinkName>(), Err(LinkNameError::Blank), "{raw:?}");
        }
    }

    #[test]
    fn the_limit_of_a_name_counts_characters_not_bytes() {
        for letter in ["x", "é", "𝒳"] {
            assert!(letter.repeat(255).parse::<LinkName>().is_ok());
            assert_eq!(letter.repeat(256).parse::<LinkName>(), Err(LinkNameError::TooLong { max: 255 }));
        }
    }

    #[test]
    fn a_name_is_kept_as_sent() {
        for raw in ["  two words\t", "a", "A", " a", "a ", "\u{e9}", "e\u{301}", "<b>\"&'\\/"] {
            assert_eq!(raw.parse::<LinkName>().map(String::from), Ok(raw.to_owned()));
        }
    }
}
