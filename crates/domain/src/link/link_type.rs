//! The type of a link (docs/contract.md, "Link endpoints").

use std::fmt;
use std::str::FromStr;

/// The kind of asset that a link leads to.
///
/// ```
/// use release_links_domain::link::LinkType;
///
/// assert_eq!("image".parse(), Ok(LinkType::Image));
/// assert_eq!(LinkType::default().as_str(), "other");
/// assert!("Image".parse::<LinkType>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "&'static str", try_from = "String"))]
pub enum LinkType {
    /// Any other asset; the default.
    #[default]
    Other,
    /// A document that says how to operate the release.
    Runbook,
    /// A container or disk image.
    Image,
    /// A package.
    Package,
}

/// The text is not one of [`LinkType::ALL`]; case matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("does not have a valid value")]
pub struct LinkTypeError;

impl LinkType {
    /// Every type, in the documented order.
    pub const ALL: [Self; 4] = [Self::Other, Self::Runbook, Self::Image, Self::Package];

    /// Returns the word that clients and storage use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Runbook => "runbook",
            Self::Image => "image",
            Self::Package => "package",
        }
    }
}

impl FromStr for LinkType {
    type Err = LinkTypeError;

    fn from_str(word: &str) -> Result<Self, LinkTypeError> {
        Self::ALL.into_iter().find(|known| known.as_str() == word).ok_or(LinkTypeError)
    }
}

impl TryFrom<String> for LinkType {
    type Error = LinkTypeError;

    fn try_from(word: String) -> Result<Self, LinkTypeError> {
        word.parse()
    }
}

impl From<LinkType> for &'static str {
    fn from(link_type: LinkType) -> Self {
        link_type.as_str()
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_one_of_four_lower_case_words() {
        for known in LinkType::ALL {
            assert_eq!(known.as_str().parse(), Ok(known));
        }
        for unknown in ["", "Image", "OTHER", "binary", " image"] {
            assert_eq!(unknown.parse::<LinkType>(), Err(LinkTypeError), "{unknown:?}");
        }
    }
}
