//! Acting as another user (docs/contract.md, "Credentials").

use crate::UserId;
use crate::token::{Bearer, Caller, Scope};

/// What storage knows about the user that a caller asks to act as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SudoUser {
    /// Which user.
    pub id: UserId,
    /// Whether that user is an administrator.
    pub administrator: bool,
    /// Whether that user is the bot of a project token.
    pub bot: bool,
}

/// Why a caller may not act as another user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SudoRefusal {
    /// The caller presents no token.
    #[error("not signed in")]
    NotSignedIn,
    /// The token is not an administrator's personal token.
    #[error("not an administrator")]
    NotAdministrator,
    /// The token lacks the scope.
    #[error("the token lacks the scope {}", Scope::Sudo)]
    InsufficientScope,
    /// There is no such user.
    #[error("no such user")]
    NoSuchUser,
}

impl Caller {
    /// Returns the caller as the user that they ask to act as, with the rights of that user alone. The scopes stay those
    /// of the token. `user` is `None` if there is no such user.
    ///
    /// # Errors
    /// Returns [`SudoRefusal`], in the order of its variants. A bot counts as no user: it acts only through its token.
    pub fn act_as(self, user: Option<SudoUser>) -> Result<Self, SudoRefusal> {
        let Self::Token(bearer) = self else { return Err(SudoRefusal::NotSignedIn) };
        if !bearer.administrator || !bearer.is_personal() {
            return Err(SudoRefusal::NotAdministrator);
        }
        if !bearer.scopes.contains(&Scope::Sudo) {
            return Err(SudoRefusal::InsufficientScope);
        }
        let user = user.filter(|user| !user.bot).ok_or(SudoRefusal::NoSuchUser)?;
        Ok(Self::Token(Bearer { user: user.id, administrator: user.administrator, ..bearer }))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::token::TokenKind;

    fn caller(kind: TokenKind, administrator: bool, scopes: &[Scope]) -> Caller {
        let (token, user) = (1.try_into().unwrap(), 2.try_into().unwrap());
        Caller::Token(Bearer { token, kind, user, administrator, scopes: scopes.to_vec() })
    }

    #[expect(clippy::unnecessary_wraps, reason = "the function under test takes an option")]
    fn user(administrator: bool, bot: bool) -> Option<SudoUser> {
        Some(SudoUser { id: 3.try_into().unwrap(), administrator, bot })
    }

    #[test]
    fn an_administrator_acts_with_the_rights_of_the_other_user_and_the_scopes_of_the_token() {
        let scopes = [Scope::ReadApi, Scope::Sudo];
        for administrator in [false, true] {
            let acting = caller(TokenKind::Personal, true, &scopes).act_as(user(administrator, false)).unwrap();
            let Caller::Token(bearer) = acting else { panic!("{acting:?}") };
            assert_eq!((bearer.user.get(), bearer.administrator, &bearer.scopes[..]), (3, administrator, &scopes[..]));
        }
    }

    #[test]
    fn whoever_may_not_act_as_another_is_refused_in_the_order_of_the_contract() {
        let (api, sudo) = ([Scope::Api], [Scope::Api, Scope::Sudo]);
        let project = 7.try_into().unwrap();
        let others = [TokenKind::Project { project }, TokenKind::Job { project, ends_at: Timestamp::MAX }];
        for (caller, user, expected) in [
            (Caller::Anonymous, None, SudoRefusal::NotSignedIn),
            (caller(TokenKind::Personal, false, &api), None, SudoRefusal::NotAdministrator),
            (caller(TokenKind::Personal, false, &sudo), user(false, false), SudoRefusal::NotAdministrator),
            (caller(others[0], true, &sudo), user(false, false), SudoRefusal::NotAdministrator),
            (caller(others[1], true, &sudo), user(false, false), SudoRefusal::NotAdministrator),
            (caller(TokenKind::Personal, true, &api), None, SudoRefusal::InsufficientScope),
            (caller(TokenKind::Personal, true, &sudo), None, SudoRefusal::NoSuchUser),
            (caller(TokenKind::Personal, true, &sudo), user(false, true), SudoRefusal::NoSuchUser),
        ] {
            assert_eq!(caller.clone().act_as(user), Err(expected), "{caller:?} {user:?}");
        }
    }
}
