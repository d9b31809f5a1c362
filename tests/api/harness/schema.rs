//! JSON Schema, as far as the bodies in the OpenAPI document need it. A keyword that is not known here is an error, so that
//! nothing passes unchecked.
//!
//! A library would bring some thirty crates, and features of `serde_json` with which Cargo would then build the server under
//! test as well.

use actix_web::http::Uri;
use serde_json::{Map, Value};

/// Says where a value does not fit a schema of the document.
pub fn check(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let fits = |schema: &Value| check(document, schema, value);
    let keywords = schema.as_object().ok_or_else(|| format!("no schema: {schema}"))?;
    for (keyword, rule) in keywords {
        match keyword.as_str() {
            "$ref" => {
                let at = rule.as_str().unwrap_or_default();
                let schema = at.strip_prefix('#').and_then(|at| document.pointer(at));
                fits(schema.ok_or_else(|| format!("nothing is at {at}"))?)?;
            }
            "type" => has_type(rule, value)?,
            "enum" if list(rule).contains(value) => {}
            "enum" => return Err(format!("{value} is none of {rule}")),
            "allOf" => list(rule).iter().try_for_each(fits)?,
            "anyOf" | "oneOf" => {
                let faults: Vec<_> = list(rule).iter().filter_map(|schema| fits(schema).err()).collect();
                let fitting = list(rule).len() - faults.len();
                if fitting == 0 || (keyword == "oneOf" && fitting > 1) {
                    return Err(format!("{fitting} of {keyword} fit: {}", faults.join("; ")));
                }
            }
            "items" => {
                for (at, item) in list(value).iter().enumerate() {
                    check(document, rule, item).map_err(|fault| format!("{at}: {fault}"))?;
                }
            }
            "minItems" if rule.as_u64().is_some_and(|least| list(value).len() as u64 >= least) => {}
            "minItems" => return Err(format!("fewer than {rule} items")),
            "maxItems" if rule.as_u64().is_some_and(|most| list(value).len() as u64 <= most) => {}
            "maxItems" => return Err(format!("more than {rule} items")),
            "minimum" if value.as_i64().is_none_or(|value| rule.as_i64().is_some_and(|least| value >= least)) => {}
            "minimum" => return Err(format!("{value} is less than {rule}")),
            "maximum" if value.as_i64().is_none_or(|value| rule.as_i64().is_some_and(|most| value <= most)) => {}
            "maximum" => return Err(format!("{value} is more than {rule}")),
            "maxLength" if value.as_str().is_none_or(|text| rule.as_u64() >= Some(text.chars().count() as u64)) => {}
            "maxLength" => return Err(format!("{value} is longer than {rule}")),
            "required" => {
                let lacks = |name: &&Value| value.is_object() && value.get(name.as_str().unwrap_or_default()).is_none();
                if let Some(name) = list(rule).iter().find(lacks) {
                    return Err(format!("{name} is missing"));
                }
            }
            "format" => has_format(rule, value)?,
            // Members are checked below, and the rest are not rules.
            "properties" | "additionalProperties" | "description" | "default" | "deprecated" => {}
            _ => return Err(format!("the checker does not know {keyword}: {rule}")),
        }
    }
    value.as_object().map_or(Ok(()), |members| check_members(document, keywords, members))
}

fn check_members(document: &Value, keywords: &Map<String, Value>, members: &Map<String, Value>) -> Result<(), String> {
    let properties = keywords.get("properties");
    for (name, member) in members {
        let declared = properties.and_then(|properties| properties.get(name));
        match declared.or_else(|| keywords.get("additionalProperties")) {
            None | Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Err(format!("{name:?} is not declared")),
            Some(schema) => check(document, schema, member).map_err(|fault| format!("{name}: {fault}"))?,
        }
    }
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn has_type(rule: &Value, value: &Value) -> Result<(), String> {
    let is = |name: &Value| match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("integer") => value.is_i64() || value.is_u64(),
        _ => false,
    };
    let fits = if rule.is_array() { list(rule).iter().any(is) } else { is(rule) };
    if fits { Ok(()) } else { Err(format!("{value} is no {rule}")) }
}

fn has_format(rule: &Value, value: &Value) -> Result<(), String> {
    let Some(text) = value.as_str() else { return Ok(()) };
    let fits = match rule.as_str() {
        Some("date") => text.parse::<jiff::civil::Date>().is_ok() && text.len() == "2026-11-26".len(),
        Some("date-time") => text.parse::<jiff::Timestamp>().is_ok(),
        Some("uri") => text.parse::<Uri>().is_ok_and(|uri| uri.scheme().is_some()),
        // Any bytes.
        Some("binary") => true,
        _ => false,
    };
    if fits { Ok(()) } else { Err(format!("{value} has not the format {rule}")) }
}
