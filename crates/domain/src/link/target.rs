//! The target of a redirect to a link: its URL as a valid URI (docs/contract.md, "Permanent links", RFC 3986).

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::LinkUrl;
use super::url::host_is_allowed;

/// The characters that no part of a URI may contain. `%` is handled separately, as it may begin an escape.
const INVALID: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'[')
    .add(b']')
    .add(b'#');
const USER_INFO: &AsciiSet = &INVALID.add(b'@').add(b'/').add(b'?');
const REG_NAME: &AsciiSet = &USER_INFO.add(b':');

impl LinkUrl {
    /// Returns this URL as a valid URI: an internationalised host in punycode, and every byte that a URI must not
    /// contain percent-encoded. Existing escapes are kept. A host with `%` has no punycode.
    #[must_use]
    pub fn location(&self) -> String {
        let Some(parts) = self.parts() else { return String::new() };
        // Most URLs need only a few escapes.
        let mut location = String::with_capacity(self.as_str().len() + 16);
        location.push_str(parts.scheme);
        location.push_str("://");
        if let Some(user_info) = parts.user_info {
            encode(user_info, USER_INFO, &mut location);
            location.push('@');
        }
        push_host(parts.host, &mut location);
        location.push_str(parts.port);
        match parts.tail.split_once('#') {
            None => encode(parts.tail, INVALID, &mut location),
            Some((path_and_query, fragment)) => {
                encode(path_and_query, INVALID, &mut location);
                location.push('#');
                encode(fragment, INVALID, &mut location);
            }
        }
        location
    }
}

/// Percent-encodes every byte of a raw path, or path and query, that a URI must not contain.
pub(crate) fn encode_where_invalid(raw: &str) -> String {
    let mut valid = String::with_capacity(raw.len());
    encode(raw, INVALID, &mut valid);
    valid
}

fn push_host(host: &str, out: &mut String) {
    if host.starts_with('[') {
        out.push_str(host);
    } else if host.is_ascii() {
        encode(host, REG_NAME, out);
    } else {
        match idna::domain_to_ascii(host) {
            Ok(ascii) if host_is_allowed(&ascii) && !ascii.contains('%') => encode(&ascii, REG_NAME, out),
            // IDNA rejects the name or leaves nothing of it that is a host, but RFC 3986 allows percent-encoded UTF-8 in a
            // registered name. Names with `%` also come here, because IDNA moves and maps characters, which can make an
            // escape that was not there: of a line break, for example.
            Ok(_) | Err(_) => encode(host, REG_NAME, out),
        }
    }
}

fn encode(part: &str, forbidden: &'static AsciiSet, out: &mut String) {
    for (index, piece) in part.split('%').enumerate() {
        if index > 0 {
            let is_escape = piece.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
            out.push_str(if is_escape { "%" } else { "%25" });
        }
        out.extend(utf8_percent_encode(piece, forbidden));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::LinkUrlError;
    use proptest::prelude::*;

    fn location(url: &str) -> String {
        url.parse::<LinkUrl>().unwrap().location()
    }

    #[test]
    fn a_location_keeps_the_characters_that_a_uri_allows() {
        for url in [
            "http://a",
            "HTTPS://u:p@A.example:8080/a%20b/%C3%A9?c=d&e=/?#f/?",
            "ftp://[::1]:21/x;type=i",
            "http://a/!$&'()*+,;=:@-._~",
        ] {
            assert_eq!(location(url), url);
        }
    }

    #[test]
    fn a_location_encodes_the_characters_that_a_uri_forbids() {
        for (url, expected) in [
            ("http://a/b c", "http://a/b%20c"),
            ("http://a/é?ü#ö", "http://a/%C3%A9?%C3%BC#%C3%B6"),
            ("http://a/%zz%4%", "http://a/%25zz%254%25"),
            ("http://a/<>\"{}|^`", "http://a/%3C%3E%22%7B%7D%7C%5E%60"),
            ("http://a/[x]?[y]#[z]", "http://a/%5Bx%5D?%5By%5D#%5Bz%5D"),
            ("http://a/b#c#d", "http://a/b#c%23d"),
            ("http://u@v@host/", "http://u%40v@host/"),
            ("http://a]b/", "http://a%5Db/"),
        ] {
            assert_eq!(location(url), expected);
        }
    }

    #[test]
    fn a_location_has_an_internationalised_host_in_punycode() {
        assert_eq!(location("http://bücher.example/ä"), "http://xn--bcher-kva.example/%C3%A4");
        assert_eq!(location("http://例え.テスト:81/"), "http://xn--r8jz45g.xn--zckzah:81/");
        assert_eq!(location("http://a\u{fffd}b/"), "http://a%EF%BF%BDb/");
    }

    #[test]
    fn a_location_keeps_a_host_of_which_punycode_leaves_no_host() {
        assert_eq!(location("http://\u{3164}/a"), "http://%E3%85%A4/a");
        assert_eq!(location("http://\u{ffa0}-a:80/"), "http://%EF%BE%A0-a:80/");
    }

    #[test]
    fn punycode_makes_no_escape_that_was_not_there() {
        assert_eq!(location("ftp://t.ex%%ü0d0a/"), "ftp://t.ex%25%25%C3%BC0d0a/");
        assert_eq!(location("ftp://ex\u{ff05}0d\u{ff05}0a/"), "ftp://ex%EF%BC%850d%EF%BC%850a/");
    }

    proptest! {
        #[test]
        fn the_location_of_a_location_is_itself(host in "[a-zé\u{3164}][-a-zé0-9%_:@\\[\\]]{0,8}", tail in "(/[^\\p{Cc}\\\\]{0,20})?") {
            if let Ok(url) = format!("http://{host}{tail}").parse::<LinkUrl>() {
                let location = url.location();
                match location.parse::<LinkUrl>() {
                    Ok(again) => prop_assert_eq!(again.location(), location),
                    // A percent-encoded host does not begin with a letter.
                    Err(error) => prop_assert_eq!(error, LinkUrlError::HostNotAllowed),
                }
            }
        }

        #[test]
        fn a_location_contains_only_bytes_that_a_uri_allows(host in "[a-zé0-9][-a-zé0-9%_\\[\\]]{0,8}", tail in "(/[^\\p{Cc}\\\\]{0,20})?") {
            let raw = format!("http://{host}{tail}");
            if let Ok(url) = raw.parse::<LinkUrl>() {
                let location = url.location();
                let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
                prop_assert!(location.bytes().all(allowed), "{location}");
                prop_assert!(location.matches('#').count() <= 1);
                prop_assert!(location.split('%').skip(1).all(|s| s.len() >= 2 && s.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit)));
            }
        }
    }
}
