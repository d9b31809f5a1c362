//! What every parsed text type shares: one private string, read with `as_str`, created only by its parser.

/// Implements the conversions of a text newtype; its `fn check(String) -> Result<String, $error>` enforces the rules.
macro_rules! text_newtype {
    ($name:ident, $error:ty) => {
        impl $name {
            /// Returns the text as stored.
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
/// Limits apply to new input only. Lowering a limit must not make values that an older version accepted unreadable,
/// so this parser skips the limits on length and every rule that was added later. All other rules of the type apply.
/// Client input is parsed with [`FromStr`](std::str::FromStr) instead.
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
    /// Why a stored text is not a valid value.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Parses a stored text.
    ///
    /// # Errors
    /// Returns an error if the text breaks a rule that every version has enforced.
    fn from_stored(raw: String) -> Result<Self, Self::Error>;
}

/// Implements [`Stored`] for a text newtype; its `fn check_stored(String) -> Result<String, $error>` enforces the
/// rules.
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

/// Whether a text is blank in the contract's sense: empty, or Unicode white space only.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}
