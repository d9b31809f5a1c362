//! The router on the operations of the service: by examples, and against a slow model.

use actix_web::http::Method;
use proptest::prelude::*;
use release_links_domain::file::UploadSecret;
use release_links_domain::namespace::PathSegment;

use super::{Routed, Router};
use crate::operation::{Endpoint, Operation};
use crate::operations;
use crate::params::{decode_segment, segments};

/// The secret of an upload.
const SECRET: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";

fn all() -> Vec<Operation> {
    operations::all().collect()
}

fn router() -> Router {
    Router::new(all()).unwrap()
}

/// What a request means, in words: the id and the values of its path's parameters, or the methods that are allowed.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    Operation(String, Vec<String>),
    WrongMethod(String),
    Unknown,
}

fn meaning(router: &Router, method: &Method, path: &str) -> Meaning {
    match router.find(method, path) {
        Routed::Operation(found) => Meaning::Operation(found.id.as_str().to_owned(), found.values),
        Routed::WrongMethod(allowed) => Meaning::WrongMethod(allowed),
        Routed::Unknown => Meaning::Unknown,
    }
}

#[track_caller]
fn leads_to(path: &str, id: &str, values: &[&str]) {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    assert_eq!(meaning(&router(), &Method::GET, path), Meaning::Operation(id.to_owned(), values), "{path}");
}

#[track_caller]
fn is_unknown(paths: &[&str]) {
    let router = router();
    for path in paths {
        assert_eq!(meaning(&router, &Method::GET, path), Meaning::Unknown, "{path}");
    }
}

#[test]
fn a_word_is_preferred_to_a_parameter_and_given_up_if_the_rest_does_not_fit() {
    let of = |rest: &str| format!("/api/v4/projects/1/releases/{rest}");
    let newest = "getApiV4ProjectsIdReleasesPermalinkLatestSuffixPath";
    leads_to(&of("permalink/latest"), newest, &["1", "latest"]);
    leads_to(&of("permalink/cli%2F1.x/a"), newest, &["1", "cli/1.x", "a"]);
    let newest_download = "getApiV4ProjectsIdReleasesPermalinkLatestDownloadsDirectAssetPath";
    leads_to(&of("permalink/latest/downloads/a/b"), newest_download, &["1", "latest", "a/b"]);
    leads_to(&of("permalink"), "getApiV4ProjectsIdReleasesTagName", &["1", "permalink"]);
    leads_to(&of("latest"), "getApiV4ProjectsIdReleasesTagName", &["1", "latest"]);
    let links = "getApiV4ProjectsIdReleasesTagNameAssetsLinks";
    leads_to(&of("permalink/assets/links"), links, &["1", "permalink"]);
    leads_to(&of("latest/assets/links"), links, &["1", "latest"]);
    let download = "getApiV4ProjectsIdReleasesTagNameDownloadsDirectAssetPath";
    leads_to(&of("permalink/downloads/latest"), download, &["1", "permalink", "latest"]);
    leads_to(&of("permalink/downloads/downloads/a"), download, &["1", "permalink", "downloads/a"]);
    leads_to(&of("latest/downloads/a"), download, &["1", "latest", "a"]);
    leads_to(
        "/g/p/-/releases/permalink/downloads/a",
        "getIdReleasesTagNameDownloadsDirectAssetPath",
        &["g/p", "permalink", "a"],
    );
    let made = Meaning::Operation(
        "postApiV4ProjectsIdReleasesTagNameAssetsLinks".to_owned(),
        vec!["1".to_owned(), "permalink".to_owned()],
    );
    assert_eq!(meaning(&router(), &Method::POST, &of("permalink/assets/links")), made);
    leads_to("/api/v4/personal_access_tokens/self", "getApiV4PersonalAccessTokensSelf", &[]);
    leads_to("/api/v4/personal_access_tokens/selfish", "getApiV4PersonalAccessTokensId", &["selfish"]);
}

