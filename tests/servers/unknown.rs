//! The connection is lost while the database commits, so that the outcome of the write is unknown. The client gets 503, and
//! decides whether to retry.

use std::sync::Arc;
use std::thread;

use release_links_cluster::Cluster;
use serde_json::json;

use crate::ground::{DATABASE, is_unavailable, on, own_cluster, wait_until};
use crate::harness::{Api, Visibility};

const WAITING: &str = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
const KILL_WAITING: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
/// How many links were ever inserted, those that were undone included.
const INSERTED: &str = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM links_id_seq";

/// Creates a link while no commit comes to its end, until `interrupt` is through.
fn create_without_commit(timeout: &str, interrupt: impl FnOnce(&Cluster)) {
    let (cluster, url) = own_cluster(&[]);
    let server = on(&url).arg("--database-timeout").arg(timeout).start();
    let api = Api::on(&Arc::new(server), Visibility::Public);
    let draft = json!({ "name": "a", "url": "http://a" });
    cluster.wait_for_standbys("gone");
    thread::scope(|scope| {
        let create = scope.spawn(|| api.create(&draft));
        wait_until("the commit waits for its standby", || cluster.sql(DATABASE, WAITING) == "t");
        interrupt(&cluster);
        is_unavailable(&create.join().unwrap());
    });
    cluster.sql(DATABASE, KILL_WAITING);
    cluster.wait_for_standbys("");
    // It is committed where it was, as its own server goes on.
    api.create(&draft).is_invalid(&["Url has already been taken", "Name has already been taken"]);
    assert_eq!(api.anonymous().get(api.links()).send().header("x-total"), Some("1"));
    assert_eq!(cluster.sql(DATABASE, INSERTED), "1");
}

#[test]
fn a_write_whose_connection_dies_in_commit_is_503_and_is_not_sent_again() {
    create_without_commit("60", |cluster| {
        cluster.sql(DATABASE, KILL_WAITING);
    });
}

#[test]
fn a_write_whose_commit_takes_too_long_is_503_and_is_not_sent_again() {
    create_without_commit("1", |_| ());
}
