//! Tokens: what they grant, and when they expire or are revoked (docs/contract.md, "Credentials").

mod accepted;
mod revocation;
mod scope;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use crate::access::{AccessLevel, Admission, EffectiveAccess, Reader};
use crate::{ProjectId, TokenId, UserId};

pub use accepted::AcceptedTokens;
pub use scope::{NoScope, Scope, Scopes};

/// Whether a request reads or writes, which decides the scope that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// The request changes nothing.
    Read,
    /// The request may change something.
    Write,
}

/// The kind of a token, which decides what it extends to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A personal access token: belongs to a user.
    Personal,
    /// A project access token: its user is a bot that is a member of that project only.
    Project {
        /// The project that it was created in.
        project: ProjectId,
    },
    /// The token of a running CI job: it acts with its user's role, in its own project only.
    Job {
        /// The project that the job runs in.
        project: ProjectId,
        /// When it expires.
        ends_at: Timestamp,
    },
}

impl TokenKind {
    /// Returns the project that the token belongs to; none for a personal token.
    #[must_use]
    pub const fn project(self) -> Option<ProjectId> {
        match self {
            Self::Personal => None,
            Self::Project { project } | Self::Job { project, .. } => Some(project),
        }
    }
}

/// What storage knows about a presented token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// Assigned by storage and never reused.
    pub id: TokenId,
    /// The kind of the token.
    pub kind: TokenKind,
    /// The user that it acts as; none after a project token and its bot were revoked.
    pub user: Option<UserId>,
    /// Whether that user is an administrator.
    pub administrator: bool,
    /// Whether that user is the bot of a project token.
    pub bot: bool,
    /// Its scopes.
    pub scopes: Vec<Scope>,
    /// The day from which it is refused, starting at 00:00 UTC.
    pub expires_on: Option<Date>,
    /// Whether it was revoked; for a job token, whether the job has finished.
    pub revoked: bool,
}

/// Why a presented token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// No token has this value, or its job has finished.
    #[error("the token is unknown")]
    Unknown,
    /// It has expired; reported even if it was also revoked.
    #[error("the token has expired")]
    Expired,
    /// It was revoked.
    #[error("the token was revoked")]
    Revoked,
}

/// The text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is invalid, must be a date as YYYY-MM-DD")]
pub struct InvalidDay;

/// Parses the day from which a token is refused. A day in the past is accepted. Of a date with a time, which gitlab4j sends,
/// the day counts as it is written.
///
/// # Errors
/// Returns [`InvalidDay`] if the text does not begin with `YYYY-MM-DD`, has something other than a time after it, or
/// names no day of the calendar.
///
/// ```
/// use release_links_domain::token::expiry_day;
///
/// assert!(expiry_day("2031-02-28").is_ok());
/// assert_eq!(expiry_day("2031-02-28T23:30:00-05:00"), expiry_day("2031-02-28"));
/// assert!(expiry_day("2031-02-30").is_err());
/// assert!(expiry_day("28 February 2031").is_err());
/// ```
pub fn expiry_day(text: &str) -> Result<Date, InvalidDay> {
    let (day, time) = text.split_at_checked("2031-02-28".len()).ok_or(InvalidDay)?;
    let has_form = day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let has_time = || text.parse::<DateTime>().is_ok() || text.parse::<Timestamp>().is_ok();
    if has_form && (time.is_empty() || has_time()) { day.parse().map_err(|_| InvalidDay) } else { Err(InvalidDay) }
}

/// Whether a token that expires on this day has expired.
#[must_use]
pub fn is_expired(expires_on: Option<Date>, now: Timestamp) -> bool {
    expires_on.is_some_and(|day| Offset::UTC.to_datetime(now).date() >= day)
}

