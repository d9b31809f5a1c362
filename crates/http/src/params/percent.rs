//! Percent-decoding that refuses what it cannot decode exactly.

use super::{Malformed, checked_text};

/// Decodes every escape of `raw` once, and nothing else.
pub(super) fn decode(raw: &[u8]) -> Result<String, Malformed> {
    if !raw.contains(&b'%') {
        return checked_text(raw.to_vec());
    }
    // The crate copies a broken escape unchanged, so check for it first.
    let broken = raw.iter().enumerate().any(|(at, byte)| {
        *byte == b'%' && !matches!(raw.get(at + 1..at + 3), Some(digits) if digits.iter().all(u8::is_ascii_hexdigit))
    });
    if broken {
        return Err(Malformed::Percent);
    }
    checked_text(percent_encoding::percent_decode(raw).collect())
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_escape_without_two_hexadecimal_digits_is_malformed() {
        for raw in ["%", "a%", "%a", "%zz", "%4g", "%%41", "%+1", "100%"] {
            assert_eq!(decode(raw.as_bytes()), Err(Malformed::Percent), "{raw}");
        }
    }

    #[test]
    fn digits_of_an_escape_may_be_in_either_case() {
        assert_eq!(decode(b"%c3%A9%2f%2F").unwrap(), "é//");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_malformed_raw_and_escaped() {
        for raw in [&b"\xff"[..], b"%ff", b"%C3", b"%ED%A0%80", b"%C0%80"] {
            assert_eq!(decode(raw), Err(Malformed::Utf8));
        }
    }

    #[test]
    fn a_nul_is_malformed_raw_and_escaped() {
        assert_eq!(decode(b"a\0b"), Err(Malformed::Nul));
        assert_eq!(decode(b"a%00b"), Err(Malformed::Nul));
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in "[^\0]*") {
            let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
            prop_assert_eq!(decode(encoded.as_bytes()).unwrap(), text);
        }

        #[test]
        fn text_without_escapes_is_left_alone(text in "[^\0%]*") {
            prop_assert_eq!(decode(text.as_bytes()).unwrap(), text);
        }

        #[test]
        fn any_bytes_are_decoded_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(text) = decode(&raw) {
                prop_assert!(!text.contains('\0'));
                prop_assert!(text.len() <= raw.len());
            }
        }
    }
}
