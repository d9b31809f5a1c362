//! Users (contract section 9).

use crate::UserId;
use crate::namespace::PathSegment;

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
    pub email: String,
    /// Whether this user is as owner everywhere.
    pub administrator: bool,
    /// Whether it is the bot of a project token.
    pub bot: bool,
}
