//! Tokens: what they open, and when they stop doing so (docs/contract.md, "Credentials").

mod revocation;
mod scope;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::access::{AccessLevel, Admission, EffectiveAccess, Reader};
use crate::{ProjectId, TokenId, UserId};

pub use scope::{NoScope, Scope, Scopes};

/// What somebody is about to do, as far as scopes care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Nothing changes.
    Read,
    /// Something may change.
    Write,
}

/// Whose token it is and where it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A user's own.
    Personal,
    /// A project's: its user is a bot, a member of that project only.
    Project {
        /// The project it was made in.
        project: ProjectId,
    },
    /// A running CI job's: it acts with its user's role, in its own project only.
    Job {
        /// The project the job runs in.
        project: ProjectId,
        /// From when on it is refused.
        ends_at: Timestamp,
    },
}

impl TokenKind {
    /// The project that it belongs to, if it is no user's own.
    #[must_use]
    pub const fn project(self) -> Option<ProjectId> {
        match self {
            Self::Personal => None,
            Self::Project { project } | Self::Job { project, .. } => Some(project),
        }
    }
}

/// What is known of a token that was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// Given out once, by storage.
    pub id: TokenId,
    /// Whose it is.
    pub kind: TokenKind,
    /// The user it acts as; none once a project's token was revoked, and its bot with it.
    pub user: Option<UserId>,
    /// Whether that user is an administrator.
    pub administrator: bool,
    /// Whether that user is the bot of a project's token.
    pub bot: bool,
    /// What it was made for.
    pub scopes: Vec<Scope>,
    /// The day on which it is no longer accepted, from 00:00 UTC.
    pub expires_on: Option<Date>,
    /// Whether it was revoked; for a job, whether it has finished.
    pub revoked: bool,
}

/// Why a token that was presented does not let its bearer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Nobody knows it, or its job has finished.
    #[error("the token is unknown")]
    Unknown,
    /// Its day has come; so it is called even when it was also revoked.
    #[error("the token has expired")]
    Expired,
    /// It was revoked.
    #[error("the token was revoked")]
    Revoked,
}

/// The text names no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is invalid, must be a date as YYYY-MM-DD")]
pub struct InvalidDay;

/// Reads the day from which a token is refused. One in the past is a day too.
///
/// # Errors
/// [`InvalidDay`] for whatever is not `YYYY-MM-DD`, or is no day of the calendar.
///
/// ```
/// use release_links_domain::token::expiry_day;
///
/// assert!(expiry_day("2031-02-28").is_ok());
/// assert!(expiry_day("2031-02-30").is_err());
/// assert!(expiry_day("28 February 2031").is_err());
/// ```
pub fn expiry_day(text: &str) -> Result<Date, InvalidDay> {
    let has_form = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if has_form { text.parse().map_err(|_| InvalidDay) } else { Err(InvalidDay) }
}

/// Whether a token that expires on that day has done so.
#[must_use]
pub fn is_expired(expires_on: Option<Date>, now: Timestamp) -> bool {
    expires_on.is_some_and(|day| Offset::UTC.to_datetime(now).date() >= day)
}

impl TokenFacts {
    /// Lets the bearer in, or not.
    ///
    /// # Errors
    /// Expired before revoked; a job's token that has ended is simply unknown, and so is a personal token of a bot, which
    /// an older version let administrators make.
    pub fn admit(self, now: Timestamp) -> Result<Caller, TokenRefusal> {
        if let TokenKind::Job { ends_at, .. } = self.kind {
            if self.revoked || now >= ends_at {
                return Err(TokenRefusal::Unknown);
            }
        } else if is_expired(self.expires_on, now) {
            return Err(TokenRefusal::Expired);
        } else if self.revoked {
            return Err(TokenRefusal::Revoked);
        }
        let is_personal = self.kind == TokenKind::Personal;
        Ok(Caller::Token(Bearer {
            token: self.id,
            kind: self.kind,
            user: self.user.filter(|_| !(is_personal && self.bot)).ok_or(TokenRefusal::Unknown)?,
            administrator: is_personal && self.administrator,
            scopes: self.scopes,
        }))
    }
}

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular.
    Anonymous,
    /// The bearer of a token that was let in.
    Token(Bearer),
}

