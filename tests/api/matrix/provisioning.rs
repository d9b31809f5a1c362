//! The matrix of docs/contract.md, "Provisioning": who may write, read and see what, on every route that provisions.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::expected::Visibility;
use super::rows::{Answer, MemberSource as Where, Row, rows};
use super::stage::{Asker, Kind, MemberSource, Set, Stage};
use super::wire::Connection;
use super::{Report, server, unlike, visible};

const THREADS: usize = 4;

struct Case<'a> {
    row: &'static Row,
    place: &'a MemberSource,
    asker: &'a Asker,
    expected: Answer,
}

impl Case<'_> {
    fn name(&self) -> String {
        format!("{} | {:?} | {} ({})", self.asker.name, self.place.visibility, self.row.route, self.row.who)
    }

    fn fault(&self, root: &mut Connection, stage: &Stage, number: usize) -> Option<String> {
        let mut set = Set::new(root, stage, self.place, self.asker, number);
        let shot = (self.row.make)(&mut set);
        set.arm();
        let (credential, absent) = (set.credential.clone(), set.absent(&shot));
        let answer = root.ask(credential.as_ref(), &shot);
        let fault = unlike(&answer, self.expected.status, self.expected.body);
        if fault.is_some() || answer.status != 404 || matches!(self.asker.kind, Kind::Bad(_)) {
            return fault;
        }
        let Some(absent) = absent else { return Some("nothing is said to be hidden here".to_owned()) };
        let absent = visible(&root.ask(credential.as_ref(), &absent));
        let hidden = visible(&answer);
        (hidden != absent).then(|| format!("hidden is {hidden}\n    but absent {absent}"))
    }
}

fn cases<'a>(stage: &'a Stage, askers: &'a [Asker]) -> Vec<Case<'a>> {
    let mut cases = Vec::new();
    for row in rows() {
        let places = if row.place == Where::Nowhere { &stage.places[..1] } else { &stage.places[..] };
        for place in places {
            // Who shows a bad credential is told so before anything is looked at.
            let bad = |asker: &Asker| matches!(asker.kind, Kind::Bad(_));
            let once = place.visibility == Visibility::Public;
            for asker in askers.iter().filter(|asker| once || !bad(asker)) {
                if let Some(expected) = row.expected(asker, place.visibility) {
                    cases.push(Case { row, place, asker, expected });
                }
            }
        }
    }
    cases
}

#[test]
fn every_caller_gets_on_every_route_of_provisioning_what_the_contract_says() {
    let started = Instant::now();
    let server = server();
    let stage = Stage::provision(&mut Connection::new(server.address()));
    let askers = stage.askers();
    let cases = cases(&stage, &askers);
    let (next, report) = (AtomicUsize::new(0), Mutex::new(Report::default()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut root = Connection::new(server.address());
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(number) else { return };
                    if let Some(fault) = case.fault(&mut root, &stage, number) {
                        report.lock().unwrap().fault(&case.name(), &fault);
                    }
                }
            });
        }
    });
    report.into_inner().unwrap().conclude("permissions on provisioning", cases.len(), started);
}
