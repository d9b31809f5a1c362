//! A throw-away PostgreSQL server for tests that are not written in Rust: for each name that it reads, one per line, it creates
//! a database and prints its URL. It exits when its stdin ends.

use std::io::stdin;

use release_links_cluster::Cluster;

fn main() {
    let cluster = Cluster::start();
    for name in stdin().lines().map_while(Result::ok) {
        println!("{}", cluster.create_database(&name));
    }
}
