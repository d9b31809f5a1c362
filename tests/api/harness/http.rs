//! A plain HTTP/1.1 client that sends exactly the given bytes: it neither normalises the target nor adds headers.

use std::fmt::Display;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Barrier;
use std::thread;

use serde_json::Value;

use super::{PATIENCE, document};

/// One request on a connection of its own.
#[derive(Clone)]
pub struct Request {
    address: SocketAddr,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    chunked: bool,
}

impl Request {
    pub fn new(address: SocketAddr, method: &str, target: impl Display) -> Self {
        Self {
            address,
            method: method.to_owned(),
            target: target.to_string(),
            headers: Vec::new(),
            body: None,
            chunked: false,
        }
    }

    pub fn header(mut self, name: &str, value: impl Display) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// Sends the bytes and no `Content-Type`.
    pub fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Some(bytes.into());
        self
    }

    pub fn form(self, pairs: impl Into<Vec<u8>>) -> Self {
        self.header("Content-Type", "application/x-www-form-urlencoded").body(pairs)
    }

    pub fn json(self, document: impl Display) -> Self {
        self.header("Content-Type", "application/json").body(document.to_string())
    }

    pub fn multipart(self, parts: &[(&str, &str)]) -> Self {
        let boundary = "a-line-between-parts";
        let mut body = String::new();
        for (name, value) in parts {
            body.extend([
                "--",
                boundary,
                "\r\nContent-Disposition: form-data; name=\"",
                name,
                "\"\r\n\r\n",
                value,
                "\r\n",
            ]);
        }
        body.extend(["--", boundary, "--\r\n"]);
        self.header("Content-Type", format!("multipart/form-data; boundary={boundary}")).body(body)
    }

    /// Sends a form with one part, given by its headers and its content.
    pub fn part(self, headers: &str, content: impl AsRef<[u8]>) -> Self {
        let boundary = "a-line-between-parts";
        let start = format!("--{boundary}\r\n{headers}\r\n\r\n");
        let body = [start.as_bytes(), content.as_ref(), format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
        self.header("Content-Type", format!("multipart/form-data; boundary={boundary}")).body(body)
    }

    /// Sends a form with a file.
    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.part(&format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\""), content)
    }

    /// Sends the body in chunks, without a `Content-Length`.
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    pub fn method(&self) -> &str {
        &self.method
    }

    pub fn target(&self) -> &str {
        &self.target
    }

    /// Returns the bytes that are sent.
    pub fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {}\r\n", self.method, self.target, self.address);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        let mut bytes = head.into_bytes();
        match &self.body {
            None => bytes.extend(b"\r\n"),
            Some(body) if self.chunked => {
                bytes.extend(b"Transfer-Encoding: chunked\r\n\r\n");
                for chunk in body.chunks(16 * 1024) {
                    bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                    bytes.extend(chunk);
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"0\r\n\r\n");
            }
            Some(body) => {
                bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
                bytes.extend(body);
            }
        }
        bytes
    }

    #[track_caller]
    pub fn send(self) -> Response {
        let request = self.header("Connection", "close");
        let mut stream = TcpStream::connect(request.address).expect("the server accepts connections");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // A server may answer and close before it has read everything; only the response matters.
        let _ = stream.write_all(&request.bytes());
        let mut stream = BufReader::new(stream);
        let answer = Response::read(&mut stream, &request);
        if request.method == "HEAD" || answer.status == 304 {
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).expect("the server closes the connection");
            assert!(rest.is_empty(), "an answer without a body was followed by {rest:?}");
        }
        answer
    }
}

/// A response, with its body as text.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub text: String,
}

impl Response {
    /// Reads the response to a request, asserts that the OpenAPI document allows it, and leaves what follows unread.
    #[track_caller]
    pub fn read(stream: &mut impl BufRead, request: &Request) -> Self {
        Self::try_read(stream, request).expect("the server sends a whole response within the timeout")
    }

