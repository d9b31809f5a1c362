//! The numbers in docs/limits.md are those of the constants.

use std::time::Duration;

use jiff::Timestamp;
use release_links_domain::access::TagRule;
use release_links_domain::address::Trail;
use release_links_domain::channel::{Channel, ChannelName};
use release_links_domain::description::{ProjectDescription, ShortDescription};
use release_links_domain::file::{MaxFileSize, Package, PackageFileName};
use release_links_domain::job::{JobDuration, JobObstacle};
use release_links_domain::link::{AssetDigest, AssetPath, AssetSize, Link, LinkName, LinkUrl};
use release_links_domain::namespace::{DisplayName, Group, PathSegment};
use release_links_domain::newest::Ranking;
use release_links_domain::project::{BranchName, Topics};
use release_links_domain::release::{LinksFaults, ReleaseTexts};
use release_links_domain::search::MAX_SEARCH_CHARS;
use release_links_domain::tag::TagName;
use release_links_domain::user::EmailAddress;
use release_links_files::limits as files;
use release_links_http::Limits;
use release_links_ports::{
    Batch, LINKS_REMOVED_AT_ONCE, MAX_LINK_BYTES, MAX_PATHS_OF_BURNT_TAG, Page, PageRequest, REMOVED_AT_A_TIME,
    REMOVED_BY_THE_REQUEST,
};
use release_links_postgres::{Options, limits as postgres};
use release_links_sqlite::limits as sqlite;

const PAGE: &str = include_str!("../../docs/limits.md");

/// What is set in here is private to the binary, whose own tests compare it with the page.
const OF_THE_BINARY: &str = "`crates/app/";

fn number(number: usize) -> u64 {
    number.try_into().unwrap()
}

fn rows(number: i64) -> u64 {
    number.try_into().unwrap()
}

const fn seconds(time: Duration) -> u64 {
    time.as_secs()
}

fn milliseconds(time: Duration) -> u64 {
    time.as_secs() * 1_000 + u64::from(time.subsec_millis())
}

fn stored() -> Vec<(&'static str, u64)> {
    let default = JobDuration::default().after(Timestamp::UNIX_EPOCH).as_second();
    vec![
        ("Links of a release, and of a manifest", number(Link::MAX_PER_RELEASE)),
        ("A link's name, characters", number(LinkName::MAX_CHARS)),
        ("A link's URL, bytes", number(LinkUrl::MAX_BYTES)),
        ("A link's path, characters", number(AssetPath::MAX_CHARS)),
        ("A link's digest, bytes", number(AssetDigest::MAX_BYTES)),
        ("A link's size, bytes", rows(AssetSize::MAX)),
        ("A release's name, characters", number(ReleaseTexts::MAX_NAME_CHARS)),
        ("A release's description, characters", number(ReleaseTexts::MAX_DESCRIPTION_CHARS)),
        ("A tag's `ref`, characters", number(ReleaseTexts::MAX_TARGET_CHARS)),
        ("A tag's message, characters", number(ReleaseTexts::MAX_TAG_MESSAGE_CHARS)),
        ("A tag's name, bytes", number(TagName::MAX_BYTES)),
        ("Release channels of a project", number(Channel::MAX_PER_PROJECT)),
        ("A release channel's name, bytes", number(ChannelName::MAX_BYTES)),
        (
            "A name of a package, of a version of one, of a file in it, or of an upload, bytes",
            number(PackageFileName::MAX_BYTES),
        ),
        ("Links of a project that follow one file", number(Link::MAX_OF_A_FILE)),
        ("Files of a package", number(Package::MAX_FILES)),
        ("Protected tags of a project", number(TagRule::MAX_PER_PROJECT)),
        ("A path segment of a user, group or project, characters", number(PathSegment::MAX_CHARS)),
        ("A name of a user, token, group or project, characters", number(DisplayName::MAX_CHARS)),
        ("A default branch's name, characters", number(BranchName::MAX_CHARS)),
        ("Topics of a project", number(Topics::MAX)),
        ("A topic, characters", number(Topics::MAX_CHARS)),
        ("A project's description, characters", number(ProjectDescription::MAX_CHARS)),
        ("A group's or token's description, characters", number(ShortDescription::MAX_CHARS)),
        ("An email address, characters", number(EmailAddress::MAX_CHARS)),
        ("Groups above a group", number(Group::MAX_ABOVE)),
        ("Tokens of running jobs of a project", number(JobObstacle::MAX_PER_PROJECT)),
        ("Shortest life of a job's token, seconds", rows(JobDuration::MIN_SECONDS)),
        ("Longest life of a job's token, seconds", rows(JobDuration::MAX_SECONDS)),
        ("Life of a job's token where the request names none, seconds", rows(default)),
    ]
}

