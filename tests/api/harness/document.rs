//! Checks answers against the OpenAPI document: what the server says about itself holds for every answer that a test gets.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use release_links_http::{endpoints, openapi};
use serde_json::{Value, json};

use super::{Request, Response, schema};

/// The refusals of what cannot be read, which come before those of an unknown path or a wrong method.
const UNREADABLE: [u16; 3] = [400, 408, 413];
/// The answers to what is no request yet: they have neither a body nor a content type.
const BARE: [u16; 3] = [400, 408, 431];
/// The content type of all bodies but texts.
const JSON: &str = "application/json";

/// The document, arranged for looking up.
struct Document {
    text: Value,
    /// Every spelling of every path with its name in the document, the preferred ones first.
    paths: Vec<(Vec<Segment>, String)>,
}

/// A segment of a path as an operation declares it, in the order in which they are preferred.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Text(String),
    Parameter,
    /// The full path of a project, and what names an upload of it.
    Upload,
    /// The full path of a project as a Git repository.
    Repository,
    /// The full path of a project.
    Project,
    /// All that follows.
    Rest,
}

impl Segment {
    fn of(path: &str) -> Vec<Self> {
        let segment = |(number, text): (usize, &str)| match text {
            "{id}" if number == 0 => Self::Project,
            "{id}.git" => Self::Repository,
            _ if text.starts_with("{*") => Self::Rest,
            _ if text.starts_with('{') => Self::Parameter,
            _ => Self::Text(text.to_owned()),
        };
        if path.starts_with("/{id}/uploads/") {
            return vec![Self::Upload];
        }
        path.trim_start_matches('/').split('/').filter(|text| !text.is_empty()).enumerate().map(segment).collect()
    }

    fn all_match(declared: &[Self], sent: &[String]) -> bool {
        match (declared, sent) {
            ([], []) | ([Self::Rest], [_, ..]) => true,
            ([Self::Text(text), declared @ ..], [first, sent @ ..]) => text == first && Self::all_match(declared, sent),
            ([Self::Parameter, declared @ ..], [first, sent @ ..]) => {
                !first.is_empty() && Self::all_match(declared, sent)
            }
            ([Self::Project, declared @ ..], sent) => {
                let length = sent.iter().take_while(|segment| *segment != "-").count();
                let (project, sent) = sent.split_at(length);
                let is_possible = |segment: &String| !segment.is_empty() && !segment.starts_with('-');
                let is_project = length > 1 && project.iter().all(is_possible) && !is_reserved(&project[0]);
                is_project && Self::all_match(declared, sent)
            }
            ([Self::Upload], [project @ .., word, secret, _]) => {
                let is_secret = secret.len() == 32 && secret.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                word == "uploads" && is_secret && Self::all_match(&[Self::Project], project)
            }
            ([Self::Repository], [.., last]) => {
                last.strip_suffix(".git").is_some() && Self::all_match(&[Self::Project], sent)
            }
            _ => false,
        }
    }
}

static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let text = serde_json::from_str(&openapi().expect("a document")).expect("the document is JSON");
    let spellings = endpoints().flat_map(|endpoint| {
        let spelled = endpoint.aliases.iter().copied().chain([endpoint.path]);
        // The routes of a tag that is called `permalink` win over selectors.
        let spelled =
            spelled.flat_map(|path| [path.to_owned(), path.replace("/releases/{tag_name}/", "/releases/permalink/")]);
        spelled.map(move |path| (Segment::of(&path), endpoint.path.replace("{*", "{")))
    });
    let paths: BTreeSet<_> = spellings.collect();
    Document { text, paths: paths.into_iter().collect() }
});

/// Asserts that the document allows the answer to a request.
#[track_caller]
pub fn check(request: &Request, answer: &Response) {
    if let Err(fault) = fault(request.method(), request.target(), answer) {
        let Response { status, headers, text } = answer;
        let (method, target) = (request.method(), request.target());
        panic!(
            "the OpenAPI document does not allow an answer: {fault}\n{method} {target}: {status} {headers:?}\n{text}"
        );
    }
}

