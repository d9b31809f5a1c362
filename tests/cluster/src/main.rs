//! A throw-away `PostgreSQL` server for tests that are not written in Rust: for each name that it reads, a line each, it makes
//! a database and prints its URL. It ends when its stdin does.

use std::io::stdin;

use release_links_cluster::Cluster;

fn main() {
    let cluster = Cluster::start();
    for name in stdin().lines().map_while(Result::ok) {
        println!("{}", cluster.create_database(&name));
    }
}
