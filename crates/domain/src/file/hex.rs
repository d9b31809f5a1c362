//! What the types of hex digits share.

use std::fmt::Write as _;

/// The text is not as many hex digits, in lower case, as the type has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not {0} hex digits in lower case")]
pub struct HexError(pub usize);

/// Declares types of that many bytes as hex digits; each is created by its parser, or out of the bytes.
macro_rules! hex_newtype {
    ($($(#[$doc:meta])* $name:ident of $bytes:literal bytes),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The number of hex digits.
            pub const DIGITS: usize = 2 * $bytes;

            fn check(raw: String) -> Result<String, $crate::file::hex::HexError> {
                let is_hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                if raw.len() == Self::DIGITS && raw.bytes().all(is_hex) { Ok(raw) } else { Err($crate::file::hex::HexError(Self::DIGITS)) }
            }
        }

        $crate::newtype::text_newtype!($name, $crate::file::hex::HexError);

        impl From<[u8; $bytes]> for $name {
            fn from(bytes: [u8; $bytes]) -> Self {
                Self($crate::file::hex::hex(&bytes))
            }
        }
    )+};
}

pub(crate) use hex_newtype;

/// Returns two hex digits a byte, in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_two_digits() {
        assert_eq!(hex(&[0x00, 0x0f, 0xf0, 0xab]), "000ff0ab");
    }
}
