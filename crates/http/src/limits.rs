//! The limits on what one request, one client, and all clients together may use.

use std::time::Duration;

/// The time limits for clients, and the maximum number of connections.
///
/// The constants of the same names are the values of [`Limits::default`]; the other constants cannot be configured.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Timeout for the head of each request, from its first byte or, on a new connection, from the start of the
    /// connection.
    pub head: Duration,
    /// Timeout for the body of a request.
    pub body: Duration,
    /// The maximum number of bytes that all request bodies may hold together, beyond the first [`Limits::BODY_START`]
    /// of each.
    pub body_memory: usize,
    /// How long a body waits for its share of `body_memory`.
    pub body_memory_wait: Duration,
    /// The minimum rate at which a client must read an answer, in bytes per second.
    pub answer_rate: u32,
    /// How long a client may be behind that rate.
    pub answer_grace: Duration,
    /// How long an idle connection is kept open.
    pub keep_alive: Duration,
    /// The maximum number of open connections.
    pub connections: usize,
    /// How long a shutdown waits for requests in flight.
    pub shutdown: Duration,
}

impl Limits {
    /// The default of [`Limits::head`]: enough for a head that arrives in several packets over a poor line.
    pub const HEAD: Duration = Duration::from_secs(5);
    /// The maximum length of a line in a head, in bytes, including the request target.
    ///
    /// It includes the bytes of a preceding body that cannot be told apart from the line. actix-http panics at a header
    /// name of 64 KiB (`docs/decisions/0007-connections-are-watched.md`).
    pub const HEAD_LINE: usize = 65_000;
    /// The maximum length of a body in bytes (docs/contract.md, "Link endpoints").
    pub const BODY_LENGTH: usize = 1024 * 1024;
    /// The maximum length of the body of a manifest in bytes (docs/contract.md, "Manifests").
    pub const MANIFEST_LENGTH: usize = 4 * 1024 * 1024;
    /// The default of [`Limits::body`]: enough for the largest body over a line of 1 Mbit/s.
    pub const BODY: Duration = Duration::from_secs(10);
    /// The bytes of a body that need no shared memory, so that ordinary bodies never wait for others.
    pub const BODY_START: usize = 16 * 1024;
    /// The default of [`Limits::body_memory`]: enough for 32 bodies of the largest size, or for eight manifests.
    pub const BODY_MEMORY: usize = 32 * 1024 * 1024;
    /// The default of [`Limits::body_memory_wait`]: the contract refuses all work that cannot start within this time.
    pub const BODY_MEMORY_WAIT: Duration = Duration::from_secs(2);
    /// The default of [`Limits::answer_rate`]: slower than any line over which a person would wait.
    pub const ANSWER_RATE: u32 = 1024;
    /// The default of [`Limits::answer_grace`]: the client's buffers hide for a while that it is reading, and longer on
    /// a fast line.
    pub const ANSWER_GRACE: Duration = Duration::from_secs(15);
    /// The default of [`Limits::keep_alive`]: longer than the 30 or 60 seconds after which clients' connection pools
    /// close idle connections, so that the client closes first.
    pub const KEEP_ALIVE: Duration = Duration::from_secs(75);
    /// The default of [`Limits::connections`]: a common limit on open files, less [`Limits::OTHER_DESCRIPTORS`].
    pub const CONNECTIONS: usize = 1024 - Self::OTHER_DESCRIPTORS;
    /// How long a server that is about to stop still serves everything: long enough for clients that send requests one after
    /// another to read an answer that says `Connection: close`.
    pub const DRAIN: Duration = Duration::from_secs(1);
    /// How long a server that takes no new connections waits for those that the system has set up already: long enough to
    /// accept them under load, and less than the second after which clients repeat an attempt to connect.
    pub const LAST_CONNECTIONS: Duration = Duration::from_millis(500);
    /// Descriptors reserved for the database, the log, and connections that are being closed.
    pub const OTHER_DESCRIPTORS: usize = 64;
    /// The default of [`Limits::shutdown`]: less than the time after which a service manager kills the process.
    pub const SHUTDOWN: Duration = Duration::from_secs(8);

