//! What the bytes of a file hash to.

use super::hex::hex_newtype;
use crate::link::{AssetDigest, HashAlgorithm};

hex_newtype! {
    /// A SHA-256 digest, as 64 hex digits in lower case.
    ///
    /// ```
    /// use release_links_domain::file::{HexError, Sha256};
    ///
    /// assert_eq!(Sha256::from([0xab; 32]).as_str(), "ab".repeat(32));
    /// assert_eq!("AB".repeat(32).parse::<Sha256>(), Err(HexError(Sha256::DIGITS)));
    /// ```
    Sha256 of 32 bytes,
    /// A SHA-1 digest, as 40 hex digits in lower case.
    Sha1 of 20 bytes,
    /// An MD5 digest, as 32 hex digits in lower case.
    Md5 of 16 bytes,
}

/// What the bytes of a file hash to by each algorithm that clients ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigests {
    /// SHA-256, by which equal bytes are recognised.
    pub sha256: Sha256,
    /// SHA-1.
    pub sha1: Sha1,
    /// MD5.
    pub md5: Md5,
}

impl From<&Sha256> for AssetDigest {
    /// Returns the digest of a link to these bytes.
    fn from(sha256: &Sha256) -> Self {
        Self::of_hex(HashAlgorithm::Sha256, sha256.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::HexError;

    #[test]
    fn a_digest_is_exactly_as_many_hex_digits_in_lower_case_as_its_algorithm_has() {
        let digits = "0123456789abcdef".repeat(4);
        assert_eq!(digits[..32].parse::<Md5>().as_ref().map(Md5::as_str), Ok(&digits[..32]));
        assert_eq!(digits[..40].parse::<Sha1>().as_ref().map(Sha1::as_str), Ok(&digits[..40]));
        assert_eq!(digits.parse::<Sha256>().as_ref().map(Sha256::as_str), Ok(digits.as_str()));
        let (short, long) = (&digits[1..], format!("{digits}0"));
        let (upper, other, wide) = (digits.to_uppercase(), digits.replace('a', "g"), format!("{}é", &digits[2..]));
        for raw in ["", short, &long, &upper, &other, &wide] {
            assert_eq!(raw.parse::<Sha256>(), Err(HexError(64)), "{raw:?}");
        }
    }

    #[test]
    fn a_link_to_the_bytes_has_their_sha_256() {
        let digest = AssetDigest::from(&Sha256::from([0x1e; 32]));
        assert_eq!(format!("sha256:{}", "1e".repeat(32)).parse(), Ok(digest));
    }
}