#[test]
fn a_segment_is_decoded_once_and_an_encoded_slash_does_not_divide_it() {
    let release = "getApiV4ProjectsIdReleasesTagName";
    leads_to("/api/v4/projects/a%2Fb/releases/v%2f1%2E0", release, &["a/b", "v/1.0"]);
    leads_to("/api/v4/projects/1/releases/a%252Fb%25", release, &["1", "a%2Fb%"]);
    leads_to("/%61pi/v4/projects/1/rel%65ases/%7Bid%7D", release, &["1", "{id}"]);
    let download = "getApiV4ProjectsIdReleasesTagNameDownloadsDirectAssetPath";
    leads_to("/api/v4/projects/1/releases/v1/downloads/a%2Fb/c%25", download, &["1", "v1", "a/b/c%"]);
    is_unknown(&[
        "/api/v4/projects/a/b/releases",
        "/api/v4%2Fprojects",
        "/api/v4/projects/1/releases/v/1/assets/links",
    ]);
}

#[test]
fn a_project_on_the_web_has_several_segments_of_which_none_begins_with_a_dash() {
    let release = "getIdReleasesTagName";
    leads_to("/g/p/-/releases/v1", release, &["g/p", "v1"]);
    leads_to("/g/s/p-/%2D/releases/v%2D1/", release, &["g/s/p-", "v-1"]);
    let download = "getIdReleasesTagNameDownloadsDirectAssetPath";
    leads_to("/g/p/-/releases/v1/downloads/a/-/b", download, &["g/p", "v1", "a/-/b"]);
    is_unknown(&[
        "/p/-/releases/v1",
        "/g%2Fp/-/releases/v1",
        "/g/-p/-/releases/v1",
        "/-g/p/-/releases/v1",
        "/g/%2Dp/-/releases/v1",
        "//p/-/releases/v1",
        "/g/-/p/-/releases/v1",
        "/-/releases/v1",
    ]);
}

#[test]
fn an_address_without_a_dash_is_a_project_but_below_what_the_service_has() {
    for path in ["/g/p", "//g//p/", "/%67/p"] {
        leads_to(path, "getIdReleases", &["g/p"]);
    }
    leads_to("/g/s/p.git", "getIdGit", &["g/s/p"]);
    leads_to("/g/p.git/info", "getIdReleases", &["g/p.git/info"]);
    is_unknown(&["/g", "/g.git", "/g%2Fp", "/api/v4", "/API/v4/versio", "/health/x", "/-/x", "/g/-p", "/g/-"]);
}

#[test]
fn an_upload_is_below_a_project_or_a_number_also_after_a_doubled_slash() {
    let secret = SECRET;
    let upload = "getIdUploadsSecretFile";
    for path in [format!("/g/p/uploads/{secret}/a.zip"), format!("//g/p//uploads/{secret}/a%2Ezip/")] {
        leads_to(&path, upload, &["g/p", secret, "a.zip"]);
    }
    leads_to(&format!("/g/uploads/uploads/{secret}/-"), upload, &["g/uploads", secret, "-"]);
    for path in [format!("/-/project/7/uploads/{secret}/a.zip"), format!("//-/project/7/uploads/{secret}/a.zip")] {
        leads_to(&path, "getProjectIdUploadsSecretFile", &["7", secret, "a.zip"]);
    }
    leads_to(
        &format!("/g/p/uploads/{}/a.zip", &secret[1..]),
        "getIdReleases",
        &[&format!("g/p/uploads/{}/a.zip", &secret[1..])],
    );
    leads_to("/g/uploads/p/q", "getIdReleases", &["g/uploads/p/q"]);
    // A project may be called so.
    leads_to(&format!("/g/uploads/{secret}/a.zip"), "getIdReleases", &[&format!("g/uploads/{secret}/a.zip")]);
    is_unknown(&[
        &format!("/api/p/uploads/{secret}/a.zip"),
        &format!("/g/-p/uploads/{secret}/a.zip"),
        &format!("/-/project/7/uploads/{secret}"),
        &format!("/-/project/g/p/uploads/{secret}/a.zip"),
    ]);
}

