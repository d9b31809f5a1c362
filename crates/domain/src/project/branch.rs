//! The name of a project's default branch.

use crate::namespace::{DisplayName, DisplayNameError};
use crate::newtype::{stored_newtype, text_newtype};

/// The name of a branch, by the rules of a [`DisplayName`]. There is no repository that could have the branch, so
/// git's rules do not apply.
///
/// ```
/// use release_links_domain::project::BranchName;
///
/// assert_eq!(BranchName::default().as_str(), "main");
/// assert!("release/1.x".parse::<BranchName>().is_ok());
/// assert!(" ".parse::<BranchName>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchName(String);

impl BranchName {
    /// The longest name, in Unicode characters.
    pub const MAX_CHARS: usize = DisplayName::MAX_CHARS;
    /// The default branch of a project for which none is set.
    pub const DEFAULT: &str = "main";

    fn check(raw: String) -> Result<String, DisplayNameError> {
        DisplayName::check(raw)
    }

    fn check_stored(raw: String) -> Result<String, DisplayNameError> {
        DisplayName::check_stored(raw)
    }
}

impl Default for BranchName {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

text_newtype!(BranchName, DisplayNameError);
stored_newtype!(BranchName, DisplayNameError);
