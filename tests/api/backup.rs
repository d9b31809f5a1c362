//! `release-links backup` and `restore`: copying a database in use, and restoring it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::harness::{Api, Ended, Launch, PATIENCE, ROOT_TOKEN, Request, Server, Visibility};

const BINARY: &str = env!("CARGO_BIN_EXE_release-links");

fn run(launch: &Launch, command: &str, copy: &Path) -> Ended {
    launch.clone().bare().arg(command).arg(copy).arg("--database").arg(launch.database_url()).run()
}

#[track_caller]
fn done(ended: &Ended) {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
}

#[track_caller]
fn refused(ended: &Ended, reason: &str) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.stderr.contains(reason) && !ended.stderr.contains("panicked"), "no {reason:?} in {ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
}

/// A database that a server has made and left.
fn settled() -> Launch {
    let launch = Launch::new();
    launch.start().stop();
    launch
}

/// What stands in a directory.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    names
}

/// Ends the writers also when a test fails, which would else wait for them for ever.
struct EndWriters<'a>(&'a AtomicBool);

impl Drop for EndWriters<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn every_link_acknowledged_before_a_backup_began_is_in_the_copy_and_is_served_from_it() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Private);
    let (next, acknowledged, grown) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Condvar::new());
    let over = AtomicBool::new(false);
    let copy = launch.directory().join("copy.db");
    let before = thread::scope(|scope| {
        let _end = EndWriters(&over);
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let name = next.fetch_add(1, Ordering::Relaxed);
                    let id = api.add(&name.to_string(), &format!("http://{name}"));
                    acknowledged.lock().unwrap().push(id);
                    grown.notify_all();
                }
            });
        }
        let few = |ids: &mut Vec<u64>| ids.len() < 100;
        let before = grown.wait_timeout_while(acknowledged.lock().unwrap(), PATIENCE, few).unwrap().0.clone();
        done(&run(&launch, "backup", &copy));
        before
    });
    assert!(before.len() >= 100, "{} links in {PATIENCE:?}", before.len());
    server.stop();

    let elsewhere = Launch::new();
    done(&run(&elsewhere, "restore", &copy));
    assert_eq!(names(elsewhere.directory()), ["release-links.db"]);
    let again = elsewhere.start();
    for id in before {
        Request::new(again.address(), "GET", api.link(id)).header("PRIVATE-TOKEN", ROOT_TOKEN).send().status(200);
    }
}

#[test]
fn a_copy_is_one_file_that_nobody_else_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let launch = settled();
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy.db");
    let ended = run(&launch, "backup", &copy);
    done(&ended);
    let metadata = fs::metadata(&copy).unwrap();
    let expected =
        format!("copied {} to {}: {} bytes, checked\n", launch.database().display(), copy.display(), metadata.len());
    assert_eq!(ended.stdout, expected);
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(names(copies.path()), ["copy.db"]);
    assert_eq!(names(launch.directory()), ["release-links.db"]);
}

#[test]
fn neither_a_copy_nor_a_database_is_overwritten() {
    let launch = settled();
    let copy = launch.directory().join("copy.db");
    done(&run(&launch, "backup", &copy));
    for (command, taken) in [("backup", copy.clone()), ("restore", launch.database())] {
        let before = fs::read(&taken).unwrap();
        refused(&run(&launch, command, &copy), &format!("{} exists already and is not overwritten", taken.display()));
        assert!(fs::read(&taken).unwrap() == before, "{command}");
    }
}

#[test]
fn the_log_of_a_database_that_is_gone_is_not_mixed_into_a_restored_one() {
    let launch = settled();
    let copy = launch.directory().join("copy.db");
    done(&run(&launch, "backup", &copy));
    let log = launch.directory().join("release-links.db-wal");
    fs::rename(launch.database(), &log).unwrap();
    refused(&run(&launch, "restore", &copy), &format!("{} is left of a database", log.display()));
    assert!(!launch.database().exists());
}

