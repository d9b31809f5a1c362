//! When a token counts as revoked (docs/contract.md, "Credentials").

use super::TokenKind;
use crate::access::AccessLevel;

impl TokenKind {
    /// Whether a token of this kind counts as revoked. A project token is also revoked when its bot is no longer a
    /// member of the project; `bot` is the bot's level there.
    ///
    /// ```
    /// use release_links_domain::token::TokenKind;
    ///
    /// let of_project = TokenKind::Project { project: 7.try_into()? };
    /// assert!(of_project.is_revoked(false, None));
    /// assert!(!TokenKind::Personal.is_revoked(false, None));
    /// # Ok::<(), release_links_domain::IdError>(())
    /// ```
    #[must_use]
    pub const fn is_revoked(self, revoked: bool, bot: Option<AccessLevel>) -> bool {
        revoked || (matches!(self, Self::Project { .. }) && bot.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revoked_token_stays_revoked_even_if_its_bot_is_a_member() {
        let project = 7.try_into().unwrap();
        let member = Some(AccessLevel::Developer);
        for kind in [TokenKind::Personal, TokenKind::Project { project }] {
            assert!(kind.is_revoked(true, member), "{kind:?}");
            assert!(!kind.is_revoked(false, member), "{kind:?}");
        }
    }
}