fn asked_for() -> Vec<(&'static str, u64)> {
    vec![
        ("Parameters of a request", number(Limits::PARAMETERS)),
        ("Levels that parameters nest", number(Limits::NESTING)),
        ("Faults that a refusal lists", number(Limits::FAULTS)),
        ("Faults and equal values of links that a refusal lists", number(LinksFaults::MAX)),
        ("An unknown milestone's title in a refusal, characters", number(Limits::MILESTONE_TITLE)),
        ("An unknown user in a refusal, characters", number(Limits::UNKNOWN_USER)),
        ("A request id that a trusted proxy gives, bytes", number(Limits::REQUEST_ID)),
        ("A search, characters", number(MAX_SEARCH_CHARS)),
        ("Rows on a page", PageRequest::MAX_PER_PAGE),
        ("Rows that a list counts", Page::<()>::COUNT_LIMIT),
        ("Former holders of a path that a lookup follows", u64::from(Trail::MOST)),
        ("Paths under which the tag of a deleted immutable release stays used", number(MAX_PATHS_OF_BURNT_TAG)),
        ("Releases that are searched for an asset (`having`)", number(Ranking::MAX_SEARCHED)),
        ("A `Link` header, bytes", number(Limits::LINK_HEADER)),
        ("A list with an `ETag`, bytes", number(Limits::TAGGED_LIST)),
        ("A description on a page, bytes", number(Limits::MARKDOWN)),
        ("Levels that a description on a page nests", number(Limits::MARKDOWN_NESTING)),
        ("Characters `&`, `<`, `>` and `\"` of a description on a page", number(Limits::MARKDOWN_SPECIAL)),
        ("Cells of the tables of a description on a page", number(Limits::MARKDOWN_CELLS)),
        ("Links of each release on the page of a project", number(Limits::LISTED_ASSETS)),
        ("A value on the page of a history, characters", number(Limits::HISTORY_TEXT)),
        ("Descriptions in a feed, bytes together", number(Limits::MARKDOWN)),
        ("Pages of releases that a feed is read from", Limits::FEED_PAGES),
    ]
}

fn connection() -> Vec<(&'static str, u64)> {
    vec![
        ("Time for each head, seconds", seconds(Limits::HEAD)),
        ("A line of a head, bytes", number(Limits::HEAD_LINE)),
        ("A body, bytes", number(Limits::BODY_LENGTH)),
        ("A body of a manifest, bytes", number(Limits::MANIFEST_LENGTH)),
        ("Time for a body, seconds", seconds(Limits::BODY)),
        ("A body that needs no shared memory, bytes", number(Limits::BODY_START)),
        ("Memory that bodies share, bytes", number(Limits::BODY_MEMORY)),
        ("Time that a body waits for memory, seconds", seconds(Limits::BODY_MEMORY_WAIT)),
        ("Rate at which an answer is read, bytes a second", u64::from(Limits::ANSWER_RATE)),
        ("Time that an answer may be behind that rate, seconds", seconds(Limits::ANSWER_GRACE)),
        ("Time that an idle connection is kept, seconds", seconds(Limits::KEEP_ALIVE)),
        ("Time that the server goes on serving after SIGTERM, seconds", seconds(Limits::DRAIN)),
        (
            "Time for connections that the system has set up, before the server stops listening, milliseconds",
            milliseconds(Limits::LAST_CONNECTIONS),
        ),
        ("Descriptors that are not for connections", number(Limits::OTHER_DESCRIPTORS)),
        ("Time for requests in flight at the end, seconds", seconds(Limits::SHUTDOWN)),
        ("Uploads that are stored at once", number(Limits::UPLOADS)),
        ("What a form has beside its file, bytes", Limits::BESIDE_UPLOAD),
        ("Time that an upload waits for its turn, seconds", seconds(Limits::UPLOAD_WAIT)),
        ("Time for an upload, seconds", seconds(Limits::UPLOAD_TIME)),
        ("A file, bytes", MaxFileSize::DEFAULT.bytes()),
        ("A part of an upload into a folder, bytes", number(files::PART_IN_FOLDER)),
        ("A part of an upload to S3, bytes", number(files::PART_ON_S3)),
        ("Bytes of a file that are read at once", files::CHUNK),
        ("The same of a larger file, for some downloads, bytes", files::LARGE_CHUNK),
        ("Downloads that read so many at once", number(files::LARGE_READS)),
    ]
}

