//! How often a request waits for the database.

use serde_json::json;

use crate::counting::Counting;
use crate::harness::{ROOT_TOKEN, Request};
use crate::{CLUSTER, serving};

/// How often each request is sent. The server also asks the database on its own account now and then, and prepares a
/// statement when it first needs it, so the fewest count.
const TIMES: usize = 10;

#[test]
fn a_read_waits_for_the_database_once_and_twice_where_its_bearer_is_found_first() {
    let _ = CLUSTER.create_database("round_trips");
    let proxy = Counting::before(CLUSTER.port());
    let url = format!("postgres://postgres@127.0.0.1:{}/round_trips", proxy.port());
    let server = serving(&url).arg("--database-connections").arg("1").start();
    let send = |method: &str, target: &str, token: Option<&str>| {
        let request = Request::new(server.address(), method, target);
        if let Some(token) = token { request.header("PRIVATE-TOKEN", token) } else { request }
    };
    let asset = json!({ "name": "a", "url": "http://a", "direct_asset_path": "/bin/a" });
    let project = json!({ "name": "hello", "visibility": "public" });
    let project = send("POST", "/api/v4/projects", Some(ROOT_TOKEN)).json(project).send().status(201).id();
    let release = json!({ "tag_name": "v1", "assets": { "links": [asset] } });
    let releases = format!("/api/v4/projects/{project}/releases");
    let release = send("POST", &releases, Some(ROOT_TOKEN)).json(release).send().status(201).json();
    let list = format!("{releases}/v1/assets/links");
    let link = format!("{list}/{}", release["assets"]["links"][0]["id"]);
    let asset = "/root/hello/-/releases/v1/downloads/bin/a";
    let root = Some(ROOT_TOKEN);
    for (target, token, status, expected) in [
        (link.as_str(), None, 200, 1),
        (&link, root, 200, 1),
        (&list, None, 200, 1),
        (&list, root, 200, 2),
        (asset, None, 302, 1),
        (asset, root, 302, 2),
    ] {
        let asked = (0..TIMES).map(|_| {
            let before = proxy.asked();
            send("GET", target, token).send().status(status);
            proxy.asked() - before
        });
        assert_eq!(asked.min(), Some(expected), "{target}, {token:?}");
    }
    server.stop();
}