/// A user who acts through a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The token itself.
    pub token: TokenId,
    /// What sort of token it is.
    pub kind: TokenKind,
    /// The user it acts as.
    pub user: UserId,
    /// Whether that user is an administrator, and acts as one: through a personal token alone.
    pub administrator: bool,
    /// What the token was made for.
    pub scopes: Vec<Scope>,
}

impl Bearer {
    /// The one user whose tokens the bearer may see and change; none for an administrator, who may all of them.
    #[must_use]
    pub fn only_user(&self) -> Option<UserId> {
        (!self.administrator).then_some(self.user)
    }

    /// Whether the token's scopes cover what the request is about to do. A job token needs none.
    #[must_use]
    pub fn covers(&self, intent: Intent) -> bool {
        matches!(self.kind, TokenKind::Job { .. })
            || self
                .scopes
                .iter()
                .any(|&scope| scope == Scope::Api || (scope == Scope::ReadApi && intent == Intent::Read))
    }
}

impl Caller {
    /// Whether a user acts in person, so with a personal access token.
    pub(crate) fn is_in_person(&self) -> bool {
        matches!(self, Self::Token(Bearer { kind: TokenKind::Personal, .. }))
    }

    /// Whether the caller may act where only that user may: as the user, or as an administrator.
    pub(crate) fn acts_for(&self, user: UserId) -> bool {
        matches!(self, Self::Token(bearer) if bearer.only_user().is_none_or(|only| only == user))
    }