#[test]
fn empty_segments_do_not_count() {
    for path in ["/api/v4/version/", "/api/v4/version//", "//api/v4/version", "/api//v4///version"] {
        leads_to(path, "getApiV4Version", &[]);
    }
    leads_to("/-/health/", "getHealth", &[]);
    leads_to("//g//p/-//releases/v1/", "getIdReleasesTagName", &["g/p", "v1"]);
    let download = "getIdReleasesTagNameDownloadsDirectAssetPath";
    leads_to("/g/p/-/releases/v1/downloads//a//b/", download, &["g/p", "v1", "a/b"]);
    for path in ["", "/", "//"] {
        leads_to(path, "get", &[]);
    }
    is_unknown(&["/api/v4/projects/%2F/releases/v1/assets", "/g/p/-/releases/v1/downloads/"]);
}

#[test]
fn the_suffix_json_is_accepted_on_links() {
    let links = "/api/v4/projects/1/releases/v1/assets/links";
    leads_to(&format!("{links}.json"), "getApiV4ProjectsIdReleasesTagNameAssetsLinks", &["1", "v1"]);
    leads_to(&format!("{links}.json/"), "getApiV4ProjectsIdReleasesTagNameAssetsLinks", &["1", "v1"]);
    leads_to(&format!("{links}/7.json"), "getApiV4ProjectsIdReleasesTagNameAssetsLinksLinkId", &["1", "v1", "7.json"]);
    is_unknown(&["/api/v4/version.json", "/api/v4/projects/1/releases.json"]);
}

#[test]
fn head_is_get_and_another_method_is_told_which_there_are() {
    let router = router();
    let link = "/api/v4/projects/1/releases/v1/assets/links/7";
    assert_eq!(meaning(&router, &Method::HEAD, link), meaning(&router, &Method::GET, link));
    for (method, path, allowed) in [
        (Method::POST, link, "GET, HEAD, PUT, PATCH, DELETE"),
        (Method::PATCH, "/api/v4/projects/1/releases/v1/assets/links.json", "GET, HEAD, POST"),
        (Method::OPTIONS, "/g/p/-/releases/v1", "GET, HEAD"),
        (Method::HEAD, "/api/v4/projects/1/archive", "POST"),
    ] {
        assert_eq!(meaning(&router, &method, path), Meaning::WrongMethod(allowed.to_owned()), "{method} {path}");
    }
}

/// Returns the values of a declared path's parameters if the decoded segments fit it.
fn fits(declared: &[&str], sent: &[String]) -> Option<Vec<String>> {
    match (declared.split_first(), sent.split_first()) {
        (None, None) => Some(Vec::new()),
        (Some((&name, [])), Some(_)) if name.starts_with("{*") => {
            Some(vec![sent.join("/")]).filter(|rest| rest != &[""])
        }
        (Some((&name, declared)), Some((first, sent))) if name.starts_with('{') => {
            let values = fits(declared, sent).filter(|_| !first.is_empty())?;
            Some(std::iter::once(first.clone()).chain(values).collect())
        }
        (Some((&word, declared)), Some((first, sent))) if word == first => fits(declared, sent),
        _ => None,
    }
}

/// Like [`fits`], also for a path whose first parameter is a project on the web.
fn fits_anywhere(path: &str, sent: &[String]) -> Option<Vec<String>> {
    let declared: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if !declared.first().is_some_and(|first| first.starts_with("{id}")) {
        return fits(&declared, sent);
    }
    let is_possible = |segment: &String| !segment.is_empty() && !segment.starts_with('-');
    let is_reserved = |segment: &String| PathSegment::RESERVED.contains(&segment.to_ascii_lowercase().as_str());
    if let [project @ .., word, secret, file] = sent
        && (word == "uploads" && secret.parse::<UploadSecret>().is_ok())
        && (project.len() > 1 && project.iter().all(is_possible) && !is_reserved(&project[0]))
    {
        return (declared.get(1) == Some(&"uploads")).then(|| vec![project.join("/"), secret.clone(), file.clone()]);
    }
    let Some(dash) = sent.iter().position(|segment| segment == "-") else {
        let (first, project) = (sent.first()?, sent.join("/"));
        let repository = project.strip_suffix(".git");
        let is_meant = declared == [if repository.is_some() { "{id}.git" } else { "{id}" }] && sent.len() > 1;
        let is_project = sent.iter().all(is_possible) && !is_reserved(first);
        return (is_meant && is_project).then(|| vec![repository.unwrap_or(&project).to_owned()]);
    };
    let (project, rest) = sent.split_at(dash);
    let values = fits(&declared[1..], rest).filter(|_| project.len() > 1 && project.iter().all(is_possible))?;
    Some(std::iter::once(project.join("/")).chain(values).collect())
}

