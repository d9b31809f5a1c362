//! The one parameter parser behind all four request encodings: query string, form, multipart and JSON.
//!
//! Whatever the encoding, a request ends as one [`Params`]: text, nulls, lists and maps, without types. What
//! cannot be read at all is [`Malformed`], before any parameter is looked at. What a parameter may be is not
//! decided here.

mod body_kind;
mod form;
mod json;
mod multipart;
mod nesting;
mod path;
mod percent;

use std::collections::BTreeMap;

pub(crate) use body_kind::BodyKind;
pub(crate) use form::from_form;
pub(crate) use json::from_json;
pub(crate) use multipart::from_multipart;
pub(crate) use path::{check_path, decode_segment};

use crate::Limits;

const MAX_DEPTH: usize = Limits::NESTING;

/// How many parameters a request may still bring, over its query and body together (docs/contract.md, "Link endpoints").
///
/// The parsers spend it as they read and stop where it ends, so that no body takes more memory than this many parameters do.
pub(crate) struct Allowance {
    left: usize,
}

impl Allowance {
    const PARAMETERS: usize = Limits::PARAMETERS;

    fn spend(&mut self) -> Result<(), Malformed> {
        self.left = self.left.checked_sub(1).ok_or(Malformed::TooMany)?;
        Ok(())
    }
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: Self::PARAMETERS }
    }
}

/// A parameter as it was sent: numbers and booleans have become their text.
// A parameter may be a credential, so outside tests neither type can be printed.
#[cfg_attr(test, derive(Debug))]
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Param {
    /// A JSON `null`, or a form key without `=`.
    Null,
    /// A string, number or boolean.
    Text(String),
    /// A JSON array, or form keys that end in `[]`.
    List(Vec<Param>),
    /// A JSON object, or form keys with a name in brackets.
    Map(Params),
}

/// Parameters by name, in the order of their names; a name stands once.
#[cfg_attr(test, derive(Debug))]
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Params {
    // A request may bring twenty thousand names, so look-ups must not be linear.
    by_name: BTreeMap<String, Param>,
}

impl Params {
    /// The parameter of this name; one that was sent as null is there.
    pub(crate) fn get(&self, name: &str) -> Option<&Param> {
        self.by_name.get(name)
    }

    /// The names, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Takes a parameter out.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Param> {
        self.by_name.remove(name)
    }

    /// Both sets as one; a name in both has its value from `over`, whole.
    pub(crate) fn merge(mut self, over: Params) -> Params {
        self.by_name.extend(over.by_name);
        self
    }

    fn insert(&mut self, name: String, param: Param) {
        self.by_name.insert(name, param);
    }

    fn slot(&mut self, name: &str) -> &mut Param {
        self.by_name.entry(name.to_owned()).or_insert(Param::Null)
    }
}

/// Why a request cannot be read; all of these are the same answer to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    /// A `%` without two hexadecimal digits after it.
    #[error("a percent-encoding is broken")]
    Percent,
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// A NUL in a path, a name or a value.
    #[error("text contains a NUL")]
    Nul,
    /// One name used both as a plain value and as a list or map, or as list and map.
    #[error("a parameter is used as two different types")]
    Conflict,
    /// More than [`MAX_DEPTH`] levels in the names of a form.
    #[error("parameters are nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// More parameters in query and form than an [`Allowance`] holds.
    #[error("there are more than {} parameters", Allowance::PARAMETERS)]
    TooMany,
    /// No JSON, or JSON with a NUL, with more than [`MAX_DEPTH`] levels or beyond the [`Allowance`].
    #[error("the JSON is malformed")]
    Json,
    /// No multipart body, or no boundary to read it by.
    #[error("the multipart body is malformed")]
    Multipart,
}

/// Text that was decoded from bytes, if it may stand in a parameter.
fn checked_text(bytes: Vec<u8>) -> Result<String, Malformed> {
    let text = String::from_utf8(bytes).map_err(|_| Malformed::Utf8)?;
    if text.contains('\0') {
        return Err(Malformed::Nul);
    }
    Ok(text)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Reads a form that comes alone.
    pub(crate) fn from_form(bytes: &[u8]) -> Result<Params, Malformed> {
        super::from_form(bytes, &mut Allowance::default())
    }

    /// Reads a JSON body that comes without a query.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Params, Malformed> {
        super::from_json(bytes, &mut Allowance::default())
    }

    /// What `form` parses to.
    pub(super) fn params(form: &str) -> Params {
        from_form(form.as_bytes()).unwrap()
    }

    pub(super) fn text(value: &str) -> Param {
        Param::Text(value.to_owned())
    }

    #[test]
    fn merging_takes_the_whole_value_of_the_second_set() {
        let merged = params("page=1&a[x]=1&a[y]=2").merge(params("a[z]=3&b=4"));
        assert_eq!(merged, params("page=1&a[z]=3&b=4"));
    }

    #[test]
    fn a_null_in_the_second_set_wins_too() {
        assert_eq!(params("a=1").merge(params("a")).get("a"), Some(&Param::Null));
    }

    #[test]
    fn a_removed_parameter_is_gone() {
        let mut all = params("a=1&b=2");
        assert_eq!(all.remove("a"), Some(text("1")));
        assert_eq!(all.remove("a"), None);
        assert_eq!(all, params("b=2"));
    }

    #[test]
    fn the_encodings_agree_on_the_same_parameters() {
        let form = params("n=1&s=x&u&a[]=p&a[]=q&m[k][][v]=t");
        let json = from_json(br#"{"n":1,"s":"x","u":null,"a":["p","q"],"m":{"k":[{"v":"t"}]}}"#).unwrap();
        assert_eq!(form, json);
    }
}
