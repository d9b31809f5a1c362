//! The primary is killed in the middle of writes, and its synchronous standby takes over: two servers find it by themselves,
//! and no acknowledged write is lost.

use std::collections::BTreeSet;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use release_links_cluster::Cluster;

use crate::books::Books;
use crate::ground::{DATABASE, Over, own_cluster, two_on, wait_until};
use crate::harness::{Api, Caller, Visibility};

const WRITERS: usize = 16;
/// How many writes are acknowledged before the primary is killed, and how many to each writer afterwards.
const BEFORE: usize = 320;
const AFTER: usize = 5;
/// How long a writer waits after a 503.
const PAUSE: Duration = Duration::from_millis(50);

/// How often the primary is killed; `tests/run postgres` may be told another number.
fn failovers() -> usize {
    std::env::var("RELEASE_LINKS_TEST_FAILOVERS").map_or(10, |number| number.parse().unwrap())
}

/// Writes with all writers, each turning from one server to the other, until `meanwhile` is through. It is given what
/// counts each writer's acknowledged writes.
fn write_while(api: &Api, callers: &[Caller], books: &mut [Books], meanwhile: impl FnOnce(&[AtomicUsize])) {
    let counts: Vec<_> = books.iter().map(|_| AtomicUsize::new(0)).collect();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let end = Over(&over);
        for (books, count) in books.iter_mut().zip(&counts) {
            let over = &over;
            scope.spawn(move || {
                for caller in callers.iter().cycle() {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    if books.write(api, caller) {
                        count.fetch_add(1, Ordering::Relaxed);
                    } else {
                        thread::sleep(PAUSE);
                    }
                }
            });
        }
        meanwhile(&counts);
        drop(end);
    });
}

/// A primary with its standby, and two servers that know both.
struct Pair {
    primary: Cluster,
    standby: Cluster,
    api: Api,
    callers: [Caller; 2],
    books: Vec<Books>,
}

impl Pair {
    fn start() -> Self {
        let (primary, _) = own_cluster(&[]);
        let standby = primary.synchronous_standby();
        let (first, second) = (primary.port(), standby.port());
        let hosts = format!("127.0.0.1:{first},127.0.0.1:{second}");
        let servers = two_on(&format!("postgres://postgres@{hosts}/{DATABASE}?target_session_attrs=read-write"));
        let api = Api::on(&servers[0], Visibility::Public);
        let callers = servers.each_ref().map(|server| api.admin().at(server));
        let books = (0..WRITERS).map(|writer| Books::open(&api, &format!("w{writer}"))).collect();
        Self { primary, standby, api, callers, books }
    }

    /// Writes, takes the primary away in the middle, and writes on until every writer's writes are acknowledged again.
    fn fail_over(&mut self, take_away: impl FnOnce(&Cluster)) {
        write_while(&self.api, &self.callers, &mut self.books, |counts| {
            let count = |of: &AtomicUsize| of.load(Ordering::Relaxed);
            wait_until("there are writes to lose", || counts.iter().map(count).sum::<usize>() >= BEFORE);
            take_away(&self.primary);
            self.standby.promote();
            let then: Vec<_> = counts.iter().map(|of| count(of) + AFTER).collect();
            wait_until("every writer's writes are acknowledged again", || {
                counts.iter().zip(&then).all(|(of, then)| count(of) >= *then)
            });
        });
    }

    /// What either server does not show as it should.
    fn losses(&self) -> BTreeSet<String> {
        let of = |caller| self.books.iter().flat_map(move |books| books.losses(&self.api, caller));
        self.callers.iter().flat_map(of).collect()
    }

    fn acknowledged(&self) -> usize {
        self.books.iter().map(|books| books.acknowledged).sum()
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_primary_is_killed_and_its_standby_takes_over() {
    let mut pair = Pair::start();
    let mut losses = BTreeSet::new();
    for _ in 0..failovers() {
        pair.fail_over(Cluster::kill);
        losses.append(&mut pair.losses());
        // Killed it is and stays, until it has all that the new primary has.
        pair.primary.follow(&pair.standby);
        mem::swap(&mut pair.primary, &mut pair.standby);
    }
    println!("{} failovers, {} acknowledged writes, {} lost", failovers(), pair.acknowledged(), losses.len());
    assert_eq!(losses, BTreeSet::new());
}

#[test]
fn a_primary_that_takes_connections_and_says_nothing_is_left_for_its_standby() {
    let mut pair = Pair::start();
    pair.fail_over(Cluster::freeze);
    // Who promotes a standby sees to it that the old primary does not come back as one.
    pair.primary.kill();
    assert_eq!(pair.losses(), BTreeSet::new());
}
