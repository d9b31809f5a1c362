//! Connections to the database are killed in the middle of requests, one after another.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::ground::{DATABASE, Over, is_unavailable, on, own_cluster, wait_until};
use crate::harness::{Api, Visibility};

const WRITERS: usize = 8;
/// The links that a release is made with.
const LINKS: usize = 10;

/// Kills some connections one after the other; until the next such burst, there is time for some work.
const KILL_SOME: &str = "DO $$ BEGIN FOR n IN 1..5 LOOP
    PERFORM pg_stat_clear_snapshot();
    PERFORM pg_terminate_backend(pid) FROM
        (SELECT pid FROM pg_stat_activity WHERE application_name = 'release-links' ORDER BY random() LIMIT 1) one;
    PERFORM pg_sleep(0.01);
END LOOP; END $$";

/// The links of the releases that were acknowledged, and of those that were not.
#[derive(Default)]
struct Made {
    acknowledged: Vec<String>,
    doubted: Vec<String>,
}

#[test]
fn killed_connections_cost_503s_and_neither_a_write_nor_half_a_release() {
    let (cluster, url) = own_cluster(&[]);
    let server = Arc::new(on(&url).start());
    let api = Api::on(&server, Visibility::Public);
    let (made, over) = (Mutex::new(Made::default()), AtomicBool::new(false));
    let (done, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let write = |writer: usize| {
        for number in 0.. {
            if over.load(Ordering::Relaxed) {
                return;
            }
            let tag = format!("{writer}-{number}");
            let link = |n| json!({ "name": n, "url": format!("http://{n}"), "filepath": format!("/bin/{n:04}") });
            let links: Vec<Value> = (0..LINKS).map(link).collect();
            let release = json!({ "tag_name": tag, "assets": { "links": links } });
            let answer = api.admin().post(api.releases()).json(release).send();
            let mut made = made.lock().unwrap();
            if answer.status == 201 {
                made.acknowledged.push(tag);
                done.fetch_add(1, Ordering::Relaxed);
            } else {
                is_unavailable(&answer);
                made.doubted.push(tag);
                refused.fetch_add(1, Ordering::Relaxed);
            }
            drop(made);
            let read = api.anonymous().get(api.releases()).send();
            if read.status != 200 {
                is_unavailable(&read);
            }
        }
    };
    thread::scope(|scope| {
        let _over = Over(&over);
        for writer in 0..WRITERS {
            let write = &write;
            scope.spawn(move || write(writer));
        }
        wait_until("enough was done, and enough was in doubt", || {
            cluster.sql(DATABASE, KILL_SOME);
            done.load(Ordering::Relaxed) >= 50 && refused.load(Ordering::Relaxed) >= 20
        });
    });

    let Made { acknowledged, doubted } = made.into_inner().unwrap();
    let links = |tag: &String| api.anonymous().get(format!("{}?per_page=100", api.links_of(tag))).send();
    for tag in &acknowledged {
        assert_eq!(links(tag).status(200).json().as_array().unwrap().len(), LINKS, "{tag}");
    }
    for tag in &doubted {
        let links = links(tag);
        assert!(links.status == 404 || links.json().as_array().unwrap().len() == LINKS, "{tag}: {links:?}");
    }
}
