//! docs/contract.md, "Files": what is uploaded in a form, and where it is served.

use std::fs;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::harness::{Api, Launch, PATIENCE, Request, Response, Server, Visibility};

const NO_PROJECT: &str = r#"{"message":"404 Project Not Found"}"#;
const UNAUTHORIZED: &str = r#"{"message":"401 Unauthorized"}"#;
const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;
const TOO_LARGE: &str = r#"{"message":"400 Bad request - File is too large"}"#;
const NOT_FOUND: &str = r#"{"message":"404 Not found"}"#;
const MALFORMED: &str = r#"{"error":"400 Bad Request"}"#;

impl Api {
    fn uploads(&self) -> String {
        format!("/api/v4/projects/{}/uploads", self.project)
    }

    fn upload(&self, name: &str, bytes: impl AsRef<[u8]>) -> Response {
        self.developer().post(self.uploads()).file(name, bytes).send()
    }

    fn path(&self) -> String {
        let project = self.admin().get(format!("/api/v4/projects/{}", self.project)).send().json();
        project["path_with_namespace"].as_str().unwrap().to_owned()
    }

    /// Every address of an upload that needs no maintainer.
    fn addresses(&self, upload: &Value) -> Vec<String> {
        let text = |key: &str| upload[key].as_str().unwrap();
        let (url, path) = (text("url"), self.path());
        vec![
            text("full_path").to_owned(),
            format!("/{}", text("full_path")),
            format!("/{path}{url}"),
            format!("//{path}{url}"),
            format!("/api/v4/projects/{}{url}", self.project),
            format!("//api/v4/projects/{}{url}", path.replace('/', "%2F")),
        ]
    }
}

/// A server with settings of its own for files, a project on it, and the folder of the files.
fn with_files(arguments: &[&str]) -> (tempfile::TempDir, Arc<Server>, Api) {
    let folder = tempfile::tempdir().unwrap();
    let launch = Launch::new().arg("--files").arg(format!("file:{}", folder.path().display()));
    let server = Arc::new(arguments.iter().fold(launch, |launch, argument| launch.arg(*argument)).start());
    let api = Api::on(&server, Visibility::Private);
    (folder, server, api)
}

/// The sizes of the files below a directory, without the mark of the database.
pub fn files_below(directory: &Path) -> Vec<u64> {
    let entries = fs::read_dir(directory).into_iter().flatten().map(Result::unwrap);
    let entries = entries.filter(|entry| entry.file_name() != "mark");
    let sizes = entries.flat_map(|entry| match entry.metadata() {
        Ok(known) if known.is_dir() => files_below(&entry.path()),
        Ok(known) => vec![known.len()],
        // It has been removed meanwhile.
        Err(_) => Vec::new(),
    });
    sizes.collect()
}

/// Waits until a folder has just these files.
#[track_caller]
fn has_only(folder: &Path, sizes: &[u64]) {
    let began = Instant::now();
    while files_below(folder) != sizes {
        assert!(began.elapsed() < PATIENCE, "there are files of {:?} bytes", files_below(folder));
        thread::yield_now();
    }
}

/// The headers of a part that is a file.
fn file_part(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"")
}

