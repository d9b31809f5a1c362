//! A proxy before the database that counts what the server asks of it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// The code in the place of a version by which a client asks for TLS.
const SSL_REQUEST: [u8; 4] = 80_877_103_u32.to_be_bytes();

/// Listens on a port of its own until the process ends.
pub struct Counting {
    port: u16,
    asked: Arc<AtomicU64>,
}

impl Counting {
    /// Starts before the database that listens on a port.
    pub fn before(database: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(AtomicU64::new(0)));
        let counter = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming() {
                pass_on(client.unwrap(), TcpStream::connect(("127.0.0.1", database)).unwrap(), &counter);
            }
        });
        Self { port, asked }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// How often the database was asked for an answer so far.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

/// Passes on what both sides of a connection send until one of them closes it.
fn pass_on(client: TcpStream, database: TcpStream, asked: &Arc<AtomicU64>) {
    let (mut answers, mut answered) = (database.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || {
        // It fails when either side is gone.
        let _ = io::copy(&mut answers, &mut answered);
        let _ = answered.shutdown(Shutdown::Both);
    });
    let asked = Arc::clone(asked);
    thread::spawn(move || {
        let _ = count(&client, &database, &asked);
        let _ = database.shutdown(Shutdown::Both);
    });
}

/// Passes on the client's messages, and counts those after which it waits for an answer: `Query`, and the `Sync` at the end
/// of a prepared statement or of its preparation. A message is counted before it is sent, so before it is answered.
fn count(mut client: &TcpStream, mut database: &TcpStream, asked: &AtomicU64) -> io::Result<()> {
    loop {
        let first = message(&mut client, Vec::new())?;
        database.write_all(&first)?;
        if first.get(4..8) != Some(&SSL_REQUEST) {
            break;
        }
    }
    loop {
        let mut kind = vec![0];
        client.read_exact(&mut kind)?;
        if kind == b"S" || kind == b"Q" {
            asked.fetch_add(1, Ordering::Relaxed);
        }
        database.write_all(&message(&mut client, kind)?)?;
    }
}

/// Reads the rest of a message: its length, which counts itself, and its content.
fn message(mut client: impl Read, mut begun: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    begun.extend(length);
    let at = begun.len();
    begun.resize(at + usize::try_from(u32::from_be_bytes(length)).unwrap() - length.len(), 0);
    client.read_exact(&mut begun[at..])?;
    Ok(begun)
}
