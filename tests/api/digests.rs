//! docs/contract.md, "Digests": the digest and the size of a link, and what redirects tell of them.

use serde_json::{Value, json};

use crate::harness::Api;

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
