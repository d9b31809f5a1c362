//! Ordinary traffic: what clients request all day, at a fixed rate, and how long they wait.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::json;

use crate::data::Shape;
use crate::http::{Client, Request};
use crate::server::Server;

/// The number of clients.
const CLIENTS: usize = 4;

/// The interval between liveness checks.
const LIVENESS_EVERY: Duration = Duration::from_millis(20);

/// What attacks and ordinary traffic use.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) shape: Shape,
    /// The token of `reader`, an ordinary user.
    pub(crate) token: String,
    /// A project of that user, with as much in it as an ordinary user can store.
    pub(crate) heavy: u64,
    /// A private project with the same content.
    pub(crate) hidden: u64,
    /// A release of that user, in which ordinary traffic creates and deletes links.
    pub(crate) busy: String,
}

/// The results of traffic over some time.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    micros: Vec<u64>,
    liveness: Vec<u64>,
    pub(crate) statuses: BTreeMap<u16, usize>,
    /// Requests without an answer.
    pub(crate) unanswered: usize,
}

impl Sample {
    pub(crate) fn count(&self) -> usize {
        self.micros.len()
    }

    /// Returns the 99th percentile of the latency in milliseconds.
    pub(crate) fn p99(&mut self) -> f64 {
        quantile(&mut self.micros, 0.99)
    }

    pub(crate) fn liveness_p99(&mut self) -> f64 {
        quantile(&mut self.liveness, 0.99)
    }

    pub(crate) fn liveness_max(&mut self) -> f64 {
        quantile(&mut self.liveness, 1.0)
    }

    fn add(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.liveness.extend(other.liveness);
        self.unanswered += other.unanswered;
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }

    fn take(&mut self, status: u16) {
        *self.statuses.entry(status).or_default() += 1;
    }
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn quantile(micros: &mut [u64], part: f64) -> f64 {
    micros.sort_unstable();
    let at = (micros.len() as f64 * part) as usize;
    micros.get(at.min(micros.len().saturating_sub(1))).map_or(0.0, |micros| *micros as f64 / 1000.0)
}

/// Generates traffic until told to stop: at a rate for all clients together, or as fast as possible.
pub(crate) fn traffic(world: &World, rate: Option<u32>, stop: &AtomicBool) -> Sample {
    let every = rate.map(|rate| Duration::from_secs(1) * u32::try_from(CLIENTS).unwrap_or(1) / rate.max(1));
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(move || client(world, every, stop))).collect();
        let liveness = scope.spawn(|| check_liveness(world, stop));
        let mut all = Sample::default();
        for sample in clients.into_iter().chain([liveness]) {
            all.add(sample.join().unwrap_or_default());
        }
        all
    })
}

fn client(world: &World, every: Option<Duration>, stop: &AtomicBool) -> Sample {
    let mut random = Rng::new();
    let mut client = Client::new(world.server.address);
    let mut sample = Sample::default();
    let mut created = None;
    let mut due = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        if let Some(every) = every {
            // A client that had to wait does not catch up by sending faster.
            due = Instant::now().max(due + every);
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        let request = ordinary(world, &mut random, &mut created);
        let began = Instant::now();
        match client.ask(&request) {
            Ok(answer) => {
                sample.take(answer.status);
                if answer.status == 201 {
                    created = answer.json()["id"].as_u64();
                }
            }
            Err(_) => sample.unanswered += 1,
        }
        sample.micros.push(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    sample
}

/// Returns a random ordinary request: get, list, redirect, a read with a token, and now and then a link that is created
/// and deleted.
fn ordinary(world: &World, random: &mut Rng, created: &mut Option<u64>) -> Request {
    let location = world.shape.pick(random, false);
    match random.u8(..20) {
        0..8 => Request::get(location.get()),
        8..12 => Request::get(location.list()),
        12..16 => Request::get(location.download()),
        16..18 => Request::get(world.shape.pick(random, true).get()).token(&world.token),
        18 => match created.take() {
            Some(id) => Request::new("DELETE", format!("{}/{id}", world.busy)).token(&world.token),
            None => create(world, random),
        },
        _ => match created {
            Some(id) => Request::get(format!("{}/{id}", world.busy)).token(&world.token),
            None => create(world, random),
        },
    }
}

fn create(world: &World, random: &mut Rng) -> Request {
    let number = random.u64(..);
    let draft = json!({"name": number.to_string(), "url": format!("http://{number}")});
    Request::new("POST", world.busy.as_str()).token(&world.token).json(&draft)
}

fn check_liveness(world: &World, stop: &AtomicBool) -> Sample {
    let mut client = Client::new(world.server.address);
    let mut sample = Sample::default();
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        match client.ask(&Request::get("/-/liveness")) {
            Ok(answer) if answer.status == 200 => {}
            _ => sample.unanswered += 1,
        }
        sample.liveness.push(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
        thread::sleep(LIVENESS_EVERY);
    }
    sample
}
