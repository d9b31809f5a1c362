//! The rows of the table: their requests, and the baselines for comparison.

use std::time::Duration;

use crate::Outcome;
use crate::baseline::Baseline;
use crate::commits::{Paces, inserts, syncs};
use crate::data::{Database, Location, Shape, Sqlite};
use crate::load::{CONNECTIONS, Generator, Load, Run};
use crate::median::Median;
use crate::server::Server;

/// How many locations in the data a load uses.
pub(crate) const LOCATIONS: usize = 16_384;

/// One row of the table.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) load: Load,
    bare: Baseline,
    /// What the second baseline reads; rows that write have none.
    read: Option<(&'static str, &'static [&'static str])>,
    /// What the baseline on `PostgreSQL` reads: a statement with the path segments of `read` as texts.
    on_postgres: Option<&'static str>,
    /// The percentage of requests that add a link.
    creates: u64,
}

/// The result of a row: each figure is the median of the rounds.
pub(crate) struct Measured {
    pub(crate) bare: Run,
    pub(crate) inline: Option<Run>,
    pub(crate) real: Run,
    /// For a row that only adds links: a plain loop of the same inserts, and the disk's sync.
    pub(crate) plain: Option<[Paces; 2]>,
}

const LINK: &str = "/api/v4/projects/{project}/releases/{tag}/assets/links/{link}";
const LINKS: &str = "/api/v4/projects/{project}/releases/{tag}/assets/links";
const DOWNLOAD: &str = "/{group}/{team}/{project}/-/releases/{tag}/downloads/{path:.*}";
/// The pattern for both kinds of request in the mix.
const EITHER: &str = "/api/v4/projects/{project}/releases/{tag}/assets/{rest:.*}";

const READ_LINK: &str = "SELECT name, url, path, link_type FROM links WHERE id = ?1";
const READ_LIST: &str = "SELECT l.name, l.url, l.path, l.link_type FROM releases r JOIN links l ON l.release_id = r.id
    WHERE r.project_id = ?1 AND r.tag = ?2 ORDER BY l.position, l.id DESC LIMIT 20";
const READ_PATH: &str = "SELECT l.url FROM namespaces n JOIN projects p ON p.namespace_id = n.id
    JOIN releases r ON r.project_id = p.id JOIN links l ON l.release_id = r.id
    WHERE n.full_path = ?1 || '/' || ?2 AND p.path = ?3 AND r.tag = ?4 AND l.path = '/' || ?5";

const READ_LINK_ON_POSTGRES: &str = "SELECT name, url, path, link_type FROM links WHERE id = $1::text::bigint";
const READ_PATH_ON_POSTGRES: &str = "SELECT l.url FROM namespaces n JOIN projects p ON p.namespace_id = n.id
    JOIN releases r ON r.project_id = p.id JOIN links l ON l.release_id = r.id
    WHERE lower(n.full_path) = lower(($1::text || '/' || $2::text) COLLATE \"C\")
        AND lower(p.path) = lower($3::text COLLATE \"C\") AND r.tag = $4 AND l.path = '/' || $5::text";

/// Returns a load of GETs for `target` at locations all over the data.
pub(crate) fn reads(shape: Shape, private: bool, token: Option<&str>, target: fn(&Location) -> String) -> Load {
    let mut random = fastrand::Rng::with_seed(7);
    let requests = (0..LOCATIONS).map(|_| ("GET", target(&shape.pick(&mut random, private)))).collect();
    Load { requests, token: token.map(ToOwned::to_owned), status: 200 }
}

/// Returns a row with other expected statuses, or with some of the requests replaced by new links.
fn row(
    name: &'static str,
    load: Load,
    route: &'static str,
    read: Option<(&'static str, &'static [&'static str])>,
) -> Row {
    let bare = Baseline {
        route: route.to_owned(),
        status: load.status,
        body: 0,
        database: None,
        postgres: None,
        sql: None,
        bind: Vec::new(),
    };
    Row { name, load, bare, read, on_postgres: None, creates: 0 }
}

/// Returns all rows, on data of `shape`.
pub(crate) fn all(shape: Shape, token: &str) -> Vec<Row> {
    let token = Some(token);
    let link = Some((READ_LINK, &["link"][..]));
    let path = Some((READ_PATH, &["group", "team", "project", "tag", "path"][..]));
    let answered = |mut load: Load, status| {
        load.status = status;
        load
    };
    let mut rows = vec![
        Row {
            on_postgres: Some(READ_LINK_ON_POSTGRES),
            ..row(GET, reads(shape, true, token, Location::get), LINK, link)
        },
        row(GET_PUBLIC, reads(shape, false, token, Location::get), LINK, link),
        row(GET_ANONYMOUS, reads(shape, false, None, Location::get), LINK, link),
        row(LIST, reads(shape, true, token, Location::list), LINKS, Some((READ_LIST, &["project", "tag"]))),
        Row {
            on_postgres: Some(READ_PATH_ON_POSTGRES),
            ..row(REDIRECT, answered(reads(shape, false, None, Location::download), 302), DOWNLOAD, path)
        },
        row("redirect miss, anonymous", answered(reads(shape, false, None, Location::miss), 404), DOWNLOAD, path),
    ];
    for (name, creates) in [(CREATE, 100), (MIX, 10)] {
        let mut load = reads(shape, true, token, Location::get);
        let mut random = fastrand::Rng::with_seed(8);
        for (at, request) in load.requests.iter_mut().enumerate() {
            // Keep the first as a GET, because a load needs a request that changes nothing.
            if at > 0 && at as u64 * creates / 100 > (at as u64 - 1) * creates / 100 {
                *request = ("POST", shape.pick(&mut random, true).list());
            }
        }
        rows.push(Row { creates, ..row(name, load, EITHER, None) });
    }
    rows
}

pub(crate) const GET: &str = "get one link, token";
pub(crate) const GET_PUBLIC: &str = "get one link of a public project, token";
pub(crate) const GET_ANONYMOUS: &str = "get one link of a public project, anonymous";
pub(crate) const LIST: &str = "list 20 links, token";
pub(crate) const REDIRECT: &str = "redirect, anonymous";
pub(crate) const CREATE: &str = "create, token";
pub(crate) const MIX: &str = "nine get one link, one create";

impl Row {
    /// Measures the row and its baselines in turn, for several rounds.
    pub(crate) fn measure(
        &self,
        real: &Server,
        database: &Sqlite,
        generator: &Generator<'_>,
        rounds: usize,
    ) -> Outcome<Measured> {
        self.load.check(real)?;
        let example = self.load.example()?;
        let bytes = real.ask(example, self.load.token.as_deref())?.bytes;
        let bare = Server::baseline(&self.bare, example, bytes)?;
        let inline = self.read.map(|(sql, bind)| {
            let baseline = Baseline { database: Some(database.path.clone()), ..self.reading(sql, bind) };
            Server::baseline(&baseline, example, bytes)
        });
        let inline = inline.transpose()?;
        let (mut of_bare, mut of_inline, mut of_real) = (Vec::new(), Vec::new(), Vec::new());
        let mut of_plain = [const { Vec::new() }; 2];
        for round in 0..rounds {
            of_bare.push(generator.run(&[&bare], &self.load)?);
            if let Some(inline) = &inline {
                of_inline.push(generator.run(&[inline], &self.load)?);
            }
            of_real.push(self.run(generator, &[real], database)?);
            if self.creates == 100 {
                let time = Duration::from_secs(generator.seconds);
                of_plain[0].push(inserts(database, time, &format!("plain-{round}"))?);
                of_plain[1].push(syncs(generator.directory, time)?);
            }
        }
        let [inserted, synced] = of_plain.map(|paces| paces.median());
        Ok(Measured {
            bare: of_bare.median().ok_or("no round")?,
            inline: of_inline.median(),
            real: of_real.median().ok_or("no round")?,
            plain: inserted.zip(synced).map(Into::into),
        })
    }

    fn reading(&self, sql: &str, bind: &[&str]) -> Baseline {
        let bind = bind.iter().map(ToString::to_string).collect();
        Baseline { sql: Some(sql.to_owned()), bind, ..self.bare.clone() }
    }

    /// Starts the baseline that reads from the `PostgreSQL` database at a URL, if the row has one.
    pub(crate) fn baseline_on_postgres(&self, url: &str) -> Outcome<Option<Server>> {
        let (Some(sql), Some((_, bind))) = (self.on_postgres, self.read) else { return Ok(None) };
        let baseline = Baseline { postgres: Some(url.to_owned()), ..self.reading(sql, bind) };
        let server = Server::baseline(&baseline, self.load.example()?, 0)?;
        self.load.check(&server)?;
        Ok(Some(server))
    }

    /// Runs the load on servers of one database.
    pub(crate) fn run(&self, generator: &Generator<'_>, servers: &[&Server], database: &dyn Database) -> Outcome<Run> {
        let before = database.links()?;
        let run = generator.run(servers, &self.load)?;
        self.count_links(run.requests, database.links()? - before)?;
        Ok(run)
    }

    /// Checks that every created link exists: a fixed percentage of all requests.
    fn count_links(&self, requests: u64, added: u64) -> Outcome<()> {
        // Each of two threads may have stopped in the middle of a group of ten, and each connection while it waited for a link:
        // the request was sent in its turn, and is not counted.
        let unfinished = 20 + u64::from(CONNECTIONS);
        let expected = (requests * self.creates / 100).saturating_sub(unfinished);
        if added >= expected && (self.creates > 0 || added == 0) {
            return Ok(());
        }
        Err(format!("of {requests} requests came {added} new links, not {expected}").into())
    }
}