/// Says in what the answer to a request differs from what the document allows.
pub fn fault(method: &str, target: &str, answer: &Response) -> Result<(), String> {
    if BARE.contains(&answer.status) && answer.text.is_empty() && answer.header("content-type").is_none() {
        return Ok(());
    }
    if method == "OPTIONS" && answer.header("access-control-allow-methods").is_some() {
        // A preflight is about another request, so it is no operation.
        return Ok(());
    }
    let path = target.split('?').next().unwrap_or_default();
    let Some(operations) = DOCUMENT.operations(path) else {
        return DOCUMENT.refused(404, method, answer);
    };
    // HEAD is allowed wherever GET is.
    let declared = if method == "HEAD" { "get".to_owned() } else { method.to_ascii_lowercase() };
    let Some(responses) = operations.get(declared).map(|operation| &operation["responses"]) else {
        return DOCUMENT.refused(405, method, answer);
    };
    match DOCUMENT.resolved(&responses[answer.status.to_string()]) {
        Value::Null => {
            let statuses: Vec<_> = responses.as_object().into_iter().flat_map(|responses| responses.keys()).collect();
            Err(format!("only the statuses {statuses:?} are declared"))
        }
        response => {
            DOCUMENT.allows(response, method, answer).map_err(|fault| format!("{fault}; declared is {response}"))
        }
    }
}

impl Document {
    /// Returns the operations of the first path that matches: texts are preferred to parameters.
    fn operations(&self, path: &str) -> Option<&Value> {
        let segments: Vec<String> = path.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect();
        let (_, path) = self.paths.iter().find(|(declared, _)| Segment::all_match(declared, &segments))?;
        Some(&self.text["paths"][path])
    }

    /// Returns what a reference refers to, or else the value itself.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let referred = value["$ref"].as_str().and_then(|at| self.text.pointer(at.strip_prefix('#')?));
        referred.unwrap_or(value)
    }

    /// Checks the answer to a request for which there is no operation.
    fn refused(&self, status: u16, method: &str, answer: &Response) -> Result<(), String> {
        if answer.status != status && !UNREADABLE.contains(&answer.status) {
            return Err(format!("there is no such operation, so {status} or one of {UNREADABLE:?} is allowed"));
        }
        self.has_body(JSON, &json!({ "$ref": "#/components/schemas/Error" }), method, answer)
    }

    fn allows(&self, response: &Value, method: &str, answer: &Response) -> Result<(), String> {
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let Some(value) = answer.header(&name.to_ascii_lowercase()) else { continue };
            // A header has no type of its own: it is a number if it has to be one.
            let is_number = header["schema"]["type"] == "integer";
            let value = value.parse::<i64>().ok().filter(|_| is_number).map_or_else(|| value.into(), Value::from);
            schema::check(&self.text, &header["schema"], &value).map_err(|fault| format!("{name}: {fault}"))?;
        }
        // An answer may have one of several forms.
        let forms = || response["content"].as_object().into_iter().flatten();
        let is_sent = |(content_type, _): &(&String, &Value)| answer.header("content-type") == Some(content_type);
        match forms().find(is_sent).or_else(|| forms().next()) {
            Some((content_type, content)) => self.has_body(content_type, &content["schema"], method, answer),
            None if answer.text.is_empty() && answer.header("content-type").is_none() => Ok(()),
            None => Err("there should be no body".to_owned()),
        }
    }

    fn has_body(&self, content_type: &str, schema: &Value, method: &str, answer: &Response) -> Result<(), String> {
        if answer.header("content-type") != Some(content_type) {
            return Err(format!("the content type should be {content_type}"));
        }
        if method == "HEAD" {
            return Ok(());
        }
        let body = if content_type == JSON {
            serde_json::from_str(&answer.text).map_err(|error| format!("the body is not JSON: {error}"))?
        } else {
            Value::from(answer.text.as_str())
        };
        schema::check(&self.text, schema, &body)
    }
}

/// Whether no project's address begins with this, because the service's own do.
fn is_reserved(segment: &str) -> bool {
    ["api", "health", "metrics"].iter().any(|word| segment.eq_ignore_ascii_case(word))
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}
