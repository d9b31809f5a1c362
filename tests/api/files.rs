//! docs/contract.md, "Files": what is published as a file of a package, and how it is served.

use std::fs;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use data_encoding::BASE64;
use serde_json::json;

use crate::harness::{Api, Launch, PATIENCE, Request, Response, Server, Visibility};
use crate::uploads::files_below;

const NOT_FOUND: &str = r#"{"message":"404 Not found"}"#;
const NO_PROJECT: &str = r#"{"message":"404 Project Not Found"}"#;
const UNAUTHORIZED: &str = r#"{"message":"401 Unauthorized"}"#;
const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;
const TOO_LARGE: &str = r#"{"message":"400 Bad request - File is too large"}"#;
const PUBLISHED: &str = r#"{"message":"201 Created"}"#;
/// Of `abc`.
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

impl Api {
    fn package(&self) -> String {
        format!("/api/v4/projects/{}/packages/generic/hello/1.2.3", self.project)
    }

    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.package())
    }

    fn put_file(&self, name: &str, bytes: &str) -> Response {
        self.developer().put(self.file(name)).body(bytes).send()
    }
}

/// A server with settings of its own for files, and a project on it.
fn with_files(arguments: &[&str]) -> (Launch, Arc<Server>, Api) {
    let launch = arguments.iter().fold(Launch::new(), |launch, argument| launch.arg(*argument));
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Private);
    (launch, server, api)
}

#[test]
fn a_file_is_published_and_served_with_what_is_known_of_it() {
    let api = Api::public();
    api.put_file("app.tar.gz", "abc").is(201, PUBLISHED);
    let answer = api.anonymous().get(api.file("app.tar.gz")).send().status(200);
    assert_eq!(answer.text, "abc");
    let told = |name| answer.header(name).unwrap_or_default();
    assert_eq!(told("content-type"), "application/octet-stream");
    assert_eq!(told("content-length"), "3");
    assert_eq!(told("content-disposition"), "attachment; filename=\"app.tar.gz\"; filename*=UTF-8''app.tar.gz");
    assert_eq!(told("accept-ranges"), "bytes");
    assert_eq!(told("x-checksum-sha256"), SHA256);
    assert_eq!(told("repr-digest"), "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:");
    assert_eq!(told("content-security-policy"), "sandbox");
    assert_eq!(told("x-content-type-options"), "nosniff");
    assert_eq!(told("etag"), format!("\"{SHA256}\""));
    let head = api.anonymous().request("HEAD", api.file("app.tar.gz")).send().status(200);
    for name in ["content-length", "etag", "content-disposition", "repr-digest"] {
        assert_eq!(head.header(name), answer.header(name));
    }
}

#[test]
fn a_client_may_ask_what_is_known_of_the_file_that_it_publishes() {
    let api = Api::public();
    let target = api.file("app.tar.gz") + "?select=package_file&status=hidden";
    let file = api.developer().put(target).body("abc").send().status(200).json();
    let (id, package, time) = (&file["id"], &file["package_id"], &file["created_at"]);
    assert!(id.is_u64() && package.is_u64() && time.as_str().is_some_and(|time| time.ends_with('Z')), "{file}");
    let url = format!("https://gitlab.example.com{}", api.file("app.tar.gz"));
    let expected = json!({
        "id": id, "package_id": package, "created_at": time, "updated_at": time, "size": 3, "file_name": "app.tar.gz",
        "file_md5": "900150983cd24fb0d6963f7d28e17f72", "file_sha1": "a9993e364706816aba3e25717850c26c9cd0d89d",
        "file_sha256": SHA256, "file": { "url": url },
    });
    assert_eq!(file, expected);
}

#[test]
fn any_bytes_are_a_file_whatever_the_request_calls_them() {
    let api = Api::public();
    let send = |name: &str| api.developer().put(api.file(name));
    for (name, body, request) in [
        ("json", "{\"name\": ", send("json").header("Content-Type", "application/json")),
        (
            "form",
            "status=nonsense&private_token=x%zz",
            send("form").header("Content-Type", "application/x-www-form-urlencoded"),
        ),
        ("unknown", "text", send("unknown").header("Content-Type", "text/plain; charset=latin1")),
        ("empty", "", send("empty")),
        ("chunked", "in chunks", send("chunked").chunked()),
        ("plus+tilde~at@dots...", "a name", send("plus+tilde~at@dots...")),
    ] {
        request.body(body).send().is(201, PUBLISHED);
        assert_eq!(api.anonymous().get(api.file(name)).send().status(200).text, body, "{name}");
    }
}