    /// The user behind the request.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Anonymous => None,
            Self::Token(bearer) => Some(bearer.user),
        }
    }

    /// Whether the caller reaches nothing but one project: a job's token does not, whatever its user may do.
    #[must_use]
    pub const fn is_confined_to_a_project(&self) -> bool {
        matches!(self, Self::Token(Bearer { kind: TokenKind::Job { .. }, .. }))
    }

    /// Whether the caller's token, if any, covers what the request is about to do.
    #[must_use]
    pub fn covers(&self, intent: Intent) -> bool {
        match self {
            Self::Anonymous => true,
            Self::Token(bearer) => bearer.covers(intent),
        }
    }

    /// The caller as a reader who must get so far with a project.
    #[must_use]
    pub fn reader(&self, admission: Admission) -> Reader {
        match self {
            Self::Anonymous => Reader::anonymous(admission),
            Self::Token(Bearer { kind, user, administrator, .. }) => Reader {
                user: Some(*user),
                administrator: *administrator,
                only: if let TokenKind::Job { project, .. } = kind { Some(*project) } else { None },
                admission,
            },
        }
    }

    /// The caller's standing in one project, given their highest level there.
    #[must_use]
    pub fn access(&self, project: ProjectId, level: Option<AccessLevel>) -> EffectiveAccess {
        self.reader(Admission::SeeProject).access(project, level)
    }

    /// The caller's standing in a group or a user's namespace, given their highest level there. A job token stands there
    /// as its user.
    #[must_use]
    pub fn access_in_namespace(&self, level: Option<AccessLevel>) -> EffectiveAccess {
        self.reader(Admission::SeeProject).access_in_namespace(level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> TokenFacts {
        TokenFacts {
            id: 1.try_into().unwrap(),
            kind: TokenKind::Personal,
            user: Some(2.try_into().unwrap()),
            administrator: false,
            bot: false,
            scopes: vec![Scope::Api],
            expires_on: None,
            revoked: false,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn job(ends_at: &str) -> TokenFacts {
        TokenFacts {
            kind: TokenKind::Job { project: 7.try_into().unwrap(), ends_at: at(ends_at) },
            scopes: vec![],
            ..facts()
        }
    }

    #[test]
    fn a_token_expires_at_midnight_utc_of_its_day() {
        let token = TokenFacts { expires_on: Some("2026-03-01".parse().unwrap()), ..facts() };
        assert!(token.clone().admit(at("2026-02-28T23:59:59.999Z")).is_ok());
        assert_eq!(token.admit(at("2026-03-01T00:00:00Z")), Err(TokenRefusal::Expired));
    }

    #[test]
    fn a_token_both_expired_and_revoked_is_expired() {
        let now = at("2026-03-01T00:00:00Z");
        assert_eq!(TokenFacts { revoked: true, ..facts() }.admit(now), Err(TokenRefusal::Revoked));
        let both = TokenFacts { revoked: true, expires_on: Some("2020-01-01".parse().unwrap()), ..facts() };
        assert_eq!(both.admit(now), Err(TokenRefusal::Expired));
    }

    #[test]
    fn a_token_whose_user_is_gone_is_unknown_unless_it_was_revoked() {
        let now = at("2026-03-01T00:00:00Z");
        let orphan = TokenFacts { user: None, ..facts() };
        assert_eq!(orphan.clone().admit(now), Err(TokenRefusal::Unknown));
        assert_eq!(TokenFacts { revoked: true, ..orphan }.admit(now), Err(TokenRefusal::Revoked));
    }

    #[test]
    fn the_token_of_a_job_that_ended_is_unknown() {
        let now = at("2026-03-01T00:00:00Z");
        assert!(job("2026-03-01T00:00:01Z").admit(now).is_ok());
        assert_eq!(job("2026-03-01T00:00:00Z").admit(now), Err(TokenRefusal::Unknown));
        assert_eq!(TokenFacts { revoked: true, ..job("2027-01-01T00:00:00Z") }.admit(now), Err(TokenRefusal::Unknown));
    }

    #[test]
    fn only_a_personal_token_makes_its_bearer_an_administrator() {
        let project = 7.try_into().unwrap();
        let now = at("2026-03-01T00:00:00Z");
        let job = TokenKind::Job { project, ends_at: at("2027-01-01T00:00:00Z") };
        for (kind, expected) in [(TokenKind::Personal, true), (TokenKind::Project { project }, false), (job, false)] {
            let Ok(Caller::Token(bearer)) = (TokenFacts { kind, administrator: true, ..facts() }).admit(now) else {
                panic!()
            };
            assert_eq!(bearer.administrator, expected, "{kind:?}");
        }
    }

    #[test]
    fn a_bot_is_let_in_by_the_token_of_its_project_alone() {
        let project = 7.try_into().unwrap();
        let bot = TokenFacts { bot: true, ..facts() };
        assert_eq!(bot.clone().admit(at("2026-03-01T00:00:00Z")), Err(TokenRefusal::Unknown));
        let of_project = TokenFacts { kind: TokenKind::Project { project }, ..bot };
        assert!(of_project.admit(at("2026-03-01T00:00:00Z")).is_ok());
    }

    #[test]
    fn only_two_scopes_open_anything() {
        for &scope in Scope::ALL {
            let Ok(Caller::Token(bearer)) =
                (TokenFacts { scopes: vec![scope], ..facts() }).admit(at("2026-03-01T00:00:00Z"))
            else {
                panic!()
            };
            assert_eq!(bearer.covers(Intent::Read), matches!(scope, Scope::Api | Scope::ReadApi), "{scope}");
            assert_eq!(bearer.covers(Intent::Write), scope == Scope::Api, "{scope}");
        }
    }

    #[test]
    fn a_job_token_reaches_its_own_project_only() {
        let caller = job("2027-01-01T00:00:00Z").admit(at("2026-03-01T00:00:00Z")).unwrap();
        let developer = Some(AccessLevel::Developer);
        assert!(caller.covers(Intent::Write) && caller.is_confined_to_a_project());
        assert_eq!(caller.access(7.try_into().unwrap(), developer), EffectiveAccess::SignedIn(developer));
        assert_eq!(caller.access(8.try_into().unwrap(), developer), EffectiveAccess::OutOfReach);
        assert_eq!(caller.access_in_namespace(developer), EffectiveAccess::SignedIn(developer));
    }

    #[test]
    fn an_administrator_stands_so_everywhere() {
        let caller = TokenFacts { administrator: true, ..facts() }.admit(at("2026-03-01T00:00:00Z")).unwrap();
        assert_eq!(caller.access(8.try_into().unwrap(), None), EffectiveAccess::Administrator);
        assert!(!caller.is_confined_to_a_project());
    }
}
