//! Publishes and downloads a file that is larger than the server's memory may be, and compares every byte.

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use release_links_domain::file::MaxFileSize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::http::{Answer, Client, Request, read, read_head};
use crate::server::{ROOT, Server};
use crate::{Outcome, Verdict};

/// The name of this check, as `--only` chooses it.
pub(crate) const NAME: &str = "a large file";
/// The limit on the server's memory, in KiB.
const MOST_MEMORY: u64 = 96 * 1024;
/// The size of the file in the short form.
const SHORT: u64 = 256 << 20;
/// How many bytes are sent and compared at once; no two such blocks of the file are equal.
const BLOCK: usize = 1 << 20;

/// How long the answer may take once everything is sent: a slow disk has much to sync.
const PATIENCE: Duration = Duration::from_mins(5);

/// Runs the check, unless its name does not contain `only`, on a server of its own.
pub(crate) fn large_file(binary: &Path, short: bool, only: &str, verdict: &mut Verdict) -> Outcome<()> {
    if !NAME.contains(only) {
        return Ok(());
    }
    // The folder of temporary files may be in memory.
    let directory = tempfile::tempdir_in(binary.parent().unwrap_or(Path::new(".")))?;
    let database = format!("sqlite:{}", directory.path().join("files.db").display());
    let server = Server::real(binary, &database, &directory.path().join("log"))?;
    let size = if short { SHORT } else { MaxFileSize::DEFAULT.bytes() };
    for (name, size, chunked) in [("with its length", size, false), ("in chunks", SHORT, true)] {
        let faults = there_and_back(&server, name, size, chunked)?;
        verdict.passed += usize::from(faults.is_empty());
        verdict.failures.extend(faults.into_iter().map(|fault| format!("{NAME}, {name}: {fault}")));
    }
    server.stop()
}

/// Publishes a file and downloads it, prints what that took, and returns what was wrong.
fn there_and_back(server: &Server, name: &str, size: u64, chunked: bool) -> Outcome<Vec<String>> {
    let made = Request::new("POST", "/api/v4/projects").token(ROOT).json(&json!({"name": format!("file {chunked}")}));
    let project = Client::new(server.address).ask(&made)?.json()["id"].as_u64().ok_or("no project")?;
    let target = format!("/api/v4/projects/{project}/packages/generic/large/1/file");
    let mut faults = Vec::new();
    server.forget_peak()?;
    let (answer, digest, sent_in) = publish(server.address, &target, size, chunked)?;
    let of_upload = server.memory("VmHWM")?;
    server.forget_peak()?;
    if answer.status != 201 {
        faults.push(format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)));
        return Ok(faults);
    }
    let began = Instant::now();
    let (told, differs) = download(server.address, &target, size)?;
    let (read_in, of_download) = (began.elapsed().as_secs_f64(), server.memory("VmHWM")?);
    println!(
        "{} MiB {name}: published in {sent_in:.1} s with {} MiB of memory at most, downloaded in {read_in:.1} s with {} MiB",
        size >> 20,
        of_upload.div_ceil(1024),
        of_download.div_ceil(1024)
    );
    faults.extend(differs);
    if told.header("x-checksum-sha256") != Some(&digest) {
        faults.push(format!("the digest {:?} and not {digest}", told.header("x-checksum-sha256")));
    }
    for (what, memory) in [("upload", of_upload), ("download", of_download)] {
        if memory > MOST_MEMORY {
            faults.push(format!("{} MiB of memory by the {what}", memory / 1024));
        }
    }
    Ok(faults)
}

/// The bytes of the file, block by block.
struct Blocks(Vec<u8>);

impl Blocks {
    fn new() -> Self {
        let mut random = fastrand::Rng::with_seed(20);
        Self((0..BLOCK).map(|_| random.u8(..)).collect())
    }

    /// Returns the block at an offset.
    fn at(&mut self, offset: u64) -> &[u8] {
        self.0[..8].copy_from_slice(&offset.to_be_bytes());
        &self.0
    }
}

fn connect(address: SocketAddr) -> Outcome<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Sends the file, and returns the answer, the digest of what was sent, and the seconds that it took.
fn publish(address: SocketAddr, target: &str, size: u64, chunked: bool) -> Outcome<(Answer, String, f64)> {
    let framing = if chunked { "Transfer-Encoding: chunked".to_owned() } else { format!("Content-Length: {size}") };
    let mut stream = connect(address)?;
    stream.write_all(
        format!("PUT {target} HTTP/1.1\r\nHost: a\r\nPRIVATE-TOKEN: {ROOT}\r\n{framing}\r\nConnection: close\r\n\r\n")
            .as_bytes(),
    )?;
    let (mut blocks, mut digest, mut offset) = (Blocks::new(), Sha256::new(), 0);
    let began = Instant::now();
    while offset < size {
        let length = usize::try_from(size - offset).map_or(BLOCK, |left| left.min(BLOCK));
        let block = &blocks.at(offset)[..length];
        digest.update(block);
        if chunked {
            stream.write_all(format!("{length:x}\r\n").as_bytes())?;
            stream.write_all(block)?;
            stream.write_all(b"\r\n")?;
        } else {
            stream.write_all(block)?;
        }
        offset += length as u64;
    }
    if chunked {
        stream.write_all(b"0\r\n\r\n")?;
    }
    let answer = read(&mut BufReader::new(stream), "PUT")?;
    let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    Ok((answer, digest, began.elapsed().as_secs_f64()))
}

/// Downloads the file, and returns the head of the answer and where its bytes differ, if they do.
fn download(address: SocketAddr, target: &str, size: u64) -> Outcome<(Answer, Option<String>)> {
    let mut stream = connect(address)?;
    stream.write_all(
        format!("GET {target} HTTP/1.1\r\nHost: a\r\nPRIVATE-TOKEN: {ROOT}\r\nConnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut stream = BufReader::with_capacity(BLOCK, stream);
    let head = read_head(&mut stream)?;
    let (mut blocks, mut buffer, mut offset) = (Blocks::new(), vec![0; BLOCK], 0);
    while offset < size {
        let length = usize::try_from(size - offset).map_or(BLOCK, |left| left.min(BLOCK));
        stream.read_exact(&mut buffer[..length])?;
        if buffer[..length] != blocks.at(offset)[..length] {
            return Ok((head, Some(format!("other bytes after {offset}"))));
        }
        offset += length as u64;
    }
    let more = stream.read_to_end(&mut buffer)?;
    Ok((head, (more > 0).then(|| format!("{more} more bytes"))))
}
