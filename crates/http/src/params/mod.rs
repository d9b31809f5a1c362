//! The parameter parser for all four request encodings: query string, form, multipart and JSON.
//!
//! Every encoding becomes one [`Params`]: untyped text, nulls, lists and maps. Input that cannot be parsed at all is
//! [`Malformed`], before any parameter is validated. Validation happens elsewhere.

mod body_kind;
mod form;
mod json;
mod multipart;
mod nesting;
mod path;
mod percent;

use std::collections::BTreeMap;

pub(crate) use body_kind::{BodyKind, MERGE_PATCH};
pub(crate) use form::from_form;
pub(crate) use json::{from_json, from_merge_patch};
pub(crate) use multipart::{PARTS_AT_ONCE, from_multipart, lenient_headers};
pub(crate) use path::{check_path, decode_segment, segments};

use crate::Limits;

const MAX_DEPTH: usize = Limits::NESTING;

/// How many more parameters a request may contain, in its query and body together (docs/contract.md, "Link endpoints").
///
/// The parsers spend it as they read and stop once it is used up, so that no body takes more memory than the maximum
/// number of parameters does.
pub(crate) struct Allowance {
    pub(crate) left: usize,
}

impl Allowance {
    const PARAMETERS: usize = Limits::PARAMETERS;

    /// Spends one.
    ///
    /// # Errors
    /// Returns an error if it is used up.
    pub(crate) fn spend(&mut self) -> Result<(), Malformed> {
        self.left = self.left.checked_sub(1).ok_or(Malformed::TooMany)?;
        Ok(())
    }
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: Self::PARAMETERS }
    }
}

/// A parameter as it was sent, with numbers and booleans as text.
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

/// Parameters by name, ordered by name; a name occurs once.
#[cfg_attr(test, derive(Debug))]
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Params {
    // A request may have twenty thousand names, so lookups must not be linear.
    by_name: BTreeMap<String, Param>,
}

impl Params {
    /// Returns the parameter of this name; null counts as present.
    pub(crate) fn get(&self, name: &str) -> Option<&Param> {
        self.by_name.get(name)
    }

    /// Returns the names in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Removes and returns a parameter.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Param> {
        self.by_name.remove(name)
    }

    /// Removes a parameter, and returns it as a set of its own.
    pub(crate) fn split_off(&mut self, name: &str) -> Self {
        Self { by_name: self.by_name.remove_entry(name).into_iter().collect() }
    }

    /// Combines both sets; for a name in both, the value in `over` replaces the other completely.
    pub(crate) fn merge(mut self, over: Params) -> Params {
        self.by_name.extend(over.by_name);
        self
    }

    /// Returns the parameters that are not the same in `other`.
    pub(crate) fn without(mut self, other: &Params) -> Params {
        self.by_name.retain(|name, param| other.get(name) != Some(param));
        self
    }

    fn insert(&mut self, name: String, param: Param) {
        self.by_name.insert(name, param);
    }

    fn slot(&mut self, name: &str) -> &mut Param {
        self.by_name.entry(name.to_owned()).or_insert(Param::Null)
    }
}

/// Why a request cannot be parsed; the client gets the same answer for all of these.
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
    /// A precondition that is empty or malformed.
    #[error("a precondition is malformed")]
    Precondition,
    /// A segment of a path that leads upwards.
    #[error("a path leads upwards")]
    Parent,
    /// A name used both as a plain value and as a list or map, or both as a list and as a map.
    #[error("a parameter is used as two different types")]
    Conflict,
    /// More than [`MAX_DEPTH`] levels in the names of a form.
    #[error("parameters are nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// More parameters in query and form than an [`Allowance`] permits.
    #[error("there are more than {} parameters", Allowance::PARAMETERS)]
    TooMany,
    /// Invalid JSON, or JSON with a NUL, more than [`MAX_DEPTH`] levels, or more parameters than the [`Allowance`]
    /// permits.
    #[error("the JSON is malformed")]
    Json,
    /// An invalid multipart body, or no boundary to parse it by.
    #[error("the multipart body is malformed")]
    Multipart,
}

/// Returns decoded bytes as text if a parameter may contain them.
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

    /// Parses a form with a full allowance.
    pub(crate) fn from_form(bytes: &[u8]) -> Result<Params, Malformed> {
        super::from_form(bytes, &mut Allowance::default())
    }

    /// Parses a JSON body with a full allowance.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Params, Malformed> {
        super::from_json(bytes, &mut Allowance::default())
    }

    /// Parses a form that is valid.
    pub(super) fn params(form: &str) -> Params {
        from_form(form.as_bytes()).unwrap()
    }

    pub(super) fn text(value: &str) -> Param {
        Param::Text(value.to_owned())
    }

    #[test]
    fn merging_replaces_the_whole_value() {
        let merged = params("page=1&a[x]=1&a[y]=2").merge(params("a[z]=3&b=4"));
        assert_eq!(merged, params("page=1&a[z]=3&b=4"));
    }

    #[test]
    fn a_null_in_the_second_set_also_wins() {
        assert_eq!(params("a=1").merge(params("a")).get("a"), Some(&Param::Null));
    }

    #[test]
    fn a_removed_parameter_is_absent() {
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