#[test]
fn a_damaged_copy_is_refused_and_no_database_is_made_of_it() {
    let launch = settled();
    let copy = launch.directory().join("copy.db");
    done(&run(&launch, "backup", &copy));
    let whole = fs::read(&copy).unwrap();
    let mut scratched = whole.clone();
    // A page of the links: a damaged schema would be told of earlier, as a file that cannot be opened.
    let conn = rusqlite::Connection::open(&copy).unwrap();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'links'";
    let page: usize = conn.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap().try_into().unwrap();
    drop(conn);
    scratched[(page - 1) * 4096..][..4096].fill(0xff);
    let cut = whole[..whole.len() / 2].to_vec();
    fs::remove_file(launch.database()).unwrap();
    for (bytes, reason) in [
        (scratched, "copy.db is damaged"),
        (cut, "copy.db: database disk image is malformed"),
        (b"a text, and no database".repeat(99), "copy.db is not a SQLite database"),
        (Vec::new(), "copy.db is empty"),
    ] {
        fs::write(&copy, bytes).unwrap();
        refused(&run(&launch, "restore", &copy), reason);
        assert_eq!(names(launch.directory()), ["copy.db"], "{reason}");
    }
    refused(&run(&launch, "restore", &launch.directory().join("none.db")), "there is no database");
}

#[test]
fn the_copy_of_a_newer_versions_database_is_refused() {
    let launch = settled();
    let copy = launch.directory().join("copy.db");
    done(&run(&launch, "backup", &copy));
    rusqlite::Connection::open(&copy).unwrap().execute_batch("PRAGMA user_version = 9999").unwrap();
    fs::remove_file(launch.database()).unwrap();
    refused(&run(&launch, "restore", &copy), "newer version of release-links");
    assert_eq!(names(launch.directory()), ["copy.db"]);
}

/// Runs the binary below a shell, which prepares what it runs in.
fn below(shell: &str, launch: &Launch, copy: &Path) -> Output {
    let mut command = Command::new("sh");
    command.arg("-c").arg(shell).arg(BINARY).arg("backup").arg(copy).arg("--database").arg(launch.database_url());
    command.current_dir(launch.directory()).output().unwrap()
}

#[test]
fn a_target_that_cannot_take_the_copy_is_left_empty() {
    let launch = settled();
    let copies = tempfile::tempdir().unwrap();
    // No file may grow beyond 32 KiB, and the process is told so instead of being killed.
    let full = "ulimit -f 64; trap '' XFSZ; exec \"$0\" \"$@\"";
    let output = below(full, &launch, &copies.path().join("copy.db"));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot write") && stderr.contains("copy.db"), "{stderr}");
    assert_eq!(names(copies.path()), Vec::<String>::new());
    refused(&run(&launch, "backup", &copies.path().join("missing/copy.db")), "cannot write");
    assert_eq!(names(copies.path()), Vec::<String>::new());
}

#[test]
fn a_bar_is_shown_on_a_terminal_only() {
    let launch = settled();
    let on_a_terminal = "exec script --quiet --return --command \"$*\" /dev/null";
    let on_a_terminal = format!("set -- \"$0\" \"$@\"; {on_a_terminal}");
    let output = below(&on_a_terminal, &launch, &launch.directory().join("first.db"));
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("copying [") && shown.contains("checking") && shown.contains("copied"), "{shown}");
    let ended = run(&launch, "backup", &launch.directory().join("second.db"));
    done(&ended);
    assert!(!ended.stdout.contains("copying") && !ended.stdout.contains('\u{1b}'), "{ended:?}");
}

#[test]
fn databases_of_other_kinds_are_refused_with_what_to_use_instead() {
    let launch = settled();
    for command in ["backup", "restore"] {
        let launch = launch.clone().bare().arg(command).arg("copy.db").arg("--database");
        refused(&launch.clone().arg("postgres://127.0.0.1/x").run(), "pg_dump");
        refused(&launch.arg("mysql://127.0.0.1/x").run(), "must be sqlite:PATH or postgres://");
    }
}

/// Publishes a file of the package `hello`.
fn publish(api: &Api, name: &str, bytes: &str) {
    api.developer().put(file_of(api, name)).body(bytes).send().status(201);
}

