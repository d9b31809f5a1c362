//! Members of projects and groups.

use serde_json::{Value, json};

use super::{
    FORBIDDEN, INSUFFICIENT, NO_GROUP, NO_PROJECT, NO_USER, NOT_FOUND, UNAUTHORIZED, each, group_of, id_of, new_user,
    unique,
};
use crate::harness::{Api, Caller, encoded};

fn of_project(api: &Api) -> String {
    format!("/api/v4/projects/{}/members", api.project)
}

fn of_group(group: u64) -> String {
    format!("/api/v4/groups/{group}/members")
}

fn draft(user: u64, level: u8) -> Value {
    json!({ "user_id": user, "access_level": level })
}

/// A group of the caller's own.
#[track_caller]
fn own_group(api: &Api, owner: &Caller, visibility: &str) -> u64 {
    let path = unique(api, "club");
    let group = json!({ "name": path, "path": path, "visibility": visibility });
    owner.post("/api/v4/groups").json(group).send().status(201).id()
}

#[test]
fn a_member_is_added_shown_changed_and_removed() {
    let api = Api::private();
    let maintainer = api.maintainer();
    let name = unique(&api, "joining");
    let user = new_user(&api, &name);
    let member = format!("{}/{user}", of_project(&api));
    let shown = |level: u8| {
        json!({
            "id": user, "username": name, "name": name, "state": "active", "avatar_url": null,
            "web_url": format!("https://gitlab.example.com/{name}"), "bot": false, "access_level": level,
            "expires_at": null,
        })
    };
    let added = json!({ "user_id": user, "access_level": 20, "expires_at": null });
    assert_eq!(maintainer.post(of_project(&api)).json(added).send().status(201).json(), shown(20));
    assert_eq!(maintainer.get(&member).send().status(200).json(), shown(20));
    let form = maintainer.put(&member).form("access_level=40&expires_at=");
    assert_eq!(form.send().status(200).json(), shown(40));
    assert_eq!(api.guest().get(&member).send().status(200).json(), shown(40));
    assert_eq!(maintainer.delete(&member).send().status(204).text, "");
    for answer in [maintainer.get(&member), maintainer.delete(&member), maintainer.put(&member).form("access_level=10")]
    {
        answer.send().is(404, NOT_FOUND);
    }
}

