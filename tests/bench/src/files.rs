//! Measures how fast files are published and served, beside nginx that receives and serves the same bytes.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use crate::Outcome;
use crate::baseline::Baseline;
use crate::load::{Generator, Load, Run};
use crate::median::Median;
use crate::nginx::Nginx;
use crate::server::Server;

/// By how many clients at once files are sent and fetched.
const CLIENTS: [u64; 2] = [1, 4];
/// The bytes of a file repeat with this period, but for the first ones.
const BLOCK: usize = 1024 * 1024;
/// The size of a small file.
const SMALL: usize = 4096;
/// How long one read or write may take before a run fails.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The results.
pub(crate) struct Files {
    /// The bytes that each transfer moves, however many clients share it.
    pub(crate) bytes: u64,
    pub(crate) transfers: Vec<Transfer>,
    /// A small file, and the bare route with an answer of that size.
    pub(crate) small: Run,
    pub(crate) bare: Run,
    /// What the digests of an upload take on one processor, in seconds per GiB: SHA-256, SHA-1 and MD5.
    pub(crate) digests: [f64; 3],
}

/// One direction, by so many clients at once.
pub(crate) struct Transfer {
    pub(crate) is_upload: bool,
    pub(crate) clients: u64,
    /// MiB per second.
    pub(crate) real: f64,
    /// The server's processor time, in seconds per GiB.
    pub(crate) cpu: f64,
    pub(crate) nginx: f64,
    /// With the disk's sync of each file that nginx has received.
    pub(crate) synced: Option<f64>,
}

/// Where to send requests, and with which token.
struct Party<'a> {
    address: SocketAddr,
    /// What an address begins with.
    prefix: String,
    token: Option<&'a str>,
}

/// What a file begins with, so that no two are equal.
static FILES: AtomicU64 = AtomicU64::new(0);

/// Measures all in turn, for several rounds. The real server takes the files of a user who has that token.
pub(crate) fn measure(
    real: &Server,
    token: &str,
    generator: &Generator<'_>,
    rounds: usize,
    bytes: u64,
) -> Outcome<Files> {
    let nginx = Nginx::start(generator.directory)?;
    let project = new_project(real.address, token)?;
    let prefix = format!("/api/v4/projects/{project}/packages/generic/bench/1");
    let ours = Party { address: real.address, prefix, token: Some(token) };
    let theirs = Party { address: nginx.address, prefix: String::new(), token: None };
    let mut transfers = Vec::new();
    for clients in CLIENTS {
        transfers.push(upload(real, &ours, (&nginx, &theirs), rounds, bytes, clients)?);
        transfers.push(download(real, [&ours, &theirs], rounds, bytes, clients)?);
    }
    let name = format!("{}/small", ours.prefix);
    ours.put("small", SMALL as u64)?;
    let load = Load { requests: vec![("GET", name.clone())], token: None, status: 200 };
    let baseline = Baseline {
        route: "/{path:.*}".to_owned(),
        status: 200,
        body: 0,
        database: None,
        postgres: None,
        sql: None,
        bind: Vec::new(),
    };
    let bare = Server::baseline(&baseline, &name, real.ask(&name, None)?.bytes)?;
    let (mut of_bare, mut of_real) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        of_bare.push(generator.run(&[&bare], &load)?);
        of_real.push(generator.run(&[real], &load)?);
    }
    let [small, bare] = [of_real, of_bare].map(|runs| runs.median());
    let digests = [digest_time::<Sha256>(), digest_time::<Sha1>(), digest_time::<Md5>()];
    Ok(Files { bytes, transfers, small: small.ok_or("no round")?, bare: bare.ok_or("no round")?, digests })
}

