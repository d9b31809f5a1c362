//! JSON bodies (docs/contract.md, "Link endpoints"): what `serde_json` accepts and our limits permit, nothing else.

#![no_main]

use libfuzzer_sys::fuzz_target;
use release_links_http::fuzzing;
use release_links_parsers::{LEVELS, check_limits, with_allowance};
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((parameters, raw)) = with_allowance(input) else { return };
    let parsed = fuzzing::json(raw, parameters);
    if let Some(params) = &parsed {
        check_limits(params, parameters);
        let again = serde_json::to_vec(params).expect("parameters are JSON");
        assert_eq!(fuzzing::json(&again, parameters).as_ref(), Some(params));
    }
    // `serde_json` itself takes an object with this key for a number.
    if raw.is_empty() || raw.windows(14).any(|text| text == b"$serde_json::p") {
        return;
    }
    match serde_json::from_slice::<Value>(raw) {
        Err(_) => assert_eq!(parsed, None, "malformed JSON is read"),
        Ok(value) => match (Shape::of(raw).is_permitted(parameters), parsed) {
            (true, Some(params)) if value.is_object() => check_same(&value, &params),
            (true, Some(params)) => assert_eq!(params, Value::Object(serde_json::Map::new())),
            (permitted, parsed) => assert_eq!(permitted, parsed.is_some(), "{value}"),
        },
    }
});

/// What limits look at in a document that is valid JSON.
#[derive(Default)]
struct Shape {
    levels: usize,
    parameters: usize,
    has_nul: bool,
    has_number_beyond_f64: bool,
}

impl Shape {
    /// Scans the raw text, since a parsed object has lost the members whose key is repeated.
    fn of(raw: &[u8]) -> Self {
        let mut shape = Self::default();
        let mut level = 0;
        let mut was_opened = false;
        let mut at = 0;
        while at < raw.len() {
            let byte = raw[at];
            let length = match byte {
                b'"' => shape.string(&raw[at..]),
                b'-' | b'0'..=b'9' => shape.number(&raw[at..]),
                _ => 1,
            };
            // The first item of a list or map has no comma before it.
            if byte == b',' || was_opened && !matches!(byte, b']' | b'}') && !byte.is_ascii_whitespace() {
                shape.parameters += 1;
            }
            match byte {
                b'[' | b'{' => level += 1,
                b']' | b'}' => level -= 1,
                _ => {}
            }
            was_opened = matches!(byte, b'[' | b'{') || was_opened && byte.is_ascii_whitespace();
            shape.levels = shape.levels.max(level);
            at += length;
        }
        shape
    }

    fn string(&mut self, raw: &[u8]) -> usize {
        let mut at = 1;
        while raw[at] != b'"' {
            self.has_nul |= raw[at..].starts_with(b"\\u0000");
            at += if raw[at] == b'\\' { 2 } else { 1 };
        }
        at + 1
    }

    fn number(&mut self, raw: &[u8]) -> usize {
        let ends = |byte: &u8| !matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
        let length = raw.iter().position(ends).unwrap_or(raw.len());
        let text = std::str::from_utf8(&raw[..length]).expect("digits");
        let is_integer = !text.contains(['.', 'e', 'E']);
        self.has_number_beyond_f64 |= !is_integer && !text.parse::<f64>().is_ok_and(f64::is_finite);
        length
    }

    fn is_permitted(&self, parameters: usize) -> bool {
        self.levels <= LEVELS && self.parameters <= parameters && !self.has_nul && !self.has_number_beyond_f64
    }
}

/// Asserts that parameters say the same as the document.
fn check_same(value: &Value, param: &Value) {
    match (value, param) {
        (Value::Null, Value::Null) => {}
        (Value::Bool(value), Value::String(text)) => assert_eq!(*text, value.to_string()),
        (Value::String(value), Value::String(text)) => assert_eq!(text, value),
        (Value::Number(number), Value::String(text)) => {
            let same: f64 = text.parse().expect("the text of a number");
            assert_eq!(Some(same), number.to_string().parse().ok(), "{text}");
        }
        (Value::Array(values), Value::Array(params)) => {
            assert_eq!(values.len(), params.len());
            values.iter().zip(params).for_each(|(value, param)| check_same(value, param));
        }
        (Value::Object(values), Value::Object(params)) => {
            assert!(values.keys().eq(params.keys()));
            values.values().zip(params.values()).for_each(|(value, param)| check_same(value, param));
        }
        _ => panic!("{value} became {param}"),
    }
}