#[test]
fn a_file_larger_than_other_bodies_is_stored_and_served_whole() {
    let api = Api::public();
    let bytes = (0..300_000).map(|number| format!("{number:09}\n")).collect::<Vec<_>>().concat();
    api.put_file("large", &bytes).is(201, PUBLISHED);
    assert!(api.anonymous().get(api.file("large")).send().status(200).text == bytes);
    api.developer().put(api.file("chunked")).body(bytes.as_str()).chunked().send().is(201, PUBLISHED);
    assert!(api.anonymous().get(api.file("chunked")).send().status(200).text == bytes);
    let middle = api.anonymous().get(api.file("large")).header("Range", "bytes=1499990-1500009").send().status(206);
    assert_eq!(middle.text, "000149999\n000150000\n");
}

#[test]
fn every_spelling_of_an_address_names_the_same_file() {
    let api = Api::public();
    api.developer().put(api.file("app%2Etar%2Egz")).body("abc").send().is(201, PUBLISHED);
    let path =
        api.admin().get(format!("/api/v4/projects/{}", api.project)).send().json()["path_with_namespace"].clone();
    let path = path.as_str().unwrap().replace('/', "%2F");
    for address in [
        api.file("app.tar.gz"),
        format!("/api/v4/projects/{path}/packages/generic/hello/1.2.3/app.tar.gz"),
        format!("/{}/", api.file("app.tar.gz")),
        api.package().replace("hello", "h%65llo").replace("1.2.3", "1%2E2%2E3") + "/app.tar.gz",
    ] {
        assert_eq!(api.anonymous().get(address).send().status(200).text, "abc");
    }
}

#[test]
fn of_files_with_one_name_the_newest_is_served() {
    let api = Api::public();
    for bytes in ["one", "two", "one"] {
        api.put_file("app", bytes).is(201, PUBLISHED);
        assert_eq!(api.anonymous().get(api.file("app")).send().status(200).text, bytes);
    }
}

#[test]
fn equal_bytes_are_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let (_launch, _server, api) = with_files(&["--files", &format!("file:{}", folder.path().display())]);
    for name in ["a", "b", "c"] {
        api.put_file(name, "equal").is(201, PUBLISHED);
    }
    assert_eq!(files_below(folder.path()).len(), 1);
    api.put_file("a", "other").is(201, PUBLISHED);
    assert_eq!(files_below(folder.path()).len(), 2);
}

#[test]
fn files_are_beside_the_database_unless_the_settings_say_otherwise() {
    let (launch, server, api) = with_files(&[]);
    api.put_file("app", "abc").is(201, PUBLISHED);
    let folder = launch.database().with_file_name("files");
    let folder = if folder.exists() { folder } else { launch.directory().join("data/files") };
    assert_eq!(files_below(&folder).len(), 1);
    server.stop();
    let ended = Launch::new().arg("--files").arg("ftp://example.com").run();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("must be file:DIR or s3://BUCKET/PREFIX"), "{}", ended.stderr);
}

#[test]
fn a_database_is_not_served_beside_the_files_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let place = format!("file:{}", folder.path().display());
    let (first, second) = (Launch::new().arg("--files").arg(&place), Launch::new().arg("--files").arg(&place));
    // Both may be served as long as there are no files, and then the first that keeps one has the place.
    let other = Arc::new(second.start());
    let server = Arc::new(first.start());
    let api = Api::on(&server, Visibility::Public);
    api.put_file("app", "abc").is(201, PUBLISHED);
    let refused = Api::on(&other, Visibility::Public);
    refused.put_file("app", "def").status(503);
    assert_eq!(files_below(folder.path()).len(), 1);
    other.stop();
    let ended = second.run();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains(&format!("{place} has the files of another database")), "{ended:?}");
    server.stop();
    let again = Arc::new(first.start());
    assert_eq!(api.anonymous().at(&again).get(api.file("app")).send().status(200).text, "abc");
    again.stop();
    fs::remove_file(folder.path().join("database/mark")).unwrap();
    second.start().stop();
}

