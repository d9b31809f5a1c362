//! The URL of a link (docs/contract.md, "Link rules"): which texts are accepted, and why the others are rejected.
//!
//! The parser checks the text as sent, byte by byte. URL libraries repair what must be rejected here (they drop line
//! breaks, turn `\` into `/` and accept `http:x`), and normalise what must be kept.

use std::net::Ipv6Addr;

use crate::newtype::{is_blank, stored_newtype, text_newtype};

/// The location of an asset: an `http`, `https` or `ftp` URL, kept as sent except for surrounding ASCII white space.
///
/// The service never fetches or resolves it, so private addresses, user info and hosts in any script are harmless.
///
/// ```
/// use release_links_domain::link::{LinkUrl, LinkUrlError};
///
/// let url: LinkUrl = " https://files.example.com/hello world\n".parse()?;
/// assert_eq!(url.as_str(), "https://files.example.com/hello world");
/// assert_eq!(url.location(), "https://files.example.com/hello%20world");
/// assert_eq!("file:///etc/passwd".parse::<LinkUrl>(), Err(LinkUrlError::SchemeNotAllowed));
/// # Ok::<(), LinkUrlError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct LinkUrl(String);

/// Why a text is not a link URL: the first rule that it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkUrlError {
    /// Empty, or Unicode white space only.
    #[error("can't be blank")]
    Blank,
    /// More bytes than [`LinkUrl::MAX_BYTES`], after trimming.
    #[error("is too long (maximum is {max} characters)")]
    TooLong {
        /// The limit, in bytes.
        max: usize,
    },
    /// No scheme, or one not in [`LinkUrl::SCHEMES`].
    #[error("is blocked: Only allowed schemes are {}", LinkUrl::SCHEMES.join(", "))]
    SchemeNotAllowed,
    /// A character, port or structure that is not valid in a URI.
    #[error("is blocked: URI is invalid")]
    Malformed,
    /// The host is not an IP literal and does not begin with a letter or digit.
    #[error("is blocked: Hostname or IP address invalid")]
    HostNotAllowed,
}

impl LinkUrl {
    /// The longest URL, in bytes, after trimming.
    pub const MAX_BYTES: usize = 2048;
    /// The allowed schemes, compared without case.
    pub const SCHEMES: [&str; 3] = ["http", "https", "ftp"];

    fn check(raw: String) -> Result<String, LinkUrlError> {
        if is_blank(&raw) {
            return Err(LinkUrlError::Blank);
        }
        let url = raw.trim_matches(is_ascii_space);
        if url.len() > Self::MAX_BYTES {
            return Err(LinkUrlError::TooLong { max: Self::MAX_BYTES });
        }
        Self::check_stored(raw)
    }

    fn check_stored(raw: String) -> Result<String, LinkUrlError> {
        if is_blank(&raw) {
            return Err(LinkUrlError::Blank);
        }
        let url = raw.trim_matches(is_ascii_space);
        let parts = Parts::of(url).ok_or(LinkUrlError::SchemeNotAllowed)?;
        if !Self::SCHEMES.iter().any(|allowed| parts.scheme.eq_ignore_ascii_case(allowed)) {
            return Err(LinkUrlError::SchemeNotAllowed);
        }
        if has_a_forbidden_character(url) || !parts.are_well_formed() {
            return Err(LinkUrlError::Malformed);
        }
        if !host_is_allowed(parts.host) {
            return Err(LinkUrlError::HostNotAllowed);
        }
        Ok(if url.len() == raw.len() { raw } else { url.to_owned() })
    }

    /// Returns the parts of this URL; always `Some`, since it was parsed.
    pub(super) fn parts(&self) -> Option<Parts<'_>> {
        Parts::of(&self.0)
    }
}

text_newtype!(LinkUrl, LinkUrlError);
stored_newtype!(LinkUrl, LinkUrlError);