impl TokenFacts {
    /// Admits the bearer of the token as a caller.
    ///
    /// # Errors
    /// Returns [`TokenRefusal`]: expiry is reported before revocation. A token of a kind that is not `accepted` where it
    /// was presented is unknown. So is a job token that has ended, and a personal token of a bot, which an older version
    /// let administrators create.
    pub fn admit(self, accepted: AcceptedTokens, now: Timestamp) -> Result<Caller, TokenRefusal> {
        if !accepted.include(self.kind) {
            return Err(TokenRefusal::Unknown);
        }
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

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A caller without a credential.
    Anonymous,
    /// The bearer of an accepted token.
    Token(Bearer),
}

/// A user who acts through a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The token itself.
    pub token: TokenId,
    /// The kind of the token.
    pub kind: TokenKind,
    /// The user it acts as.
    pub user: UserId,
    /// Whether the bearer has administrator rights, which only a personal token of an administrator grants.
    pub administrator: bool,
    /// The scopes of the token.
    pub scopes: Vec<Scope>,
}

impl Bearer {
    /// Returns the only user whose tokens the bearer may see and change; none for an administrator, who may manage
    /// all.
    #[must_use]
    pub fn only_user(&self) -> Option<UserId> {
        (!self.administrator).then_some(self.user)
    }

    /// Whether the token is a personal access token.
    pub(crate) fn is_personal(&self) -> bool {
        self.kind == TokenKind::Personal
    }

    /// Whether the token's scopes cover the request. A job token needs none.
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
    /// Whether the bearer acts with a personal access token.
    pub(crate) fn is_personal(&self) -> bool {
        matches!(self, Self::Token(bearer) if bearer.is_personal())
    }

    /// Whether the bearer may act on behalf of `user`: as that user, or as an administrator.
    pub(crate) fn acts_for(&self, user: UserId) -> bool {
        matches!(self, Self::Token(bearer) if bearer.only_user().is_none_or(|only| only == user))
    }

    /// Whether the caller's token may rotate itself.
    pub(crate) fn covers_own_rotation(&self) -> bool {
        self.covers(Intent::Write) || matches!(self, Self::Token(bearer) if bearer.scopes.contains(&Scope::SelfRotate))
    }

