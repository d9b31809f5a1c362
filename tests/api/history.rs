//! docs/contract.md, "Immutable releases and history": every change has its row, who sees what of it, and where a permanent link led.

use std::hint;
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::digests::sha256;
use crate::harness::{Api, Response, encoded};

const NOT_FOUND: &str = r#"{"message":"404 Not found"}"#;
const HIDDEN: &str = r#"{"message":"404 Project Not Found"}"#;

impl Api {
    /// The address of the history of the project.
    pub fn project_history(&self) -> String {
        format!("/api/v4/projects/{}/release_history", self.project)
    }
}

/// The rows of a list as a developer sees them.
#[track_caller]
pub fn rows(api: &Api, target: &str) -> Vec<Value> {
    let target = format!("{target}{}per_page=100", if target.contains('?') { '&' } else { '?' });
    api.developer().get(target).send().status(200).json().as_array().expect("a list").clone()
}

/// What the rows say happened, the oldest first.
#[track_caller]
pub fn actions(api: &Api, target: &str) -> Vec<String> {
    rows(api, target).iter().rev().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the clock shows another millisecond, so that what follows has another time than what came before.
#[expect(clippy::disallowed_methods, reason = "the server reads the same clock")]
fn next_millisecond() {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let before = now();
    while now() == before {
        hint::spin_loop();
    }
}

/// Where the path of `v1.7.0` led at that moment, as a guest sees it.
fn led(api: &Api, path: &str, at: &Value) -> Response {
    let at = encoded(at.as_str().expect("a time"));
    api.guest().get(format!("{}?path={}&at={at}", api.history("v1.7.0"), encoded(path))).send()
}

#[test]
fn every_kind_of_change_has_a_row_with_what_was_and_what_became() {
    let api = Api::public();
    let developer = api.developer();
    let user = developer.get("/api/v4/user").send().json();
    let channel = format!("/api/v4/projects/{}/release_channels/beta", api.project);
    let draft = json!({ "tag_name": "v2", "name": "Two", "description": "New.", "released_at": "2026-01-01",
        "assets": { "links": [{ "name": "a", "url": "http://a" }] } });
    let link = developer.post(api.releases()).json(draft).send().status(201).json()["assets"]["links"][0]["id"].clone();
    let link_address = format!("{}/{link}", api.links_of("v2"));
    let change =
        json!({ "url": "http://b", "filepath": "/bin/b", "link_type": "image", "digest": sha256("a"), "size": 7 });
    developer.put(&link_address).json(change).send().status(200);
    developer.put(&channel).json(json!({ "tag_name": "v1.7.0" })).send().status(201);
    developer.put(&channel).json(json!({ "tag_name": "v2" })).send().status(200);
    developer.put(api.release_address("v2")).json(json!({ "description": null })).send().status(200);
    developer.delete(&channel).send().status(200);
    developer.delete(link_address).send().status(200);
    developer.put(format!("{}/immutable", api.release_address("v2"))).send().status(200);
    let mut found = rows(&api, &api.project_history());
    found.reverse();
    let token = found[1]["actor"]["token_id"].clone();
    assert!(token.is_i64(), "{token}");
    let actor = json!({ "user_id": user["id"], "username": user["username"], "token_id": token });
    let (was, is) = (
        json!({ "name": "a", "url": "http://a", "direct_asset_path": null, "link_type": "other", "digest": null,
            "size": null }),
        json!({ "name": "a", "url": "http://b", "direct_asset_path": "/bin/b", "link_type": "image",
            "digest": sha256("a"), "size": 7 }),
    );
    let release = |description: Value| json!({ "name": "Two", "description": description, "released_at": "2026-01-01T00:00:00.000Z" });
    let tag = |tag: &str| json!({ "tag_name": tag });
    let none = Value::Null;
    for (row, (action, tag, about, before, after)) in found[1..].iter().zip([
        ("release.create", "v2", None, none.clone(), release(json!("New."))),
        ("link.create", "v2", Some(("link_id", link.clone())), none.clone(), was.clone()),
        ("link.update", "v2", Some(("link_id", link.clone())), was, is.clone()),
        ("channel.set", "v1.7.0", Some(("channel", json!("beta"))), none.clone(), tag("v1.7.0")),
        ("channel.set", "v2", Some(("channel", json!("beta"))), tag("v1.7.0"), tag("v2")),
        ("release.update", "v2", None, release(json!("New.")), release(none.clone())),
        ("channel.delete", "v2", Some(("channel", json!("beta"))), tag("v2"), none.clone()),
        ("link.delete", "v2", Some(("link_id", link.clone())), is, none.clone()),
        ("release.immutable", "v2", None, none.clone(), none.clone()),
    ]) {
        let mut expected = json!({ "seq": row["seq"], "at": row["at"], "action": action, "tag_name": tag,
            "actor": actor, "before": before, "after": after });
        if let Some((key, value)) = about {
            expected[key] = value;
        }
        assert_eq!(*row, expected);
    }
    assert_eq!(found.len(), 10);
    let seqs: Vec<_> = found.iter().map(|row| row["seq"].as_i64().unwrap()).collect();
    assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
    let ats: Vec<_> = found.iter().map(|row| row["at"].as_str().unwrap()).collect();
    assert!(ats.is_sorted() && ats.iter().all(|at| at.len() == "2026-01-01T00:00:00.000Z".len()), "{ats:?}");
}

#[test]
fn a_row_has_its_keys_in_this_order() {
    let api = Api::public();
    let link = api.add("a", "http://a");
    let text = api.developer().get(api.history("v1.7.0") + "?action=link.create").send().status(200).text;
    let row = &rows(&api, &api.history("v1.7.0"))[0];
    let (actor, release) = (&row["actor"], &rows(&api, &api.history("v1.7.0"))[1]);
    let of_link = format!(
        r#"[{{"seq":{},"at":{},"action":"link.create","tag_name":"v1.7.0","actor":{{"user_id":{},"username":{},"token_id":{}}},"link_id":{link},"before":null,"after":{{"name":"a","url":"http://a","direct_asset_path":null,"link_type":"other","digest":null,"size":null}}}}]"#,
        row["seq"], row["at"], actor["user_id"], actor["username"], actor["token_id"]
    );
    assert_eq!(text, of_link);
    let text = api.guest().get(api.history("v1.7.0") + "?action=release.create").send().status(200).text;
    let of_release = format!(
        r#"[{{"seq":{},"at":{},"action":"release.create","tag_name":"v1.7.0","before":null,"after":{{"name":null,"description":null,"released_at":{}}}}}]"#,
        release["seq"], release["at"], release["after"]["released_at"]
    );
    assert_eq!(text, of_release);
}

#[test]
fn who_did_it_is_shown_to_developers_and_above_alone() {
    let api = Api::public();
    for target in [api.history("v1.7.0"), api.project_history()] {
        for caller in [api.anonymous(), api.stranger(), api.guest(), api.reporter()] {
            let row = caller.get(&target).send().status(200).json()[0].clone();
            assert_eq!(row["action"], "release.create");
            assert!(row.get("actor").is_none(), "{row}");
        }
        for caller in [api.developer(), api.maintainer(), api.owner(), api.admin()] {
            let row = caller.get(&target).send().status(200).json()[0].clone();
            assert_eq!(row["actor"]["username"], "root", "{row}");
        }
    }
    let hidden = Api::private();
    for target in [hidden.history("v1.7.0"), hidden.project_history()] {
        hidden.guest().get(&target).send().status(200);
        hidden.stranger().get(&target).send().is(404, HIDDEN);
        hidden.anonymous().get(&target).send().is(404, HIDDEN);
    }
}

#[test]
fn an_actor_who_is_gone_leaves_the_row() {
    let api = Api::public();
    let leaving = api.newcomer(30, "api");
    let user = leaving.get("/api/v4/user").send().json();
    leaving.post(api.links()).json(json!({ "name": "a", "url": "http://a" })).send().status(201);
    api.admin().delete(format!("/api/v4/users/{}", user["id"])).send().status(204);
    let row = rows(&api, &api.history("v1.7.0"))[0].clone();
    assert_eq!((&row["action"], &row["actor"]["user_id"]), (&json!("link.create"), &user["id"]));
}

#[test]
fn rows_are_found_by_path_name_and_action_in_pages() {
    let api = Api::public();
    let (a, b) =
        (json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" }), json!({ "name": "b", "url": "http://b" }));
    let a = api.create(&a).status(201).id();
    let b = api.create(&b).status(201).id();
    let change = |id: u64, body: Value| {
        api.developer().request("PATCH", api.link(id)).json(body).send().status(200);
    };
    change(a, json!({ "direct_asset_path": "/bin/c" }));
    change(b, json!({ "name": "d" }));
    change(b, json!({ "name": "e", "direct_asset_path": "/bin/a" }));
    for target in [api.history("v1.7.0"), api.project_history()] {
        let found = |query: &str| {
            let rows = rows(&api, &format!("{target}?{query}"));
            rows.iter()
                .map(|row| (row["link_id"].as_u64(), row["action"].as_str().unwrap().to_owned()))
                .collect::<Vec<_>>()
        };
        let row = |id: u64, action: &str| (Some(id), action.to_owned());
        let (create, update) = ("link.create", "link.update");
        for (query, expected) in [
            ("path=%2Fbin%2Fa", vec![row(b, update), row(a, update), row(a, create)]),
            ("path=/bin/c", vec![row(a, update)]),
            ("path=/bin/nothing", vec![]),
            ("path=", vec![]),
            ("name=d", vec![row(b, update), row(b, update)]),
            ("name=b", vec![row(b, update), row(b, create)]),
            ("name=e&path=/bin/a", vec![row(b, update)]),
            ("action=link.create", vec![row(b, create), row(a, create)]),
            ("action=link.create&name=a&path=/bin/a", vec![row(a, create)]),
            ("action=release.create", vec![(None, "release.create".to_owned())]),
            ("action=link.delete", vec![]),
            ("action=release.create&name=a", vec![]),
        ] {
            assert_eq!(found(query), expected, "{query}");
        }
        let page = api.guest().get(format!("{target}?per_page=4&page=2")).send().status(200);
        assert_eq!(
            (page.header("x-total"), page.header("x-prev-page"), page.header("x-next-page")),
            (Some("6"), Some("1"), Some(""))
        );
        assert_eq!(page.json()[1]["action"], "release.create");
    }
}

#[test]
fn what_is_no_action_no_date_or_no_path_is_refused_before_authentication() {
    let (api, hidden) = (Api::public(), Api::private());
    let invalid = "action does not have a valid value";
    for api in [&api, &hidden] {
        let ask = |target: &str| api.anonymous().get(target).send();
        for action in ["links.create", "LINK.CREATE", "", "link", "release.publish"] {
            ask(&format!("{}?action={action}", api.history("v1.7.0"))).is_error(invalid);
            ask(&format!("{}?action={action}&private_token=unknown", api.project_history())).is_error(invalid);
        }
        let history = api.history("v1.7.0");
        for at in ["", "yesterday", "2026-02-30", "1700000000"] {
            ask(&format!("{history}?path=/bin/a&at={at}")).is_error("at is invalid");
        }
        ask(&format!("{history}?at=2026-10-01T00:00:00Z")).is_error("path is missing");
        ask(&format!("{history}?page=x&action=x")).is_error("page is invalid, action does not have a valid value");
        ask(&format!("{}?name[]=a", api.project_history())).is_error("name is invalid");
    }
}

#[test]
fn what_changes_nothing_or_only_moves_a_link_writes_no_row() {
    let api = Api::public();
    let developer = api.developer();
    let (a, b) = (api.add("a", "http://a"), api.add("b", "http://b"));
    let channel = format!("/api/v4/projects/{}/release_channels/beta", api.project);
    developer.put(&channel).json(json!({ "tag_name": "v1.7.0" })).send().status(201);
    let expected = ["release.create", "link.create", "link.create", "channel.set"];
    assert_eq!(actions(&api, &api.project_history()), expected);
    developer.put(api.link(a)).json(json!({ "name": "a" })).send().status(200);
    developer.request("PATCH", api.link(a)).json(json!({})).send().status(200);
    for on_conflict in ["keep", "replace"] {
        let again = json!({ "name": "a", "url": "http://a", "on_conflict": on_conflict });
        developer.post(api.links()).json(again).send().status(200);
        let release = json!({ "tag_name": "v1.7.0", "on_conflict": on_conflict });
        developer.post(api.releases()).json(release).send().status(200);
    }
    developer.post(api.links()).json(json!({ "name": "a", "url": "http://c" })).send().status(400);
    let order =
        json!({ "links": [{ "id": a, "name": "a", "url": "http://a" }, { "id": b, "name": "b", "url": "http://b" }] });
    let applied = developer.put(api.manifest()).json(order).send().status(200).json();
    assert_eq!(applied["links"][0]["id"], a);
    developer.put(api.manifest() + "?dry_run=true").json(json!({ "links": [] })).send().status(200);
    developer.put(api.release_address("v1.7.0")).json(json!({ "description": null })).send().status(200);
    developer.put(&channel).json(json!({ "tag_name": "v1.7.0" })).send().status(200);
    let project = format!("/api/v4/projects/{}", api.project);
    api.admin().put(project).json(json!({ "path": "renamed" })).send().status(200);
    assert_eq!(actions(&api, &api.project_history()), expected);
    api.freeze("v1.7.0");
    api.freeze("v1.7.0");
    assert_eq!(actions(&api, &api.project_history())[4..], ["release.immutable"]);
}

#[test]
fn a_deleted_release_leaves_its_rows_to_the_project_and_to_the_next_release_of_its_tag() {
    let api = Api::public();
    let developer = api.developer();
    let (a, b) = (api.add("a", "http://a"), api.add("b", "http://b"));
    let channel = format!("/api/v4/projects/{}/release_channels/beta", api.project);
    developer.put(channel).json(json!({ "tag_name": "v1.7.0" })).send().status(201);
    developer.delete(api.release_address("v1.7.0")).send().status(200);
    developer.get(api.history("v1.7.0")).send().is(404, NOT_FOUND);
    developer.get(api.history("v1.7.0") + "?path=/bin/a&at=2020-01-01").send().is(404, NOT_FOUND);
    let found = rows(&api, &api.project_history());
    let last = |action: &str| found.iter().filter(|row| row["action"] == action).collect::<Vec<_>>();
    assert_eq!(found[0]["action"], "release.delete");
    assert_eq!(found[0]["tag_name"], "v1.7.0");
    let mut links: Vec<_> = last("link.delete").iter().map(|row| row["link_id"].as_u64().unwrap()).collect();
    links.sort_unstable();
    assert_eq!((links, last("channel.delete").len()), (vec![a, b], 1));
    assert!(found[1..4].iter().all(|row| matches!(row["action"].as_str(), Some("link.delete" | "channel.delete"))));
    assert!(found[1..4].iter().all(|row| row["at"] == found[0]["at"] && row["after"] == Value::Null));
    api.post_release("v1.7.0").status(201);
    assert_eq!(rows(&api, &api.history("v1.7.0"))[1..], found[..]);
}

#[test]
fn a_moment_shows_where_the_permanent_link_led_then() {
    let api = Api::public();
    let developer = api.developer();
    let change = |id: u64, body: Value| {
        next_millisecond();
        developer.request("PATCH", api.link(id)).json(body).send().status(200);
    };
    let a = json!({ "name": "a", "url": "http://a", "filepath": "/bin/app" });
    let a = api.create(&a).status(201).id();
    change(a, json!({ "digest": sha256("a") }));
    change(a, json!({ "name": "renamed", "size": 7, "link_type": "package" }));
    change(a, json!({ "url": "http://b" }));
    next_millisecond();
    developer.delete(api.link(a)).send().status(200);
    next_millisecond();
    let again = json!({ "name": "c", "url": "http://b", "filepath": "/bin/app" });
    let c = api.create(&again).status(201).id();
    change(c, json!({ "direct_asset_path": "/bin/other" }));
    let mut found = rows(&api, &(api.history("v1.7.0") + "?path=/bin/app"));
    found.reverse();
    let at = |number: usize| found[number]["at"].clone();
    let step = |url: &str, digest: Value, link: u64, since: usize, until: usize| {
        json!({ "url": url, "digest": digest, "link_id": link, "since": at(since), "until": at(until),
            "seq": found[since]["seq"] })
    };
    let none = Value::Null;
    for (moment, expected) in [
        (0, Some(step("http://a", none.clone(), a, 0, 1))),
        (1, Some(step("http://a", json!(sha256("a")), a, 1, 3))),
        // A name, a size and a type make no step.
        (2, Some(step("http://a", json!(sha256("a")), a, 1, 3))),
        (3, Some(step("http://b", none.clone(), a, 3, 4))),
        (4, None),
        (5, Some(step("http://b", none.clone(), c, 5, 6))),
        (6, None),
    ] {
        let answer = led(&api, "/bin/app", &at(moment));
        match expected {
            Some(expected) => assert_eq!(answer.status(200).json(), expected, "{moment}"),
            None => answer.is(404, NOT_FOUND),
        }
    }
    led(&api, "/bin/app", &json!("2020-01-01")).is(404, NOT_FOUND);
    led(&api, "/bin/nothing", &json!("2999-01-01")).is(404, NOT_FOUND);
    let now = led(&api, "/bin/other", &json!("2999-01-01T00:00:00+02:00")).status(200);
    let text = format!(
        r#"{{"url":"http://b","digest":null,"link_id":{c},"since":{},"until":null,"seq":{}}}"#,
        at(6),
        found[6]["seq"]
    );
    assert_eq!(now.text, text);
    let tag = now.header("etag").expect("an ETag").to_owned();
    let target = format!("{}?path=/bin/other&at=2999-01-01", api.history("v1.7.0"));
    api.guest().get(target).header("If-None-Match", tag).send().status(304);
}

#[test]
fn what_one_manifest_does_is_one_step() {
    let api = Api::public();
    let link = |name: &str| json!({ "name": name, "url": format!("http://{name}"), "direct_asset_path": format!("/bin/{name}") });
    let [a, b] = ["aa", "bb"].map(|name| api.create(&link(name)).status(201).id());
    next_millisecond();
    let (mut first, mut second) = (link("aa"), link("bb"));
    (first["id"], second["id"]) = (json!(a), json!(b));
    (first["direct_asset_path"], second["direct_asset_path"]) = (json!("/bin/bb"), json!("/bin/aa"));
    api.developer().put(api.manifest()).json(json!({ "links": [first, second] })).send().status(200);
    let updates = rows(&api, &(api.history("v1.7.0") + "?action=link.update"));
    assert_eq!((updates.len(), &updates[0]["at"]), (2, &updates[1]["at"]));
    let created = rows(&api, &(api.history("v1.7.0") + "?action=link.create&name=aa"))[0].clone();
    let before = led(&api, "/bin/aa", &created["at"]).status(200).json();
    assert_eq!((&before["link_id"], &before["until"]), (&json!(a), &updates[0]["at"]));
    let after = led(&api, "/bin/aa", &updates[0]["at"]).status(200).json();
    assert_eq!((&after["link_id"], &after["since"], &after["until"]), (&json!(b), &updates[0]["at"], &Value::Null));
}

#[test]
fn a_history_goes_along_when_the_project_moves() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    let old = encoded(&api.path);
    let before = rows(&api, &api.project_history());
    let project = format!("/api/v4/projects/{}", api.project);
    api.admin().put(project).json(json!({ "path": "moved" })).send().status(200);
    assert_eq!(rows(&api, &api.project_history()), before);
    for rest in ["release_history?action=link.create", "releases/v1.7.0/history?path=/bin/a&at=2999-01-01"] {
        let answer = api.guest().get(format!("/api/v4/projects/{old}/{rest}")).send().status(301);
        let location = answer.header("location").unwrap();
        assert_eq!(location, format!("https://gitlab.example.com/api/v4/projects/{}/{rest}", api.project));
    }
}

#[test]
fn the_releases_of_a_tag_called_permalink_have_a_history_too() {
    let api = Api::public();
    api.release("permalink");
    assert_eq!(actions(&api, &api.history("permalink")), ["release.create"]);
    api.freeze("permalink");
    assert_eq!(actions(&api, &api.history("permalink")), ["release.create", "release.immutable"]);
}

#[test]
fn a_job_and_a_project_token_are_named_as_those_who_acted() {
    let api = Api::public();
    let project = format!("/api/v4/projects/{}", api.project);
    let user = api.developer().get("/api/v4/user").send().json();
    let job = api.developer().post(format!("{project}/job_tokens")).send().status(201).json();
    let draft = json!({ "name": "bot", "scopes": ["api"], "access_level": 30 });
    let bot = api.maintainer().post(format!("{project}/access_tokens")).json(draft).send().status(201).json();
    for (made, header, name) in [(&job, "JOB-TOKEN", "by-job"), (&bot, "PRIVATE-TOKEN", "by-bot")] {
        let token = made["token"].as_str().unwrap();
        let link = json!({ "name": name, "url": format!("http://{name}") });
        api.anonymous().post(api.links()).header(header, token).json(link).send().status(201);
    }
    let actor = |name: &str| rows(&api, &format!("{}?name={name}", api.history("v1.7.0")))[0]["actor"].clone();
    assert_eq!(actor("by-job"), json!({ "user_id": user["id"], "username": user["username"], "token_id": job["id"] }));
    assert_eq!(actor("by-bot")["token_id"], bot["id"]);
    assert_eq!(actor("by-bot")["user_id"], bot["user_id"]);
}
