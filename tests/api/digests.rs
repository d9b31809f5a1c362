//! docs/contract.md, "Digests": the digest and the size of a link, and what redirects tell of them.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::harness::{Api, encoded};

/// A SHA-256 and a SHA-512 of one repeated hex digit.
pub fn sha256(digit: &str) -> String {
    format!("sha256:{}", digit.repeat(64))
}

fn sha512(digit: &str) -> String {
    format!("sha512:{}", digit.repeat(128))
}

/// Returns the digest and the size of a link.
fn known(link: &Value) -> (&Value, &Value) {
    (&link["digest"], &link["size"])
}

#[test]
fn digest_and_size_follow_the_type_and_stand_only_if_they_are_set() {
    let api = Api::public();
    let digest = sha256("a");
    let made =
        api.create(&json!({ "name": "a", "url": "http://a", "digest": digest, "size": 9_007_199_254_740_991_i64 }));
    let id = made.id();
    let keys = |rest: &str| {
        format!(r#"{{"id":{id},"name":"a","url":"http://a","direct_asset_url":"http://a","link_type":"other"{rest}}}"#)
    };
    let whole = keys(&format!(r#","digest":"{digest}","size":9007199254740991"#));
    made.is(201, &whole);
    api.guest().get(api.link(id)).send().is(200, &whole);
    api.guest().get(api.links()).send().is(200, &format!("[{whole}]"));
    let release = api.guest().get(format!("{}/v1.7.0", api.releases())).send().status(200);
    assert!(release.text.contains(&whole), "{release:?}");

    let put = |draft: Value| api.developer().put(api.link(id)).json(draft).send();
    put(json!({ "name": "a", "size": null })).is(200, &keys(&format!(r#","digest":"{digest}""#)));
    put(json!({ "name": "a", "digest": "", "size": "0" })).is(200, &keys(r#","size":0"#));
    put(json!({ "name": "a", "size": "" })).is(200, &keys(""));
}

#[test]
fn a_digest_is_kept_in_lower_case_and_taken_in_any_encoding() {
    let api = Api::public();
    let upper = sha512("a").to_uppercase();
    let form = format!("name=a&url=http://a&digest={upper}&size=007");
    let made = api.developer().post(api.links()).form(form).send().status(201).json();
    assert_eq!(known(&made), (&json!(sha512("a")), &json!(7)));
}

#[test]
fn a_digest_or_size_that_is_none_is_refused_on_every_way_in() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let before = api.snapshot();
    let digests = ["sha256:abc", "sha256", "md5:d41d8cd98f00b204e9800998ecf8427e", &"a".repeat(64), " "];
    let wrong_length = [sha256("a") + "a", sha512("a").replace("512", "256"), sha256("g")];
    let digests = digests.into_iter().chain(wrong_length.iter().map(String::as_str)).map(|digest| json!(digest));
    for digest in digests.chain([json!([]), json!({}), json!(7)]) {
        let link = json!({ "name": "b", "url": "http://b", "digest": digest });
        api.create(&link).is_error("digest is invalid");
        api.developer().put(api.link(id)).json(&link).send().is_error("digest is invalid");
        let release = json!({ "tag_name": "v2", "assets": { "links": [link] } });
        api.developer().post(api.releases()).json(release).send().is_error("assets[links][0][digest] is invalid");
    }
    for size in ["-1", "1.5", "1e3", "9007199254740992", "99999999999999999999", "true", "\" 1\"", "\"+1\"", "[]"] {
        let size = format!(r#"{{"name":"b","url":"http://b","size":{size}}}"#);
        api.developer().post(api.links()).json(&size).send().is_error("size is invalid");
        api.developer().put(api.link(id)).json(&size).send().is_error("size is invalid");
    }
    let both = json!({ "name": "b", "url": "http://b", "link_type": "x", "digest": "x", "size": "x" });
    api.create(&both).is_error("link_type does not have a valid value, digest is invalid, size is invalid");
    assert_eq!(api.snapshot(), before);
}

#[test]
fn a_put_with_another_url_clears_both_unless_they_are_sent_along() {
    let api = Api::public();
    let link = json!({ "name": "a", "url": "http://a", "digest": sha256("a"), "size": 1 });
    let id = api.create(&link).status(201).id();
    let put = |draft: Value| api.developer().put(api.link(id)).json(draft).send().status(200).json();
    assert_eq!(known(&put(json!({ "name": "b" }))), (&json!(sha256("a")), &json!(1)));
    assert_eq!(known(&put(json!({ "url": "http://a" }))), (&json!(sha256("a")), &json!(1)));
    assert_eq!(known(&put(json!({ "url": "http://b", "size": 2 }))), (&Value::Null, &json!(2)));
    assert_eq!(known(&put(json!({ "url": "http://c", "digest": sha256("c") }))), (&json!(sha256("c")), &Value::Null));
    assert_eq!(known(&put(json!({ "url": "http://d" }))), (&Value::Null, &Value::Null));
}

#[test]
fn a_new_release_takes_the_digests_and_sizes_of_its_links() {
    let api = Api::public();
    let link = json!({ "name": "a", "url": "http://a", "digest": sha256("A"), "size": 3 });
    let plain = json!({ "name": "b", "url": "http://b", "digest": null, "size": "" });
    let release = json!({ "tag_name": "v2", "assets": { "links": [link, plain] } });
    let made = api.developer().post(api.releases()).json(release).send().status(201).json();
    let links = &made["assets"]["links"];
    assert_eq!(known(&links[1]), (&json!(sha256("a")), &json!(3)));
    assert_eq!(known(&links[0]), (&Value::Null, &Value::Null));
}

#[test]
fn a_redirect_tells_the_sha256_and_the_size_of_the_asset() {
    let api = Api::public();
    let add = |path: &str, digest: Value, size: Value| {
        let url = format!("http://files.example.com{path}");
        api.create(&json!({ "name": path, "url": url, "filepath": path, "digest": digest, "size": size })).status(201);
    };
    add("/bin/both", json!(sha256("b")), json!(12));
    add("/bin/sha512", json!(sha512("b")), json!(0));
    add("/bin/none", json!(null), json!(null));
    let base = format!("/api/v4/projects/{}/releases", api.project);
    for (path, sum, size) in
        [("/bin/both", Some("b".repeat(64)), Some("12")), ("/bin/sha512", None, Some("0")), ("/bin/none", None, None)]
    {
        for release in [
            format!("{base}/v1.7.0"),
            format!("{base}/permalink/latest"),
            format!("/{}/-/releases/v1.7.0", api.path),
            format!("/{}/-/releases/permalink/latest", api.path),
        ] {
            let target = format!("{release}/downloads{path}");
            let answer = api.guest().get(&target).send().status(302);
            assert_eq!(answer.header("x-checksum-sha256"), sum.as_deref(), "{target}");
            assert_eq!(answer.header("x-linked-size"), size, "{target}");
            assert_eq!(answer.header("repr-digest"), None, "{target}");
        }
    }
}

/// A line of a checksum file.
fn line(digit: &str, name: &str) -> String {
    format!("{}  {name}\n", digit.repeat(64))
}

impl Api {
    /// Adds a link with the path `/bin/name` and a SHA-256 of one repeated digit.
    fn add_with_digest(&self, name: &str, digit: &str) {
        let (url, path) = (format!("http://a.example/{name}"), format!("/bin/{name}"));
        let link = json!({ "name": name, "url": url, "filepath": path, "digest": sha256(digit) });
        self.create(&link).status(201);
    }

    /// Where the checksum file of `v1.7.0` is: on the API, by its permanent links, and by those of the newest release.
    fn checksum_files(&self) -> [String; 5] {
        let (web, api) = (format!("/{}/-/releases", self.path), self.releases());
        [
            format!("{api}/v1.7.0/assets/SHA256SUMS"),
            format!("{api}/v1.7.0/downloads/SHA256SUMS"),
            format!("{web}/v1.7.0/downloads/SHA256SUMS"),
            format!("{api}/permalink/latest/downloads/SHA256SUMS"),
            format!("{web}/permalink/latest/downloads%2FSHA256SUMS"),
        ]
    }
}

#[test]
fn a_checksum_file_lists_the_digests_by_name_or_by_path() {
    let api = Api::private();
    api.add_with_digest("b", "b");
    api.add_with_digest("B", "1");
    api.create(&json!({ "name": "a\nb\\", "url": "http://c", "digest": sha256("c") })).status(201);
    api.create(&json!({ "name": "other", "url": "http://d", "digest": sha512("d") })).status(201);
    api.add("none", "http://e");
    let by_name = line("1", "B") + "\\" + &line("c", r"a\nb\\") + &line("b", "b");
    let by_path = line("1", "bin/B") + &line("b", "bin/b");
    for target in api.checksum_files() {
        for (query, file) in [("", &by_name), ("?names=name", &by_name), ("?names=path", &by_path)] {
            let answer = api.guest().get(format!("{target}{query}")).send().status(200);
            assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"), "{target}");
            assert_eq!(&answer.text, file, "{target}");
            let tag = answer.header("etag").unwrap().to_owned();
            assert!(tag.starts_with('"'), "{tag}");
            let again = api.guest().get(format!("{target}{query}")).header("If-None-Match", tag);
            again.send().status(304);
        }
        let head = api.guest().request("HEAD", &target).send().status(200);
        assert_eq!(head.header("content-type"), Some("text/plain; charset=utf-8"), "{target}");
        let is_newest = target.contains("latest");
        assert_eq!(head.header("x-release-tag"), is_newest.then_some("v1.7.0"), "{target}");
        for names in ["", "Path", "url"] {
            let wrong = api.guest().get(format!("{target}?names={names}")).send();
            wrong.is_error("names does not have a valid value");
        }
        for caller in [api.anonymous(), api.stranger()] {
            caller.get(&target).send().is(404, r#"{"message":"404 Project Not Found"}"#);
        }
    }
    let sha512 = api.guest().get(format!("{}/v1.7.0/assets/SHA512SUMS", api.releases())).send().status(200);
    assert_eq!(sha512.text, format!("{}  other\n", "d".repeat(128)));
}

#[test]
fn a_release_without_such_a_digest_has_no_checksum_file() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "http://a", "digest": sha512("a") })).status(201);
    let absent = r#"{"message":"404 Not found"}"#;
    for target in api.checksum_files() {
        api.guest().get(&target).send().is(404, absent);
        api.guest().get(target.replace("v1.7.0", "v9").replace("latest", "v9")).send().status(404);
    }
    api.guest().get(format!("{}/v1.7.0/downloads/SHA1SUMS?names=x", api.releases())).send().is(404, absent);
}

#[test]
fn a_link_with_the_path_of_the_checksum_file_comes_first() {
    let api = Api::public();
    api.add_with_digest("a", "a");
    let link = json!({ "name": "sums", "url": "http://b.example/sums", "filepath": "/SHA256SUMS" });
    api.create(&link).status(201);
    for target in &api.checksum_files()[1..] {
        let answer = api.guest().get(format!("{target}?names=x")).send().status(302);
        assert_eq!(answer.header("location"), Some("http://b.example/sums"), "{target}");
    }
    assert_eq!(api.guest().get(&api.checksum_files()[0]).send().status(200).text, line("a", "a"));
}

#[test]
fn under_latest_a_checksum_file_names_the_release_it_is_of() {
    let api = Api::public();
    let link = json!({ "name": "a", "url": "http://a", "digest": sha256("a") });
    let tag = "v2/é";
    let release = json!({ "tag_name": tag, "released_at": "2026-01-01", "assets": { "links": [link] } });
    api.developer().delete(format!("{}/v1.7.0", api.releases())).send().status(200);
    api.developer().post(api.releases()).json(release).send().status(201);
    let answer = api.guest().get(format!("{}/permalink/latest/downloads/SHA256SUMS", api.releases())).send();
    assert_eq!(answer.status(200).header("x-release-tag"), Some(encoded(tag).as_str()));
    let redirect = api.guest().get(format!("{}/permalink/latest/assets/SHA256SUMS?names=name", api.releases())).send();
    let location = redirect.status(302).header("location").unwrap().to_owned();
    assert!(location.ends_with("/assets/SHA256SUMS?names=name"), "{location}");
}

#[test]
fn http_basic_reads_a_checksum_file() {
    let api = Api::private();
    api.add_with_digest("a", "a");
    let basic = BASE64.encode(format!("any:{}", api.guest().token()).as_bytes());
    for target in api.checksum_files() {
        api.anonymous().get(&target).header("Authorization", format!("Basic {basic}")).send().status(200);
    }
}

/// Returns what `sha256sum` computes for a file.
fn sum_of(file: &Path) -> String {
    let run = Command::new("sha256sum").stdin(File::open(file).unwrap()).output().unwrap();
    String::from_utf8(run.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

#[test]
fn sha256sum_accepts_the_checksum_file_for_names_of_every_script() {
    let api = Api::public();
    let folder = tempfile::tempdir().unwrap();
    let names = ["plain", "two words", " *lead", "-c", "tab\t", "a\nb", "a\\b", "a\rb", "\\n", "emoji 🎉"];
    let scripts = "größe e\u{301} мир κόσμος עולם عالم संसार โลก სამყარო 세계 世界 ዓለም 𐌰𐌱";
    let names: Vec<&str> = names.into_iter().chain(scripts.split(' ')).collect();
    for (number, name) in names.iter().enumerate() {
        let bytes = format!("the bytes of number {number}");
        std::fs::write(folder.path().join(name), &bytes).unwrap();
        let digest = format!("sha256:{}", sum_of(&folder.path().join(name)));
        api.create(&json!({ "name": name, "url": format!("http://a/{number}"), "digest": digest })).status(201);
    }
    let file = api.guest().get(&api.checksum_files()[0]).send().status(200).text;
    std::fs::write(folder.path().join("SHA256SUMS"), file).unwrap();
    let check = |strict: &[&str]| {
        let run = Command::new("sha256sum").arg("-c").args(strict).arg("SHA256SUMS").current_dir(&folder).output();
        run.unwrap()
    };
    let accepted = check(&["--strict", "--quiet"]);
    assert!(accepted.status.success(), "{accepted:?}");
    std::fs::write(folder.path().join("a\nb"), "other bytes").unwrap();
    assert!(!check(&["--status"]).status.success());
}
