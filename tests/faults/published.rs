//! What one writer has published as files of packages: what was acknowledged, and what may have been stored though nobody was
//! told.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use fastrand::Rng;

use crate::harness::{ROOT_TOKEN, Request};

/// The bytes of a file repeat with this period, each time with another number.
const BLOCK: usize = 4096;
/// A package has so many uploads of so many files, after which the next one gets them.
const UPLOADS: u64 = 64;
const NAMES: u64 = 3;
/// How many contents all writers have in common, so that equal bytes are stored at the same time.
const SHARED: u64 = 8;
/// Larger than what is stored at once, and than what waits in memory for the store.
const LARGEST: usize = 3 << 20;

/// A file, and how it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The package and the name.
    name: String,
    /// From which the bytes come.
    seed: String,
    size: usize,
    chunked: bool,
}

impl File {
    /// The file of that upload to a project.
    fn new(project: u64, number: u64, rng: &mut Rng) -> Self {
        let (seed, size) = if rng.u32(..6) == 0 {
            let shared = rng.u64(..SHARED);
            (format!("shared-{shared}"), usize::try_from(shared).unwrap() * 1000)
        } else {
            let size = match rng.u32(..20) {
                0 => rng.usize(..LARGEST),
                1..4 => rng.usize(..LARGEST / 4),
                4..10 => rng.usize(..64 << 10),
                _ => rng.usize(..BLOCK),
            };
            (format!("{project}-{number}"), size)
        };
        let name = format!("package-{}/1/file-{}", number / UPLOADS, number % NAMES);
        Self { name, seed, size, chunked: rng.bool() }
    }

    /// The bytes, which are text, and of which no part is like another of the same or any other file.
    fn text(&self) -> String {
        let block = |number: usize| {
            let start = format!("{} {number}\n", self.seed);
            let rest = "x".repeat(BLOCK.min(self.size - number * BLOCK).saturating_sub(start.len()));
            start + &rest
        };
        let mut text: String = (0..self.size.div_ceil(BLOCK)).map(block).collect();
        text.truncate(self.size);
        text
    }

    fn target(&self, project: u64) -> String {
        format!("/api/v4/projects/{project}/packages/generic/{}", self.name)
    }

    /// The request that publishes it.
    pub fn request(&self, project: u64, address: SocketAddr) -> Request {
        let request = Request::new(address, "PUT", self.target(project)).header("PRIVATE-TOKEN", ROOT_TOKEN);
        let request = request.body(self.text());
        if self.chunked { request.chunked() } else { request }
    }
}

/// The files of one project.
pub struct Published {
    project: u64,
    next: u64,
    files: BTreeMap<String, File>,
    /// What was published since it was looked at.
    unseen: BTreeSet<String>,
    acknowledged: u64,
}

impl Published {
    pub fn new(project: u64) -> Self {
        Self { project, next: 0, files: BTreeMap::new(), unseen: BTreeSet::new(), acknowledged: 0 }
    }

    /// A file to publish next, whose name may be taken.
    pub fn next_file(&mut self, rng: &mut Rng) -> File {
        self.next += 1;
        File::new(self.project, self.next, rng)
    }

    /// Books a file that was acknowledged.
    pub fn add(&mut self, file: File) {
        self.unseen.insert(file.name.clone());
        self.files.insert(file.name.clone(), file);
        self.acknowledged += 1;
    }

    /// How many files were acknowledged.
    pub fn count(&self) -> u64 {
        self.acknowledged
    }

    /// Forgets that files were looked at, so that all are compared the next time.
    pub fn look_again(&mut self) {
        self.unseen.extend(self.files.keys().cloned());
    }

    /// Downloads what was published since the last time, and tells what differs from what was acknowledged, or from the whole of
    /// what was in doubt. What was in doubt and is there counts as published.
    pub fn settle(&mut self, address: SocketAddr, doubtful: Option<&File>) -> Vec<String> {
        let mut differing = Vec::new();
        self.unseen.extend(doubtful.map(|file| file.name.clone()));
        for name in std::mem::take(&mut self.unseen) {
            let target = format!("/api/v4/projects/{}/packages/generic/{name}", self.project);
            let answer = Request::new(address, "GET", target).header("PRIVATE-TOKEN", ROOT_TOKEN).send();
            let found = (answer.status != 404).then(|| answer.status(200).text);
            let is = |file: Option<&File>| file.map(File::text) == found;
            let doubtful = doubtful.filter(|file| file.name == name);
            if doubtful.is_some() && is(doubtful) {
                self.files.extend(doubtful.map(|file| (name, file.clone())));
            } else if !is(self.files.get(&name)) {
                let (project, length) = (self.project, found.map(|text| text.len()));
                let file = self.files.get(&name);
                differing.push(format!(
                    "{name} of {project} has {length:?} bytes instead of those of {file:?} or {doubtful:?}"
                ));
            }
        }
        differing
    }
}
