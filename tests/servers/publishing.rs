//! Jobs that publish through several servers at once: what they keep or replace is whole on every server, at every moment.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::ground::{Over, on};
use crate::harness::database::on_a_server;
use crate::harness::{Api, Server, Visibility, at_once};

/// How many writers there are, every other one on the other server, and how often each writes.
const WRITERS: usize = 6;
const EACH: usize = 10;

/// What a writer publishes the nth time: no two of them the same.
fn url(writer: usize, number: usize) -> String {
    format!("http://{writer}-{number}.example")
}

/// A project on two servers that let a write wait for those before it, however slow the machine is.
fn a_project() -> ([Arc<Server>; 2], Api) {
    let url = on_a_server();
    let servers = [(); 2].map(|()| Arc::new(on(&url).arg("--database-timeout").arg("60").start()));
    let api = Api::on(&servers[0], Visibility::Public);
    (servers, api)
}

/// Runs the writers, and on each server a reader until they are done. Returns how often the readers read.
fn while_writing(
    servers: &[Arc<Server>; 2],
    write: impl Fn(&Arc<Server>, &str) + Sync,
    read: impl Fn(&Arc<Server>) + Sync,
) -> usize {
    let over = AtomicBool::new(false);
    let (over, write, read) = (&over, &write, &read);
    thread::scope(|scope| {
        let readers = servers.each_ref().map(|server| {
            scope.spawn(move || {
                let mut reads = 0;
                while reads == 0 || !over.load(Ordering::Relaxed) {
                    read(server);
                    reads += 1;
                }
                reads
            })
        });
        let _over = Over(over);
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                scope.spawn(move || (0..EACH).for_each(|number| write(&servers[writer % 2], &url(writer, number))));
            }
        });
        over.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    })
}

/// The URLs that the writers publish, and the one before them.
fn published() -> HashSet<String> {
    let all = (0..WRITERS).flat_map(|writer| (0..EACH).map(move |number| url(writer, number)));
    all.chain(["http://first.example".to_owned()]).collect()
}

#[test]
fn while_a_link_is_replaced_through_two_servers_its_permanent_address_leads_to_one_of_their_values_on_both() {
    let (servers, api) = a_project();
    let link = |url: &str| json!({ "name": "a", "url": url, "filepath": "/bin/a", "on_conflict": "replace" });
    let id = api.create(&link("http://first.example")).status(201).id();
    let (developer, guest, published) = (api.developer(), api.guest(), published());
    let path = format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
    let target = |server: &Arc<Server>| {
        let answer = guest.at(server).get(&path).send().status(302);
        answer.header("location").unwrap().to_owned()
    };
    let reads = while_writing(
        &servers,
        |server, url| {
            let replaced = developer.at(server).post(api.links()).json(link(url)).send().status(200);
            assert_eq!((replaced.id(), replaced.json()["url"].as_str()), (id, Some(url)));
        },
        |server| assert!(published.contains(&target(server))),
    );
    assert!(reads >= 2);
    let last = target(&servers[0]);
    assert_eq!(last, target(&servers[1]));
    assert!(last.ends_with(&format!("-{}.example", EACH - 1)), "the last of a writer stands: {last}");
    assert_eq!(guest.get(api.links()).send().status(200).header("x-total"), Some("1"));
}

#[test]
fn while_a_release_is_replaced_through_two_servers_both_show_all_of_one_writer() {
    let (servers, api) = a_project();
    let release = |url: &str| {
        let links = json!([{ "name": "a", "url": url }, { "name": "b", "url": format!("{url}/b") }]);
        json!({ "tag_name": "v2", "description": url, "on_conflict": "replace", "assets": { "links": links } })
    };
    let (developer, guest, published) = (api.developer(), api.guest(), published());
    let whole = |shown: &Value| {
        let url = shown["description"].as_str().unwrap().to_owned();
        let links: Vec<_> = (0..2).map(|at| shown["assets"]["links"][at]["url"].as_str().unwrap()).collect();
        assert_eq!(links, [format!("{url}/b"), url.clone()], "{shown}");
        assert!(published.contains(&url), "{url}");
        url
    };
    developer.post(api.releases()).json(release("http://first.example")).send().status(201);
    let shown = |server: &Arc<Server>| guest.at(server).get(format!("{}/v2", api.releases())).send().status(200).json();
    while_writing(
        &servers,
        |server, url| {
            let replaced = developer.at(server).post(api.releases()).json(release(url)).send().status(200);
            assert_eq!(whole(&replaced.json()), url);
        },
        |server| drop(whole(&shown(server))),
    );
    assert_eq!(shown(&servers[0]), shown(&servers[1]));
}

#[test]
fn keep_through_two_servers_makes_one_link_and_one_release() {
    let (servers, api) = a_project();
    let developer = api.developer();
    let link = |number: usize| {
        let link = json!({ "name": "a", "url": format!("http://{number}"), "on_conflict": "keep" });
        developer.at(&servers[number % 2]).post(api.links()).json(link)
    };
    let release = |number: usize| {
        let release = json!({ "tag_name": "v2", "name": number.to_string(), "on_conflict": "keep" });
        developer.at(&servers[number % 2]).post(api.releases()).json(release)
    };
    for answers in [at_once((0..32).map(link).collect()), at_once((0..32).map(release).collect())] {
        let (made, kept): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
        let [made] = made[..] else { panic!("{made:?}") };
        for answer in kept {
            answer.is(200, &made.text);
            assert_eq!(answer.header("x-release-links"), Some("kept"));
        }
    }
}
