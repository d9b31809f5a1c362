//! What several targets check about parsed parameters, which the door of `release-links-http` shows as JSON.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// The most levels of parameters (docs/contract.md, "Link endpoints").
pub const LEVELS: usize = 32;

/// Splits the input of a target into the number of parameters that it permits and the text to parse.
#[must_use]
pub fn with_allowance(input: &[u8]) -> Option<(usize, &[u8])> {
    input.split_first().map(|(parameters, rest)| (usize::from(*parameters), rest))
}

/// Asserts what holds of the parameters of every form: their number, their depth, and no NUL.
///
/// # Panics
/// Panics if they break a limit.
pub fn check_limits(params: &Value, parameters: usize) {
    assert!(params.is_object(), "no set of parameters: {params}");
    let mut count = 0;
    check_value(params, 0, 0, &mut count);
    assert!(count <= parameters, "{count} instead of {parameters}: {params}");
}

/// As in Rack, lists alone add no level, and a list or map at the top does not count beside what it contains.
fn check_value(value: &Value, depth: usize, maps: usize, count: &mut usize) {
    let is_nested = depth > 1;
    match value {
        Value::Null => *count += 1,
        Value::String(text) => {
            *count += 1;
            check_text(text);
        }
        Value::Array(items) => {
            *count += usize::from(is_nested);
            for item in items {
                check_value(item, depth + 1, maps, count);
            }
        }
        Value::Object(members) => {
            assert!(maps < LEVELS, "more than {LEVELS} levels");
            *count += usize::from(is_nested);
            for (name, member) in members {
                check_text(name);
                check_value(member, depth + 1, maps + 1, count);
            }
        }
        Value::Bool(_) | Value::Number(_) => panic!("not a parameter: {value}"),
    }
}

fn check_text(text: &str) {
    assert!(!text.contains('\0'), "a NUL in {text:?}");
}

/// A field of a form: its name, and its value unless it is null.
pub type FormField = (String, Option<String>);

/// Returns fields that say the same as these parameters, unless no form does or their order would matter.
#[must_use]
pub fn fields(params: &Value) -> Option<Vec<FormField>> {
    let mut fields = Vec::new();
    for (name, value) in params.as_object()? {
        push_fields(key(name)?.to_owned(), value, &mut fields)?;
    }
    Some(fields)
}

fn push_fields(name: String, value: &Value, fields: &mut Vec<FormField>) -> Option<()> {
    match value {
        Value::Null => fields.push((name, None)),
        Value::String(text) => fields.push((name, Some(text.clone()))),
        Value::Array(items) => {
            let is_plain = items.iter().all(|item| item.is_null() || item.is_string());
            let is_one_map = items.len() == 1 && items[0].is_object();
            if items.is_empty() || !is_plain && !is_one_map {
                return None;
            }
            for item in items {
                push_fields(format!("{name}[]"), item, fields)?;
            }
        }
        Value::Object(members) => {
            if members.is_empty() {
                return None;
            }
            for (member, value) in members {
                push_fields(format!("{name}[{}]", key(member)?), value, fields)?;
            }
        }
        Value::Bool(_) | Value::Number(_) => return None,
    }
    Some(())
}

/// Returns the key unless brackets in a name cannot spell it.
fn key(key: &str) -> Option<&str> {
    (!key.is_empty() && !key.contains(['[', ']'])).then_some(key)
}

/// Encodes fields as a form.
#[must_use]
pub fn form(fields: &[FormField]) -> Vec<u8> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let fields = fields.iter().map(|(name, value)| match value {
        Some(value) => format!("{}={}", encode(name), encode(value)),
        None => encode(name),
    });
    fields.collect::<Vec<_>>().join("&").into_bytes()
}

/// Decodes escapes, and a plus as a space if `plus_is_space`; `None` for a broken escape, what is not UTF-8, or a NUL.
///
/// It is written apart from the parsers, byte by byte, so that each checks the other.
#[must_use]
pub fn decode(raw: &[u8], plus_is_space: bool) -> Option<String> {
    let mut decoded = Vec::new();
    let mut rest = raw.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' if plus_is_space => b' ',
            b'%' => {
                let mut digit = || char::from(*rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            _ => *byte,
        });
    }
    String::from_utf8(decoded).ok().filter(|text| !text.contains('\0'))
}
