//! Users (docs/contract.md, "Provisioning").

use std::str::FromStr;

use crate::UserId;
use crate::namespace::PathSegment;
use crate::newtype::{stored_newtype, text_newtype};

/// An email address: contains an `@`, no white space and no control characters. It is not checked whether mail can be
/// delivered.
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

/// Why a text is not an email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailAddressError {
    /// No `@`, or white space or control characters.
    #[error("is invalid")]
    Malformed,
    /// More Unicode characters than [`EmailAddress::MAX_CHARS`].
    #[error("is too long (maximum is {} characters)", EmailAddress::MAX_CHARS)]
    TooLong,
}

impl EmailAddress {
    /// The longest address, in Unicode characters.
    pub const MAX_CHARS: usize = 255;

    /// Returns the address of a user without a real one, such as a bot: at `localhost`.
    #[must_use]
    pub fn local(username: &PathSegment) -> Self {
        Self(format!("{username}@localhost"))
    }

    fn check(raw: String) -> Result<String, EmailAddressError> {
        if raw.chars().nth(Self::MAX_CHARS).is_some() {
            return Err(EmailAddressError::TooLong);
        }
        let address = Self::check_stored(raw)?;
        if address.contains(char::is_control) { Err(EmailAddressError::Malformed) } else { Ok(address) }
    }

    fn check_stored(raw: String) -> Result<String, EmailAddressError> {
        if raw.contains('@') && !raw.contains(char::is_whitespace) {
            Ok(raw)
        } else {
            Err(EmailAddressError::Malformed)
        }
    }
}

text_newtype!(EmailAddress, EmailAddressError);
stored_newtype!(EmailAddress, EmailAddressError);

/// A user, or the bot that a project token acts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Assigned by storage and never reused.
    pub id: UserId,
    /// Also the path of the user's own namespace.
    pub username: PathSegment,
    /// The display name.
    pub name: String,
    /// The email address; the service never sends mail.
    pub email: EmailAddress,
    /// Whether this user has the rights of an owner everywhere.
    pub administrator: bool,
    /// Whether this user is the bot of a project token.
    pub bot: bool,
}

/// How a request identifies a user: by id or by username, ignoring case.
///
/// ```
/// use release_links_domain::user::UserRef;
///
/// assert!(matches!("42".parse(), Ok(UserRef::Id(_))));
/// assert!(matches!("ada".parse(), Ok(UserRef::Username(_))));
/// assert!("99999999999999999999".parse::<UserRef>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// By id.
    Id(UserId),
    /// By username.
    Username(PathSegment),
}

/// The text is neither a user's id nor a username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this can name no user")]
pub struct NoSuchUser;

impl FromStr for UserRef {
    type Err = NoSuchUser;

    fn from_str(raw: &str) -> Result<Self, NoSuchUser> {
        if raw.bytes().all(|b| b.is_ascii_digit()) {
            let id = raw.parse::<i64>().map_err(|_| NoSuchUser)?;
            return UserId::try_from(id).map(Self::Id).map_err(|_| NoSuchUser);
        }
        raw.parse().map(Self::Username).map_err(|_| NoSuchUser)
    }
}

impl UserRef {
    /// Returns the id, if that is how the user is identified.
    #[must_use]
    pub const fn id(&self) -> Option<UserId> {
        match self {
            Self::Id(id) => Some(*id),
            Self::Username(_) => None,
        }
    }

    /// Returns the username, if that is how the user is identified.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        match self {
            Self::Id(_) => None,
            Self::Username(username) => Some(username.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stored;

    #[test]
    fn an_email_address_contains_an_at_sign_and_no_white_space() {
        for raw in ["a@b", "é@example.com", "a@b@c"] {
            assert_eq!(raw.parse::<EmailAddress>().map(String::from), Ok(raw.to_owned()));
        }
        for raw in ["", "a", "a b@c", "a@b\n", "a@\u{a0}b", "a@\u{7}b"] {
            assert_eq!(raw.parse::<EmailAddress>(), Err(EmailAddressError::Malformed), "{raw:?}");
        }
    }

    #[test]
    fn only_a_stored_email_address_may_exceed_the_limit() {
        let of = |chars: usize| format!("{}@b", "é".repeat(chars - 2));
        assert!(of(EmailAddress::MAX_CHARS).parse::<EmailAddress>().is_ok());
        let long = of(EmailAddress::MAX_CHARS + 1);
        assert_eq!(long.parse::<EmailAddress>(), Err(EmailAddressError::TooLong));
        assert_eq!(EmailAddress::from_stored(long.clone()).map(String::from), Ok(long));
        assert_eq!(EmailAddress::from_stored("a".to_owned()), Err(EmailAddressError::Malformed));
    }

    #[test]
    fn a_local_address_is_a_valid_email_address() {
        let address = EmailAddress::local(&"project_1_bot".parse().unwrap());
        assert_eq!(address.as_str().parse(), Ok(address));
    }
}
