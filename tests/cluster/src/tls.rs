//! A server with TLS, whose certificate is from an authority that only those trust who are configured to.

use std::path::PathBuf;

use crate::program::{program, run};
use crate::{Cluster, await_that};

const AUTHORITY: &[&str] = &["-subj", "/CN=authority", "-keyout", "authority.key", "-out", "authority.crt"];
/// Of the server at 127.0.0.1, by that name and no other.
const SERVER: &[&str] = &[
    "-subj",
    "/CN=server",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-addext",
    "basicConstraints=critical,CA:FALSE",
    "-CA",
    "authority.crt",
    "-CAkey",
    "authority.key",
    "-keyout",
    "server.key",
    "-out",
    "server.crt",
];

impl Cluster {
    /// Offers TLS from now on, and answers the certificate of the authority that vouches for the server.
    ///
    /// # Panics
    /// When there is no `openssl`.
    #[must_use]
    pub fn encrypt(&self) -> PathBuf {
        for certificate in [AUTHORITY, SERVER] {
            let mut openssl = program("openssl");
            openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]).args(certificate);
            run(openssl.current_dir(self.data()));
        }
        self.set(&["ssl=on"]);
        self.sql("postgres", "SELECT pg_reload_conf()");
        let on = || self.sql("postgres", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "t";
        await_that(|| format!("it offers no TLS: {}", self.log()), on);
        self.data().join("authority.crt")
    }
}
