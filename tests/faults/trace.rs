//! What strace saw a server do to its files and connections, in order.

use std::collections::HashMap;

/// How strace is to be called: all that reaches files or sockets, with every byte, into one file.
pub const CALLS: &str = "trace=mkdir,openat,pwrite64,pwritev,write,writev,sendto,sendmsg,recvfrom,fsync,fdatasync,\
    sync_file_range,ftruncate,fallocate,unlink,unlinkat,link,linkat,rename,renameat,renameat2";
/// So much of a string is shown; longer ones would be cut off.
pub const LONGEST: &str = "4000000";

#[derive(Clone, Debug)]
pub enum Event {
    /// A directory was made, or a file opened that was made when it was missing.
    MadeDirectory(String),
    MadeFile(String),
    Wrote {
        path: String,
        at: usize,
        bytes: Vec<u8>,
    },
    /// Wrote behind what the file had.
    Appended {
        path: String,
        bytes: Vec<u8>,
    },
    Cut {
        path: String,
        length: usize,
    },
    Renamed {
        from: String,
        to: String,
    },
    Removed(String),
    /// A sync covers what was done before it began, and only once it has ended.
    SyncBegan {
        thread: u32,
        path: String,
    },
    SyncEnded {
        thread: u32,
        path: String,
    },
    Asked {
        connection: String,
        request: String,
    },
    /// The answer begins to leave.
    Answered {
        connection: String,
        answer: String,
    },
}

/// A system call, cut in two where other threads' calls came between.
struct Call<'a> {
    name: &'a str,
    arguments: &'a str,
}

impl<'a> Call<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (name, arguments) = text.split_once('(')?;
        Some(Self { name, arguments })
    }

    /// What the first argument is open on.
    fn file(&self) -> String {
        let path = self.arguments.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(path, _)| path);
        path.unwrap_or_else(|| panic!("no file in {}", self.arguments)).to_owned()
    }

    fn is_on_socket(&self) -> bool {
        self.arguments.split_once('<').is_some_and(|(_, rest)| rest.starts_with("socket:"))
    }

    /// The first string, and what follows it.
    fn string(&self) -> (Vec<u8>, &'a str) {
        let (_, rest) = self.arguments.split_once('"').unwrap_or_else(|| panic!("no string in {}", self.arguments));
        unescaped(rest)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.string().0).into_owned()
    }

    fn number_after<'b>(rest: &'b str) -> Option<usize> {
        let digits = |text: &'b str| text.trim().trim_end_matches(')').parse().ok();
        rest.rsplit(", ").next().and_then(digits)
    }

    /// What has happened once the call begins.
    fn began(&self, thread: u32) -> Option<Event> {
        match self.name {
            "fsync" | "fdatasync" => Some(Event::SyncBegan { thread, path: self.file() }),
            "sendto" | "write" if self.is_on_socket() => {
                Some(Event::Answered { connection: self.file(), answer: self.text() })
            }
            "writev" | "sendmsg" if self.is_on_socket() => panic!("an answer that this cannot read"),
            _ => None,
        }
    }

    /// What has happened once the call has ended well.
    fn ended(&self, thread: u32, result: &str) -> Option<Event> {
        match self.name {
            "mkdir" => Some(Event::MadeDirectory(self.text())),
            "openat" if self.arguments.contains("O_CREAT") => {
                let (_, path) = result.split_once('<')?;
                Some(Event::MadeFile(path.trim_end_matches('>').to_owned()))
            }
            "pwrite64" => {
                let (bytes, rest) = self.string();
                assert_eq!(result.parse(), Ok(bytes.len()), "a write that was cut short");
                Some(Event::Wrote { path: self.file(), at: Self::number_after(rest).unwrap(), bytes })
            }
            // What is written so, is written from one end to the other: the bytes of files, and the log.
            "write" if !self.is_on_socket() => {
                let length: usize = result.parse().unwrap();
                let mut bytes = self.string().0;
                bytes.truncate(length);
                Some(Event::Appended { path: self.file(), bytes })
            }
            "rename" => {
                let (from, rest) = self.string();
                let (_, to) = rest.split_once('"')?;
                let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
                Some(Event::Renamed { from: text(from), to: text(unescaped(to).0) })
            }
            "ftruncate" => Some(Event::Cut { path: self.file(), length: Self::number_after(self.arguments).unwrap() }),
            "unlink" => Some(Event::Removed(self.text())),
            "fsync" | "fdatasync" => Some(Event::SyncEnded { thread, path: self.file() }),
            "recvfrom" if self.arguments.contains('"') => {
                Some(Event::Asked { connection: self.file(), request: self.text() })
            }
            "pwritev" | "fallocate" | "unlinkat" | "link" | "linkat" | "renameat" | "renameat2" => {
                panic!("a change that this cannot follow: {}({}", self.name, self.arguments)
            }
            _ => None,
        }
    }
}

/// The bytes of a string as strace writes it, from behind its opening quote, and what follows its closing one.
fn unescaped(text: &str) -> (Vec<u8>, &str) {
    let source = text.as_bytes();
    let is_octal = |byte: u8| (b'0'..=b'7').contains(&byte);
    let (mut bytes, mut at) = (Vec::new(), 0);
    while source[at] != b'"' {
        if source[at] != b'\\' {
            bytes.push(source[at]);
            at += 1;
            continue;
        }
        at += 1;
        if is_octal(source[at]) {
            let end = (at..at + 3).find(|&end| !is_octal(source[end])).unwrap_or(at + 3);
            bytes.push(u8::from_str_radix(&text[at..end], 8).unwrap());
            at = end;
        } else {
            bytes.push(match source[at] {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'v' => 11,
                b'f' => 12,
                other => other,
            });
            at += 1;
        }
    }
    let rest = &text[at + 1..];
    assert!(!rest.starts_with("..."), "strace has cut a string off");
    (bytes, rest)
}

/// Reads what strace has written.
pub fn events(trace: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut unfinished: HashMap<u32, String> = HashMap::new();
    for line in trace.lines() {
        let (thread, text) = line.split_once(' ').unwrap();
        let (thread, text): (u32, _) = (thread.parse().unwrap(), text.trim_start());
        if let Some(beginning) = text.strip_suffix(" <unfinished ...>") {
            events.extend(Call::parse(beginning).and_then(|call| call.began(thread)));
            unfinished.insert(thread, beginning.to_owned());
            continue;
        }
        let (whole, was_begun) = match text.strip_prefix("<... ").and_then(|text| text.split_once(" resumed>")) {
            Some((_, rest)) => (unfinished.remove(&thread).unwrap_or_default() + rest, true),
            None => (text.to_owned(), false),
        };
        let Some((call, result)) = whole.rsplit_once(" = ") else { continue };
        let Some(call) = Call::parse(call.trim_end().strip_suffix(')').unwrap_or(call)) else { continue };
        if !was_begun {
            events.extend(call.began(thread));
        }
        if !result.starts_with('-') && !result.starts_with('?') {
            events.extend(call.ended(thread, result));
        }
    }
    events
}