fn file_of(api: &Api, name: &str) -> String {
    format!("/api/v4/projects/{}/packages/generic/hello/1.2.3/{name}", api.project)
}

/// A server on which files were published: `a` and its copy, and `b`. Those who read them again are on another server.
fn with_files() -> (Launch, Arc<Server>, Api) {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    for (name, bytes) in [("a", "first"), ("same", "first"), ("b", "second")] {
        publish(&api, name, bytes);
    }
    (launch, server, api)
}

/// Returns the files in a folder of files, which are two levels down, with their content, in the order of the content, without
/// the mark of the database.
fn kept(folder: &Path) -> Vec<(PathBuf, String)> {
    let within = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
    };
    let files = within(folder).iter().flat_map(|folder| within(folder)).collect::<Vec<_>>();
    let files = files.into_iter().filter(|path| !path.ends_with("database/mark"));
    let mut kept: Vec<_> = files.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    kept.sort_by(|one, other| one.1.cmp(&other.1));
    kept
}

fn contents(folder: &Path) -> Vec<String> {
    kept(folder).into_iter().map(|(_, content)| content).collect()
}

/// Asserts that a database serves the files of [`with_files`].
#[track_caller]
fn serves_all(launch: &Launch, api: &Api) {
    let server = launch.start();
    for (name, bytes) in [("a", "first"), ("same", "first"), ("b", "second")] {
        let answer = Request::new(server.address(), "GET", file_of(api, name)).send().status(200);
        assert_eq!(answer.text, bytes, "{name}");
    }
    server.stop();
}

#[test]
fn a_backup_of_a_server_in_use_has_its_files_and_they_are_served_once_it_is_restored() {
    use std::os::unix::fs::PermissionsExt;
    let (launch, server, api) = with_files();
    let (copies, elsewhere) = (tempfile::tempdir().unwrap(), Launch::new());
    let (copy, folder) = (copies.path().join("copy.db"), copies.path().join("copy.db.files"));
    let ended = run(&launch, "backup", &copy);
    done(&ended);
    let line =
        format!("copied 2 files of 11 bytes to file:{}, where 0 more were already, all checked", folder.display());
    assert_eq!(ended.stdout.lines().last(), Some(line.as_str()));
    assert_eq!(names(copies.path()), ["copy.db", "copy.db.files"]);
    assert_eq!(contents(&folder), ["first", "second"]);
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    server.stop();
    done(&run(&elsewhere, "restore", &copy));
    serves_all(&elsewhere, &api);
    // The copy itself can be served as well.
    let at_copies =
        Launch::on(&format!("sqlite:{}", copy.display())).arg("--files").arg(format!("file:{}", folder.display()));
    serves_all(&at_copies, &api);
}

#[test]
fn a_backup_that_begins_again_copies_what_it_lacks_and_keeps_only_what_the_database_names() {
    let (launch, _server, api) = with_files();
    let copy = launch.directory().join("copy.db");
    let folder = launch.directory().join("copy.db.files");
    done(&run(&launch, "backup", &copy));
    fs::remove_file(&copy).unwrap();
    let [(first, _), (second, _)] = kept(&folder).try_into().unwrap();
    fs::write(&second, "secund").unwrap();
    let stranger =
        first.with_file_name(format!("{}{}", &first.file_name().unwrap().to_str().unwrap()[..2], "0".repeat(30)));
    fs::write(&stranger, "of no file").unwrap();
    let ended = run(&launch, "backup", &copy);
    done(&ended);
    assert!(
        ended.stdout.contains("copied 1 files of 6 bytes to ") && ended.stdout.contains("where 1 more"),
        "{ended:?}"
    );
    assert_eq!(contents(&folder), ["first", "second"]);
    // A file that was deleted is in no later backup.
    let packages = format!("/api/v4/projects/{}/packages", api.project);
    let package = api.maintainer().get(&packages).send().status(200).json()[0]["id"].as_u64().unwrap();
    api.maintainer().delete(format!("{packages}/{package}")).send().status(204);
    fs::remove_file(&copy).unwrap();
    done(&run(&launch, "backup", &copy));
    assert_eq!(contents(&folder), Vec::<String>::new());
}