    /// Like [`read`](Self::read), from a server that may stop in the middle.
    #[track_caller]
    pub fn try_read(stream: &mut impl BufRead, request: &Request) -> io::Result<Self> {
        let status_line = line(stream)?;
        let status =
            status_line.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status line of HTTP/1.1");
        let mut headers = Vec::new();
        loop {
            let header = line(stream)?;
            if header.is_empty() {
                break;
            }
            let (name, value) = header.split_once(':').expect("a header has a colon");
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Self { status, headers, text: String::new() };
        if request.method != "HEAD" && status != 204 && status != 304 {
            answer.text = String::from_utf8(answer.read_body(stream)?).expect("answers are UTF-8");
        }
        document::check(request, &answer);
        Ok(answer)
    }

    fn read_body(&self, stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if self.header("transfer-encoding") == Some("chunked") {
            loop {
                let size = usize::from_str_radix(&line(stream)?, 16).expect("a chunk starts with its size");
                let mut chunk = vec![0; size];
                stream.read_exact(&mut chunk)?;
                body.extend(chunk);
                line(stream)?;
                if size == 0 {
                    return Ok(body);
                }
            }
        }
        match self.header("content-length") {
            Some(length) => {
                body.resize(length.parse().expect("Content-Length is a number"), 0);
                stream.read_exact(&mut body)?;
            }
            None => {
                stream.read_to_end(&mut body)?;
            }
        }
        Ok(body)
    }

    /// Returns the value of a header that occurs at most once; the name is in lower case.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(given, _)| given == name);
        let first = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is given more than once: {:?}", self.headers);
        first
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// Returns the id of the object in the body.
    #[track_caller]
    pub fn id(&self) -> u64 {
        self.json()["id"].as_u64().unwrap_or_else(|| panic!("no id in {self:?}"))
    }

    /// Asserts the status, and returns the response.
    #[track_caller]
    pub fn status(self, expected: u16) -> Self {
        assert_eq!(self.status, expected, "{self:?}");
        self
    }

    /// Asserts the status, the exact body, and that the content type is JSON.
    #[track_caller]
    pub fn is(&self, status: u16, body: &str) {
        assert_eq!((self.status, self.text.as_str()), (status, body));
        assert_eq!(self.header("content-type"), Some("application/json"));
    }

    /// Asserts a refusal of invalid parameters, `E(x)` in the contract.
    #[track_caller]
    pub fn is_error(&self, sentence: &str) {
        self.is(400, &serde_json::json!({ "error": sentence }).to_string());
    }

    /// Asserts a refusal of an invalid model, `V(x, y)` in the contract. Where values are taken, it says by whom.
    #[track_caller]
    pub fn is_invalid(&self, sentences: &[&str]) {
        let taken: Vec<_> = sentences.iter().filter_map(|told| told.strip_suffix(" has already been taken")).collect();
        let mut body = serde_json::json!({ "message": sentences }).to_string();
        if !taken.is_empty() {
            let told = self.json()["taken_by"].clone();
            let holder = |value: &&str| {
                let (key, holder) = (value.to_lowercase(), &told[value.to_lowercase()]);
                format!(r#""{key}":{{"id":{},"url":{}}}"#, holder["id"], holder["url"])
            };
            let holders: Vec<_> = taken.iter().map(holder).collect();
            let message = body.trim_end_matches('}');
            body = format!(r#"{message},"taken_by":{{{}}}}}"#, holders.join(","));
        }
        self.is(400, &body);
    }
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let whole = line.strip_suffix("\r\n").map(str::to_owned);
    whole.ok_or_else(|| io::Error::new(ErrorKind::UnexpectedEof, format!("closed in an answer, after {line:?}")))
}

/// Sends all requests at the same time.
pub fn at_once(requests: Vec<Request>) -> Vec<Response> {
    let barrier = Barrier::new(requests.len());
    thread::scope(|scope| {
        let start = |request: Request| {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                request.send()
            })
        };
        let writers: Vec<_> = requests.into_iter().map(start).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    })
}
