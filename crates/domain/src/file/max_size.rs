//! How large a file may be.

use crate::link::AssetSize;

/// The most bytes that a file may have.
///
/// ```
/// use release_links_domain::file::{MaxFileSize, MaxFileSizeError};
///
/// let most = MaxFileSize::try_from(1_000)?;
/// assert!(most.allows(1_000) && !most.allows(1_001));
/// assert_eq!(MaxFileSize::try_from(0), Err(MaxFileSizeError));
/// # Ok::<(), MaxFileSizeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxFileSize(u64);

/// The value is not a number of bytes from 1 to [`MaxFileSize::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a number of bytes from 1 to {max}", max = MaxFileSize::MAX.0)]
pub struct MaxFileSizeError;

impl MaxFileSize {
    /// 5 GiB, as GitLab's default.
    pub const DEFAULT: Self = Self(5 * 1024 * 1024 * 1024);

    /// The highest limit: no file can be larger than what a link can say of its asset.
    pub const MAX: Self = Self(AssetSize::MAX.unsigned_abs());

    /// Returns the number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// Whether a file may have so many bytes.
    #[must_use]
    pub const fn allows(self, bytes: u64) -> bool {
        bytes <= self.0
    }
}

impl Default for MaxFileSize {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<u64> for MaxFileSize {
    type Error = MaxFileSizeError;

    fn try_from(bytes: u64) -> Result<Self, MaxFileSizeError> {
        if (1..=Self::MAX.0).contains(&bytes) { Ok(Self(bytes)) } else { Err(MaxFileSizeError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_from_one_byte_to_the_largest_size_of_an_asset() {
        let most = MaxFileSize::MAX.bytes();
        assert_eq!(i64::try_from(most), Ok(AssetSize::MAX));
        assert_eq!(MaxFileSize::try_from(1).map(MaxFileSize::bytes), Ok(1));
        assert_eq!(MaxFileSize::try_from(most).map(MaxFileSize::bytes), Ok(most));
        for bytes in [0, most + 1, u64::MAX] {
            assert_eq!(MaxFileSize::try_from(bytes), Err(MaxFileSizeError));
        }
    }
}