#[test]
fn neither_a_backup_nor_a_database_is_made_that_names_files_which_are_missing_or_have_changed() {
    let (launch, server, api) = with_files();
    let (copies, elsewhere) = (tempfile::tempdir().unwrap(), Launch::new());
    let copy = copies.path().join("copy.db");
    done(&run(&launch, "backup", &copy));
    server.stop();
    let whose = format!("{}: packages/hello/1.2.3/b", api.path);
    let again = copies.path().join("again.db");
    for (folder, launch, command, path) in [
        (copies.path().join("copy.db.files"), &elsewhere, "restore", &copy),
        (launch.directory().join("files"), &launch, "backup", &again),
    ] {
        let second = kept(&folder)[1].0.clone();
        for (damage, reason) in [(Some("secund"), "have changed"), (Some("sec"), "have changed"), (None, "are missing")]
        {
            match damage {
                Some(bytes) => fs::write(&second, bytes).unwrap(),
                None => fs::remove_file(&second).unwrap(),
            }
            let ended = run(launch, command, path);
            refused(&ended, reason);
            assert!(ended.stderr.contains(&whose) && ended.stderr.contains("--without-files"), "{ended:?}");
        }
    }
    assert_eq!(names(elsewhere.directory()), Vec::<String>::new());
    assert!(!again.exists());
    // The database alone can be had all the same.
    let bare = |launch: &Launch, command: &str, path: &Path| {
        let launch = launch.clone().bare().arg(command).arg(path).arg("--without-files");
        let url = launch.database_url();
        launch.arg("--database").arg(url).run()
    };
    for ended in [bare(&launch, "backup", &copies.path().join("bare.db")), bare(&elsewhere, "restore", &copy)] {
        assert_eq!((ended.code, ended.stdout.lines().count()), (Some(0), 1), "{ended:?}");
    }
    assert_eq!(names(elsewhere.directory()), ["release-links.db"]);
    assert!(!copies.path().join("bare.db.files").exists());
}

#[test]
fn a_backup_is_refused_where_the_files_are_already_kept() {
    use std::os::unix::fs::symlink;
    let (launch, _server, _api) = with_files();
    let directory = launch.directory();
    let (files, copy, linked) = (directory.join("files"), directory.join("copy.db"), directory.join("linked"));
    let folder = directory.join("copy.db.files");
    symlink(directory, &linked).unwrap();
    let back_up = |copy: &str, files: &str| {
        let launch = launch.clone().bare().arg("backup").arg(copy).arg("--database").arg(launch.database_url());
        let ended = launch.arg("--files").arg(format!("file:{files}")).run();
        refused(&ended, &format!("file:{files} is where the files of this backup would be copied to"));
        assert!(!directory.join("copy.db").exists());
    };
    let below_link = linked.join("copy.db.files");
    let [absolute, below_link] = [&folder, &below_link].map(|path| path.to_str().unwrap());
    let in_every_spelling = || {
        for files in [absolute, "copy.db.files", "copy.db.files/", ".//copy.db.files", below_link] {
            back_up("copy.db", files);
        }
        for copy in [copy.to_str().unwrap(), "./copy.db", "linked/copy.db"] {
            back_up(copy, absolute);
        }
    };
    // Whether the folder is there or not, and also if it leads to the files.
    in_every_spelling();
    symlink(&files, &folder).unwrap();
    in_every_spelling();
    back_up("copy.db", "files");
    assert_eq!(contents(&files), ["first", "second"]);
}

#[test]
fn a_restored_database_finds_the_files_that_are_still_where_they_were() {
    let (launch, server, api) = with_files();
    let copy = launch.directory().join("copy.db");
    done(&run(&launch, "backup", &copy));
    server.stop();
    fs::remove_file(launch.database()).unwrap();
    fs::remove_dir_all(launch.directory().join("copy.db.files")).unwrap();
    let ended = run(&launch, "restore", &copy);
    done(&ended);
    assert!(ended.stdout.contains("copied 0 files of 0 bytes") && ended.stdout.contains("where 2 more"), "{ended:?}");
    serves_all(&launch, &api);
}

