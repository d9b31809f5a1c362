//! Query strings and form bodies (docs/contract.md, "Link endpoints").

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use release_links_http::fuzzing;
use release_links_parsers::{FormField, check_limits, decode, fields, form, with_allowance};
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((parameters, raw)) = with_allowance(input) else { return };
    let parsed = fuzzing::form(raw, parameters);
    if let Some(params) = &parsed {
        check_limits(params, parameters);
        if let Some(fields) = fields(params) {
            assert_eq!(fuzzing::form(&form(&fields), parameters).as_ref(), Some(params));
        }
    }
    let Some(decoded) = decoded(raw) else {
        assert_eq!(parsed, None, "a field that cannot be decoded");
        return;
    };
    assert_eq!(fuzzing::form(&form(&decoded), parameters), parsed, "escapes make a difference");
    let is_flat = decoded.iter().all(|(name, _)| !name.is_empty() && !name.contains(['[', ']']));
    if is_flat {
        let last: BTreeMap<_, _> = decoded.iter().cloned().collect();
        let last = last.into_iter().map(|(name, value)| (name, value.map_or(Value::Null, Value::String))).collect();
        assert_eq!(parsed, (decoded.len() <= parameters).then_some(Value::Object(last)));
    }
});

/// Decodes each field, or returns `None` if any cannot be decoded.
fn decoded(raw: &[u8]) -> Option<Vec<FormField>> {
    let mut fields = Vec::new();
    for field in raw.split(|byte| *byte == b'&').filter(|field| !field.is_empty()) {
        let mut sides = field.splitn(2, |byte| *byte == b'=');
        let name = decode(sides.next()?, true)?;
        let value = sides.next().map(|value| decode(value, true));
        if value == Some(None) {
            return None;
        }
        fields.push((name, value.flatten()));
    }
    Some(fields)
}
