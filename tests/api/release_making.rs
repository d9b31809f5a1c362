//! docs/contract.md, "Releases": creating a release, with and without links, and its shape.

use serde_json::{Value, json};

use crate::harness::{Api, Visibility, encoded};
use crate::links::shown;

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

/// Asks for a release as a developer, and asserts that it is refused with that body and leaves neither release nor tag.
#[track_caller]
fn refused(api: &Api, tag: &str, draft: &Value, body: &str) {
    api.developer().post(api.releases()).json(draft).send().is(400, body);
    api.developer().get(format!("{}/{}", api.releases(), encoded(tag))).send().status(404);
    api.developer().get(format!("{}/{}", api.tags(), encoded(tag))).send().status(404);
}

#[track_caller]
fn made(api: &Api, draft: &Value) -> Value {
    api.developer().post(api.releases()).json(draft).send().status(201).json()
}

impl Api {
    /// The tags of the project.
    pub fn tags(&self) -> String {
        format!("/api/v4/projects/{}/repository/tags", self.project)
    }
}

#[test]
fn a_release_shows_everything_it_was_made_with() {
    let api = Api::private();
    let draft = json!({
        "tag_name": "v2.0/rc 1", "name": "Two", "description": "# What is new", "tag_message": "signed", "ref": SHA,
        "released_at": "2034-05-06T07:08:09.5+02:00", "milestones": [],
        "assets": { "links": [
            { "name": "a", "url": "https://a.example/a", "direct_asset_path": "/bin/a", "link_type": "package" },
            { "name": "b", "url": "https://a.example/b" },
        ] },
    });
    let user = api.developer().get("/api/v4/user").send().status(200).json();
    let answer = api.developer().post(api.releases()).json(&draft).send().status(201).json();
    let web = format!("https://gitlab.example.com/{}", api.path);
    let own = format!("{web}/-/releases/v2.0%2Frc%201");
    let links = answer["assets"]["links"].clone();
    let expected = json!({
        "name": "Two", "tag_name": "v2.0/rc 1", "description": "# What is new",
        "created_at": answer["created_at"], "released_at": "2034-05-06T05:08:09.500Z", "upcoming_release": true,
        "author": {
            "id": user["id"], "username": user["username"], "name": user["name"], "state": "active",
            "avatar_url": null, "web_url": user["web_url"],
        },
        "commit": { "id": SHA, "short_id": "01234567" },
        "milestones": [],
        "commit_path": format!("/{}/-/commit/{SHA}", api.path),
        "tag_path": format!("/{}/-/tags/v2.0%2Frc%201", api.path),
        "assets": { "count": 2, "sources": [], "links": [
            shown(&links[0]["id"], "b", "https://a.example/b", "https://a.example/b", "other"),
            shown(&links[1]["id"], "a", "https://a.example/a", &format!("{own}/downloads/bin/a"), "package"),
        ] },
        "evidences": [],
        "_links": { "self": own, "edit_url": format!("{own}/edit") },
    });
    assert_eq!(answer, expected);
    for target in [format!("{}/v2.0%2Frc%201", api.releases()), format!("/{}/-/releases/v2.0%2Frc%201", api.path)] {
        assert_eq!(api.guest().get(target).send().status(200).json(), expected);
    }
}

#[test]
fn a_release_of_nothing_but_a_tag_goes_by_its_name_from_now_on() {
    let api = Api::public();
    let answer = made(&api, &json!({ "tag_name": "v2" }));
    assert_eq!((&answer["name"], &answer["description"]), (&json!("v2"), &Value::Null));
    assert_eq!((&answer["released_at"], &answer["upcoming_release"]), (&answer["created_at"], &json!(false)));
    assert_eq!(answer["assets"], json!({ "count": 0, "sources": [], "links": [] }));
    assert!(answer["created_at"].as_str().unwrap().ends_with('Z'));
    for absent in ["commit", "commit_path"] {
        assert!(answer.get(absent).is_none(), "{absent}");
    }
}

