//! The size of an asset (docs/contract.md, "Digests").

use std::str::FromStr;

/// How many bytes the asset behind a link has.
///
/// ```
/// use release_links_domain::link::{AssetSize, AssetSizeError};
///
/// assert_eq!("1024".parse::<AssetSize>()?.bytes(), 1024);
/// assert_eq!("1 KiB".parse::<AssetSize>(), Err(AssetSizeError));
/// # Ok::<(), AssetSizeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "i64", try_from = "i64"))]
pub struct AssetSize(i64);

/// The value is not a number of bytes from 0 to [`AssetSize::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is invalid")]
pub struct AssetSizeError;

impl AssetSize {
    /// The largest size in bytes: 2^53 - 1, the largest integer that every JSON parser reads exactly.
    pub const MAX: i64 = 9_007_199_254_740_991;

    /// Returns the number of bytes.
    #[must_use]
    pub const fn bytes(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for AssetSize {
    type Error = AssetSizeError;

    fn try_from(bytes: i64) -> Result<Self, AssetSizeError> {
        if (0..=Self::MAX).contains(&bytes) { Ok(Self(bytes)) } else { Err(AssetSizeError) }
    }
}

impl From<AssetSize> for i64 {
    fn from(size: AssetSize) -> Self {
        size.0
    }
}

impl FromStr for AssetSize {
    type Err = AssetSizeError;

    fn from_str(digits: &str) -> Result<Self, AssetSizeError> {
        // The parser of integers also accepts a sign.
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AssetSizeError);
        }
        digits.parse::<i64>().map_err(|_| AssetSizeError).and_then(Self::try_from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_in_decimal_digits_up_to_the_largest_that_json_keeps() {
        for (text, bytes) in [("0", 0), ("007", 7), ("9007199254740991", AssetSize::MAX)] {
            assert_eq!(text.parse::<AssetSize>().map(AssetSize::bytes), Ok(bytes));
        }
        let texts = ["", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "1_000", "٣", "true"];
        for text in texts.into_iter().chain(["9007199254740992", "18446744073709551616"]) {
            assert_eq!(text.parse::<AssetSize>(), Err(AssetSizeError), "{text:?}");
        }
        assert_eq!(AssetSize::try_from(-1), Err(AssetSizeError));
    }
}
