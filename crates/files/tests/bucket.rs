//! Runs each case of the contract of files on a bucket of its own, of the server that `AWS_ENDPOINT_URL` names. `tests/run files`
//! starts one that asks for no signature.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::env;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use release_links_contract::{FilePlace, file_cases};
use release_links_domain::file::MaxFileSize;
use release_links_files::{FilesPlace, ObjectFiles, limits};
use release_links_ports::FileStore;

struct Bucket(String);

impl Bucket {
    fn create(number: usize) -> Self {
        let name = format!("case-{number}");
        ask("PUT", &name);
        Self(name)
    }
}

impl FilePlace for Bucket {
    fn open(&self, max: MaxFileSize) -> Arc<dyn FileStore> {
        let place = FilesPlace::Bucket { name: self.0.clone(), prefix: "some/files".to_owned() };
        Arc::new(ObjectFiles::open(&place, max).unwrap())
    }

    fn occupied(&self) -> usize {
        let (objects, uploads) =
            (ask("GET", &format!("{}?list-type=2", self.0)), ask("GET", &format!("{}?uploads", self.0)));
        objects.matches("<Key>some/files/").count() + uploads.matches("<UploadId>").count()
    }

    fn part(&self) -> usize {
        limits::PART_ON_S3
    }
}

/// Sends a request without a body and returns the body of the answer.
fn ask(method: &str, path: &str) -> String {
    let endpoint = env::var("AWS_ENDPOINT_URL").unwrap();
    let host = endpoint.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(host).unwrap();
    write!(connection, "{method} /{path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{answer}");
    body.to_owned()
}

fn main() {
    let trials = file_cases().into_iter().enumerate().map(|(number, case)| {
        Trial::test(case.name, move || {
            case.run(Arc::new(Bucket::create(number)));
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