#[test]
fn an_upload_is_answered_with_where_it_is_and_how_to_refer_to_it() {
    let api = Api::public();
    let answer = api.upload("app.tar.gz", "abc").status(201).json();
    let url = answer["url"].as_str().unwrap();
    let secret = url.strip_prefix("/uploads/").and_then(|rest| rest.strip_suffix("/app.tar.gz")).unwrap();
    assert!(secret.len() == 32 && secret.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{secret}");
    let expected = json!({
        "id": answer["id"].as_u64().unwrap(), "alt": "app.tar.gz", "url": url,
        "full_path": format!("/-/project/{}{url}", api.project), "markdown": format!("[app.tar.gz]({url})"),
    });
    assert_eq!(answer, expected);
    let image = api.upload("Screen Shot.PNG", "abc").status(201).json();
    let url = image["url"].as_str().unwrap();
    assert!(url.ends_with("/Screen_Shot.PNG") && !url.contains(secret), "{url}");
    assert_eq!(image["alt"], "Screen_Shot");
    assert_eq!(image["markdown"], format!("![Screen_Shot]({url})"));
}

#[test]
fn a_file_has_the_name_that_the_form_tells_without_what_no_name_has() {
    let api = Api::public();
    let longest = "a".repeat(255);
    for (sent, name) in [
        ("dist/app.zip", "app.zip"),
        ("../../etc/passwd", "passwd"),
        ("..", "_.."),
        ("a b\u{e9}~@;c", "a_b_____c"),
        ("a\tb", "a_b"),
        ("a\\\"b", "a_b"),
        (&longest, &longest),
    ] {
        let answer = api.upload(sent, "abc").status(201).json();
        assert_eq!(answer["alt"], name);
    }
    let extended = "Content-Disposition: form-data; name=file; filename*=UTF-8''a%2Fna%C3%AFve.zip";
    let answer = api.developer().post(api.uploads()).part(extended, "abc").send().status(201).json();
    assert_eq!(answer["alt"], "na__ve.zip");
    for sent in ["dist/", &"a".repeat(256)] {
        api.upload(sent, "abc").is_error("file is invalid");
    }
    // A line that ends within a name, and a byte that no header has.
    for sent in ["a\r\nb", "a\0b", "a\x1bb", "a\x7fb"] {
        api.upload(sent, "abc").is(400, MALFORMED);
    }
}

#[test]
fn a_request_without_a_file_says_so() {
    let api = Api::public();
    let post = |target: &str| api.developer().post(target);
    let to = api.uploads();
    for request in [
        post(&to),
        post(&to).body(""),
        post(&to).form("other=x"),
        post(&to).json("{}"),
        post(&to).multipart(&[]),
        post(&to).multipart(&[("other", "x")]),
        post(&to).file("", ""),
        post(&to).part("Content-Type: text/plain", "nameless"),
        post(&to).header("Content-Type", "multipart/form-data; boundary=x").body(""),
    ] {
        request.send().is_error("file is missing");
    }
    for request in [
        post(&to).multipart(&[("file", "x")]),
        post(&to).form("file=x"),
        post(&to).json(r#"{"file":"x"}"#),
        post(&(to.clone() + "?file=x")),
    ] {
        request.send().is_error("file is invalid");
    }
    post(&to).header("Content-Type", "application/octet-stream").body("x").send().status(415);
    // The query has no say in what the form has.
    post(&(to + "?file=x")).file("a", "abc").send().status(201);
}

#[test]
fn a_form_that_is_no_form_leaves_nothing_behind() {
    let (folder, _server, api) = with_files(&[]);
    let boundary = "a-line-between-parts";
    let start = format!("--{boundary}\r\n{}\r\n\r\n", file_part("app"));
    let post = |content_type: &str, body: &str| {
        api.developer().post(api.uploads()).header("Content-Type", content_type).body(body).send()
    };
    let content_type = format!("multipart/form-data; boundary={boundary}");
    let long = "b".repeat(200);
    let long_form = format!("--{long}\r\n{}\r\n\r\nlong\r\n--{long}--\r\n", file_part("long"));
    post(&format!("multipart/form-data; boundary={long}"), &long_form).status(201);
    for body in [
        start.clone(),
        format!("{start}abc"),
        format!("{start}abc\r\n--{boundary}"),
        format!("{start}abc\r\n--{boundary}\r\n"),
        format!("{start}abc\r\n--other--\r\n"),
        "no boundary at all".to_owned(),
        format!("--{boundary}\r\n{}\r\nContent-Length: x\r\n\r\nabc\r\n--{boundary}--\r\n", file_part("app")),
        format!("--{boundary}\r\n{}\r\nContent-Length: 99\r\n\r\nabc\r\n--{boundary}--\r\n", file_part("app")),
        format!("--{boundary}\r\n{}; x={}\r\n\r\nabc\r\n--{boundary}--\r\n", file_part("app"), "y".repeat(70_000)),
    ] {
        post(&content_type, &body).is(400, MALFORMED);
    }
    for content_type in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"] {
        post(content_type, &format!("{start}abc\r\n--{boundary}--\r\n")).is(400, MALFORMED);
    }
    let two = format!("{start}abc\r\n{start}def\r\n--{boundary}--\r\n");
    post(&content_type, &two).is_error("file is invalid");
    has_only(folder.path(), &[4]);
}

#[test]
fn what_stands_beside_the_file_in_a_form_is_ignored_and_limited() {
    let (folder, _server, api) = with_files(&[]);
    let send = |before: &str, after: &str| {
        let boundary = "between";
        let other =
            |text: &str| format!("--{boundary}\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n{text}\r\n");
        let file = format!("--{boundary}\r\n{}\r\nContent-Transfer-Encoding: binary\r\n\r\n", file_part("app"));
        let body = [&other(before), &file, &"y".repeat(3_000_000), "\r\n", &other(after), "--between--"].concat();
        let content_type = format!("multipart/form-data; boundary=\"{boundary}\"");
        api.developer().post(api.uploads()).header("Content-Type", content_type).body(body)
    };
    let (little, much) = ("x".repeat(400_000), "x".repeat(1_100_000));
    send(&little, &little).send().status(201);
    send(&little, &little).chunked().send().status(201);
    for (before, after) in [(&much, &little), (&little, &much)] {
        send(before, after).send().is(413, r#"{"error":"413 Request Entity Too Large"}"#);
    }
    has_only(folder.path(), &[3_000_000]);
}

#[test]
fn refusals_of_uploads_come_in_order() {
    let api = Api::private();
    let (uploads, nowhere) = (api.uploads(), "/api/v4/projects/999999/uploads");
    let post = |request: Request| request.multipart(&[("file", "x")]).send();
    post(api.developer().post(uploads.clone() + "?a=%zz")).is(400, MALFORMED);
    post(api.anonymous().post(&uploads).header("PRIVATE-TOKEN", "nonsense")).is(401, UNAUTHORIZED);
    post(api.anonymous().post(&uploads)).is(401, UNAUTHORIZED);
    post(api.anonymous().post(nowhere)).is(401, UNAUTHORIZED);
    post(api.stranger().post(&uploads)).is(404, NO_PROJECT);
    post(api.developer().post(nowhere)).is(404, NO_PROJECT);
    post(api.newcomer(30, "read_api").post(&uploads)).status(403);
    post(api.reporter().post(&uploads)).is(403, FORBIDDEN);
    post(api.developer().post(&uploads)).is_error("file is invalid");
    // A client that is still sending a large file sees why it is refused.
    api.reporter().post(&uploads).file("app", vec![b'x'; 8_000_000]).send().is(403, FORBIDDEN);
    let archive = format!("/api/v4/projects/{}/archive", api.project);
    api.owner().post(archive).send().status(201);
    post(api.developer().post(&uploads)).is(403, FORBIDDEN);
}

#[test]
fn an_upload_that_is_too_large_is_refused_at_once_if_its_length_is_told() {
    let (folder, server, api) = with_files(&["--max-file-size", "1000"]);
    api.upload("app", vec![b'x'; 1000]).status(201);
    api.upload("app", vec![b'x'; 1001]).is(400, TOO_LARGE);
    api.developer().post(api.uploads()).file("app", vec![b'x'; 1001]).chunked().send().is(400, TOO_LARGE);
    // Nothing of the body is sent.
    let mut connection = TcpStream::connect(server.address()).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let content_type = "multipart/form-data; boundary=x";
    let request = api.developer().post(api.uploads()).header("Content-Type", content_type);
    let request = request.header("Content-Length", "2000000");
    connection.write_all(&request.bytes()).unwrap();
    Response::read(&mut BufReader::new(connection), &request).is(400, TOO_LARGE);
    has_only(folder.path(), &[1000]);
}

#[test]
fn an_upload_whose_body_is_shorter_than_it_says_leaves_neither_row_nor_file() {
    let (folder, server, api) = with_files(&[]);
    api.upload("app", "abc").status(201);
    let whole = api.developer().post(api.uploads()).file("app", vec![b'x'; 1_000_000]).bytes();
    let end = whole.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let (head, body) = (String::from_utf8(whole[..end].to_vec()).unwrap(), &whole[end..]);
    let length = body.len();
    for (framing, sent) in [
        // The form is whole, but not the body.
        (format!("Content-Length: {}", length + 100), body),
        (format!("Content-Length: {length}"), &body[..length / 2]),
        ("Transfer-Encoding: chunked".to_owned(), body),
    ] {
        let head = head.replace(&format!("Content-Length: {length}"), &framing);
        let mut connection = TcpStream::connect(server.address()).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        connection.write_all(head.as_bytes()).unwrap();
        if framing.starts_with("Transfer") {
            connection.write_all(format!("{length:x}\r\n").as_bytes()).unwrap();
        }
        connection.write_all(sent).unwrap();
        connection.shutdown(Shutdown::Write).unwrap();
        // The server ends the connection once it knows that nothing more comes.
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        assert!(!String::from_utf8_lossy(&answer).contains(" 201 "), "{framing}");
        has_only(folder.path(), &[3]);
    }
}

#[test]
fn what_follows_an_upload_is_another_request() {
    let api = Api::public();
    let mut connection = TcpStream::connect(api.server().address()).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answers = BufReader::new(connection.try_clone().unwrap());
    let (first, second) = ("one", "x".repeat(300_000));
    for bytes in [first, &second, first] {
        let post = api.developer().post(api.uploads()).file("app", bytes);
        connection.write_all(&post.bytes()).unwrap();
        Response::read(&mut answers, &post).status(201);
    }
    // A body that is longer than it says.
    let post = api.developer().post(api.uploads()).file("app", "abc");
    connection.write_all(&[&post.bytes()[..], b"more\r\n\r\n"].concat()).unwrap();
    Response::read(&mut answers, &post).status(201);
    let mut rest = String::new();
    answers.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("HTTP/1.1 400 "), "{rest}");
}

#[test]
fn an_upload_is_served_at_each_of_its_addresses_like_a_file_of_a_package() {
    let api = Api::public();
    let upload = api.upload("app.tar.gz", "0123456789").status(201).json();
    for address in api.addresses(&upload) {
        let answer = api.anonymous().get(&address).send().status(200);
        assert_eq!(answer.text, "0123456789", "{address}");
        let told = |name| answer.header(name).unwrap_or_default();
        assert_eq!(told("content-type"), "application/octet-stream");
        assert_eq!(told("content-disposition"), "attachment; filename=\"app.tar.gz\"; filename*=UTF-8''app.tar.gz");
        assert_eq!(told("content-security-policy"), "sandbox");
        assert_eq!(told("x-content-type-options"), "nosniff");
        assert_eq!(told("etag"), format!("\"{}\"", told("x-checksum-sha256")));
        let head = api.anonymous().request("HEAD", &address).send().status(200);
        assert_eq!(head.header("content-length"), Some("10"));
        assert_eq!(head.header("repr-digest"), answer.header("repr-digest"));
        let get = |name: &str, value: &str| api.anonymous().get(&address).header(name, value).send();
        get("If-None-Match", told("etag")).status(304);
        assert_eq!(get("Range", "bytes=2-4").status(206).text, "234");
        assert_eq!(get("Range", "bytes=-3").status(206).text, "789");
        for ignored in ["bytes=4-2", "bytes=0-1,4-5"] {
            assert_eq!(get("Range", ignored).status(200).text, "0123456789");
        }
        let beyond = get("Range", "bytes=10-");
        beyond.is(416, r#"{"error":"416 Range Not Satisfiable"}"#);
        assert_eq!(beyond.header("content-range"), Some("bytes */10"));
        api.owner().post(&address).send().status(405);
    }
    let empty = api.upload("empty", "").status(201).json();
    assert_eq!(api.anonymous().get(&api.addresses(&empty)[0]).send().status(200).text, "");
    api.anonymous().get(&api.addresses(&empty)[0]).header("Range", "bytes=0-").send().status(416);
}

#[test]
fn any_bytes_are_served_as_they_were_uploaded() {
    let api = Api::public();
    let lines = (0..200_000)
        .map(|number| format!("{number}\r\n--a-line-between\r\n\r--\r\n--\r\n"))
        .collect::<Vec<_>>()
        .concat();
    for bytes in ["\r\n", "--", "\r\n--a-line-between-part", &lines] {
        let upload = api.upload("app", bytes).status(201).json();
        let served = api.anonymous().get(upload["full_path"].as_str().unwrap()).send().status(200);
        assert!(served.text == bytes, "{} bytes became {}", bytes.len(), served.text.len());
        let request = api.developer().post(api.uploads()).file("app", bytes).chunked();
        let upload = request.send().status(201).json();
        let served = api.anonymous().get(upload["full_path"].as_str().unwrap()).send().status(200);
        assert!(served.text == bytes);
    }
}

#[test]
fn an_upload_of_a_hidden_project_is_told_to_nobody() {
    let api = Api::private();
    let upload = api.upload("app.zip", "abc").status(201).json();
    let token = api.guest().token().to_owned();
    let basic = format!("Basic {}", BASE64.encode(format!("whoever:{token}").as_bytes()));
    for address in api.addresses(&upload) {
        api.anonymous().get(&address).send().is(404, NO_PROJECT);
        api.stranger().get(&address).send().is(404, NO_PROJECT);
        api.anonymous().get(&address).header("PRIVATE-TOKEN", "nonsense").send().is(401, UNAUTHORIZED);
        for request in [
            api.guest().get(&address),
            api.anonymous().get(&address).header("Authorization", &basic),
            api.anonymous().get(format!("{address}?private_token={token}")),
        ] {
            assert_eq!(request.send().status(200).text, "abc");
        }
    }
}

#[test]
fn an_address_that_no_upload_has_is_not_found() {
    let (api, other) = (Api::public(), Api::public());
    let upload = api.upload("app.zip", "abc").status(201).json();
    let (url, secret) = (upload["url"].as_str().unwrap(), "0a".repeat(16));
    let own = url.split('/').nth(2).unwrap();
    for rest in [
        format!("/uploads/{secret}/app.zip"),
        format!("/uploads/{own}/other.zip"),
        format!("/uploads/{own}/app.zip%0Ax"),
        format!("/uploads/{own}/a%2Fapp.zip"),
        format!("/uploads/{own}/{}", "a".repeat(256)),
    ] {
        for place in [format!("/{}", api.path()), format!("/-/project/{}", api.project)] {
            api.owner().get(place + &rest).send().is(404, NOT_FOUND);
        }
        api.owner().get(format!("/api/v4/projects/{}{rest}", api.project)).send().is(404, NOT_FOUND);
    }
    // Another project's address of the same upload.
    for address in other.addresses(&json!({ "url": url, "full_path": format!("/-/project/{}{url}", other.project) })) {
        api.owner().get(address).send().is(404, NOT_FOUND);
    }
    for project in ["999999", "0", "-1", "x", &api.path().replace('/', "%2F")] {
        api.owner().get(format!("/-/project/{project}{url}")).send().is(404, NO_PROJECT);
    }
    api.owner().get(format!("/-/project/{}{}", api.project, url.replace("app", ".."))).send().status(404);
}

#[test]
fn an_old_address_of_an_upload_leads_to_the_new_one() {
    let api = Api::public();
    let upload = api.upload("app.zip", "abc").status(201).json();
    let (old, url) = (api.path(), upload["url"].as_str().unwrap());
    let rename = json!({ "path": "renamed-since" });
    api.owner().put(format!("/api/v4/projects/{}", api.project)).json(rename).send().status(200);
    let moved = api.anonymous().get(format!("/{old}{url}")).send().status(301);
    let location = moved.header("location").unwrap();
    assert_eq!(location, format!("https://gitlab.example.com/{}{url}", api.path()));
    assert_eq!(api.anonymous().get(format!("/{}{url}", api.path())).send().status(200).text, "abc");
    assert_eq!(api.anonymous().get(upload["full_path"].as_str().unwrap()).send().status(200).text, "abc");
}

#[test]
fn maintainers_list_and_delete_uploads() {
    let api = Api::public();
    let (first, second) = (api.upload("a.zip", "abc").json(), api.upload("b.zip", "0123").json());
    let listed = api.maintainer().get(api.uploads()).send().status(200).json();
    let row = &listed[0];
    let by = api.developer().get("/api/v4/user").send().json();
    let expected = json!({
        "id": second["id"], "size": 4, "filename": "b.zip", "created_at": row["created_at"],
        "uploaded_by": { "id": by["id"], "name": by["name"], "username": by["username"] },
    });
    assert_eq!((row, &listed[1]["id"]), (&expected, &first["id"]));
    assert!(row["created_at"].as_str().is_some_and(|time| time.ends_with('Z')), "{row}");
    let page = api.maintainer().get(api.uploads() + "?per_page=1&page=2").send().status(200);
    assert_eq!((page.header("x-total"), &page.json()[0]["id"]), (Some("2"), &first["id"]));
    api.maintainer().get(api.uploads() + "?per_page=0").send().is_error("per_page has a value not allowed");
    let one = format!("{}/{}", api.uploads(), first["id"]);
    for target in [&api.uploads(), &one] {
        api.anonymous().get(target).send().is(401, UNAUTHORIZED);
        api.developer().get(target).send().is(403, FORBIDDEN);
    }
    assert_eq!(api.maintainer().get(&one).header("Range", "bytes=1-").send().status(206).text, "bc");
    api.developer().delete(&one).send().is(403, FORBIDDEN);
    let deleted = api.maintainer().delete(&one).send();
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    for request in [api.maintainer().get(&one), api.maintainer().delete(&one)] {
        request.send().is(404, NOT_FOUND);
    }
    for address in api.addresses(&first) {
        api.owner().get(address).send().is(404, NOT_FOUND);
    }
    assert_eq!(api.maintainer().get(api.uploads()).send().json().as_array().unwrap().len(), 1);
    for nothing in ["999999", "99999999999999999999", "-1", "x"] {
        api.maintainer().get(format!("{}/{nothing}", api.uploads())).send().is(404, NOT_FOUND);
        api.maintainer().delete(format!("{}/{nothing}", api.uploads())).send().is(404, NOT_FOUND);
    }
    let other = Api::public();
    api.admin().delete(format!("{}/{}", other.uploads(), second["id"])).send().is(404, NOT_FOUND);
}

#[test]
fn an_upload_that_an_immutable_release_links_to_is_not_deleted() {
    let api = Api::public();
    for number in 0..4 {
        let upload = api.upload("app.zip", "abc").status(201).json();
        let url = format!("https://gitlab.example.com{}", api.addresses(&upload)[number]);
        let tag = format!("v9.{number}");
        let links = json!([{ "name": "app", "url": url, "link_type": "package" }]);
        let made = json!({ "tag_name": tag, "ref": "main", "assets": { "links": links } });
        api.developer().post(api.releases()).json(made).send().status(201);
        let link = api.developer().get(api.links_of(&tag)).send().status(200).json()[0].clone();
        assert_eq!((&link["url"], &link["size"]), (&json!(url), &json!(3)));
        api.maintainer().put(format!("{}/{tag}/immutable", api.releases())).send().status(200);
        let target = format!("{}/{}", api.uploads(), upload["id"]);
        api.owner().delete(&target).send().is(403, r#"{"message":"403 Forbidden - Package protected."}"#);
        assert_eq!(api.anonymous().get(&api.addresses(&upload)[number]).send().status(200).text, "abc");
    }
}
