//! Multipart bodies (docs/contract.md, "Link endpoints"). The first line of the input is the boundary, as sent.

#![no_main]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use libfuzzer_sys::fuzz_target;
use release_links_http::fuzzing;
use release_links_parsers::{FormField, check_limits, fields, form, with_allowance};
use serde_json::Value;

const BOUNDARY: &str = "ThisTextIsInNoValue";

fuzz_target!(|input: &[u8]| {
    let Some((parameters, rest)) = with_allowance(input) else { return };
    let Some(line_end) = rest.iter().position(|byte| *byte == b'\n') else { return };
    let content_type = [b"multipart/form-data; boundary=", &rest[..line_end]].concat();
    let body = &rest[line_end + 1..];
    let parsed = parse(&content_type, body, parameters);
    // An empty body has no parameters whatever the boundary.
    if !body.is_empty() {
        assert_eq!(
            parse(&content_type, &[body, b"\r\n"].concat(), parameters),
            parsed,
            "a line end makes a difference"
        );
    }
    let Some(params) = parsed else { return };
    check_limits(&params, parameters);
    check_verbatim(&params, body);
    let Some(fields) = fields(&params) else { return };
    assert_eq!(fuzzing::form(&form(&fields), parameters).as_ref(), Some(&params), "a form says something else");
    if let Some(body) = multipart(&fields) {
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        assert_eq!(parse(content_type.as_bytes(), &body, parameters), Some(params));
    }
});

fn parse(content_type: &[u8], body: &[u8], parameters: usize) -> Option<Value> {
    let mut parsing = pin!(fuzzing::multipart(content_type, body.to_vec(), parameters));
    loop {
        if let Poll::Ready(parsed) = parsing.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return parsed;
        }
    }
}

/// Asserts that every value stands in the body as it is: multipart has no escapes.
fn check_verbatim(value: &Value, body: &[u8]) {
    match value {
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => assert!(body.windows(text.len()).any(|part| part == text.as_bytes()), "{text:?}"),
        Value::Array(items) => items.iter().for_each(|item| check_verbatim(item, body)),
        Value::Object(members) => members.values().for_each(|member| check_verbatim(member, body)),
        _ => panic!("not a parameter of a multipart body: {value}"),
    }
}

/// Encodes fields as a multipart body, unless there are none, a name needs escapes or a value contains the boundary.
fn multipart(fields: &[FormField]) -> Option<Vec<u8>> {
    let part = |(name, value): &FormField| {
        let value = value.as_ref().filter(|value| !value.contains(BOUNDARY))?;
        let is_plain = !name.contains(|c: char| c.is_control() || c == '"' || c == '\\');
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
        is_plain.then(|| format!("{head}\r\n\r\n{value}\r\n"))
    };
    let parts: String = fields.iter().map(part).collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| format!("{parts}--{BOUNDARY}--").into_bytes())
}
