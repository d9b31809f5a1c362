//! Measures how the server scales with the data.

use std::path::Path;
use std::time::Duration;

use crate::Outcome;
use crate::data::{Database, Location, Shape, Sqlite, token};
use crate::load::{Generator, Load, Run};
use crate::median::Median;
use crate::rows::reads;
use crate::server::Server;

/// How many loads run on each size.
const LOADS: usize = 6;

/// A database of one size, and the loads to run on it.
pub(crate) struct Size {
    pub(crate) shape: Shape,
    pub(crate) database: Sqlite,
    pub(crate) token: String,
}

/// The result for one size.
pub(crate) struct Grown {
    pub(crate) shape: Shape,
    pub(crate) file: u64,
    pub(crate) started_in: Duration,
    /// Memory in KiB, before the first request and at most.
    pub(crate) idle: u64,
    pub(crate) peak: u64,
    pub(crate) get: Run,
    pub(crate) list: Run,
    pub(crate) redirect: Run,
    /// The newest release by version, of a line, and with an asset that none of the project's releases has.
    pub(crate) newest: [Run; 3],
}

impl Size {
    pub(crate) fn build(binary: &Path, directory: &Path, shape: Shape, log: &Path) -> Outcome<Self> {
        let path = directory.join(format!("{}.db", shape.name().replace(' ', "-")));
        let database = Sqlite::build(binary, &path, shape, log)?;
        let token = token(binary, &database)?;
        Ok(Self { shape, database, token })
    }

    fn loads(&self) -> [Load; LOADS] {
        let anonymous = |status, target| Load { status, ..reads(self.shape, false, None, target) };
        [
            reads(self.shape, false, Some(&self.token), Location::get),
            reads(self.shape, false, Some(&self.token), Location::list),
            anonymous(302, Location::download),
            anonymous(302, Location::newest_by_version),
            anonymous(302, Location::newest_of_line),
            anonymous(404, Location::newest_without),
        ]
    }
}

/// Measures all sizes in turn, for several rounds.
pub(crate) fn measure(sizes: &[Size], binary: &Path, generator: &Generator<'_>, rounds: usize) -> Outcome<Vec<Grown>> {
    let mut servers = Vec::new();
    for size in sizes {
        let mut starts = Vec::new();
        for _ in 1..rounds {
            let server = Server::real(binary, &size.database.url(), generator.log)?;
            starts.push(server.started_in);
            server.stop()?;
        }
        let server = Server::real(binary, &size.database.url(), generator.log)?;
        starts.push(server.started_in);
        starts.sort();
        let idle = server.memory("VmRSS")?;
        servers.push((server, starts[starts.len() / 2], idle, size.loads(), [const { Vec::new() }; LOADS]));
    }
    for _ in 0..rounds {
        for row in 0..LOADS {
            for (server, _, _, loads, runs) in &mut servers {
                runs[row].push(generator.run(&[server], &loads[row])?);
            }
        }
    }
    let mut grown = Vec::new();
    for (size, (server, started_in, idle, _, runs)) in sizes.iter().zip(servers) {
        let medians = runs.iter().map(|runs| runs.median().ok_or("no round")).collect::<Result<Vec<_>, _>>()?;
        let medians = <[Run; LOADS]>::try_from(medians).map_err(|_| "a load is missing")?;
        let [get, list, redirect, newest @ ..] = medians;
        grown.push(Grown {
            shape: size.shape,
            file: size.database.size()?,
            started_in,
            idle,
            peak: server.memory("VmHWM")?,
            get,
            list,
            redirect,
            newest,
        });
        server.stop()?;
    }
    Ok(grown)
}