/// Whether `c` is a tab, LF, VT, FF, CR or space; `char::is_ascii_whitespace` omits VT.
fn is_ascii_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ')
}

/// A URL split at its delimiters, each part as sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    /// Whether `//` follows the scheme.
    has_authority: bool,
    /// The text before the last `@` of the authority, if there is one.
    pub(super) user_info: Option<&'a str>,
    /// Includes the brackets of an IP literal.
    pub(super) host: &'a str,
    /// The text after the host: empty, or `:` and a port.
    pub(super) port: &'a str,
    /// Path, query and fragment.
    pub(super) tail: &'a str,
}

impl<'a> Parts<'a> {
    /// Returns `None` if there is no scheme.
    fn of(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_at(position(url, |b| b == b':'));
        let rest = rest.strip_prefix(':')?;
        let (has_authority, rest) = rest.strip_prefix("//").map_or((false, rest), |rest| (true, rest));
        let end = if has_authority { position(rest, |b| matches!(b, b'/' | b'?' | b'#')) } else { 0 };
        let (authority, tail) = rest.split_at(end);
        let (user_info, host_and_port) = match authority.bytes().rposition(|b| b == b'@') {
            Some(at) => (Some(&authority[..at]), &authority[at + 1..]),
            None => (None, authority),
        };
        let host_end = if host_and_port.starts_with('[') {
            host_and_port.find(']').map_or(host_and_port.len(), |bracket| bracket + 1)
        } else {
            position(host_and_port, |b| b == b':')
        };
        let (host, port) = host_and_port.split_at(host_end);
        Some(Self { scheme, has_authority, user_info, host, port, tail })
    }

    fn are_well_formed(&self) -> bool {
        let authority_is_clean = [self.user_info.unwrap_or_default(), self.host]
            .iter()
            .all(|part| !has_a_character_forbidden_in_authorities(part) && brackets_close(part));
        self.has_authority
            && !self.host.is_empty()
            && authority_is_clean
            && port_is_valid(self.port)
            && !self.injects_an_ftp_command()
    }

    /// Whether an FTP URL contains an escaped line break, which would end the FTP command and begin another.
    fn injects_an_ftp_command(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("ftp")
            && [self.tail, self.user_info.unwrap_or_default(), self.host].iter().any(|part| {
                let part = part.to_ascii_lowercase();
                part.contains("%0a") || part.contains("%0d")
            })
    }
}

/// Whether the URL contains a Unicode control character or a backslash.
fn has_a_forbidden_character(url: &str) -> bool {
    // Without an early exit the loop compares many bytes at once.
    let is_forbidden = |b: u8| b.is_ascii_control() || b == b'\\';
    url.bytes().fold(false, |found, b| found | is_forbidden(b)) || !url.is_ascii() && url.chars().any(char::is_control)
}

/// Whether a part of an authority contains white space or another character that only a path, query or fragment may
/// contain.
fn has_a_character_forbidden_in_authorities(part: &str) -> bool {
    let is_forbidden = |b: u8| matches!(b, b'\t'..=b'\r' | b' ' | b'<' | b'>' | b'{' | b'}' | b'^' | b'|' | b'"');
    part.bytes().any(is_forbidden) || !part.is_ascii() && part.chars().any(char::is_whitespace)
}

/// Returns where the first byte that is `wanted` stands, or the length. Every URL that is read from storage is searched anew,
/// and bytes are cheaper to search than characters.
fn position(text: &str, wanted: impl Fn(u8) -> bool) -> usize {
    text.bytes().position(wanted).unwrap_or(text.len())
}

fn brackets_close(part: &str) -> bool {
    part.bytes().rposition(|b| b == b'[').is_none_or(|open| part[open..].contains(']'))
}

/// Whether the port is empty, a lone colon, or a colon and a number up to 65535.
fn port_is_valid(port: &str) -> bool {
    match port.strip_prefix(':') {
        None => port.is_empty(),
        Some("") => true,
        // `u16::from_str` alone would accept a plus sign.
        Some(digits) => digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok(),
    }
}

