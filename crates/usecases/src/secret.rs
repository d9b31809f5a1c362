//! Secrets: tokens in plain text, generated here and shown once.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use release_links_ports::{Entropy, EntropyError, TokenDigest};
use sha2::{Digest, Sha256};

/// A token in plain text. `Debug` does not print it, and storage only gets its digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The prefix of personal and project access tokens.
    pub const TOKEN_PREFIX: &str = "glpat-";
    /// The prefix of job tokens.
    pub const JOB_PREFIX: &str = "glcbt-";
    /// The number of random bytes in a token: 192 bits, which base64 encodes without padding.
    const RANDOM_BYTES: usize = 24;

    /// Generates a token that begins with `prefix`.
    ///
    /// # Errors
    /// Returns [`EntropyError`] if the system fails to provide random bytes.
    pub(crate) fn generate(entropy: &dyn Entropy, prefix: &str) -> Result<Self, EntropyError> {
        let mut bytes = [0; Self::RANDOM_BYTES];
        entropy.fill(&mut bytes)?;
        Ok(Self(format!("{prefix}{}", BASE64URL_NOPAD.encode(&bytes))))
    }

    /// Returns the digest that storage looks the token up by.
    #[must_use]
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(Sha256::digest(&self.0).into())
    }

    /// Returns the token in plain text, for the one response that contains it.
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
    fn debug_output_does_not_contain_the_secret() {
        let secret = Secret::from("glpat-abc".to_owned());
        assert!(!format!("{secret:?} {:?}", secret.digest()).contains("abc"));
    }

    #[test]
    fn a_token_contains_every_random_byte() {
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
