//! `release-links healthcheck`: asks the running server whether it is ready, for images without a shell or curl.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long the server may take to accept the connection, and then to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum length of a status line.
const STATUS_LINE: u64 = 256;

/// Succeeds if the server at `address` is ready.
///
/// # Errors
/// Returns why it is not, or why it cannot be asked.
pub(crate) fn healthcheck(address: SocketAddr) -> Result<(), Box<dyn std::error::Error>> {
    if address.port() == 0 {
        return Err("--listen: the port is 0, so nobody knows where the server listens".into());
    }
    let status = ask(address).map_err(|error| format!("the server at {address} does not answer: {error}"))?;
    match status.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => Err(format!("the server at {address} is not ready: {}", status.trim_end().escape_debug()).into()),
    }
}

/// Returns the first line of the answer to a request for readiness. A wildcard address leads to this machine.
fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(stream, "GET /-/readiness HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut status = String::new();
    BufReader::new(stream).take(STATUS_LINE).read_line(&mut status)?;
    Ok(status)
}