#[test]
fn a_member_can_be_named_by_username_in_any_case() {
    let api = Api::private();
    let name = unique(&api, "named");
    let user = new_user(&api, &name);
    for members in [of_project(&api), of_group(group_of(&api))] {
        let added = json!({ "username": name.to_uppercase(), "access_level": 20 });
        let added = api.admin().post(&members).json(added).send().status(201).json();
        assert_eq!((&added["id"], &added["username"]), (&json!(user), &json!(name)));
        let again = api.admin().post(&members).form(format!("username={name}&access_level=20")).send();
        again.is(409, r#"{"message":"Member already exists"}"#);
    }
}

#[test]
fn the_same_works_under_groups_by_id_and_by_path_for_owners() {
    let api = Api::public();
    let owner = api.newcomer(0, "api");
    let top = own_group(&api, &owner, "private");
    let path = unique(&api, "club").to_uppercase();
    let below = json!({ "name": "below", "path": "below", "parent_id": top });
    let below = owner.post("/api/v4/groups").json(below).send().status(201).id();
    let user = id_of(&api.stranger());
    let by_path = format!("/api/v4/groups/{}/members", encoded(&format!("{path}/below")));
    assert_eq!(owner.post(&by_path).json(draft(user, 40)).send().status(201).json()["access_level"], 40);
    let member = format!("{}/{user}", of_group(below));
    assert_eq!(api.stranger().get(&member).send().status(200).json()["id"], user);
    api.stranger().put(&member).form("access_level=30").send().is(403, FORBIDDEN);
    api.stranger().post(of_group(below)).json(draft(1, 10)).send().is(403, FORBIDDEN);
    api.stranger().get(of_group(top)).send().is(404, NO_GROUP);
    assert_eq!(owner.put(&member).form("access_level=10").send().status(200).json()["access_level"], 10);
    owner.delete(&member).send().status(204);
    api.stranger().get(of_group(below)).send().is(404, NO_GROUP);
}

#[test]
fn lists_are_direct_or_inherited_and_paged() {
    let api = Api::public();
    let group = group_of(&api);
    let root = id_of(&api.admin());
    let (ada, bob) = (new_user(&api, &unique(&api, "ada")), new_user(&api, &unique(&api, "bob")));
    let admin = api.admin();
    admin.post(of_group(group)).json(draft(ada, 40)).send().status(201);
    admin.post(of_project(&api)).json(draft(ada, 10)).send().status(201);
    admin.post(of_project(&api)).json(draft(bob, 30)).send().status(201);
    let levels = |target: String| -> Vec<(u64, u64)> {
        let list = admin.get(target).send().status(200).json();
        let pairs = each(&list, "id").into_iter().zip(each(&list, "access_level"));
        pairs.map(|(id, level)| (id.as_u64().unwrap(), level.as_u64().unwrap())).collect()
    };
    assert_eq!(levels(of_project(&api)), [(ada, 10), (bob, 30)]);
    assert_eq!(levels(of_project(&api) + "/all"), [(root, 50), (ada, 40), (bob, 30)]);
    assert_eq!(levels(of_group(group)), [(root, 50), (ada, 40)]);
    let second = admin.get(of_project(&api) + "/all?per_page=2&page=2").send().status(200);
    assert_eq!(each(&second.json(), "id"), [json!(bob)]);
    assert_eq!((second.header("x-total"), second.header("x-prev-page")), (Some("3"), Some("1")));

    let one = |ending: String| admin.get(of_project(&api) + &ending).send();
    assert_eq!(one(format!("/all/{ada}")).status(200).json()["access_level"], 40);
    assert_eq!(one(format!("/{ada}")).status(200).json()["access_level"], 10);
    one(format!("/{root}")).is(404, NOT_FOUND);
    assert_eq!(one(format!("/all/{root}")).status(200).json()["access_level"], 50);
    one("/all/999999999".into()).is(404, NOT_FOUND);
}

#[test]
fn who_owns_a_personal_project_is_among_all_its_members() {
    let api = Api::public();
    let owner = api.newcomer(0, "api");
    let project = owner.post("/api/v4/projects").json(json!({ "name": "mine" })).send().status(201).id();
    let members = format!("/api/v4/projects/{project}/members");
    owner.get(&members).send().is(200, "[]");
    let all = owner.get(format!("{members}/all")).send().status(200).json();
    assert_eq!((each(&all, "id"), each(&all, "access_level")), (vec![json!(id_of(&owner))], vec![json!(50)]));
}

#[test]
fn members_are_read_by_whoever_may_read_the_project_or_group() {
    let (public, internal, private) = (Api::public(), Api::internal(), Api::private());
    for (api, anonymous, stranger) in [(&public, 200, 200), (&internal, 404, 200), (&private, 404, 404)] {
        let user = id_of(&api.guest());
        let group = of_group(group_of(api));
        for (target, hidden) in [
            (of_project(api), NO_PROJECT),
            (of_project(api) + "/all", NO_PROJECT),
            (format!("{}/{user}", of_project(api)), NO_PROJECT),
            (format!("{}/all/{user}", of_project(api)), NO_PROJECT),
            (group.clone(), NO_GROUP),
            (group + "/all", NO_GROUP),
        ] {
            for (caller, status) in [(api.anonymous(), anonymous), (api.stranger(), stranger), (api.admin(), 200)] {
                let answer = caller.get(&target).send().status(status);
                assert!(status == 200 || answer.text == hidden, "{target}: {answer:?}");
            }
        }
        api.guest().get(of_project(api)).send().status(200);
    }
    public.newcomer(0, "read_user").get(of_project(&public)).send().is(403, INSUFFICIENT);
    public.newcomer(0, "read_user").get(of_group(group_of(&public))).send().is(403, INSUFFICIENT);
    public.anonymous().get(of_project(&public) + "?per_page=0").send().is_error("per_page has a value not allowed");
}

#[test]
fn writes_are_refused_in_the_contracts_order() {
    let (public, private) = (Api::public(), Api::private());
    let group = of_group(group_of(&public));
    for target in [of_project(&public), of_project(&private), group.clone()] {
        public.anonymous().post(&target).json("{}").send().is(401, UNAUTHORIZED);
        public.anonymous().delete(format!("{target}/1")).send().is(401, UNAUTHORIZED);
        public.anonymous().put(format!("{target}/1")).send().is(401, UNAUTHORIZED);
    }
    public.stranger().post(of_project(&private)).json("{}").send().is(404, NO_PROJECT);
    public.stranger().post(of_group(group_of(&private))).json("{}").send().is(404, NO_GROUP);
    public.stranger().post("/api/v4/groups/nowhere/members").json("{}").send().is(404, NO_GROUP);
    public.newcomer(40, "read_api").post(of_project(&public)).json("{}").send().is(403, INSUFFICIENT);
    let guest = id_of(&public.guest());
    for caller in [public.stranger(), public.guest(), public.developer()] {
        caller.post(of_project(&public)).json("{}").send().is(403, FORBIDDEN);
        caller.put(format!("{}/{}", of_project(&public), id_of(&public.reporter()))).send().is(403, FORBIDDEN);
        caller.post(&group).json("{}").send().is(403, FORBIDDEN);
    }
    public.developer().delete(format!("{}/{guest}", of_project(&public))).send().is(403, FORBIDDEN);

    let post = |draft: Value| public.maintainer().post(of_project(&public)).json(draft).send();
    post(json!({}))
        .is_error("access_level is missing, user_id, username are missing, at least one parameter must be provided");
    post(json!({ "user_id": null, "access_level": "" })).is_error("user_id is empty, access_level is empty");
    let levels = "access_level does not have a valid value, allowed are 10, 15, 20, 30, 40, 50";
    post(json!({ "user_id": "x", "access_level": 35 })).is_error(&format!("user_id is invalid, {levels}"));
    let expiry = "expires_at is not supported: memberships do not expire";
    post(json!({ "user_id": guest, "access_level": 10, "expires_at": "2031-01-01" })).is_error(expiry);
    let both = json!({ "user_id": guest, "username": "root", "access_level": 10 });
    post(both).is_error("user_id, username are mutually exclusive");
    post(json!({ "username": " ", "access_level": 10 })).is_error("username is empty");
    post(draft(999_999_999, 10)).is(404, NO_USER);
    for name in ["nobody-at-all", "no name", "999999999"] {
        post(json!({ "username": name, "access_level": 10 })).is(404, NO_USER);
    }
    post(draft(guest, 10)).is(409, r#"{"message":"Member already exists"}"#);
    let member = format!("{}/{guest}", of_project(&public));
    public.maintainer().put(&member).json(json!({ "access_level": 10, "expires_at": "x" })).send().is_error(expiry);
    public.maintainer().put(&member).json("{}").send().is_error("access_level is missing");
}

#[test]
fn a_user_id_that_is_no_number_is_refused_where_an_unknown_one_is() {
    let api = Api::private();
    let (old, group) = (encoded(&api.path), own_group(&api, &api.admin(), "private"));
    for user in ["abc", "0", "99999999999999999999", "987654321"] {
        for (members, absent) in [(of_project(&api), NO_PROJECT), (of_group(group), NO_GROUP)] {
            let member = format!("{members}/{user}");
            let all = format!("{members}/all/{user}");
            for target in [&member, &all] {
                api.stranger().get(target).send().is(404, absent);
                api.admin().get(target).send().is(404, NOT_FOUND);
            }
            api.stranger().delete(&member).send().is(404, absent);
            api.admin().delete(&member).send().is(404, NOT_FOUND);
            api.anonymous().delete(&member).send().is(401, UNAUTHORIZED);
            api.anonymous().put(&member).form("access_level=10").send().is(401, UNAUTHORIZED);
        }
    }
    let settings = json!({ "path": "renamed" });
    api.admin().put(format!("/api/v4/projects/{}", api.project)).json(settings).send().status(200);
    api.admin().get(format!("/api/v4/projects/{old}/members/abc")).send().status(301);
    api.admin().delete(format!("/api/v4/projects/{old}/members/abc")).send().status(405);
}

#[test]
fn nobody_grants_changes_or_removes_a_level_above_their_own() {
    let api = Api::public();
    let (maintainer, owner) = (api.maintainer(), api.owner());
    let user = new_user(&api, &unique(&api, "risen"));
    let member = |user| format!("{}/{user}", of_project(&api));
    maintainer.post(of_project(&api)).json(draft(user, 50)).send().is(403, FORBIDDEN);
    maintainer.post(of_project(&api)).json(draft(user, 40)).send().status(201);
    maintainer.put(member(user)).form("access_level=50").send().is(403, FORBIDDEN);
    maintainer.put(member(id_of(&maintainer))).form("access_level=50").send().is(403, FORBIDDEN);
    maintainer.put(member(id_of(&owner))).form("access_level=10").send().is(403, FORBIDDEN);
    maintainer.delete(member(id_of(&owner))).send().is(403, FORBIDDEN);
    owner.put(member(user)).form("access_level=50").send().status(200);
    maintainer.put(member(user)).form("access_level=40").send().is(403, FORBIDDEN);
    owner.delete(member(user)).send().status(204);
}

#[test]
fn anybody_may_leave_but_the_last_owner_of_a_group() {
    let api = Api::private();
    let guest = api.guest();
    guest.delete(format!("{}/{}", of_project(&api), id_of(&guest))).send().status(204);
    guest.get(of_project(&api)).send().is(404, NO_PROJECT);

    let owner = api.newcomer(0, "api");
    let group = own_group(&api, &owner, "public");
    let own = format!("{}/{}", of_group(group), id_of(&owner));
    owner.delete(&own).send().is(403, FORBIDDEN);
    owner.put(&own).form("access_level=40").send().is(403, FORBIDDEN);
    api.admin().delete(&own).send().is(403, FORBIDDEN);
    owner.put(&own).form("access_level=50").send().status(200);
    owner.post(of_group(group)).json(draft(id_of(&api.stranger()), 50)).send().status(201);
    owner.delete(&own).send().status(204);
    owner.post(of_group(group)).json(draft(1, 10)).send().is(403, FORBIDDEN);
}

#[test]
fn a_change_of_role_counts_at_the_very_next_request() {
    let api = Api::private();
    let group = group_of(&api);
    let worker = api.newcomer(30, "api");
    let user = id_of(&worker);
    let member = format!("{}/{user}", of_project(&api));
    let mut count = 0;
    let mut publish = || {
        count += 1;
        let link = json!({ "name": format!("n{count}"), "url": format!("http://a/{count}") });
        worker.post(api.links()).json(link).send().status
    };
    for _ in 0..3 {
        assert_eq!(publish(), 201);
        api.maintainer().put(&member).form("access_level=20").send().status(200);
        assert_eq!(publish(), 403);
        worker.get(api.links()).send().status(200);
        api.maintainer().put(&member).form("access_level=30").send().status(200);
    }
    api.maintainer().delete(&member).send().status(204);
    assert_eq!(publish(), 404);
    worker.get(api.links()).send().is(404, NO_PROJECT);

    let in_group = format!("{}/{user}", of_group(group));
    api.admin().post(of_group(group)).json(draft(user, 30)).send().status(201);
    assert_eq!(publish(), 201);
    api.admin().delete(in_group).send().status(204);
    assert_eq!(publish(), 404);
}

#[test]
fn members_of_a_group_that_the_reader_may_not_see_are_left_out() {
    let api = Api::public();
    let (owner, name) = (api.stranger(), unique(&api, "insider"));
    let insider = new_user(&api, &name);
    let group = own_group(&api, &owner, "private");
    owner.post(of_group(group)).json(draft(insider, 30)).send().status(201);
    let project = json!({ "name": "open", "path": "open", "namespace_id": group, "visibility": "private" });
    let project = api.admin().post("/api/v4/projects").json(project).send().status(201).id();
    let members = format!("/api/v4/projects/{project}/members");
    let guest = id_of(&api.guest());
    api.admin().post(&members).json(draft(guest, 10)).send().status(201);
    for list in [members.clone(), format!("{members}/all")] {
        assert_eq!(each(&api.guest().get(list).send().status(200).json(), "id"), [json!(guest)]);
    }
    api.guest().get(format!("{members}/all/{insider}")).send().is(404, NOT_FOUND);
    for caller in [owner, api.admin()] {
        let listed = caller.get(format!("{members}/all")).send().status(200).json();
        assert_eq!(listed.as_array().unwrap().len(), 3, "{listed}");
        caller.get(format!("{members}/all/{insider}")).send().status(200);
    }
}

#[test]
fn a_planner_may_do_what_a_guest_may() {
    let api = Api::private();
    let planner = api.newcomer(15, "api");
    let member = api.admin().get(format!("{}/{}", of_project(&api), id_of(&planner))).send().status(200);
    assert_eq!(member.json()["access_level"], 15);
    for caller in [&planner, &api.guest()] {
        caller.get(api.links()).send().status(200);
        let draft = json!({ "name": "a", "url": "http://a" });
        caller.post(api.links()).json(draft).send().is(403, FORBIDDEN);
    }
}

#[test]
fn members_are_found_by_name_and_by_id_in_every_encoding() {
    let api = Api::public();
    let prefix = unique(&api, "found");
    let ids = ["a", "b", "c"].map(|last| new_user(&api, &format!("{prefix}-{last}")));
    for id in ids {
        api.admin().post(of_project(&api)).json(draft(id, 30)).send().status(201);
    }
    let [a, b, c] = ids;
    let list = format!("{}?query={}", of_project(&api), prefix.to_uppercase());
    let all = format!("{}/all?query={}", of_project(&api), prefix);
    for (query, expected) in [
        (String::new(), vec![a, b, c]),
        ("-b".into(), vec![b]),
        (format!("&user_ids[]={a}&user_ids[]={c}"), vec![a, c]),
        (format!("&user_ids={a},{c}"), vec![a, c]),
        ("&user_ids[]=999999999&user_ids[]=-1".into(), vec![]),
        ("&user_ids=&skip_users[]=".into(), vec![a, b, c]),
        (format!("&skip_users[]={b}"), vec![a, c]),
        (format!("&user_ids={a},{b}&skip_users={b},{c}"), vec![a]),
    ] {
        for list in [&list, &all] {
            let found = api.guest().get(format!("{list}{query}")).send().status(200).json();
            assert_eq!(each(&found, "id"), expected.iter().map(|id| json!(id)).collect::<Vec<_>>(), "{list}{query}");
        }
    }
    let by_json = json!({ "user_ids": [a, b], "skip_users": [a] });
    let found = api.guest().get(of_project(&api)).json(by_json).send().status(200).json();
    assert_eq!(each(&found, "id"), [json!(b)]);
    let long = format!("{}?query={}", of_project(&api), "x".repeat(256));
    api.guest().get(long).send().is(200, "[]");
    for (query, faults) in [
        ("user_ids[]=x", "user_ids is invalid"),
        ("user_ids=1,x&skip_users[a]=1&page=y", "user_ids is invalid, skip_users is invalid, page is invalid"),
        ("skip_users[][id]=1&query[]=a", "query is invalid, skip_users is invalid"),
    ] {
        api.guest().get(format!("{}?{query}", of_project(&api))).send().is_error(faults);
    }
}

#[test]
fn no_filter_of_members_tells_whether_a_hidden_project_or_group_exists() {
    let api = Api::private();
    let hidden = [of_project(&api), of_group(group_of(&api))];
    let absent = ["/api/v4/projects/99999999/members", "/api/v4/groups/99999999/members"];
    for query in ["query=a", "user_ids[]=1", "skip_users[]=x", "query[]=", "page=x"] {
        for (hidden, absent) in hidden.iter().zip(absent) {
            for tail in ["", "/all"] {
                let [hidden, absent] =
                    [hidden, absent].map(|list| api.stranger().get(format!("{list}{tail}?{query}")).send());
                assert_eq!((hidden.status, &hidden.text), (404, &absent.text), "{query}");
            }
        }
    }
}
