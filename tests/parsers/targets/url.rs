//! The URL of a link, and the target of the redirect to it (docs/contract.md, "Link rules" and "Permanent links").

#![no_main]

use libfuzzer_sys::fuzz_target;
use release_links_domain::Stored;
use release_links_domain::link::{LinkUrl, LinkUrlError};

fuzz_target!(|raw: &str| {
    let trimmed = raw.trim_matches(|c| matches!(c, '\t'..='\r' | ' '));
    let parsed = raw.parse::<LinkUrl>();
    let is_too_long = parsed == Err(LinkUrlError::TooLong { max: LinkUrl::MAX_BYTES });
    assert_eq!(parsed == Err(LinkUrlError::Blank), raw.trim().is_empty());
    assert_eq!(is_too_long, !raw.trim().is_empty() && trimmed.len() > LinkUrl::MAX_BYTES);
    let stored = LinkUrl::from_stored(raw.to_owned());
    if !is_too_long {
        assert_eq!(stored, parsed);
    }
    let Ok(url) = stored else { return };
    assert_eq!(url.as_str(), trimmed);
    assert_eq!(LinkUrl::from_stored(trimmed.to_owned()).as_ref(), Ok(&url));
    assert!(!trimmed.contains(|c: char| c.is_control() || c == '\\'));
    let (scheme, rest) = trimmed.split_once("://").expect("an accepted URL has an authority");
    assert!(LinkUrl::SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()));
    assert!(!rest.starts_with(['/', '?', '#']));
    check_location(&url, scheme);
});

fn check_location(url: &LinkUrl, scheme: &str) {
    let location = url.location();
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
    assert!(location.bytes().all(is_allowed), "{location}");
    assert!(location.matches('#').count() <= 1, "{location}");
    let is_escape = |rest: &str| rest.len() >= 2 && rest.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
    assert!(location.split('%').skip(1).all(is_escape), "{location}");

    let rest = location.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")).expect("the scheme is kept");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    assert!(authority.matches('@').count() <= 1, "{location}");
    let host = authority.rsplit('@').next().unwrap_or_default();
    assert!(!host.is_empty() && !host.starts_with(':'), "the host is lost: {location}");

    match LinkUrl::from_stored(location.clone()) {
        Ok(again) => assert_eq!(again.location(), location),
        // A host that IDNA rejects is percent-encoded, and then does not begin with a letter.
        Err(error) => assert!(error == LinkUrlError::HostNotAllowed && host.starts_with('%'), "{location}"),
    }
}