pub(super) fn host_is_allowed(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(literal) => literal.parse::<Ipv6Addr>().is_ok(),
        None => host.starts_with(char::is_alphanumeric),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stored;
    use proptest::prelude::*;

    fn refusal(raw: &str) -> Option<LinkUrlError> {
        raw.parse::<LinkUrl>().err()
    }

    #[test]
    fn valid_urls_are_accepted_as_sent() {
        for url in [
            "http://a",
            "https://example.com/a/b?c=d#e",
            "ftp://user:pass@host:21/f",
            "HTTP://EXAMPLE.COM",
            "hTTps://x/y",
            "http://127.0.0.1:80/",
            "http://10.0.0.1",
            "http://localhost:3000",
            "http://[::1]:8080/x",
            "https://[2001:db8::1]",
            "http://bücher.example/ä",
            "http://例え.テスト/",
            "http://٣.example",
            "http://a:/",
            "http://a:0",
            "http://a:65535",
            "http://a:00080/",
            "http://a/b c",
            "http://a/<>{}|^\"",
            "http://a?x y",
            "http://a/[x",
            "http://a#f#g",
            "http://a/-/releases/%zz",
            "http://u@v@host/",
            "http://a/%0a",
            "http://a/%0A%0D",
            "ftp://a/%0b",
            "http://a_b.example/",
            "http://127.0.0.1:0",
            "http://10.0.0.1:65535/x",
            "http://169.254.169.254/latest",
            "http://user:p%40ss@host.example/x",
            "http://a/<b>{c}|\"^`",
            "http://a?x=[1]&y#z#",
            "http://9a",
            "http://a.",
            "http://a/",
            "http://A/",
            "http://a/..//./b",
            "http://a/\u{a0}",
        ] {
            assert_eq!(url.parse::<LinkUrl>().map(String::from), Ok(url.to_owned()));
        }
    }

    #[test]
    fn ascii_white_space_around_a_url_is_trimmed() {
        let url: LinkUrl = "\t\n\u{b}\u{c}\r http://a/b \n".parse().unwrap();
        assert_eq!(url.as_str(), "http://a/b");
    }

    #[test]
    fn a_url_of_unicode_white_space_is_blank() {
        for raw in ["", "  ", "\n\t", " \t\r\n", "\u{a0}", "\u{3000}", "\u{a0} \u{2003}"] {
            assert_eq!(refusal(raw), Some(LinkUrlError::Blank), "{raw:?}");
        }
    }

    #[test]
    fn the_limit_counts_bytes_after_trimming() {
        let url = format!("http://a/{}", "x".repeat(LinkUrl::MAX_BYTES - 9));
        assert_eq!(refusal(&format!("  {url}  ")), None);
        assert_eq!(refusal(&format!("{url}x")), Some(LinkUrlError::TooLong { max: 2048 }));
        // The length is reported before any other fault.
        assert_eq!(refusal(&"x".repeat(2049)), Some(LinkUrlError::TooLong { max: 2048 }));
        assert_eq!(refusal(&"é".repeat(1025)), Some(LinkUrlError::TooLong { max: 2048 }));
        assert_eq!(refusal(&format!("http://a/{}", "é".repeat(1020))), Some(LinkUrlError::TooLong { max: 2048 }));
    }

    #[test]
    fn a_stored_url_may_have_any_length_but_needs_an_allowed_scheme() {
        let long = format!("http://a/{}", "x".repeat(LinkUrl::MAX_BYTES));
        assert_eq!(LinkUrl::from_stored(long.clone()).map(String::from), Ok(long));
        assert_eq!(LinkUrl::from_stored("file:///x".to_owned()), Err(LinkUrlError::SchemeNotAllowed));
        assert_eq!(LinkUrl::from_stored(" ".to_owned()), Err(LinkUrlError::Blank));
    }

    #[test]
    fn a_missing_or_unknown_scheme_is_reported_before_any_other_fault() {
        for raw in [
            "example.com",
            "//a/b",
            "/a",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "gopher://a\\",
            "httpx://a",
            "ht tp://a",
            ":",
            "://a",
            "a",
            "a/b",
            "a.example:80",
            "ssh://a",
            "data:,x",
            "http//a",
            "\u{a0}http://a",
            "http\u{1}://a",
            "gopher:\\a b",
            "javascript://-a b\\",
        ] {
            assert_eq!(refusal(raw), Some(LinkUrlError::SchemeNotAllowed), "{raw:?}");
        }
    }

    #[test]
    fn a_url_that_is_not_a_valid_uri_is_rejected() {
        for raw in [
            "http://",
            "http:x",
            "http:/x",
            "http:///x",
            "http://?x",
            "http://#x",
            "http://:80",
            "http://u@/x",
            "http:",
            "http://a\\b",
            "http://a/\\",
            "http://a/\u{1}",
            "http://a/\u{7f}",
            "http://a/\u{85}",
            "http://a/x\ny",
            "http://a\tb",
            "http://a b/",
            "http://a\u{a0}b/",
            "http://a<b",
            "http://a>b",
            "http://a{b",
            "http://a}b",
            "http://a^b",
            "http://a|b",
            "http://a\"b",
            "http://u|@a",
            "http://a\u{3000}b",
            "http://<a>",
            "http://u ser@a",
            "http://a:x",
            "http://a:8 0",
            "http://-a/\\",
            "http://-a:99999",
            "http://[::1",
            "http://[::1/x",
            "http://[::1/a]",
            "http://a[b",
            "http://[::1]x",
            "http://[@a",
            "http://a:65536",
            "http://a:-1",
            "http://a:8x",
            "http://a: 80",
            "http://a:b:80",
            "http://::1/",
            "http://a:99999999999999999999",
            "ftp://a/%0A",
            "ftp://a/%0d",
            "FTP://a/x%0D%0a",
            "ftp://u%0a@a/",
        ] {
            assert_eq!(refusal(raw), Some(LinkUrlError::Malformed), "{raw:?}");
        }
    }

    #[test]
    fn a_host_is_an_ip_literal_or_begins_with_a_letter_or_digit() {
        for raw in [
            "http://-a",
            "http://.a",
            "http://_a",
            "http://%41",
            "http://%61",
            "http://u@-a:80/x",
            "http://[x]",
            "http://[1:2]",
            "http://[]",
            "http://[127.0.0.1]",
            "http://[fe80::1%25eth0]",
            "http://*",
            "http://😀/",
            "http://$a",
        ] {
            assert_eq!(refusal(raw), Some(LinkUrlError::HostNotAllowed), "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(raw in any::<String>()) {
            let _ = raw.parse::<LinkUrl>();
        }

        #[test]
        fn an_authority_is_rejected_or_has_a_host(authority in "[-a-z0-9@:\\[\\]%.é<]{0,12}", tail in "([/?#][/?#%a-z\\[]{0,6})?") {
            let raw = format!("ftp://{authority}{tail}");
            if let Ok(url) = raw.parse::<LinkUrl>() {
                prop_assert_eq!(url.as_str(), raw);
                prop_assert!(authority.contains(|c: char| c == '[' || c.is_alphanumeric()), "no host");
            }
        }

        #[test]
        fn an_accepted_url_parses_to_itself(raw in "([hH][tT][tT][pP][sS]?|[fF][tT][pP])://[a-z0-9][-a-z0-9.]{0,9}(:[0-9]{0,4})?(/[ -~&&[^\\\\]]{0,9})?") {
            let once: LinkUrl = raw.parse()?;
            let again: LinkUrl = once.as_str().parse()?;
            prop_assert_eq!(once, again);
        }
    }
}