    /// The maximum number of parameters of a request, as in Rack (docs/contract.md, "Link endpoints").
    ///
    /// List items, members of JSON objects, and each map or list within another count.
    pub const PARAMETERS: usize = 20_000;
    /// The maximum nesting of lists and maps in parameters, as in Rack (docs/contract.md, "Link endpoints").
    pub const NESTING: usize = 32;
    /// The maximum number of faults that a refusal lists; a request may have thousands.
    pub const FAULTS: usize = 100;
    /// How many characters of an unknown milestone's title a refusal quotes: the maximum length of a title on GitLab.
    pub const MILESTONE_TITLE: usize = 255;
    /// How many characters of an unknown user a refusal quotes: no username is longer.
    pub const UNKNOWN_USER: usize = 255;
    /// The maximum length of a request id that a proxy gives, in bytes: every line about the request repeats it.
    pub const REQUEST_ID: usize = 128;
    /// The maximum length of a `Link` header in bytes (docs/contract.md, "Pagination"): proxies refuse a head of 4 or 8
    /// KiB.
    pub const LINK_HEADER: usize = 3_000;
    /// The maximum length of a list with an `ETag`, in bytes: to compute one, the whole answer must be in memory.
    pub const TAGGED_LIST: usize = 1024 * 1024;
    /// The maximum number of large answers that are written at once.
    ///
    /// Each holds one batch in memory. The largest batch is a release with all the links and text that it may have:
    /// about 15 MiB of JSON if every character has to be escaped.
    pub const LARGE_ANSWERS: usize = 4;
    /// How long a large answer waits for its turn.
    pub const LARGE_ANSWER_WAIT: Duration = Duration::from_secs(2);
    /// How long an answer keeps its turn, or its part of [`Limits::UNSENT_ANSWERS`], after another answer was refused
    /// for lack of it.
    pub const LARGE_ANSWER_TIME: Duration = Duration::from_secs(30);
    /// The maximum number of large answers that are read from the database and serialised at once.
    pub const ANSWERS_SERIALISED: usize = 2;
    /// The maximum number of releases that are updated or deleted, and of manifests that are applied, at once.
    ///
    /// Each is answered with the whole release, whose size is unknown beforehand. Creation needs no such limit: a new
    /// release is no larger than its request body.
    pub const RELEASE_WRITES: usize = 4;
    /// The largest release that is serialised on a worker thread, in bytes of text: the worker serves nobody else
    /// meanwhile.
    pub const SMALL_RELEASE: usize = 64 * 1024;
    /// How much of a description a page shows, and of all descriptions a feed, in bytes: parsers of Markdown and HTML take many times its length in memory.
    pub const MARKDOWN: usize = 64 * 1024;
    /// How deeply the formatted text of a description may be nested; deeper, it is shown as plain text.
    pub const MARKDOWN_NESTING: usize = 64;
    /// How many of the characters `&`, `<`, `>` and `"` the formatted text of a description may have; with more, it is
    /// shown as plain text.
    pub const MARKDOWN_SPECIAL: usize = 8_192;
    /// How many cells the tables of a description may have, counted generously; with more, they are shown as text.
    pub const MARKDOWN_CELLS: usize = 20_000;
    /// How many pages of releases a feed is read from, beyond which upcoming ones hide the others.
    pub const FEED_PAGES: u64 = 10;
    /// How many links of each release the page of a project shows; the page of the release has them all.
    pub const LISTED_ASSETS: usize = 20;
    /// How many characters of a value the page of a history shows.
    pub const HISTORY_TEXT: usize = 2048;
    /// The maximum number of uploads that are stored at once.
    pub const UPLOADS: usize = 32;
    /// The maximum number of bytes of a form that are not its file, including what is read ahead of the file.
    pub const BESIDE_UPLOAD: u64 = 1024 * 1024;
    /// How long an upload waits for its turn: others take as long as their files are large.
    pub const UPLOAD_WAIT: Duration = Duration::from_secs(30);

    /// How long an upload may take, however fast it is: less than the day after which bytes without a row are deleted.
    pub const UPLOAD_TIME: Duration = Duration::from_hours(12);
    /// The maximum number of bytes of serialised answers that are not sent yet. Slow readers use it up.
    pub const UNSENT_ANSWERS: u32 = 32 * 1024 * 1024;
    /// The largest answer that does not count towards [`Limits::UNSENT_ANSWERS`], in bytes. A connection's own buffers
    /// hold as much.
    pub const SMALL_ANSWER: usize = 16 * 1024;
    /// The size of the pieces in which a connection takes a large answer, in bytes. Bytes taken no longer count as
    /// unsent.
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