#[test]
fn a_ref_that_is_no_full_sha_is_no_commit() {
    let api = Api::public();
    for (tag, target) in [("a", "main"), ("b", "0123456"), ("c", ""), ("d", &format!("{SHA}0"))] {
        let answer = made(&api, &json!({ "tag_name": tag, "ref": target }));
        assert!(answer.get("commit").is_none() && answer.get("commit_path").is_none(), "{target}");
    }
}

#[test]
fn a_tag_that_has_a_release_is_409() {
    let api = Api::public();
    let taken = r#"{"message":"Release already exists"}"#;
    api.developer().post(api.releases()).json(json!({ "tag_name": "v1.7.0" })).send().is(409, taken);
    made(&api, &json!({ "tag_name": "V1.7.0" }));
}

#[test]
fn a_name_that_is_no_tag_is_refused_and_any_other_text_is_one() {
    let api = Api::public();
    for tag in ["", "  ", "HEAD", "a\nb", "\u{7f}", &"x".repeat(256)] {
        let draft = json!({ "tag_name": tag });
        api.developer().post(api.releases()).json(draft).send().is(400, r#"{"message":"Tag name invalid"}"#);
    }
    api.developer()
        .post(api.releases())
        .json(r#"{"tag_name":null}"#)
        .send()
        .is(400, r#"{"message":"Tag name invalid"}"#);
    for tag in ["head", "a/b", " a", "50%", "ü+?#", "..", "permalink", &"x".repeat(255)] {
        assert_eq!(made(&api, &json!({ "tag_name": tag }))["tag_name"], tag);
        let found = api.guest().get(format!("{}/{}", api.releases(), encoded(tag).replace("..", "%2E%2E"))).send();
        assert_eq!(found.status(200).json()["tag_name"], tag);
    }
}

#[test]
fn assets_that_are_no_object_are_invalid() {
    let api = Api::public();
    for assets in [json!("x"), json!(r#"{"links":[]}"#), json!(1), json!(true), json!([]), json!([{ "links": [] }])] {
        refused(&api, "v2", &json!({ "tag_name": "v2", "assets": assets }), r#"{"error":"assets is invalid"}"#);
    }
    for links in [json!("x"), json!({ "name": "a" }), json!(["x"])] {
        let draft = json!({ "tag_name": "v2", "assets": { "links": links } });
        refused(&api, "v2", &draft, r#"{"error":"assets[links] is invalid"}"#);
    }
    for (tag, assets) in
        [("a", json!(null)), ("b", json!({})), ("c", json!({ "links": null })), ("d", json!({ "links": [] }))]
    {
        made(&api, &json!({ "tag_name": tag, "assets": assets }));
    }
}

#[test]
fn a_fault_in_the_parameters_of_a_link_names_its_place() {
    let api = Api::public();
    let good = json!({ "name": "g", "url": "http://g" });
    for (links, faults) in [
        (json!([{ "url": "http://a" }]), "assets[links][0][name] is missing"),
        (json!([good, { "name": "a" }]), "assets[links][1][url] is missing"),
        (
            json!([{}, good, { "name": "a", "url": "http://a", "link_type": "exe" }]),
            "assets[links][0][name] is missing, assets[links][0][url] is missing, \
             assets[links][2][link_type] does not have a valid value",
        ),
        (json!([{ "name": [], "url": {} }]), "assets[links][0][name] is invalid, assets[links][0][url] is invalid"),
        (json!([{ "name": "a", "url": "http://a", "filepath": [] }]), "assets[links][0][filepath] is invalid"),
    ] {
        let draft = json!({ "tag_name": "v2", "assets": { "links": links } });
        refused(&api, "v2", &draft, &json!({ "error": faults }).to_string());
    }
    let draft = json!({ "description": [], "released_at": "x", "assets": "x" });
    let faults = "tag_name is missing, description is invalid, assets is invalid, released_at is invalid";
    api.developer().post(api.releases()).json(draft).send().is_error(faults);
}

#[test]
fn links_that_do_not_hold_are_refused_in_one_sentence_and_nothing_is_stored() {
    let api = Api::public();
    let link = |name: &str, url: &str| json!({ "name": name, "url": url });
    for (links, faults) in [
        (json!([link("a", "")]), "Links url can't be blank, Links url must be a valid URL"),
        (
            json!([link("a", "file:///a"), link(" ", "http://b"), link("c", "file:///c")]),
            "Links url is blocked: Only allowed schemes are http, https, ftp, Links name can't be blank",
        ),
        (
            json!([{ "name": "a", "url": "http://a", "filepath": "" }, { "name": "b", "url": "http://", "filepath": "/b" }]),
            "Links filepath is in an invalid format, Links url is blocked: URI is invalid",
        ),
        (json!([link("a", "http://a"), link("a", "http://b")]), "Links have duplicate values (a)"),
        (
            json!([
                link("b", "http://1"),
                link("a", "http://2"),
                link("a", "http://2"),
                link("b", "http://3"),
                link("", "x")
            ]),
            "Links url is blocked: Only allowed schemes are http, https, ftp, Links name can't be blank, \
             Links have duplicate values (b, a), Links have duplicate values (http://2)",
        ),
    ] {
        let draft = json!({ "tag_name": "v2", "assets": { "links": links } });
        refused(&api, "v2", &draft, &json!({ "message": format!("Validation failed: {faults}") }).to_string());
    }
}

#[test]
fn milestones_are_never_found() {
    let api = Api::public();
    for (milestones, named) in [(json!(["a", "b"]), "a, b"), (json!("a,b"), "a, b"), (json!(["", "c"]), "c")] {
        let draft = json!({ "tag_name": "v2", "milestones": milestones });
        refused(&api, "v2", &draft, &json!({ "message": format!("Milestone(s) not found: {named}") }).to_string());
    }
    refused(&api, "v2", &json!({ "tag_name": "v2", "milestones": {} }), r#"{"error":"milestones is invalid"}"#);
    for (tag, none) in [("a", json!([])), ("b", json!("")), ("c", json!(null)), ("d", json!([""]))] {
        made(&api, &json!({ "tag_name": tag, "milestones": none }));
    }
}

#[test]
fn the_day_of_a_release_is_iso_8601_and_utc_when_without_a_zone() {
    let api = Api::public();
    for (number, (sent, shown, upcoming)) in [
        ("2021-02-03T04:05:06Z", "2021-02-03T04:05:06.000Z", false),
        ("2021-02-03T04:05:06.789012+02:00", "2021-02-03T02:05:06.789Z", false),
        ("2021-02-03T04:05:06-0530", "2021-02-03T09:35:06.000Z", false),
        ("2021-02-03T04:05:06", "2021-02-03T04:05:06.000Z", false),
        ("2021-02-03 04:05", "2021-02-03T04:05:00.000Z", false),
        ("2021-02-03", "2021-02-03T00:00:00.000Z", false),
        ("2221-02-03", "2221-02-03T00:00:00.000Z", true),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = made(&api, &json!({ "tag_name": number, "released_at": sent }));
        assert_eq!((&answer["released_at"], &answer["upcoming_release"]), (&json!(shown), &json!(upcoming)), "{sent}");
    }
    for none in [json!(null), json!("")] {
        let answer = made(&api, &json!({ "tag_name": format!("{none}"), "released_at": none }));
        assert_eq!(answer["released_at"], answer["created_at"]);
    }
    for bad in [json!("tomorrow"), json!("2021-02-30"), json!("2021-02-03T25:00:00Z"), json!(1_612_325_106), json!([])]
    {
        let draft = json!({ "tag_name": "v2", "released_at": bad });
        refused(&api, "v2", &draft, r#"{"error":"released_at is invalid"}"#);
    }
}

#[test]
fn a_release_is_refused_in_the_order_of_the_contract() {
    let no_project = r#"{"message":"404 Project Not Found"}"#;
    let forbidden = r#"{"message":"403 Forbidden"}"#;
    let bad = json!({ "tag_name": "v2", "assets": 1, "milestones": ["m"] });
    let private = Api::private();
    for caller in [private.anonymous(), private.stranger()] {
        caller.post(private.releases()).json(&bad).send().is(404, no_project);
    }
    let unknown = private.anonymous().post(private.releases()).header("PRIVATE-TOKEN", "unknown");
    unknown.json(&bad).send().is(401, r#"{"message":"401 Unauthorized"}"#);
    private.newcomer(30, "read_api").post(private.releases()).json(&bad).send().status(403);

    let api = Api::public();
    let taken = json!({ "tag_name": "v1.7.0", "milestones": ["m"] });
    for caller in [api.anonymous(), api.stranger(), api.reporter()] {
        caller.post(api.releases()).json(&bad).send().is_error("assets is invalid");
        caller.post(api.releases()).json(&taken).send().is(403, forbidden);
    }
    let post = |draft: &Value| api.developer().post(api.releases()).json(draft).send();
    post(&taken).is(409, r#"{"message":"Release already exists"}"#);
    post(&json!({ "tag_name": "HEAD", "milestones": ["m"] })).is(400, r#"{"message":"Milestone(s) not found: m"}"#);
}

#[test]
fn a_form_makes_a_release_with_links_as_json_does() {
    let api = Api::public();
    let form = "tag_name=v2&assets[links][][name]=a&assets[links][][url]=http://a&assets[links][][link_type]=image\
        &assets[links][][name]=b&assets[links][][url]=http://b&assets[links][][filepath]=/bin/b";
    let answer = api.developer().post(api.releases()).form(form).send().status(201).json();
    let links = answer["assets"]["links"].as_array().unwrap();
    let shown: Vec<_> = links.iter().map(|link| (link["name"].as_str(), link["link_type"].as_str())).collect();
    assert_eq!(shown, [(Some("b"), Some("other")), (Some("a"), Some("image"))]);
}

#[test]
fn a_release_with_500_links_is_made_listed_and_deleted_in_one_request_each() {
    let api = Api::public();
    let links: Vec<_> = (0..500)
        .map(|n| json!({ "name": format!("n{n}"), "url": format!("http://a.example/{n}"), "filepath": format!("/bin/n{n}") }))
        .collect();
    let answer = made(&api, &json!({ "tag_name": "v2", "assets": { "links": links } }));
    assert_eq!(answer["assets"]["count"], 500);
    let names: Vec<_> =
        answer["assets"]["links"].as_array().unwrap().iter().map(|link| link["name"].as_str().unwrap()).collect();
    assert_eq!(names, (0..500).rev().map(|n| format!("n{n}")).collect::<Vec<_>>(), "newest first");
    let listed = api.guest().get(api.releases()).send().status(200).json();
    assert_eq!(listed[0], answer);
    let release = format!("{}/v2", api.releases());
    assert_eq!(api.developer().delete(&release).send().status(200).json(), answer);
    api.guest().get(&release).send().status(404);
    api.guest().get(api.links_of("v2")).send().status(404);
}

#[test]
fn who_may_read_the_links_may_read_the_releases() {
    for visibility in [Visibility::Public, Visibility::Internal, Visibility::Private] {
        let api = match visibility {
            Visibility::Public => Api::public(),
            Visibility::Internal => Api::internal(),
            Visibility::Private => Api::private(),
        };
        let callers = [api.anonymous(), api.stranger(), api.guest(), api.reporter(), api.developer(), api.admin()];
        for caller in callers {
            let links = caller.get(api.links()).send().status;
            for target in [
                api.releases(),
                format!("{}/v1.7.0", api.releases()),
                format!("/{}/-/releases/v1.7.0", api.path),
                api.tags(),
                format!("{}/v1.7.0", api.tags()),
            ] {
                assert_eq!(caller.get(&target).send().status, links, "{visibility:?} {target}");
                assert_eq!(caller.request("HEAD", &target).send().status, links, "{visibility:?} {target}");
            }
        }
    }
}