    /// Returns the user that the caller acts as.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Anonymous => None,
            Self::Token(bearer) => Some(bearer.user),
        }
    }

    /// Whether the caller's credential is limited to one project, as a job token is, whatever its user may do.
    #[must_use]
    pub const fn is_confined_to_a_project(&self) -> bool {
        matches!(self, Self::Token(Bearer { kind: TokenKind::Job { .. }, .. }))
    }

    /// Whether the caller's token, if any, covers the request.
    #[must_use]
    pub fn covers(&self, intent: Intent) -> bool {
        match self {
            Self::Anonymous => true,
            Self::Token(bearer) => bearer.covers(intent),
        }
    }

    /// Returns the caller as a reader who needs this access.
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

    /// Returns the caller's access to a project, given their highest level there.
    #[must_use]
    pub fn access(&self, project: ProjectId, level: Option<AccessLevel>) -> EffectiveAccess {
        self.reader(Admission::SeeProject).access(project, level)
    }

    /// Returns the caller's access to a group or a user's namespace, given their highest level there. A job token has
    /// the access of its user.
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
        assert!(token.clone().admit(AcceptedTokens::Any, at("2026-02-28T23:59:59.999Z")).is_ok());
        assert_eq!(token.admit(AcceptedTokens::Any, at("2026-03-01T00:00:00Z")), Err(TokenRefusal::Expired));
    }

    #[test]
    fn a_token_that_is_both_expired_and_revoked_is_reported_as_expired() {
        let now = at("2026-03-01T00:00:00Z");
        assert_eq!(TokenFacts { revoked: true, ..facts() }.admit(AcceptedTokens::Any, now), Err(TokenRefusal::Revoked));
        let both = TokenFacts { revoked: true, expires_on: Some("2020-01-01".parse().unwrap()), ..facts() };
        assert_eq!(both.admit(AcceptedTokens::Any, now), Err(TokenRefusal::Expired));
    }

    #[test]
    fn a_token_whose_user_was_deleted_is_unknown_unless_it_was_revoked() {
        let now = at("2026-03-01T00:00:00Z");
        let orphan = TokenFacts { user: None, ..facts() };
        assert_eq!(orphan.clone().admit(AcceptedTokens::Any, now), Err(TokenRefusal::Unknown));
        assert_eq!(TokenFacts { revoked: true, ..orphan }.admit(AcceptedTokens::Any, now), Err(TokenRefusal::Revoked));
    }

    #[test]
    fn the_token_of_a_finished_job_is_unknown() {
        let now = at("2026-03-01T00:00:00Z");
        assert!(job("2026-03-01T00:00:01Z").admit(AcceptedTokens::Any, now).is_ok());
        assert_eq!(job("2026-03-01T00:00:00Z").admit(AcceptedTokens::Any, now), Err(TokenRefusal::Unknown));
        assert_eq!(
            TokenFacts { revoked: true, ..job("2027-01-01T00:00:00Z") }.admit(AcceptedTokens::Any, now),
            Err(TokenRefusal::Unknown)
        );
    }

    #[test]
    fn only_a_personal_token_grants_administrator_rights() {
        let project = 7.try_into().unwrap();
        let now = at("2026-03-01T00:00:00Z");
        let job = TokenKind::Job { project, ends_at: at("2027-01-01T00:00:00Z") };
        for (kind, expected) in [(TokenKind::Personal, true), (TokenKind::Project { project }, false), (job, false)] {
            let Ok(Caller::Token(bearer)) =
                (TokenFacts { kind, administrator: true, ..facts() }).admit(AcceptedTokens::Any, now)
            else {
                panic!()
            };
            assert_eq!(bearer.administrator, expected, "{kind:?}");
        }
    }

    #[test]
    fn a_bot_is_admitted_only_with_its_project_token() {
        let project = 7.try_into().unwrap();
        let bot = TokenFacts { bot: true, ..facts() };
        assert_eq!(bot.clone().admit(AcceptedTokens::Any, at("2026-03-01T00:00:00Z")), Err(TokenRefusal::Unknown));
        let of_project = TokenFacts { kind: TokenKind::Project { project }, ..bot };
        assert!(of_project.admit(AcceptedTokens::Any, at("2026-03-01T00:00:00Z")).is_ok());
    }

    #[test]
    fn only_two_scopes_have_an_effect() {
        for &scope in Scope::ALL {
            let Ok(Caller::Token(bearer)) =
                (TokenFacts { scopes: vec![scope], ..facts() }).admit(AcceptedTokens::Any, at("2026-03-01T00:00:00Z"))
            else {
                panic!()
            };
            assert_eq!(bearer.covers(Intent::Read), matches!(scope, Scope::Api | Scope::ReadApi), "{scope}");
            assert_eq!(bearer.covers(Intent::Write), scope == Scope::Api, "{scope}");
        }
    }

    #[test]
    fn a_job_token_extends_to_its_own_project_only() {
        let caller = job("2027-01-01T00:00:00Z").admit(AcceptedTokens::Any, at("2026-03-01T00:00:00Z")).unwrap();
        let developer = Some(AccessLevel::Developer);
        assert!(caller.covers(Intent::Write) && caller.is_confined_to_a_project());
        assert_eq!(caller.access(7.try_into().unwrap(), developer), EffectiveAccess::SignedIn(developer));
        assert_eq!(caller.access(8.try_into().unwrap(), developer), EffectiveAccess::OutOfReach);
        assert_eq!(caller.access_in_namespace(developer), EffectiveAccess::SignedIn(developer));
    }

    #[test]
    fn an_administrator_has_administrator_access_everywhere() {
        let caller = TokenFacts { administrator: true, ..facts() }
            .admit(AcceptedTokens::Any, at("2026-03-01T00:00:00Z"))
            .unwrap();
        assert_eq!(caller.access(8.try_into().unwrap(), None), EffectiveAccess::Administrator);
        assert!(!caller.is_confined_to_a_project());
    }
}
