//! What every parsed text has in common: one private string, read by `as_str`, made only by its parser.

/// Implements the conversions of a text newtype whose `fn check(String) -> Result<String, $error>` holds the rule.
macro_rules! text_newtype {
    ($name:ident, $error:ty) => {
        impl $name {
            /// The text as stored and returned.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(raw: String) -> Result<Self, $error> {
                Self::check(raw).map(Self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(raw: &str) -> Result<Self, $error> {
                Self::try_from(raw.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// A text that an adapter reads back from storage.
///
/// Limits are for what comes in. A lower limit must not make unreadable what an older version accepted, so this parser
/// knows no limit of length and nothing else that was only added later; every other rule of the type holds here too.
/// Whatever a client sends goes through [`FromStr`](std::str::FromStr) instead.
///
/// ```
/// use release_links_domain::Stored;
/// use release_links_domain::link::{LinkName, LinkNameError};
///
/// let long = "x".repeat(LinkName::MAX_CHARS + 1);
/// assert!(long.parse::<LinkName>().is_err());
/// assert_eq!(LinkName::from_stored(long.clone())?.as_str(), long);
/// assert_eq!(LinkName::from_stored(" ".to_owned()), Err(LinkNameError::Blank));
/// # Ok::<(), LinkNameError>(())
/// ```
pub trait Stored: Sized {
    /// Why a stored text is no such value.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Reads a stored text.
    ///
    /// # Errors
    /// When the text breaks a rule that has always held.
    fn from_stored(raw: String) -> Result<Self, Self::Error>;
}

/// Implements [`Stored`] for a text newtype whose `fn check_stored(String) -> Result<String, $error>` holds the rule.
macro_rules! stored_newtype {
    ($name:ident, $error:ty) => {
        impl $crate::Stored for $name {
            type Error = $error;

            fn from_stored(raw: String) -> Result<Self, $error> {
                Self::check_stored(raw).map(Self)
            }
        }
    };
}

pub(crate) use {stored_newtype, text_newtype};

/// Blank, as the contract means it: empty, or Unicode white space only.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}
