//! `If-Match` of a write, compared strongly (RFC 9110 sections 8.8.3 and 13.1.1).

#![no_main]

use libfuzzer_sys::fuzz_target;
use release_links_http::fuzzing;

const CURRENT: &[u8] = b"T";

fuzz_target!(|value: &[u8]| {
    // A header's value has no control characters; white space around it is not part of it.
    if value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
        return;
    }
    assert_eq!(fuzzing::if_match(value, CURRENT), names(value));
});

/// Whether a value names the current tag; `None` if it is malformed or empty. Quotes cut the value into what is outside of tags
/// and what is inside, in turns.
fn names(value: &[u8]) -> Option<bool> {
    if value.trim_ascii() == b"*" {
        return Some(true);
    }
    let pieces: Vec<&[u8]> = value.split(|byte| *byte == b'"').collect();
    let tags = pieces.len() / 2;
    if tags == 0 || pieces.len() % 2 == 0 {
        return None;
    }
    let mut is_named = false;
    for tag in 0..tags {
        let (before, opaque) = (pieces[2 * tag], pieces[2 * tag + 1]);
        let is_weak = before.ends_with(b"W/");
        let before = before.strip_suffix(b"W/").unwrap_or(before);
        separates(before, tag > 0)?;
        if opaque.iter().any(|byte| matches!(byte, b' ' | b'\t')) {
            return None;
        }
        is_named |= !is_weak && opaque == CURRENT;
    }
    separates(pieces[2 * tags], false)?;
    Some(is_named)
}

/// Whether a text has nothing but commas and white space, and a comma where one is needed.
fn separates(text: &[u8], needs_comma: bool) -> Option<()> {
    let is_blank = text.iter().all(|byte| matches!(byte, b',' | b' ' | b'\t'));
    (is_blank && (!needs_comma || text.contains(&b','))).then_some(())
}
