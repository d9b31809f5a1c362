//! The numbers in docs/limits.md are those of the constants.

use std::time::Duration;

use release_links_domain::link::{AssetPath, LinkName, LinkUrl};
use release_links_domain::namespace::{DisplayName, Group, PathSegment};
use release_links_domain::tag::TagName;
use release_links_http::Limits;
use release_links_ports::PageRequest;
use release_links_postgres::Options;

const PAGE: &str = include_str!("../../docs/limits.md");

/// Every limit as the page calls it.
fn limits() -> Vec<(&'static str, u64)> {
    let seconds = |time: Duration| time.as_secs();
    let number = |number: usize| u64::try_from(number).unwrap();
    vec![
        ("A link's name, characters", number(LinkName::MAX_CHARS)),
        ("A link's URL, bytes", number(LinkUrl::MAX_BYTES)),
        ("A link's path, characters", number(AssetPath::MAX_CHARS)),
        ("A tag's name, bytes", number(TagName::MAX_BYTES)),
        ("A path segment of a user, group or project, characters", number(PathSegment::MAX_CHARS)),
        ("A name of a group or project, characters", number(DisplayName::MAX_CHARS)),
        ("Groups above a group", number(Group::MAX_ABOVE)),
        ("Rows on a page", PageRequest::MAX_PER_PAGE),
        ("Time for each head, seconds", seconds(Limits::HEAD)),
        ("A line of a head, bytes", number(Limits::HEAD_LINE)),
        ("A body, bytes", number(Limits::BODY_LENGTH)),
        ("Time for a body, seconds", seconds(Limits::BODY)),
        ("A body that needs no shared memory, bytes", number(Limits::BODY_START)),
        ("Memory that bodies share, bytes", number(Limits::BODY_MEMORY)),
        ("Time that a body waits for memory, seconds", seconds(Limits::BODY_MEMORY_WAIT)),
        ("Rate at which an answer is read, bytes a second", u64::from(Limits::ANSWER_RATE)),
        ("Time that an answer may be behind that rate, seconds", seconds(Limits::ANSWER_GRACE)),
        ("Time that an idle connection is kept, seconds", seconds(Limits::KEEP_ALIVE)),
        ("Descriptors that are not for connections", number(Limits::OTHER_DESCRIPTORS)),
        ("Time for requests in flight at the end, seconds", seconds(Limits::SHUTDOWN)),
        ("Connections to PostgreSQL", number(Options::CONNECTIONS)),
        ("Time that a request waits for PostgreSQL, seconds", seconds(Options::PATIENCE)),
    ]
}

#[test]
fn the_page_of_limits_has_the_numbers_of_the_constants() {
    let rows = PAGE.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Limit "));
    let told: Vec<(&str, u64)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            (cells[1], cells[2].parse().unwrap_or_else(|_| panic!("no number in {row}")))
        })
        .collect();
    assert_eq!(told, limits());
}

#[test]
fn the_page_of_limits_names_files_that_there_are() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
    for row in PAGE.lines().filter(|line| line.starts_with("| ") && line.contains("`crates/")) {
        let path = row.rsplit('`').nth(1).unwrap();
        assert!(std::path::Path::new(root).join(path).is_file(), "{path}");
    }
}
