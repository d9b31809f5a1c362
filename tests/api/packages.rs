//! docs/contract.md, "Files": the packages of a project, and their files, listed and deleted.

use serde_json::{Value, json};

use crate::harness::{Api, Request, Response};

const NOT_FOUND: &str = r#"{"message":"404 Not found"}"#;
const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;
/// Of `abc`.
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

impl Api {
    fn packages(&self) -> String {
        format!("/api/v4/projects/{}/packages", self.project)
    }

    /// Publishes a file and returns what is known of it.
    #[track_caller]
    fn publish_in(&self, package: &str, file: &str) -> Value {
        let target = format!("{}/generic/{package}/{file}?select=package_file", self.packages());
        self.developer().put(target).body("abc").send().status(200).json()
    }

    /// The names and versions of the packages that a query lists.
    #[track_caller]
    fn listed(&self, query: &str) -> Vec<String> {
        let listed = self.anonymous().get(format!("{}?{query}", self.packages())).send().status(200).json();
        let text = |package: &Value, key: &str| package[key].as_str().unwrap().to_owned();
        let packages = listed.as_array().unwrap().iter();
        packages.map(|package| text(package, "name") + "/" + &text(package, "version")).collect()
    }
}

#[test]
fn packages_are_listed_oldest_first_and_found_by_name_and_version() {
    let api = Api::public();
    assert_eq!(api.listed(""), Vec::<String>::new());
    for package in ["hello-cli/1.0", "other/1.0", "Hello/2.0", "hello-cli/1.0.1", "hello-cli/1.0"] {
        api.publish_in(package, "file");
    }
    let all = ["hello-cli/1.0", "other/1.0", "Hello/2.0", "hello-cli/1.0.1"];
    for (query, expected) in [
        ("", &all[..]),
        ("package_type=generic", &all),
        ("package_type=maven", &[]),
        ("package_name=HELLO", &["hello-cli/1.0", "Hello/2.0", "hello-cli/1.0.1"]),
        ("package_name=cli&package_version=1.0", &["hello-cli/1.0"]),
        ("package_version=1", &[]),
        ("package_name=%25", &[]),
        ("package_name=&package_version=", &all),
        ("per_page=1&page=2", &["other/1.0"]),
    ] {
        assert_eq!(api.listed(query), expected, "{query}");
    }
    let bad = api.anonymous().get(api.packages() + "?package_type=zip&per_page=0").send();
    bad.is_error("package_type does not have a valid value, per_page has a value not allowed");
}

#[test]
fn a_package_and_its_files_are_shown() {
    let api = Api::public();
    let (first, second) = (api.publish_in("hello/1.0", "b.txt"), api.publish_in("hello/1.0", "a.txt"));
    let id = first["package_id"].as_u64().unwrap();
    let address = format!("{}/{id}", api.packages());
    let package = api.anonymous().get(&address).send().status(200).json();
    let expected = json!({
        "id": id, "name": "hello", "version": "1.0", "package_type": "generic", "status": "default",
        "created_at": first["created_at"], "tags": [],
    });
    assert_eq!(package, expected);
    let files = api.anonymous().get(address.clone() + "/package_files").send().status(200).json();
    let shown = |file: &Value| {
        let mut file = file.clone();
        file.as_object_mut().unwrap().remove("file");
        file
    };
    assert_eq!(files, json!([shown(&first), shown(&second)]));
    assert_eq!(files[0]["file_sha256"], SHA256);
    for nothing in ["999999", "99999999999999999999", "-1", "x"] {
        api.anonymous().get(format!("{}/{nothing}", api.packages())).send().is(404, NOT_FOUND);
        api.anonymous().get(format!("{}/{nothing}/package_files", api.packages())).send().is(404, NOT_FOUND);
    }
}

#[test]
fn a_hidden_package_is_served_but_not_listed() {
    let api = Api::public();
    let file = format!("{}/generic/hello/1.0/file", api.packages());
    api.developer().put(file.clone() + "?status=hidden").body("abc").send().status(201);
    assert_eq!(api.listed(""), Vec::<String>::new());
    assert_eq!(api.anonymous().get(&file).send().status(200).text, "abc");
    api.developer().put(file.clone() + "?status=default").body("abc").send().status(201);
    assert_eq!(api.listed(""), ["hello/1.0"]);
}