fn large_answers() -> Vec<(&'static str, u64)> {
    vec![
        ("A batch of releases, tags or links, bytes of text", Batch::<(), ()>::BYTES),
        ("Links that a release shows, bytes of text", number(MAX_LINK_BYTES)),
        ("Large answers that are written at once", number(Limits::LARGE_ANSWERS)),
        ("Large answers that are read and serialised at once", number(Limits::ANSWERS_SERIALISED)),
        ("A release that is serialised on a worker thread, bytes of text", number(Limits::SMALL_RELEASE)),
        ("Releases and manifests that change, are sent again or deleted at once", number(Limits::RELEASE_WRITES)),
        ("Time that a large answer is safe from others, seconds", seconds(Limits::LARGE_ANSWER_TIME)),
        ("Time that a large answer waits for its turn, seconds", seconds(Limits::LARGE_ANSWER_WAIT)),
        ("Memory of answers that are not sent yet, bytes", u64::from(Limits::UNSENT_ANSWERS)),
        ("An answer that does not count among them, bytes", number(Limits::SMALL_ANSWER)),
        ("A piece that a connection gets at once, bytes", number(Limits::ANSWER_PIECE)),
    ]
}

fn database() -> Vec<(&'static str, u64)> {
    vec![
        ("SQLite: connections for short reads, for each core", number(sqlite::CONNECTIONS_PER_CORE)),
        ("SQLite: rows that a read looks at on a worker", sqlite::SHORT_ROWS),
        ("SQLite: links that a read returns on a worker", number(sqlite::SHORT_LINKS)),
        ("SQLite: bytes of text that a read returns on a worker", sqlite::SHORT_BYTES),
        ("SQLite: time that a long read waits for its turn, seconds", seconds(sqlite::TURN_TIMEOUT)),
        ("SQLite: time that a read waits for another process's lock, seconds", seconds(sqlite::LOCK_TIMEOUT)),
        (
            "SQLite: time that a read keeps its snapshot, milliseconds",
            u64::try_from(sqlite::LEASE.as_millis()).unwrap(),
        ),
        ("SQLite: answers of one kind that a connection remembers", number(sqlite::REMEMBERED)),
        (
            "SQLite: pages in the log until the writer waits for readers",
            u64::from(sqlite::RESTARTED_FROM.unsigned_abs()),
        ),
        ("SQLite: writes that wait", number(sqlite::QUEUE)),
        ("SQLite: writes of one transaction", number(sqlite::BATCH)),
        ("SQLite: part of the waiting writes that may be large, one in", number(sqlite::LARGE_SHARE)),
        ("SQLite: links of a release that is written together with others", number(sqlite::MANY_LINKS)),
        ("PostgreSQL: connections of one server", number(Options::CONNECTIONS)),
        ("PostgreSQL: part of them that long reads may take, one in", number(postgres::LONG_READS_SHARE)),
        ("PostgreSQL: time that a long read waits for its turn, seconds", seconds(postgres::TURN_TIMEOUT)),
        ("PostgreSQL: tokens that a server remembers", number(postgres::REMEMBERED)),
        ("PostgreSQL: time that a request waits for the database, seconds", seconds(Options::TIMEOUT)),
        ("PostgreSQL: time for what takes long, seconds", seconds(Options::LONG)),
        ("PostgreSQL: links of a release that is made within the ordinary time", number(postgres::MANY_LINKS)),
        (
            "PostgreSQL: time between looks for removals that another server left, seconds",
            seconds(postgres::SWEEP_INTERVAL),
        ),
        ("Rows that a removal deletes itself", rows(REMOVED_BY_THE_REQUEST)),
        ("Rows that each later transaction deletes", rows(REMOVED_AT_A_TIME)),
        ("Links of a release that is deleted at once", rows(LINKS_REMOVED_AT_ONCE)),
    ]
}

/// The rows of the tables of limits, without those of the binary.
fn told() -> impl Iterator<Item = &'static str> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| ") && line.contains("`crates/"));
    rows.filter(|line| !line.contains(OF_THE_BINARY))
}

#[test]
fn the_page_of_limits_has_the_numbers_of_the_constants() {
    let told: Vec<(&str, u64)> = told()
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            (cells[1], cells[2].replace(',', "").parse().unwrap_or_else(|_| panic!("no number in {row}")))
        })
        .collect();
    let limits = [stored(), asked_for(), connection(), large_answers(), database()].concat();
    assert_eq!(told, limits);
}

#[test]
fn the_page_of_limits_names_files_that_there_are() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
    for row in PAGE.lines().filter(|line| line.starts_with("| ") && line.contains("`crates/")) {
        let path = row.rsplit('`').nth(1).unwrap();
        assert!(std::path::Path::new(root).join(path).is_file(), "{path}");
    }
}
