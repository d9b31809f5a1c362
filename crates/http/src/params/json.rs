//! `application/json` bodies.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Allowance, MAX_DEPTH, Malformed, Param, Params};

/// Parses a JSON body. One that is empty or not an object has no parameters, and the last of repeated keys wins.
///
/// # Errors
/// Returns an error for anything but one JSON value in UTF-8, a NUL in a string, more than [`MAX_DEPTH`] levels, or
/// more items and members than `allowance` permits.
pub(crate) fn from_json(bytes: &[u8], allowance: &mut Allowance) -> Result<Params, Malformed> {
    Ok(from_merge_patch(bytes, allowance)?.unwrap_or_default())
}

/// Parses a JSON merge patch (RFC 7396); `None` if it is not an object.
///
/// # Errors
/// As for [`from_json`].
pub(crate) fn from_merge_patch(bytes: &[u8], allowance: &mut Allowance) -> Result<Option<Params>, Malformed> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut document = serde_json::Deserializer::from_slice(bytes);
    let value = Value { depth: 0, allowance }.deserialize(&mut document).map_err(|_| Malformed::Json)?;
    document.end().map_err(|_| Malformed::Json)?;
    Ok(match value {
        Param::Map(params) => Some(params),
        Param::Null | Param::Text(_) | Param::List(_) => None,
    })
}

/// Deserialises a value within `depth` lists and objects directly into a parameter.
struct Value<'a> {
    depth: usize,
    allowance: &'a mut Allowance,
}

impl Value<'_> {
    /// Returns the seed for a value one level deeper.
    fn below(&mut self) -> Value<'_> {
        Value { depth: self.depth + 1, allowance: self.allowance }
    }

    fn open<E: Error>(&self) -> Result<(), E> {
        if self.depth < MAX_DEPTH { Ok(()) } else { Err(E::custom(Malformed::TooDeep)) }
    }

    fn spend<E: Error>(&mut self) -> Result<(), E> {
        self.allowance.spend().map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Param;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Param, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Param;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Param, E> {
        Ok(Param::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Param, E> {
        Ok(Param::Text(value.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Param, E> {
        Ok(Param::Text(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Param, E> {
        Ok(Param::Text(number.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Param, E> {
        without_nul(text.to_owned()).map(Param::Text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Param, A::Error> {
        self.open()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.below())? {
            self.spend()?;
            list.push(item);
        }
        Ok(Param::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Param, A::Error> {
        let mut params = Params::default();
        let mut key = members.next_key()?;
        if matches!(key, Some(Key::OfANumber)) {
            return number_text(members.next_value()?).map(Param::Text).map_err(A::Error::custom);
        }
        self.open()?;
        while let Some(Key::Name(name)) = key {
            self.spend()?;
            let value = members.next_value_seed(self.below())?;
            params.insert(without_nul(name).map_err(A::Error::custom)?, value);
            key = members.next_key()?;
        }
        Ok(Param::Map(params))
    }
}

/// The key of a value in a map.
///
/// `serde_json` presents a number that fits no integer type as a map with one key, and an object may have a key with
/// the same text. They differ in kind: a key of an object can be deserialised as an option, as keys of maps may be,
/// while that of a number is only ever a string.
enum Key {
    Name(String),
    OfANumber,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        String::deserialize(deserializer).map(Key::Name)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Key, E> {
        Ok(Key::OfANumber)
    }
}

fn without_nul(text: String) -> Result<String, Malformed> {
    if text.contains('\0') { Err(Malformed::Json) } else { Ok(text) }
}

/// Formats a number as Ruby does: an integer of any size with the digits that were sent, anything else as a float.
fn number_text(sent: String) -> Result<String, Malformed> {
    if sent.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return Ok(sent);
    }
    let value = sent.parse().ok().filter(|value: &f64| value.is_finite()).ok_or(Malformed::Json)?;
    Ok(float_text(value))
}

/// Formats a float as Ruby does, which differs from Rust only if there is an exponent.
fn float_text(value: f64) -> String {
    let text = format!("{value:?}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}{point}e{sign}{digits:0>2}")
}

#[cfg(test)]
mod tests;
