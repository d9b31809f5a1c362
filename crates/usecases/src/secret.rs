//! Secrets: tokens as they travel, made here and shown once.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use release_links_ports::{Entropy, EntropyError, TokenDigest};
use sha2::{Digest, Sha256};

/// A token in clear. It cannot be printed by accident; only its digest is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What a personal or project access token begins with.
    pub const TOKEN_PREFIX: &str = "glpat-";
    /// What the token of a CI job begins with.
    pub const JOB_PREFIX: &str = "glcbt-";
    /// How many random bytes a token holds: 192 bits, a whole number of base64 characters.
    const RANDOM_BYTES: usize = 24;

    /// Makes a new token that begins with `prefix`.
    ///
    /// # Errors
    /// [`EntropyError`] when the system has no randomness.
    pub(crate) fn generate(entropy: &dyn Entropy, prefix: &str) -> Result<Self, EntropyError> {
        let mut bytes = [0; Self::RANDOM_BYTES];
        entropy.fill(&mut bytes)?;
        Ok(Self(format!("{prefix}{}", BASE64URL_NOPAD.encode(&bytes))))
    }

    /// The digest that storage knows it by.
    #[must_use]
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(Sha256::digest(&self.0).into())
    }

    /// The token itself, for the one answer that shows it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_links_ports::MockEntropy;

    #[test]
    fn a_secret_does_not_print_itself() {
        let secret = Secret::from("glpat-abc".to_owned());
        assert!(!format!("{secret:?} {:?}", secret.digest()).contains("abc"));
    }

    #[test]
    fn a_token_holds_every_random_byte_it_was_given() {
        let mut entropy = MockEntropy::new();
        entropy.expect_fill().returning(|bytes| {
            bytes.iter_mut().zip(0_u8..).for_each(|(byte, i)| *byte = i);
            Ok(())
        });
        let token = Secret::generate(&entropy, Secret::TOKEN_PREFIX).unwrap();
        let random = BASE64URL_NOPAD.decode(token.reveal().strip_prefix("glpat-").unwrap().as_bytes()).unwrap();
        assert_eq!(random, (0..24).collect::<Vec<u8>>());
    }
}
