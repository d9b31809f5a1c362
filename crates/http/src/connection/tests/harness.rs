//! An in-process server with short limits, and clients that send exact bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::web::{Bytes, Data, get, post};
use actix_web::{App, HttpResponse};
use futures_util::StreamExt;
use futures_util::stream::iter;
use jiff::Timestamp;
use release_links_memory::MemoryStore;
use release_links_ports::{Clock, DatabaseKey, Entropy, MockClock, MockEntropy, MockFileStore, Storage};
use release_links_usecases::{OwnFiles, TokenUses};

use crate::{Drain, Limits, Service, connection, serve};

/// Longer than anything that succeeds takes.
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);

/// The length of the answer to `/large`.
pub(super) const LARGE: usize = 32 * 1024 * 1024;

pub(super) const SHORT: Duration = Duration::from_millis(200);

/// Limits that no test reaches.
pub(super) fn generous() -> Limits {
    let limits = Limits { head: TIMEOUT * 2, answer_grace: TIMEOUT * 2, ..Limits::default() };
    Limits { body: TIMEOUT * 2, keep_alive: TIMEOUT * 2, shutdown: Duration::from_secs(1), ..limits }
}

/// Tells the test what happens in the server.
#[derive(Clone)]
struct Signals {
    dropped: Sender<()>,
    entered: Sender<()>,
    released: Arc<Mutex<Receiver<()>>>,
}

pub(super) struct TestServer {
    pub(super) address: SocketAddr,
    /// Receives when an answer to `/large` is dropped.
    pub(super) dropped: Receiver<()>,
    /// Receives when a worker is busy with `/busy`.
    pub(super) entered: Receiver<()>,
    /// Lets that worker continue.
    pub(super) release: Sender<()>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl TestServer {
    /// Starts a server with one worker and an app for tests of connections.
    pub(super) fn start(limits: Limits) -> Self {
        Self::run(move |listener, signals| {
            connection::run(listener, limits, Drain::default(), 1, move || {
                App::new()
                    .app_data(Data::new(signals.clone()))
                    .route("/", get().to(|| async { "here" }))
                    .route("/nothing", get().to(HttpResponse::NoContent))
                    .route("/unread", post().to(|| async { "not read" }))
                    .route("/length", post().to(|body: Bytes| async move { body.len().to_string() }))
                    .route("/large", get().to(large))
                    .route("/busy", get().to(busy))
            })
        })
    }

    /// Starts a server with the whole service, on an empty store in memory.
    pub(super) fn start_service(limits: Limits) -> Self {
        let storage = Storage::of(MemoryStore::default());
        let uses = Arc::new(TokenUses::new(storage.tokens.clone()));
        let mut clock = MockClock::new();
        clock.expect_now().return_const(Timestamp::UNIX_EPOCH);
        let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(clock), Arc::new(MockEntropy::new()));
        let service = Service::new(
            storage,
            OwnFiles::new(Arc::new(MockFileStore::new()), DatabaseKey([0; 32])),
            DatabaseKey([0; 32]),
            &uses,
            &clock,
            &entropy,
            "http://a".parse().unwrap(),
        );
        Self::run(move |listener, _| serve(listener, service, limits))
    }

    fn run(start: impl FnOnce(TcpListener, Signals) -> std::io::Result<Server> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (dropped_sender, dropped) = channel();
        let (entered_sender, entered) = channel();
        let (release, released) = channel();
        let released = Arc::new(Mutex::new(released));
        let signals = Signals { dropped: dropped_sender, entered: entered_sender, released };
        let (started, handle) = channel();
        let thread = spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = start(listener, signals).unwrap();
                started.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = handle.recv().unwrap();
        Self { address, dropped, entered, release, handle, thread: Some(thread) }
    }

    /// Tells the server to stop once the requests in flight are answered.
    pub(super) fn shut_down(&self) {
        drop(self.handle.stop(true));
    }

    pub(super) fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.set_write_timeout(Some(TIMEOUT)).unwrap();
        Client(BufReader::new(stream))
    }

    /// A connection on which one request was already answered.
    pub(super) fn used(&self) -> Client {
        let mut client = self.connect();
        client.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").ok("here");
        client
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn large(signals: Data<Signals>) -> HttpResponse {
    struct Dropped(Sender<()>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let dropped = Dropped(signals.dropped.clone());
    let pieces = iter(0..LARGE / 65_536).map(move |_| {
        let _ = &dropped;
        Ok::<_, actix_web::Error>(Bytes::from(vec![b'x'; 65_536]))
    });
    HttpResponse::Ok().body(actix_web::body::SizedStream::new(LARGE as u64, pieces))
}

/// Blocks its worker, as no real handler may.
async fn busy(signals: Data<Signals>) -> &'static str {
    signals.entered.send(()).unwrap();
    signals.released.lock().unwrap().recv_timeout(TIMEOUT).unwrap();
    "done"
}

pub(super) struct Client(BufReader<TcpStream>);

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    body: String,
}

impl Answer {
    #[track_caller]
    pub(super) fn ok(&self, body: &str) {
        assert_eq!((self.status, self.body.as_str()), (200, body));
    }

    pub(super) fn names_the_connection(&self) -> bool {
        self.head.contains("connection: ")
    }

    pub(super) fn closes(&self) -> bool {
        self.head.contains("connection: close\r\n")
    }
}

impl Client {
    pub(super) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
        self
    }

    /// Sends as much as the server accepts.
    pub(super) fn try_send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.get_mut().write_all(bytes.as_ref());
    }

    /// A second handle to the same connection, to write from another thread.
    pub(super) fn second_handle(&self) -> TcpStream {
        self.0.get_ref().try_clone().unwrap()
    }

    /// Asserts that the server answers 408 although the client keeps sending a little.
    #[track_caller]
    pub(super) fn gets_no_more_time_for_trickling(mut self) {
        let mut trickle = self.second_handle();
        let writer = spawn(move || {
            // Fails once the server has closed the connection.
            while trickle.write_all(b"x").is_ok() {
                sleep(SHORT / 10);
            }
        });
        assert_eq!(self.answer().status, 408);
        drop(self);
        writer.join().unwrap();
    }

    #[track_caller]
    pub(super) fn ask(&mut self, bytes: impl AsRef<[u8]>) -> Answer {
        self.send(bytes).answer()
    }

    #[track_caller]
    pub(super) fn answer(&mut self) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "ended after {head:?}");
        }
        let status = head["HTTP/1.1 ".len()..][..3].parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).unwrap();
        Answer { status, head, body: String::from_utf8(body).unwrap() }
    }

    /// Whether the server has neither answered nor closed the connection.
    pub(super) fn is_waiting(&self) -> bool {
        let stream = self.0.get_ref();
        stream.set_nonblocking(true).unwrap();
        let waiting = stream.peek(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        stream.set_nonblocking(false).unwrap();
        self.0.buffer().is_empty() && waiting
    }

    /// Returns everything received until the server closes the connection.
    #[track_caller]
    pub(super) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self.0.read_to_end(&mut bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("still open"),
            Ok(_) | Err(_) => bytes,
        }
    }

    #[track_caller]
    pub(super) fn assert_closed(&mut self) {
        assert_eq!(String::from_utf8_lossy(&self.rest()), "");
    }
}
