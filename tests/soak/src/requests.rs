//! Random requests: a route, values for its parameters, parameters in some encoding, and a credential.

use fastrand::Rng;
use release_links_http::{Endpoint, endpoints};
use serde_json::{Map, Value, json};

use crate::http::Request;
use crate::words::{NAMES, SEGMENTS, VALUES};

/// Every token.
pub(crate) struct Tokens {
    pub(crate) all: Vec<String>,
}

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

const TYPES: &[&str] =
    &["text/plain", "application/json; charset=utf-8", "application/xml", "multipart/form-data", "x"];

/// Returns a random request.
pub(crate) fn request(random: &mut Rng, tokens: &Tokens) -> Request {
    let endpoints: Vec<Endpoint> = endpoints().collect();
    let Endpoint { method, path: pattern, .. } = endpoint(random, &endpoints);
    let method = if random.u8(..10) == 0 { pick(random, METHODS).to_owned() } else { method.clone() };
    let mut parameters: Vec<(String, String)> = (0..random.usize(..6)).map(|_| parameter(random)).collect();
    let mut request = Request::new(&method, path(random, pattern));
    if let Some((name, token)) = credential(random, tokens) {
        match name {
            "Authorization" => request = request.header(name, format!("Bearer {token}")),
            name if name.contains('-') => request = request.header(name, token),
            name => parameters.push((name.to_owned(), token)),
        }
    }
    if method == "GET" || method == "HEAD" || random.u8(..4) == 0 {
        let query: Vec<String> =
            parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        request.target = format!("{}?{}", request.target, query.join("&"));
        return request;
    }
    with_body(random, request, &parameters)
}

/// Picks an endpoint. Those that delete something, or that forbid further changes, are less frequent, or soon nothing would
/// be left to change.
fn endpoint<'a>(random: &mut Rng, endpoints: &'a [Endpoint]) -> &'a Endpoint {
    loop {
        let endpoint = &endpoints[random.usize(..endpoints.len())];
        let is_final =
            endpoint.method == "DELETE" || ["/rotate", "/immutable"].iter().any(|end| endpoint.path.ends_with(end));
        if !is_final || random.u8(..20) == 0 {
            return endpoint;
        }
    }
}

fn pick<'a>(random: &mut Rng, from: &[&'a str]) -> &'a str {
    from[random.usize(..from.len())]
}

fn parameter(random: &mut Rng) -> (String, String) {
    let value = match random.u8(..40) {
        0 => "x".repeat(random.usize(..3_000)),
        1 => "\u{e9}[".repeat(200),
        _ => pick(random, VALUES).to_owned(),
    };
    (pick(random, NAMES).to_owned(), value)
}

/// Returns a valid token, an unknown one, or none.
fn credential(random: &mut Rng, tokens: &Tokens) -> Option<(&'static str, String)> {
    let token = match random.u8(..10) {
        0 => return None,
        1 => "glpat-nobody-was-ever-given-this".to_owned(),
        2..6 => tokens.all[0].clone(),
        _ => tokens.all[random.usize(..tokens.all.len())].clone(),
    };
    let names = ["PRIVATE-TOKEN", "Authorization", "JOB-TOKEN", "private_token", "access_token", "job_token"];
    let name = if random.u8(..5) > 0 { names[0] } else { names[random.usize(..names.len())] };
    Some((name, token))
}

/// Returns a path that more or less matches the pattern.
fn path(random: &mut Rng, pattern: &str) -> String {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        path += before;
        let (named, after) = after.split_once('}').unwrap_or((after, ""));
        rest = after;
        let value = match named {
            "id" if path == "/" => {
                (*random.choice(&["g/open", "g/shut", "G/half", "g/none", "a/b/c"]).unwrap_or(&"")).to_owned()
            }
            "id" if random.u8(..3) > 0 => (random.u8(1..4)).to_string(),
            "*suffix_path" if random.bool() => String::new(),
            _ => segment(random),
        };
        path += &value;
    }
    path += rest;
    path + ["", "", "", "", "/", "//", "/x", ".json"][random.usize(..8)]
}

fn segment(random: &mut Rng) -> String {
    if random.u8(..50) == 0 { "x".repeat(random.usize(1..5_000)) } else { pick(random, SEGMENTS).to_owned() }
}

/// Adds the parameters as a form, as multipart, as JSON, or as something else.
fn with_body(random: &mut Rng, mut request: Request, parameters: &[(String, String)]) -> Request {
    match random.u8(..10) {
        0..3 => {
            let pairs: Vec<String> =
                parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
            request.body = pairs.join("&").into_bytes();
            request.header("Content-Type", "application/x-www-form-urlencoded")
        }
        3 => {
            for (name, value) in parameters {
                let part = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
                request.body.extend(part.into_bytes());
            }
            request.body.extend(b"--b--\r\n");
            request.header("Content-Type", "multipart/form-data; boundary=b")
        }
        4 => {
            request.body = (0..random.usize(..200)).map(|_| random.u8(..)).collect();
            let kind = pick(random, TYPES);
            request.header("Content-Type", kind)
        }
        5 => request.json(&nested(random, 4)),
        _ => {
            let members = parameters.iter().map(|(name, value)| (name.clone(), json_value(random, value)));
            request.json(&Value::Object(members.collect::<Map<_, _>>()))
        }
    }
}

fn json_value(random: &mut Rng, text: &str) -> Value {
    match random.u8(..8) {
        0 => Value::Null,
        1 => json!([text]),
        2 => json!({ text: text }),
        3 => json!(random.i64(..)),
        4 => json!(random.bool()),
        5 => nested(random, 3),
        _ => json!(text),
    }
}

fn nested(random: &mut Rng, depth: usize) -> Value {
    if depth == 0 {
        return json!(pick(random, VALUES));
    }
    let count = random.usize(..4);
    if random.bool() {
        (0..count).map(|_| nested(random, depth - 1)).collect()
    } else {
        let members = (0..count).map(|_| (pick(random, NAMES).to_owned(), nested(random, depth - 1)));
        Value::Object(members.collect())
    }
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~[]".contains(&byte);
    let encoded = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encoded).collect()
}
