//! The version that a tag names (docs/contract.md, "Releases"): the order of keys is the precedence of versions.

#![no_main]

use libfuzzer_sys::fuzz_target;
use release_links_domain::version::VersionKey;
use semver::Version;

fuzz_target!(|input: &str| {
    let (one, other) = input.split_once('\n').unwrap_or((input, ""));
    let keys = [one, other].map(VersionKey::of);
    let versions = [one, other].map(version);
    assert_eq!(keys.each_ref().map(Option::is_some), versions.each_ref().map(Option::is_some));
    if let ([Some(key), Some(other_key)], [Some(version), Some(other_version)]) = (keys, versions) {
        assert_eq!(key.cmp(&other_key), version.cmp_precedence(&other_version));
    }
});

/// The longest version that ends a tag and has a separator or nothing before it.
fn version(tag: &str) -> Option<Version> {
    let mut pieces: Vec<&str> = vec![tag];
    let mut rest = tag;
    while let Some((_, after)) = rest.split_once(['/', '-', '_', '@']) {
        pieces.push(after);
        rest = after;
    }
    pieces.into_iter().find_map(|piece| {
        let text = if piece.starts_with(['v', 'V']) { &piece[1..] } else { piece };
        let version: Version = text.parse().ok()?;
        let numbers = [version.major, version.minor, version.patch].map(|number| number.to_string());
        let mut identifiers = numbers.iter().map(String::as_str).chain(version.pre.split('.'));
        (!identifiers.any(is_too_large)).then_some(version)
    })
}

/// Whether this is a number above 2⁶³ − 1; numbers have no leading zeros.
fn is_too_large(identifier: &str) -> bool {
    let is_number = identifier.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (identifier.len(), identifier) > (19, "9223372036854775807")
}
