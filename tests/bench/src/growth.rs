//! Measures how the server scales with the data.

use std::path::Path;
use std::time::Duration;

use crate::Outcome;
use crate::data::{Database, Location, Shape, Sqlite, token};
use crate::load::{Generator, Load, Run};
use crate::median::Median;
use crate::rows::reads;
use crate::server::Server;

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
}

impl Size {
    pub(crate) fn build(binary: &Path, directory: &Path, shape: Shape, log: &Path) -> Outcome<Self> {
        let path = directory.join(format!("{}.db", shape.name().replace(' ', "-")));
        let database = Sqlite::build(binary, &path, shape, log)?;
        let token = token(binary, &database)?;
        Ok(Self { shape, database, token })
    }

    fn loads(&self) -> [Load; 3] {
        let mut redirects = reads(self.shape, false, None, Location::download);
        redirects.status = 302;
        [
            reads(self.shape, false, Some(&self.token), Location::get),
            reads(self.shape, false, Some(&self.token), Location::list),
            redirects,
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
        servers.push((server, starts[starts.len() / 2], idle, size.loads(), [const { Vec::new() }; 3]));
    }
    for _ in 0..rounds {
        for row in 0..3 {
            for (server, _, _, loads, runs) in &mut servers {
                runs[row].push(generator.run(&[server], &loads[row])?);
            }
        }
    }
    let mut grown = Vec::new();
    for (size, (server, started_in, idle, _, runs)) in sizes.iter().zip(servers) {
        let [get, list, redirect] = runs.map(|runs| runs.median());
        grown.push(Grown {
            shape: size.shape,
            file: size.database.size()?,
            started_in,
            idle,
            peak: server.memory("VmHWM")?,
            get: get.ok_or("no round")?,
            list: list.ok_or("no round")?,
            redirect: redirect.ok_or("no round")?,
        });
        server.stop()?;
    }
    Ok(grown)
}
