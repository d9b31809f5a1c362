//! All connections wait for a lock that somebody holds: requests are answered in time, and leave nothing waiting behind.

use std::sync::Arc;

use serde_json::json;

use crate::ground::{DATABASE, is_unavailable, on, own_cluster, wait_until};
use crate::harness::{Api, Visibility, at_once};

#[test]
fn requests_beyond_the_connections_are_told_in_time_and_others_go_on() {
    let (cluster, url) = own_cluster(&[]);
    let server = on(&url).arg("--database-connections").arg("2").arg("--database-timeout").arg("1").start();
    let api = Api::on(&Arc::new(server), Visibility::Public);
    let draft = |n: usize| json!({ "name": n, "url": format!("http://{n}") });
    let held = cluster.hold(DATABASE, "SELECT FROM releases FOR UPDATE");
    for _ in 0..3 {
        let requests = (0..10).map(|n| api.admin().post(api.links()).json(draft(n))).collect();
        at_once(requests).iter().for_each(is_unavailable);
    }
    api.anonymous().get(api.links()).send().is(200, "[]");
    let ours = "SELECT count(*) <= 2 FROM pg_stat_activity WHERE application_name = 'release-links'";
    wait_until("what was given up does not wait on in the database", || cluster.sql(DATABASE, ours) == "t");
    drop(held);
    api.create(&draft(0)).status(201);
    assert_eq!(api.anonymous().get(api.links()).send().header("x-total"), Some("1"));
}
