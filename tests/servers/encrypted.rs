//! The connection to the database is encrypted if the database supports that, and leads to no server but the one named.

use crate::ground::{DATABASE, on, own_cluster};
use crate::harness::Request;

#[test]
fn a_database_is_reached_by_tls_when_its_certificate_is_trusted_and_not_without() {
    let (cluster, url) = own_cluster(&[]);
    let authority = cluster.encrypt();
    for url in [url.clone(), url.clone() + "?sslmode=require"] {
        let server = on(&url).env("SSL_CERT_FILE", &authority).start();
        Request::new(server.address(), "GET", "/-/readiness").send().status(200);
        let ours = "FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'release-links'";
        assert_eq!(cluster.sql(DATABASE, &format!("SELECT DISTINCT ssl {ours}")), "t");
        drop(on(&url).start_until("UnknownIssuer"));
    }
    let by_another_name = url.replace("127.0.0.1", "localhost");
    on(&by_another_name).env("SSL_CERT_FILE", &authority).start_until("certificate not valid for name");
}

#[test]
fn the_authority_may_be_a_file_that_the_url_names() {
    let (cluster, url) = own_cluster(&[]);
    let authority = cluster.encrypt();
    for mode in ["verify-ca", "verify-full", "prefer"] {
        let url = format!("{url}?sslmode={mode}&sslrootcert={}&gssencmode=disable", authority.display());
        let server = on(&url).start();
        Request::new(server.address(), "GET", "/-/readiness").send().status(200);
        on(&url.replace("127.0.0.1", "localhost")).start_until("certificate not valid for name");
    }
    for file in ["missing.pem", "postgresql.conf"] {
        let file = cluster.data().join(file);
        let ended = on(&format!("{url}?sslrootcert={}", file.display())).run();
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains(&format!("cannot use the certificates in {}", file.display())), "{ended:?}");
    }
}

#[test]
fn a_database_without_tls_is_not_entered_where_tls_is_asked_for() {
    let (_cluster, url) = own_cluster(&[]);
    on(&(url + "?sslmode=require")).start_until("server does not support TLS");
}
