//! Users (contract section 9).

use crate::UserId;
use crate::namespace::PathSegment;
use crate::newtype::{stored_newtype, text_newtype};

/// An email address: an `@` somewhere and no white space. Whether mail arrives there is nothing that a form can tell.
///
/// ```
/// use release_links_domain::user::EmailAddress;
///
/// assert!("ada@example.com".parse::<EmailAddress>().is_ok());
/// assert!("ada".parse::<EmailAddress>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct EmailAddress(String);

/// The text is no email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is invalid")]
pub struct EmailAddressError;

impl EmailAddress {
    /// The address of a user who has no other, such as a bot: on this machine.
    #[must_use]
    pub fn local(username: &PathSegment) -> Self {
        Self(format!("{username}@localhost"))
    }

    fn check(raw: String) -> Result<String, EmailAddressError> {
        Self::check_stored(raw)
    }

    fn check_stored(raw: String) -> Result<String, EmailAddressError> {
        if raw.contains('@') && !raw.contains(char::is_whitespace) { Ok(raw) } else { Err(EmailAddressError) }
    }
}

text_newtype!(EmailAddress, EmailAddressError);
stored_newtype!(EmailAddress, EmailAddressError);

/// A user, or the bot that a project token acts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Given out once, by storage.
    pub id: UserId,
    /// Also the path of the user's own namespace.
    pub username: PathSegment,
    /// The name people read.
    pub name: String,
    /// Where mail would go; we send none.
    pub email: EmailAddress,
    /// Whether this user is as owner everywhere.
    pub administrator: bool,
    /// Whether it is the bot of a project token.
    pub bot: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_address_has_an_at_sign_and_no_white_space() {
        for raw in ["a@b", "é@example.com", "a@b@c"] {
            assert_eq!(raw.parse::<EmailAddress>().map(String::from), Ok(raw.to_owned()));
        }
        for raw in ["", "a", "a b@c", "a@b\n", "a@\u{a0}b"] {
            assert_eq!(raw.parse::<EmailAddress>(), Err(EmailAddressError), "{raw:?}");
        }
    }

    #[test]
    fn a_local_address_is_one() {
        let address = EmailAddress::local(&"project_1_bot".parse().unwrap());
        assert_eq!(address.as_str().parse(), Ok(address));
    }
}
