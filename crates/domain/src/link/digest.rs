//! The digest of an asset (docs/contract.md, "Digests").

use crate::newtype::text_newtype;

/// What the bytes behind a link hash to: `sha256:` or `sha512:` and hex digits, in lower case.
///
/// ```
/// use release_links_domain::link::{AssetDigest, AssetDigestError, HashAlgorithm};
///
/// let digest: AssetDigest = format!("SHA256:{}", "AB".repeat(32)).parse()?;
/// assert_eq!(digest.hex(HashAlgorithm::Sha256), Some("ab".repeat(32).as_str()));
/// assert_eq!(digest.hex(HashAlgorithm::Sha512), None);
/// assert_eq!("sha256:ab".parse::<AssetDigest>(), Err(AssetDigestError));
/// # Ok::<(), AssetDigestError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct AssetDigest(String);

/// The text is not a digest of a known algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is invalid")]
pub struct AssetDigestError;

/// A hash algorithm whose digests links may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl HashAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];

    /// Returns what precedes the hex digits.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256:",
            Self::Sha512 => "sha512:",
        }
    }

    /// Returns the number of hex digits.
    const fn digits(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }
}

impl AssetDigest {
    /// The longest digest, in bytes.
    pub const MAX_BYTES: usize = HashAlgorithm::Sha512.prefix().len() + HashAlgorithm::Sha512.digits();

    fn check(mut raw: String) -> Result<String, AssetDigestError> {
        raw.make_ascii_lowercase();
        let is_digest = HashAlgorithm::ALL.into_iter().any(|algorithm| {
            let hex = raw.strip_prefix(algorithm.prefix());
            hex.is_some_and(|hex| hex.len() == algorithm.digits() && hex.bytes().all(|b| b.is_ascii_hexdigit()))
        });
        if is_digest { Ok(raw) } else { Err(AssetDigestError) }
    }

    /// Returns the digest of hex digits that are known to be what the algorithm requires, in lower case.
    pub(crate) fn of_hex(algorithm: HashAlgorithm, hex: &str) -> Self {
        Self(format!("{}{hex}", algorithm.prefix()))
    }

    /// Returns the hex digits if the digest is one of this algorithm.
    #[must_use]
    pub fn hex(&self, algorithm: HashAlgorithm) -> Option<&str> {
        self.0.strip_prefix(algorithm.prefix())
    }
}

text_newtype!(AssetDigest, AssetDigestError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_an_algorithm_and_as_many_hex_digits_as_it_has() {
        let (short, long) = ("0123456789abcdef".repeat(4), "0123456789abcdef".repeat(8));
        for digest in [format!("sha256:{short}"), format!("sha512:{long}")] {
            assert_eq!(digest.parse::<AssetDigest>().map(String::from), Ok(digest));
        }
        assert_eq!(format!("sha512:{long}").len(), AssetDigest::MAX_BYTES);
        for raw in [
            String::new(),
            short.clone(),
            format!("sha256:{long}"),
            format!("sha512:{short}"),
            format!("sha256:{}", &short[1..]),
            format!("sha256:{short}0"),
            format!("sha256:{}g", &short[1..]),
            format!("sha256: {}", &short[1..]),
            format!(" sha256:{short}"),
            format!("sha256:{short}\n"),
            format!("sha256{short}"),
            format!("sha1:{}", &short[24..]),
            format!("sha256:{}é", &short[2..]),
        ] {
            assert_eq!(raw.parse::<AssetDigest>(), Err(AssetDigestError), "{raw:?}");
        }
    }

    #[test]
    fn a_digest_is_kept_in_lower_case() {
        let digest: AssetDigest = format!("ShA512:{}", "aBcDeF09".repeat(16)).parse().unwrap();
        assert_eq!(digest.as_str(), format!("sha512:{}", "abcdef09".repeat(16)));
    }
}
