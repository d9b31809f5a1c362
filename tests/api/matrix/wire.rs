//! Persistent connections, so that tens of thousands of requests take seconds.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};

use data_encoding::BASE64;
use serde_json::Value;

use crate::harness::{PATIENCE, ROOT_TOKEN, Request, Response};

/// Where a token is put, by the rows of docs/contract.md, "Credentials".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    PrivateToken,
    PrivateTokenParameter,
    Bearer,
    AccessTokenParameter,
    JobToken,
    JobTokenParameter,
    /// Accepted by some endpoints only: elsewhere the caller is anonymous.
    Basic,
    /// Not accepted here: the caller is anonymous.
    DeployToken,
}

impl Means {
    /// The header, or else the parameter of the query, that carries the token.
    fn carries(self, token: &str) -> Result<(&'static str, String), String> {
        match self {
            Self::PrivateToken => Ok(("PRIVATE-TOKEN", token.to_owned())),
            Self::PrivateTokenParameter => Err(format!("private_token={token}")),
            Self::Bearer => Ok(("Authorization", format!("Bearer {token}"))),
            Self::AccessTokenParameter => Err(format!("access_token={token}")),
            Self::JobToken => Ok(("JOB-TOKEN", token.to_owned())),
            Self::JobTokenParameter => Err(format!("job_token={token}")),
            Self::Basic => {
                Ok(("Authorization", format!("Basic {}", BASE64.encode(format!("whoever:{token}").as_bytes()))))
            }
            Self::DeployToken => Ok(("DEPLOY-TOKEN", token.to_owned())),
        }
    }
}

/// A token and where it is put.
#[derive(Clone, Debug)]
pub struct Credential {
    pub means: Means,
    pub token: String,
    /// The user that the bearer asks to act as.
    pub sudo: Option<String>,
}

impl Credential {
    pub fn new(means: Means, token: &str) -> Self {
        Self { means, token: token.to_owned(), sudo: None }
    }

    pub fn root() -> Self {
        Self::new(Means::PrivateToken, ROOT_TOKEN)
    }
}

/// What is asked, before anybody asks it.
#[derive(Clone, Debug)]
pub struct Shot {
    pub method: &'static str,
    pub target: String,
    pub body: Option<Value>,
    /// Whether a form with a file is sent.
    pub has_file: bool,
}

impl Shot {
    pub fn new(method: &'static str, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), body: None, has_file: false }
    }

    pub fn with_file(self) -> Self {
        Self { has_file: true, ..self }
    }

    pub fn with(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

/// One connection, opened again when the server closes it.
pub struct Connection {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Asks by that credential, or by none.
    #[track_caller]
    pub fn ask(&mut self, credential: Option<&Credential>, shot: &Shot) -> Response {
        let carried = credential.map(|given| given.means.carries(&given.token));
        let target = match &carried {
            Some(Err(parameter)) if shot.target.contains('?') => format!("{}&{parameter}", shot.target),
            Some(Err(parameter)) => format!("{}?{parameter}", shot.target),
            _ => shot.target.clone(),
        };
        let mut request = Request::new(self.address, shot.method, target);
        if let Some(Ok((name, value))) = carried {
            request = request.header(name, value);
        }
        if let Some(user) = credential.and_then(|given| given.sudo.as_ref()) {
            request = request.header("Sudo", user);
        }
        if let Some(body) = &shot.body {
            request = request.json(body);
        }
        if shot.has_file {
            request = request.file("app.zip", "bytes");
        }
        self.send(&request)
    }

    #[track_caller]
    fn send(&mut self, request: &Request) -> Response {
        let stream = self.stream.get_or_insert_with(|| {
            let stream = TcpStream::connect(self.address).expect("the server accepts connections");
            stream.set_nodelay(true).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            BufReader::new(stream)
        });
        stream.get_mut().write_all(&request.bytes()).expect("the server reads requests");
        let answer = Response::read(stream, request);
        if answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
            self.stream = None;
        }
        answer
    }

    /// Does something as the administrator `root`, which has to succeed.
    #[track_caller]
    pub fn root(&mut self, method: &'static str, target: impl Into<String>, body: Value) -> Response {
        self.shoot(&Shot { body: (!body.is_null()).then_some(body), ..Shot::new(method, target) })
    }

    /// Does something as the administrator `root`, which has to succeed.
    #[track_caller]
    pub fn shoot(&mut self, shot: &Shot) -> Response {
        let answer = self.ask(Some(&Credential::root()), shot);
        assert!((200..300).contains(&answer.status), "{shot:?} as root: {} {}", answer.status, answer.text);
        answer
    }

    /// Makes something as `root`, and answers its id.
    #[track_caller]
    pub fn make(&mut self, target: impl Into<String>, body: Value) -> u64 {
        self.root("POST", target, body).id()
    }

    /// Makes a token as `root`, and answers its id and itself.
    #[track_caller]
    pub fn token(&mut self, target: impl Into<String>, body: Value) -> (u64, String) {
        let made = self.root("POST", target, body);
        let token = made.json()["token"].as_str().expect("the answer that makes a token shows it").to_owned();
        (made.id(), token)
    }
}
