//! Hides offers to upgrade a connection from the parser. A server may ignore such an offer (RFC 9110, section 7.8).
//!
//! actix-http 3.20.0 does not: it answers `Connection: upgrade` and closes the connection, and takes all that follows
//! `Upgrade: websocket` for a body without end. Nothing above its parser can change that. So the last letter of the
//! words that it looks for is replaced before it sees them, which leaves the length of the head as it is.
//!
//! To tell heads from bodies, the bytes of all requests are followed as actix-http's decoder follows them. It ends the
//! connection at a request that it refuses, so what such a request looks like here does not matter. That includes
//! CONNECT, after which it reads no other request.

use memchr::memchr;

/// What the last letter of a word is replaced with.
const HIDDEN: u8 = b'_';

/// The headers that have a meaning here, in lower case.
const FIELDS: [(&[u8], Field); 4] = [
    (b"connection", Field::Words(b"upgrade")),
    (b"upgrade", Field::Words(b"websocket")),
    (b"content-length", Field::Length),
    (b"transfer-encoding", Field::Coding),
];

/// The length of the longest name or word to compare.
const LONGEST: usize = b"transfer-encoding".len();

/// Follows the bytes of a connection, whatever pieces they arrive in.
pub(super) struct Offers {
    part: Part,
    /// The header name or the list member that is arriving, in lower case, cut after [`LONGEST`] bytes and one more.
    word: Vec<u8>,
    /// The body that follows the head.
    body: Body,
}

/// What the next byte belongs to.
#[derive(Clone, Copy)]
enum Part {
    /// Empty lines before a request.
    Start,
    /// A line of a head without meaning here.
    Line,
    /// A header's name, or the empty line that ends the head.
    Name,
    Value(Field),
    /// The body, of which so many bytes are missing.
    Content(u64),
    /// The size of a chunk.
    ChunkSize(u64),
    /// The rest of the line with the size of a chunk.
    ChunkLine(u64),
    /// The chunk, of which so many bytes are missing, with the line end after it.
    Chunk(u64),
    /// The start of a line after the last chunk.
    TrailerStart,
    Trailer,
    TrailerLineFeed,
    LastLineFeed,
}

#[derive(Clone, Copy)]
enum Field {
    /// A list, in which this word is hidden.
    Words(&'static [u8]),
    Length,
    Coding,
}

#[derive(Clone, Copy)]
enum Body {
    Length(u64),
    Chunked,
}

impl Offers {
    pub(super) fn new() -> Self {
        Self { part: Part::Start, word: Vec::with_capacity(LONGEST + 1), body: Body::Length(0) }
    }

    /// Hides the offers in the next bytes of the connection.
    pub(super) fn hide(&mut self, mut bytes: &mut [u8]) {
        while let Some((byte, rest)) = bytes.split_first_mut() {
            self.part = self.after(byte);
            let skipped = self.skip(rest);
            bytes = &mut rest[skipped..];
        }
    }

    /// Returns what follows a byte, after hiding the offer that it completes.
    fn after(&mut self, byte: &mut u8) -> Part {
        match (self.part, *byte) {
            (Part::Start, b'\r' | b'\n') => Part::Start,
            (Part::Line | Part::Value(_), b'\n') => {
                self.word.clear();
                Part::Name
            }
            (Part::Start | Part::Line, _) => Part::Line,
            (Part::Name, _) => self.after_name(*byte),
            (Part::Value(field), _) => {
                self.read_value(field, byte);
                Part::Value(field)
            }
            (Part::Content(left), _) if left > 1 => Part::Content(left - 1),
            (Part::Content(_) | Part::LastLineFeed, _) => Part::Start,
            (Part::ChunkSize(size), digit) => match char::from(digit).to_digit(16) {
                Some(digit) => Part::ChunkSize(size.saturating_mul(16).saturating_add(digit.into())),
                None => Part::ChunkLine(size),
            },
            (Part::ChunkLine(0), b'\n') | (Part::TrailerLineFeed, _) => Part::TrailerStart,
            (Part::ChunkLine(size), b'\n') => Part::Chunk(size.saturating_add(2)),
            (Part::ChunkLine(size), _) => Part::ChunkLine(size),
            (Part::Chunk(left), _) if left > 1 => Part::Chunk(left - 1),
            (Part::Chunk(_), _) => Part::ChunkSize(0),
            (Part::TrailerStart, b'\r') => Part::LastLineFeed,
            (Part::Trailer, b'\r') => Part::TrailerLineFeed,
            (Part::TrailerStart | Part::Trailer, _) => Part::Trailer,
        }
    }

    fn after_name(&mut self, byte: u8) -> Part {
        match byte {
            b'\r' if self.word.is_empty() => Part::Name,
            b'\n' if self.word.is_empty() => match std::mem::replace(&mut self.body, Body::Length(0)) {
                Body::Length(0) => Part::Start,
                Body::Length(length) => Part::Content(length),
                Body::Chunked => Part::ChunkSize(0),
            },
            b':' => {
                let found = FIELDS.iter().find(|(name, _)| *name == self.word);
                self.word.clear();
                found.map_or(Part::Line, |(_, field)| Part::Value(*field))
            }
            _ => {
                self.word.push(byte.to_ascii_lowercase());
                let possible = FIELDS.iter().any(|(name, _)| name.starts_with(&self.word));
                if possible { Part::Name } else { Part::Line }
            }
        }
    }

    fn read_value(&mut self, field: Field, byte: &mut u8) {
        match (field, *byte) {
            (Field::Words(_), b',') => self.word.clear(),
            (Field::Words(_), b' ' | b'\t') if self.word.is_empty() => {}
            (Field::Words(hidden), letter) if self.word.len() <= LONGEST => {
                self.word.push(letter.to_ascii_lowercase());
                if self.word == hidden {
                    *byte = HIDDEN;
                }
            }
            (Field::Length, digit @ b'0'..=b'9') => {
                let Body::Length(length) = self.body else { return };
                self.body = Body::Length(length.saturating_mul(10).saturating_add((digit - b'0').into()));
            }
            (Field::Coding, _) => self.body = Body::Chunked,
            (Field::Words(_) | Field::Length, _) => {}
        }
    }

    /// Returns how many bytes change nothing, so that they need not be looked at one by one.
    fn skip(&mut self, bytes: &[u8]) -> usize {
        match &mut self.part {
            Part::Line | Part::ChunkLine(_) => memchr(b'\n', bytes).unwrap_or(bytes.len()),
            Part::Content(left) | Part::Chunk(left) => {
                let skipped = bytes.len().min(usize::try_from(*left - 1).unwrap_or(usize::MAX));
                *left -= skipped as u64;
                skipped
            }
            _ => 0,
        }
    }
}
