//! Which kinds of token are accepted where they are presented (docs/contract.md, "Credentials").

use super::TokenKind;

/// The kinds of token that are accepted where a token was presented.
///
/// ```
/// use release_links_domain::token::{AcceptedTokens, TokenKind};
///
/// assert!(AcceptedTokens::Any.include(TokenKind::Personal));
/// assert!(!AcceptedTokens::Job.include(TokenKind::Personal));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptedTokens {
    /// Personal and project access tokens.
    Access,
    /// Tokens of every kind.
    Any,
    /// Job tokens.
    Job,
}

impl AcceptedTokens {
    /// Whether tokens of this kind are accepted.
    #[must_use]
    pub const fn include(self, kind: TokenKind) -> bool {
        match kind {
            TokenKind::Personal | TokenKind::Project { .. } => matches!(self, Self::Access | Self::Any),
            TokenKind::Job { .. } => matches!(self, Self::Job | Self::Any),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_token_is_accepted_only_where_its_kind_is() {
        let project = 1.try_into().unwrap();
        let job = TokenKind::Job { project, ends_at: Timestamp::MAX };
        for (kind, expected) in [
            (TokenKind::Personal, [true, true, false]),
            (TokenKind::Project { project }, [true, true, false]),
            (job, [false, true, true]),
        ] {
            let accepted = [AcceptedTokens::Access, AcceptedTokens::Any, AcceptedTokens::Job];
            assert_eq!(accepted.map(|accepted| accepted.include(kind)), expected, "{kind:?}");
        }
    }
}
