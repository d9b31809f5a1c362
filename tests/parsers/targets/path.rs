//! Paths of requests (docs/contract.md, "Link endpoints"): split at raw slashes, each segment decoded once.

#![no_main]

use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use release_links_http::fuzzing;
use release_links_parsers::decode;

fuzz_target!(|raw: &str| {
    let segments = fuzzing::path(raw);
    let expected: Option<Vec<String>> = raw.split('/').map(|segment| decode(segment.as_bytes(), false)).collect();
    assert_eq!(segments, expected);
    let Some(segments) = segments else { return };
    let encode = |segment: &String| utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string();
    let encoded: Vec<String> = segments.iter().map(encode).collect();
    assert_eq!(fuzzing::path(&encoded.join("/")), Some(segments));
});
