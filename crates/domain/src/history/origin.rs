//! Who changes something, and when.

use jiff::Timestamp;

use crate::token::{Bearer, Caller};
use crate::{TokenId, UserId};

/// Who changes something, and when: what a write knows of the row that it adds to the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// When. Storage keeps milliseconds, and a time that is not before that of the project's newest row.
    pub at: Timestamp,
    /// The user; none for an operator who works on the database itself.
    pub user: Option<UserId>,
    /// The token that the user acts with.
    pub token: Option<TokenId>,
}

impl Origin {
    /// Returns the origin of what an operator does on the database itself.
    #[must_use]
    pub const fn operator(at: Timestamp) -> Self {
        Self { at, user: None, token: None }
    }
}

impl Caller {
    /// Returns the origin of what the caller changes now.
    #[must_use]
    pub const fn origin(&self, now: Timestamp) -> Origin {
        match self {
            Self::Anonymous => Origin::operator(now),
            Self::Token(Bearer { user, token, .. }) => Origin { at: now, user: Some(*user), token: Some(*token) },
        }
    }
}
