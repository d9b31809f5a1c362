//! How much of the server one request, one client, and all clients together can take.

use std::time::Duration;

/// How long clients may take, and how many there may be.
///
/// The constants of the same names are the values of [`Limits::default`]; the other constants cannot be set.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the head of each request to arrive: from the first byte, or for a new connection from its start.
    pub head: Duration,
    /// For a request's body to arrive.
    pub body: Duration,
    /// How many bytes the bodies being read may hold together, beyond the first [`Limits::BODY_START`] of each.
    pub body_memory: usize,
    /// How long a body waits for its share of `body_memory`.
    pub body_memory_wait: Duration,
    /// How many bytes of an answer a client must take in each second.
    pub answer_rate: u32,
    /// How far a client may fall behind that rate.
    pub answer_grace: Duration,
    /// How long a connection stays open between requests.
    pub keep_alive: Duration,
    /// How many connections may be open at once.
    pub connections: usize,
    /// For requests in flight to be answered once the server is told to stop.
    pub shutdown: Duration,
}

impl Limits {
    /// Enough for a head that comes in several packets over a poor line.
    pub const HEAD: Duration = Duration::from_secs(5);
    /// A line of a head in bytes, a request's target included, with what cannot be told from it of the body before. At a
    /// header's name of 64 KiB actix-http panics (`docs/decisions/0007-connections-are-watched.md`).
    pub const HEAD_LINE: usize = 65_000;
    /// The largest body in bytes (docs/contract.md, "Link endpoints").
    pub const BODY_LENGTH: usize = 1024 * 1024;
    /// A body of the largest size, over a line of 1 Mbit/s.
    pub const BODY: Duration = Duration::from_secs(10);
    /// Ordinary bodies fit, and so never wait for others.
    pub const BODY_START: usize = 16 * 1024;
    /// 32 bodies of the largest size.
    pub const BODY_MEMORY: usize = 32 * 1024 * 1024;
    /// What cannot be started within this time is refused, as the contract says for all work.
    pub const BODY_MEMORY_WAIT: Duration = Duration::from_secs(2);
    /// Slower than any line that a person would wait at.
    pub const ANSWER_RATE: u32 = 1024;
    /// A client's own buffers hide for a while that it reads, and more so on a fast line.
    pub const ANSWER_GRACE: Duration = Duration::from_secs(15);
    /// Longer than the 30 or 60 seconds for which pooled clients keep their connections, so that they close first.
    pub const KEEP_ALIVE: Duration = Duration::from_secs(75);
    /// Where nobody says how many descriptors there are: a common limit, less [`Limits::OTHER_DESCRIPTORS`].
    pub const CONNECTIONS: usize = 1024 - Self::OTHER_DESCRIPTORS;
    /// Descriptors kept for the database, the log, and connections about to be closed.
    pub const OTHER_DESCRIPTORS: usize = 64;
    /// Less than the time that a service manager waits before it kills.
    pub const SHUTDOWN: Duration = Duration::from_secs(8);

    /// How many parameters a request may bring, as in Rack (docs/contract.md, "Link endpoints"). List items, members of JSON objects, and each
    /// map or list within another count.
    pub const PARAMETERS: usize = 20_000;
    /// How many levels of lists and maps the parameters may nest, as in Rack (docs/contract.md, "Link endpoints").
    pub const NESTING: usize = 32;
    /// How many faults a refusal lists; a request may have thousands.
    pub const FAULTS: usize = 100;
    /// How many characters of a milestone's title are told when there is none of that title, as many as one has on GitLab.
    pub const MILESTONE_TITLE: usize = 255;
    /// The most bytes of a `Link` header (docs/contract.md, "Pagination"): proxies refuse a head of 4 or 8 KiB.
    pub const LINK_HEADER: usize = 3_000;
    /// The largest list that has an `ETag`, in bytes. To make one, the whole answer has to be in memory.
    pub const TAGGED_LIST: usize = 1024 * 1024;
    /// How many large answers are written at once. Each holds one batch in memory, which is at most a release with all the
    /// links and all the text that it may have: about 15 MiB as JSON, where each character has to be escaped.
    pub const LARGE_ANSWERS: usize = 4;
    /// How long a request waits until its large answer may be written.
    pub const LARGE_ANSWER_WAIT: Duration = Duration::from_secs(2);
    /// How long an answer may keep its turn, or its part of [`Limits::UNSENT_ANSWERS`], once others were refused for want of it.
    pub const LARGE_ANSWER_TIME: Duration = Duration::from_secs(30);
    /// How many large answers are read from the database and put into words at once.
    pub const ANSWERS_MADE: usize = 2;
    /// How many releases are changed or removed at once: each is answered with the whole release, which nobody knows the size of
    /// before. One that is made is no larger than its body.
    pub const RELEASE_WRITES: usize = 4;
    /// The largest release that is put into words on a worker, in bytes of text: a worker serves nobody else meanwhile.
    pub const SMALL_RELEASE: usize = 64 * 1024;
    /// How many bytes all answers together may hold that are written whole and not sent yet. Slow readers fill it.
    pub const UNSENT_ANSWERS: u32 = 32 * 1024 * 1024;
    /// The largest answer that does not count among the unsent ones, in bytes. A connection's own buffers take as much.
    pub const SMALL_ANSWER: usize = 16 * 1024;
    /// How many bytes of an answer its connection gets at once. They no longer count among the unsent ones.
    pub const ANSWER_PIECE: usize = 32 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Self::HEAD,
            body: Self::BODY,
            body_memory: Self::BODY_MEMORY,
            body_memory_wait: Self::BODY_MEMORY_WAIT,
            answer_rate: Self::ANSWER_RATE,
            answer_grace: Self::ANSWER_GRACE,
            keep_alive: Self::KEEP_ALIVE,
            connections: Self::CONNECTIONS,
            shutdown: Self::SHUTDOWN,
        }
    }
}