/// Returns what paths with these values are compared by: at the first segment where they differ in kind, a word comes
/// before a parameter, and that before the rest. The tag `permalink` counts as a word before what follows it.
fn rank(path: &str, values: &[String]) -> Vec<u8> {
    let mut values = values.iter();
    let kind = |segment: &str| {
        let value = segment.starts_with('{').then(|| values.next()).flatten();
        let is_word = value.is_none() || segment == "{tag_name}" && value.is_some_and(|tag| tag == "permalink");
        u8::from(!is_word) + u8::from(segment.starts_with("{*"))
    };
    path.split('/').map(kind).collect()
}

/// What a request means by trying all paths, one after another.
fn slowly(all: &[Endpoint], method: &Method, path: &str) -> Meaning {
    let sent: Vec<_> = segments(path).map(|segment| decode_segment(segment).unwrap()).collect();
    let paths = all
        .iter()
        .flat_map(|endpoint| endpoint.aliases.iter().chain([&endpoint.path]).zip(std::iter::repeat(endpoint.path)));
    let fitting = paths.filter_map(|(spelling, path)| Some((*spelling, path, fits_anywhere(spelling, &sent)?)));
    let Some((_, path, values)) = fitting.min_by_key(|(spelling, _, values)| rank(spelling, values)) else {
        return Meaning::Unknown;
    };
    let here = || all.iter().filter(|endpoint| endpoint.path == path);
    let wanted = if method == Method::HEAD { "GET" } else { method.as_str() };
    if let Some(found) = here().find(|endpoint| endpoint.method == wanted) {
        return Meaning::Operation(found.id.clone(), values);
    }
    let methods = here().map(|endpoint| if endpoint.method == "GET" { "GET, HEAD" } else { &endpoint.method });
    Meaning::WrongMethod(methods.collect::<Vec<_>>().join(", "))
}

/// Segments that mean something somewhere, and others.
fn segment() -> impl Strategy<Value = String> {
    let words: Vec<_> = all()
        .into_iter()
        .flat_map(|operation| operation.path.split('/').filter(|segment| !segment.starts_with('{')))
        .chain([
            "",
            SECRET,
            "g",
            "p.git",
            "-",
            "%2D",
            "-x",
            "1",
            "a%2Fb",
            "%25",
            "links.json",
            "%6Catest",
            "x.json",
            "é",
            "{id}",
            "*",
            "+",
        ])
        .map(str::to_owned)
        .collect();
    prop::sample::select(words)
}

/// Declared paths whose parameters have values, some with a segment replaced, and paths of any segments.
fn path() -> impl Strategy<Value = String> {
    let declared: Vec<_> = all().into_iter().map(|operation| operation.path).collect();
    let filled = (prop::sample::select(declared), prop::collection::vec(segment(), 12), 0..24_usize, any::<bool>());
    let filled = filled.prop_map(|(path, values, replaced, slash)| {
        let declared = path;
        let segment = |(at, (segment, value)): (usize, (&str, &String))| {
            let is_replaced = at > 0 && (at == replaced || segment.starts_with('{'));
            if is_replaced { value.clone() } else { segment.to_owned() }
        };
        let segments: Vec<_> = declared.split('/').zip(&values).enumerate().map(segment).collect();
        let mut path = segments.join("/");
        // A project is below a namespace.
        if declared.starts_with("/{id}") {
            path.insert_str(0, "/g");
        }
        if slash { path + "/" } else { path }
    });
    let any = prop::collection::vec(segment(), 0..9).prop_map(|segments| format!("/{}", segments.join("/")));
    prop_oneof![3 => filled, 1 => any]
}

#[test]
fn it_finds_what_trying_all_paths_finds() {
    let router = router();
    let all: Vec<_> = all().iter().map(Operation::endpoint).collect();
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::PATCH];
    let config = ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(method in prop::sample::select(methods.to_vec()), path in path())| {
        prop_assert_eq!(meaning(&router, &method, &path), slowly(&all, &method, &path));
    });
}
