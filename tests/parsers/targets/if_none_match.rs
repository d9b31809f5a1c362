//! `If-None-Match`, compared weakly (RFC 9110 sections 8.8.3 and 13.1.2).

#![no_main]

use libfuzzer_sys::fuzz_target;
use release_links_http::fuzzing;

/// Stands for the opaque text of the answer's tag in the input.
const PLACEHOLDER: u8 = b'T';

fuzz_target!(|input: &[u8]| {
    let (is_known, tag) = fuzzing::if_none_match(&[]).expect("an answer");
    assert!(!is_known, "304 without a condition");
    let opaque = tag.strip_prefix("W/").unwrap_or(&tag).trim_matches('"').as_bytes();
    let filled: Vec<Vec<u8>> = input
        .split(|byte| *byte == b'\n')
        .map(|line| line.iter().flat_map(|byte| if *byte == PLACEHOLDER { opaque } else { std::slice::from_ref(byte) }))
        .map(|line| line.copied().collect())
        .collect();
    let lines: Vec<&[u8]> = filled.iter().map(Vec::as_slice).collect();
    let Some((is_known, same_tag)) = fuzzing::if_none_match(&lines) else { return };
    assert_eq!(same_tag, tag);

    if lines.iter().any(|line| !line.is_ascii()) {
        // actix-web ignores the condition.
        assert!(!is_known || lines[0].trim_ascii() == b"*");
    } else if let Some(names) = names_of_all(&lines, opaque) {
        assert_eq!(is_known, names);
    } else if is_known {
        let quoted = [b"\"", opaque, b"\""].concat();
        let is_named =
            |line: &&[u8]| line.trim_ascii() == b"*" || line.windows(quoted.len()).any(|part| part == quoted);
        assert!(lines.iter().any(is_named), "304 for a tag that is not there");
    }
});

/// Whether the lines together name the tag; `None` if they are not what RFC 9110 defines, for which it defines no meaning.
fn names_of_all(lines: &[&[u8]], opaque: &[u8]) -> Option<bool> {
    let has_star = lines.iter().any(|line| line.trim_ascii() == b"*");
    if has_star && lines.len() > 1 {
        return None;
    }
    let names = lines.iter().map(|line| names(line, opaque)).collect::<Option<Vec<bool>>>()?;
    Some(names.contains(&true))
}

/// Whether a line names the tag; `None` if it is not what RFC 9110 defines, for which it defines no meaning.
fn names(line: &[u8], opaque: &[u8]) -> Option<bool> {
    let mut rest = line.trim_ascii();
    if rest == b"*" {
        return Some(true);
    }
    let mut is_named = false;
    while !rest.is_empty() {
        // A list may have empty elements.
        if let Some(after) = rest.strip_prefix(b",") {
            rest = after.trim_ascii_start();
            continue;
        }
        let quoted = rest.strip_prefix(b"W/").unwrap_or(rest).strip_prefix(b"\"")?;
        let end = quoted.iter().position(|byte| !matches!(byte, 0x21 | 0x23..=0x7e))?;
        is_named |= &quoted[..end] == opaque;
        rest = quoted[end..].strip_prefix(b"\"")?.trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return None;
        }
    }
    Some(is_named)
}
