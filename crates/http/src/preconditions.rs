//! Conditional writes (docs/contract.md, "Permissions"; RFC 9110, section 13).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use release_links_ports::Precondition;

use crate::params::Malformed;

/// The preconditions of a write.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
#[derive(Clone, Default)]
pub(crate) struct Preconditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

/// What a header names.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
#[derive(Clone)]
enum Tags {
    /// Whatever there is.
    Any,
    /// One of these.
    List(Vec<Tag>),
}

/// An entity tag.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
#[derive(Clone)]
struct Tag {
    is_weak: bool,
    /// What is between the quotes.
    opaque: Vec<u8>,
}

impl Preconditions {
    /// Reads the preconditions of a request.
    ///
    /// # Errors
    /// Returns an error for a header that is empty or malformed: a script whose variable is not set must not write.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Malformed> {
        Ok(Self { if_match: tags(headers, IF_MATCH)?, if_none_match: tags(headers, IF_NONE_MATCH)? })
    }

    /// Returns the condition on an object whose strong `ETag` is what `tag` returns.
    pub(crate) fn on<T>(self, tag: impl Fn(&T) -> Option<String> + Send + Sync + 'static) -> Precondition<T> {
        if self.if_match.is_none() && self.if_none_match.is_none() {
            return Precondition::NONE;
        }
        Precondition::new(move |current| tag(current).is_some_and(|tag| self.hold(tag.as_bytes())))
    }

    /// Whether the preconditions hold for an object with this strong tag.
    pub(crate) fn hold(&self, current: &[u8]) -> bool {
        let strongly = |tag: &Tag| !tag.is_weak && tag.opaque == current;
        let weakly = |tag: &Tag| tag.opaque == current;
        self.if_match.as_ref().is_none_or(|tags| tags.name(strongly))
            && !self.if_none_match.as_ref().is_some_and(|tags| tags.name(weakly))
    }
}

impl Tags {
    fn name(&self, is_current: impl Fn(&Tag) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::List(tags) => tags.iter().any(is_current),
        }
    }
}

fn tags(headers: &HeaderMap, name: HeaderName) -> Result<Option<Tags>, Malformed> {
    let lines: Vec<&[u8]> = headers.get_all(name).map(HeaderValue::as_bytes).collect();
    if lines.is_empty() { Ok(None) } else { parse(&lines.join(&b',')).map(Some).ok_or(Malformed::Precondition) }
}

/// Parses `*`, or a list of tags that is not empty.
fn parse(value: &[u8]) -> Option<Tags> {
    let mut rest = value.trim_ascii();
    if rest == b"*" {
        return Some(Tags::Any);
    }
    let mut tags = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(b",") {
            rest = after.trim_ascii_start();
            continue;
        }
        let (tag, after) = parse_tag(rest)?;
        tags.push(tag);
        rest = after.trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return None;
        }
    }
    (!tags.is_empty()).then_some(Tags::List(tags))
}

/// Parses the tag that a text begins with; returns it and what follows.
fn parse_tag(text: &[u8]) -> Option<(Tag, &[u8])> {
    let (is_weak, quoted) = text.strip_prefix(b"W/").map_or((false, text), |strong| (true, strong));
    let opaque = quoted.strip_prefix(b"\"")?;
    let end = opaque.iter().position(|&byte| byte == b'"')?;
    let (opaque, after) = (opaque.get(..end)?, opaque.get(end + 1..)?);
    let is_allowed = |&byte: &u8| byte > b' ' && byte != 0x7f;
    opaque.iter().all(is_allowed).then(|| (Tag { is_weak, opaque: opaque.to_vec() }, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(tags: &[(bool, &str)]) -> Tags {
        let tag = |&(is_weak, opaque): &(bool, &str)| Tag { is_weak, opaque: opaque.into() };
        Tags::List(tags.iter().map(tag).collect())
    }

    #[test]
    fn a_header_names_anything_or_a_list_of_tags() {
        for (text, expected) in [
            ("*", Tags::Any),
            (" * ", Tags::Any),
            (r#""a""#, list(&[(false, "a")])),
            (r#""""#, list(&[(false, "")])),
            (r#"W/"a" , "b,c",,"d""#, list(&[(true, "a"), (false, "b,c"), (false, "d")])),
            (r#", "a""#, list(&[(false, "a")])),
            ("\"é\"", list(&[(false, "é")])),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn an_empty_or_malformed_header_names_nothing() {
        for text in
            ["", " ", ",", "a", r#"""#, r#""a"#, r#"a""#, r#"w/"a""#, "W/a", r#""a" "b""#, r#"*, "a""#, "\"a b\""]
        {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn if_match_compares_strongly_and_if_none_match_weakly() {
        let conditions = |if_match: Option<&str>, if_none_match: Option<&str>| {
            let parsed = |text: &str| parse(text.as_bytes()).unwrap();
            Preconditions { if_match: if_match.map(parsed), if_none_match: if_none_match.map(parsed) }
        };
        for (if_match, if_none_match, holds) in [
            (None, None, true),
            (Some(r#""x""#), None, true),
            (Some(r#""y", "x""#), None, true),
            (Some(r#"W/"x""#), None, false),
            (Some(r#""y""#), None, false),
            (Some("*"), None, true),
            (None, Some(r#""y""#), true),
            (None, Some(r#"W/"x""#), false),
            (None, Some(r#""x""#), false),
            (None, Some("*"), false),
            (Some(r#""x""#), Some(r#""x""#), false),
            (Some(r#""x""#), Some(r#""y""#), true),
        ] {
            assert_eq!(conditions(if_match, if_none_match).hold(b"x"), holds, "{if_match:?} {if_none_match:?}");
        }
    }
}