#[test]
fn a_project_may_allow_no_file_twice() {
    let api = Api::public();
    let set = |value: Value| {
        let target = format!("/api/v4/projects/{}", api.project);
        api.maintainer().put(target).json(json!({ "generic_duplicates_allowed": value })).send()
    };
    api.publish_in("hello/1.0", "file");
    api.publish_in("hello/1.0", "file");
    assert!(!set(json!(true)).status(200).text.contains("generic_duplicates_allowed"));
    assert_eq!(set(json!(false)).status(200).json()["generic_duplicates_allowed"], false);
    let put = |file: &str| api.developer().put(format!("{}/generic/hello/1.0/{file}", api.packages())).body("x").send();
    put("file").is(400, r#"{"message":"400 Bad request - Duplicate package is not allowed"}"#);
    put("other").status(201);
    set(json!("perhaps")).is_error("generic_duplicates_allowed is invalid");
    let target = format!("/api/v4/projects/{}", api.project);
    api.developer().put(target).json(json!({ "generic_duplicates_allowed": true })).send().is(403, FORBIDDEN);
    assert_eq!(set(json!(null)).status(200).json()["generic_duplicates_allowed"], false);
    set(json!(true)).status(200);
    put("file").status(201);
}

#[test]
fn maintainers_delete_packages_and_files() {
    let api = Api::public();
    let (first, second) = (api.publish_in("hello/1.0", "a"), api.publish_in("hello/1.0", "b"));
    let package = format!("{}/{}", api.packages(), first["package_id"]);
    let file = format!("{package}/package_files/{}", first["id"]);
    let is_gone = |answer: Response| assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    for target in [&file, &package] {
        api.developer().delete(target).send().is(403, FORBIDDEN);
    }
    is_gone(api.maintainer().delete(&file).send());
    api.maintainer().delete(&file).send().is(404, NOT_FOUND);
    let served = |name: &str| api.anonymous().get(format!("{}/generic/hello/1.0/{name}", api.packages())).send();
    served("a").is(404, NOT_FOUND);
    assert_eq!(served("b").status(200).text, "abc");
    is_gone(api.maintainer().delete(&package).send());
    served("b").is(404, NOT_FOUND);
    let rest = [package.clone(), format!("{package}/package_files/{}", second["id"])];
    let gone = |request: Request| request.send().is(404, NOT_FOUND);
    for target in &rest {
        gone(api.maintainer().delete(target));
    }
    assert_eq!(api.listed(""), Vec::<String>::new());
}

#[test]
fn a_package_of_another_project_is_not_found() {
    let (api, other) = (Api::public(), Api::public());
    let file = other.publish_in("hello/1.0", "a");
    let package = format!("{}/{}", api.packages(), file["package_id"]);
    for target in [package.clone(), format!("{package}/package_files")] {
        api.owner().get(target).send().is(404, NOT_FOUND);
    }
    for target in [package.clone(), format!("{package}/package_files/{}", file["id"])] {
        api.owner().delete(target).send().is(404, NOT_FOUND);
    }
    assert_eq!(other.listed(""), ["hello/1.0"]);
}

#[test]
fn graphql_is_not_available_whoever_asks_and_however() {
    let api = Api::private();
    let expected = json!({ "errors": [{ "message": "GraphQL is not available" }] });
    let post =
        |kind: &str| api.anonymous().post("/api/graphql").header("Content-Type", kind).body(r#"{"query":"{ a }"}"#);
    for request in [
        post("text/plain"),
        post("application/json"),
        post("application/graphql-response+json"),
        api.anonymous().post("/api/graphql"),
        post("text/plain").header("PRIVATE-TOKEN", "nonsense"),
    ] {
        assert_eq!(request.send().status(200).json(), expected);
    }
    api.anonymous().get("/api/graphql").send().status(405);
}
