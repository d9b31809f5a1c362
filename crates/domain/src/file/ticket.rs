//! Tickets, which open a file for a while.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::FileRef;
use crate::ProjectId;
use crate::project::Visibility;

/// What a ticket says: whoever has it may read one file of a project until then, however often.
///
/// The permanent link of a file redirects with a ticket, since few clients send their token again where a redirect leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The project.
    pub project: ProjectId,
    /// The file.
    pub file: FileRef,
    /// When it opens nothing any more.
    pub until: Timestamp,
}

impl Ticket {
    /// How long a ticket is good for.
    pub const LIFETIME: SignedDuration = SignedDuration::from_secs(60);

    /// Returns a ticket for a reader of the project's releases, unless everybody may read the project's files anyway.
    #[must_use]
    pub fn issue(project: ProjectId, visibility: Visibility, file: FileRef, now: Timestamp) -> Option<Self> {
        let until = now.checked_add(Self::LIFETIME).ok()?;
        (visibility != Visibility::Public).then_some(Self { project, file, until })
    }

    /// Whether the ticket still opens its file.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// The text to sign, which no other ticket has: the names of files have no space.
impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { project, file, until } = self;
        write!(f, "{project} {} {file}", until.as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_for_a_project_that_is_not_public_and_good_for_a_minute() {
        let (project, now) = (7.try_into().unwrap(), Timestamp::UNIX_EPOCH);
        let file: FileRef = "packages/a/1/b".parse().unwrap();
        let issue = |visibility| Ticket::issue(project, visibility, file.clone(), now);
        assert_eq!(issue(Visibility::Public), None);
        for visibility in [Visibility::Internal, Visibility::Private] {
            let ticket = issue(visibility).unwrap();
            let good = |millis| ticket.is_good(now + SignedDuration::from_millis(millis));
            assert_eq!([good(0), good(59_999), good(60_000)], [true, true, false]);
            assert_eq!(ticket.to_string(), "7 60000 packages/a/1/b");
        }
        assert_eq!(Ticket::issue(project, Visibility::Private, file, Timestamp::MAX), None);
    }
}