/// Lets clients send files of `bytes` together to both.
fn upload(
    real: &Server,
    ours: &Party<'_>,
    (nginx, theirs): (&Nginx, &Party<'_>),
    rounds: usize,
    bytes: u64,
    clients: u64,
) -> Outcome<Transfer> {
    let mut paces = [const { Vec::new() }; 4];
    for _ in 0..rounds {
        let before = real.cpu()?;
        let pace = pace(bytes, clients, |client, size| ours.put(&format!("file-{clients}-{client}"), size))?;
        paces[0].push(pace);
        paces[1].push((real.cpu()?.saturating_sub(before)).as_secs_f64() / gibibytes(bytes));
        for syncs in [false, true] {
            let pace = self::pace(bytes, clients, |client, size| {
                let name = format!("file-{clients}-{client}");
                theirs.put(&name, size)?;
                if syncs { Ok(File::open(nginx.root.join(name))?.sync_all()?) } else { Ok(()) }
            })?;
            paces[2 + usize::from(syncs)].push(pace);
        }
    }
    let [real, cpu, nginx, synced] = paces.map(|paces| paces.median().unwrap_or_default());
    Ok(Transfer { is_upload: true, clients, real, cpu, nginx, synced: Some(synced) })
}

/// Lets clients fetch what was uploaded last from both.
fn download(
    real: &Server,
    [ours, theirs]: [&Party<'_>; 2],
    rounds: usize,
    bytes: u64,
    clients: u64,
) -> Outcome<Transfer> {
    let mut paces = [const { Vec::new() }; 3];
    let fetch =
        |party: &Party<'_>| pace(bytes, clients, |client, size| party.get(&format!("file-{clients}-{client}"), size));
    for _ in 0..rounds {
        let before = real.cpu()?;
        paces[0].push(fetch(ours)?);
        paces[1].push((real.cpu()?.saturating_sub(before)).as_secs_f64() / gibibytes(bytes));
        paces[2].push(fetch(theirs)?);
    }
    let [real, cpu, nginx] = paces.map(|paces| paces.median().unwrap_or_default());
    Ok(Transfer { is_upload: false, clients, real, cpu, nginx, synced: None })
}

/// Shares `bytes` among clients that begin at once, and returns how many MiB they move per second.
fn pace(bytes: u64, clients: u64, act: impl Fn(u64, u64) -> Outcome<()> + Sync) -> Outcome<f64> {
    let began = Instant::now();
    thread::scope(|scope| {
        let act = &act;
        let acting: Vec<_> = (0..clients)
            .map(|client| scope.spawn(move || act(client, bytes / clients).map_err(|e| e.to_string())))
            .collect();
        acting.into_iter().try_for_each(|client| client.join().map_err(|_| "a client panicked".to_owned())?)
    })?;
    Ok(gibibytes(bytes) * 1024.0 / began.elapsed().as_secs_f64())
}

impl Party<'_> {
    /// Publishes a new file of this name.
    fn put(&self, name: &str, size: u64) -> Outcome<()> {
        let mut block: Vec<u8> = (0..BLOCK).map(|at| u8::try_from(at % 251).unwrap_or_default()).collect();
        let mut stream = self.ask("PUT", name, &format!("Content-Length: {size}\r\n"))?;
        let mut left = usize::try_from(size)?;
        block[..8].copy_from_slice(&FILES.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        while left > 0 {
            let part = left.min(BLOCK);
            stream.get_mut().write_all(&block[..part])?;
            left -= part;
        }
        expect(&mut stream, 201).map(drop)
    }

    /// Fetches a file, and counts its bytes.
    fn get(&self, name: &str, size: u64) -> Outcome<()> {
        let mut stream = self.ask("GET", name, "")?;
        let told = expect(&mut stream, 200)?;
        let mut buffer = vec![0; BLOCK / 4];
        let mut count = 0;
        loop {
            match stream.read(&mut buffer)? {
                0 => break,
                read => count += read as u64,
            }
        }
        if told == Some(size) && count == size {
            return Ok(());
        }
        Err(format!("{name} has {count} bytes of {told:?}, not {size}").into())
    }

    /// Sends the head of a request.
    fn ask(&self, method: &str, name: &str, headers: &str) -> Outcome<BufReader<TcpStream>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        let token = self.token.map(|token| format!("PRIVATE-TOKEN: {token}\r\n")).unwrap_or_default();
        let prefix = &self.prefix;
        let head =
            format!("{method} {prefix}/{name} HTTP/1.1\r\nHost: bench\r\n{token}{headers}Connection: close\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        Ok(BufReader::new(stream))
    }
}

/// Reads the head of an answer, and returns its `Content-Length`. nginx answers 204 to a file that it had.
fn expect(stream: &mut BufReader<TcpStream>, status: u16) -> Outcome<Option<u64>> {
    let mut first = String::new();
    stream.read_line(&mut first)?;
    let told: u16 = first.split(' ').nth(1).ok_or("an empty answer")?.parse()?;
    if told != status && (told, status) != (204, 201) {
        return Err(format!("answered {first:?}, not {status}").into());
    }
    let mut length = None;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { return Ok(length) };
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse()?);
        }
    }
}

/// Creates a public project of the token's user, and returns its id.
fn new_project(address: SocketAddr, token: &str) -> Outcome<u64> {
    let body = r#"{"name": "bench-files", "visibility": "public"}"#;
    let head = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    let party = Party { address, prefix: "/api/v4".to_owned(), token: Some(token) };
    let mut stream = party.ask("POST", "projects", &head)?;
    stream.get_mut().write_all(body.as_bytes())?;
    expect(&mut stream, 201)?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let project: serde_json::Value = serde_json::from_str(&text)?;
    Ok(project["id"].as_u64().ok_or("no id")?)
}

/// Returns how many seconds a digest takes on one processor per GiB.
fn digest_time<D: Digest>() -> f64 {
    let block = vec![7; BLOCK];
    let began = Instant::now();
    let mut digest = D::new();
    for _ in 0..64 {
        digest.update(&block);
    }
    std::hint::black_box(digest.finalize());
    began.elapsed().as_secs_f64() * 1024.0 / 64.0
}

/// A number of bytes in GiB.
pub(crate) fn gibibytes(bytes: u64) -> f64 {
    // Files are of a few GiB at most.
    f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX)) / f64::from(1 << 20)
}