#[test]
fn files_are_copied_to_another_place_together_with_the_database() {
    let (launch, server, api) = with_files();
    server.stop();
    let target = Launch::new();
    let copy = |to: &Launch| {
        let launch = Launch::new().bare().arg("copy").arg("--from").arg(launch.database_url());
        launch.arg("--to").arg(to.database_url())
    };
    let place = format!("file:{}", target.directory().join("files").display());
    let ended = copy(&target).arg("--to-files").arg(&place).run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains(&format!("copied 2 files of 11 bytes to {place}")), "{ended:?}");
    serves_all(&target, &api);
    // Nothing of the database is copied if a file is missing.
    fs::remove_file(&kept(&launch.directory().join("files"))[0].0).unwrap();
    let other = Launch::new();
    let place = format!("file:{}", other.directory().join("files").display());
    let ended = copy(&other).arg("--to-files").arg(&place).run();
    refused(&Ended { stderr: ended.stderr.lines().last().unwrap_or_default().to_owned(), ..ended }, "are missing");
    assert!(contents(&other.directory().join("files")).len() < 2);
    let alone = copy(&other).run();
    assert_eq!(alone.code, Some(0), "the database is still empty: {alone:?}");
}

#[test]
fn the_backups_that_the_unit_makes_share_the_files_that_stay_the_same() {
    use std::os::unix::fs::MetadataExt;
    let (launch, _server, api) = with_files();
    let copies = tempfile::tempdir().unwrap();
    let unit = include_str!("../../docs/deploy/release-links-backup.service");
    let back_up = || {
        for key in ["ExecStartPre=", "ExecStart="] {
            let line = unit.lines().find_map(|line| line.strip_prefix(key)).unwrap();
            let line = line.replace("$$", "$").replace("%%", "%").replace("/usr/bin/release-links", BINARY);
            let mut command = Command::new("sh");
            command.arg("-c").arg(line).env("LC_ALL", "C").env("RELEASE_LINKS_DATABASE", launch.database_url());
            let output = command.current_dir(copies.path()).output().unwrap();
            assert!(output.status.success(), "{key} {output:?}");
        }
    };
    back_up();
    let of_today = || names(copies.path()).into_iter().filter(|name| name.starts_with(char::is_uppercase));
    let [database, folder] = of_today().collect::<Vec<_>>().try_into().unwrap();
    assert!(database.ends_with("day.db") && folder == format!("{database}.files"), "{database} {folder}");
    // So many files that a further one needs no folder of its own, which would make the folder above it newer.
    for prefix in 0..=u8::MAX {
        fs::create_dir_all(copies.path().join(&folder).join(format!("{prefix:02x}"))).unwrap();
    }
    let becomes = |day: &str| {
        for name in of_today() {
            let (_, kind) = name.split_once('.').unwrap();
            fs::rename(copies.path().join(&name), copies.path().join(format!("{day}.{kind}"))).unwrap();
        }
        copies.path().join(format!("{day}.db.files"))
    };
    let before_yesterday = becomes("before-yesterday");
    publish(&api, "c", "third");
    back_up();
    let yesterday = becomes("yesterday");
    publish(&api, "d", "fourth");
    back_up();
    let today = copies.path().join(of_today().next_back().unwrap());
    let [before_yesterday, yesterday, today] = [before_yesterday, yesterday, today].map(|folder| {
        let of = |(path, content): (PathBuf, _)| (content, fs::metadata(path).unwrap().ino());
        kept(&folder).into_iter().map(of).collect::<Vec<(String, u64)>>()
    });
    assert_eq!((before_yesterday.len(), yesterday.len(), today.len()), (2, 3, 4));
    for (newer, older) in [(&yesterday, &before_yesterday), (&today, &yesterday)] {
        assert!(older.iter().all(|file| newer.contains(file)), "{newer:?} {older:?}");
    }
    // Once more on the same day.
    back_up();
    assert!(names(copies.path()).iter().all(|name| !name.starts_with("new")), "{:?}", names(copies.path()));
}