#[test]
fn a_range_is_served_and_one_beyond_the_end_is_refused() {
    let api = Api::public();
    api.put_file("app", "0123456789").is(201, PUBLISHED);
    let get = |range: &str| api.anonymous().get(api.file("app")).header("Range", range).send();
    for (range, bytes, told) in [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=8-", "89", "bytes 8-9/10"),
        ("bytes=-1", "9", "bytes 9-9/10"),
        ("bytes=5-99", "56789", "bytes 5-9/10"),
    ] {
        let answer = get(range).status(206);
        assert_eq!((answer.text.as_str(), answer.header("content-range")), (bytes, Some(told)));
        assert_eq!(answer.header("content-length"), Some(bytes.len().to_string().as_str()));
    }
    for ignored in ["bytes=3-1", "bytes=0-1,4-5", "lines=1-2", "bytes=x-y"] {
        let answer = get(ignored).status(200);
        assert_eq!((answer.text.as_str(), answer.header("content-range")), ("0123456789", None), "{ignored}");
    }
    let beyond = get("bytes=10-");
    beyond.is(416, r#"{"error":"416 Range Not Satisfiable"}"#);
    assert_eq!(beyond.header("content-range"), Some("bytes */10"));
    let whole = api.anonymous().request("HEAD", api.file("app")).header("Range", "bytes=0-3").send().status(200);
    assert_eq!(whole.header("content-length"), Some("10"));
}

#[test]
fn what_a_client_has_already_is_not_sent_again() {
    let api = Api::public();
    api.put_file("app", "abc").is(201, PUBLISHED);
    let get = |name: &str, value: &str| {
        api.anonymous().get(api.file("app")).header(name, value).header("Range", "bytes=0-0").send()
    };
    let tag = format!("\"{SHA256}\"");
    assert_eq!(get("If-None-Match", &tag).status(304).header("etag"), Some(tag.as_str()));
    assert_eq!(get("If-Range", &tag).status(206).text, "a");
    assert_eq!(get("If-Range", "\"other\"").status(200).text, "abc");
    api.put_file("app", "new").is(201, PUBLISHED);
    assert_eq!(get("If-None-Match", &tag).status(206).text, "n");
    assert_eq!(get("If-Range", &tag).status(200).text, "new");
}

#[test]
fn names_that_no_file_can_have_are_refused_and_found_nowhere() {
    let api = Api::public();
    let long = "a".repeat(256);
    let target = |package: &str, version: &str, file: &str| {
        format!("/api/v4/projects/{}/packages/generic/{package}/{version}/{file}", api.project)
    };
    for (package, version, file, faults) in [
        ("a%20b", "1", "f", "package_name is invalid"),
        ("a%2Fb", "1", "f", "package_name is invalid"),
        ("%2E%2E", "1", "f", "package_name is invalid"),
        (long.as_str(), "1", "f", "package_name is invalid"),
        ("a", "1..2", "f", "package_version is invalid"),
        ("a", "%C3%A9", "f", "package_version is invalid"),
        ("a", "1", "..", "file_name is invalid"),
        ("a", "1", "%0A", "file_name is invalid"),
        ("a", "1", "..%2F..%2Fetc%2Fpasswd", "file_name is invalid"),
        ("a", "1", long.as_str(), "file_name is invalid"),
        ("~", "~", "%3A", "package_name is invalid, package_version is invalid, file_name is invalid"),
    ] {
        let target = target(package, version, file);
        api.developer().put(&target).body("abc").send().is_error(faults);
        api.developer().get(&target).send().is(404, NOT_FOUND);
    }
    let faults = "file_name is invalid, status does not have a valid value, select does not have a valid value";
    api.developer().put(target("a", "1", "%3A") + "?status=x&select=y").body("abc").send().is_error(faults);
    let longest = "a".repeat(255);
    api.developer().put(target(&longest, &longest, &longest)).body("abc").send().is(201, PUBLISHED);
    api.developer().put(target("a", "1", "%00")).body("abc").send().is(400, r#"{"error":"400 Bad Request"}"#);
    api.developer().put(target("a", "1", "f") + "/g").body("abc").send().is(404, r#"{"error":"404 Not Found"}"#);
}

#[test]
fn refusals_come_in_order() {
    let api = Api::private();
    let bad = api.package() + "/a%20b?status=nonsense";
    let nowhere = "/api/v4/projects/999999/packages/generic/a/1/f";
    let put = |request: Request| request.body("abc").send();
    put(api.anonymous().put(&bad).header("PRIVATE-TOKEN", "nonsense")).is(401, UNAUTHORIZED);
    put(api.anonymous().put(&bad)).is(401, UNAUTHORIZED);
    put(api.anonymous().put(nowhere)).is(401, UNAUTHORIZED);
    put(api.stranger().put(&bad)).is(404, NO_PROJECT);
    put(api.developer().put(nowhere)).is(404, NO_PROJECT);
    put(api.newcomer(30, "read_api").put(&bad)).status(403);
    put(api.reporter().put(&bad)).is(403, FORBIDDEN);
    put(api.developer().put(&bad)).status(400);
    for target in [api.file("nothing"), bad, nowhere.to_owned()] {
        api.anonymous().get(&target).send().is(401, UNAUTHORIZED);
    }
    api.stranger().get(api.file("nothing")).send().is(404, NO_PROJECT);
    api.guest().get(api.file("nothing")).send().is(404, NOT_FOUND);
    let archive = format!("/api/v4/projects/{}/archive", api.project);
    api.owner().post(archive).send().status(201);
    put(api.developer().put(api.file("late"))).is(403, FORBIDDEN);
}

#[test]
fn basic_authenticates_with_a_token_as_the_password() {
    let api = Api::private();
    let basic = |token: &str| format!("Basic {}", BASE64.encode(format!("whoever:{token}").as_bytes()));
    let (file, token) = (api.file("app"), basic(api.developer().token()));
    api.anonymous().put(&file).header("Authorization", &token).body("abc").send().is(201, PUBLISHED);
    assert_eq!(api.anonymous().get(&file).header("Authorization", &token).send().status(200).text, "abc");
    api.anonymous().get(&file).header("Authorization", basic("nonsense")).send().is(401, UNAUTHORIZED);
    let asked = api.anonymous().get(&file).send().status(401);
    assert_eq!(asked.header("www-authenticate"), Some("Basic realm=\"release-links\""));
}

#[test]
fn a_file_that_is_too_large_is_refused_at_once_if_its_length_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let place = format!("file:{}", folder.path().display());
    let (_launch, server, api) = with_files(&["--max-file-size", "1000", "--files", &place]);
    api.put_file("app", &"x".repeat(1000)).is(201, PUBLISHED);
    api.put_file("app", &"x".repeat(1001)).is(400, TOO_LARGE);
    api.developer().put(api.file("app")).body("x".repeat(1001)).chunked().send().is(400, TOO_LARGE);
    // Nothing of the body is sent.
    let mut connection = TcpStream::connect(server.address()).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = api.developer().put(api.file("app")).header("Content-Length", "1001");
    connection.write_all(&request.bytes()).unwrap();
    Response::read(&mut BufReader::new(connection), &request).is(400, TOO_LARGE);
    assert_eq!(files_below(folder.path()).len(), 1);
}

#[test]
fn an_upload_that_is_cut_off_leaves_neither_row_nor_file() {
    let folder = tempfile::tempdir().unwrap();
    let (_launch, server, api) = with_files(&["--files", &format!("file:{}", folder.path().display())]);
    api.put_file("app", "abc").is(201, PUBLISHED);
    for (framing, told) in [("Content-Length", "9000000"), ("Transfer-Encoding", "chunked")] {
        let mut connection = TcpStream::connect(server.address()).unwrap();
        let request = api.developer().put(api.file("app")).header(framing, told);
        connection.write_all(&request.bytes()).unwrap();
        let (start, end) = if framing == "Content-Length" { ("", "") } else { ("f4240\r\n", "\r\n") };
        connection.write_all(start.as_bytes()).unwrap();
        connection.write_all(&vec![b'x'; 1_000_000]).unwrap();
        connection.write_all(end.as_bytes()).unwrap();
        connection.shutdown(Shutdown::Write).unwrap();
        // The server ends the connection once it knows that nothing more comes.
        connection.read_to_end(&mut Vec::new()).unwrap();
    }
    let began = Instant::now();
    while files_below(folder.path()).len() > 1 {
        assert!(began.elapsed() < PATIENCE, "what was cut off is still there");
        thread::yield_now();
    }
    assert_eq!(api.developer().get(api.file("app")).send().status(200).text, "abc");
}

#[test]
fn more_uploads_than_may_run_at_once_wait_for_their_turn() {
    let api = Api::public();
    let (developer, count) = (api.developer(), 40);
    let begun: Vec<_> = (0..count)
        .map(|number| {
            let request = developer.put(api.file(&format!("file-{number}"))).header("Content-Length", "6");
            let mut connection = TcpStream::connect(api.server().address()).unwrap();
            connection.set_read_timeout(Some(PATIENCE)).unwrap();
            connection.write_all(&request.bytes()).unwrap();
            connection.write_all(b"abc").unwrap();
            (request, connection)
        })
        .collect();
    let ending: Vec<_> = begun
        .into_iter()
        .map(|(request, mut connection)| {
            thread::spawn(move || {
                connection.write_all(b"def").unwrap();
                Response::read(&mut BufReader::new(connection), &request).is(201, PUBLISHED);
            })
        })
        .collect();
    for thread in ending {
        thread.join().unwrap();
    }
    for number in 0..count {
        assert_eq!(api.anonymous().get(api.file(&format!("file-{number}"))).send().status(200).text, "abcdef");
    }
}

#[test]
fn a_connection_serves_on_after_an_upload_and_after_a_refused_one_is_read() {
    let api = Api::public();
    let mut connection = TcpStream::connect(api.server().address()).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answers = BufReader::new(connection.try_clone().unwrap());
    for bytes in ["one", "two"] {
        let put = api.developer().put(api.file("app")).body(bytes);
        connection.write_all(&put.bytes()).unwrap();
        Response::read(&mut answers, &put).is(201, PUBLISHED);
        let get = api.developer().get(api.file("app"));
        connection.write_all(&get.bytes()).unwrap();
        assert_eq!(Response::read(&mut answers, &get).status(200).text, bytes);
    }
    // A client that is still sending a large file sees why it is refused.
    let refused = api.reporter().put(api.file("app")).body(vec![b'x'; 8_000_000]).send();
    refused.is(403, FORBIDDEN);
}
