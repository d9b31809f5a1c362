//! `release-links files check`: what is said of files whose bytes are missing or have changed, and of bytes that no file has.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::harness::{Api, Ended, Launch, Server, Visibility, database};

/// A server whose files are in a folder, and a project on it.
struct Checked {
    launch: Launch,
    api: Api,
    folder: PathBuf,
    _server: Arc<Server>,
}

impl Checked {
    fn start() -> Self {
        let launch = Launch::new();
        let folder = launch.directory().join("files");
        let place = format!("file:{}", folder.display());
        let server = Arc::new(launch.clone().arg("--files").arg(place).start());
        Self { api: Api::on(&server, Visibility::Private), launch, folder, _server: server }
    }

    fn publish(&self, name: &str, bytes: &str) {
        let path = format!("/api/v4/projects/{}/packages/generic/hello/1.2.3/{name}", self.api.project);
        self.api.developer().put(path).body(bytes).send().status(201);
    }

    fn check(&self) -> Ended {
        let launch = self.launch.clone().bare().arg("files").arg("check");
        let place = format!("file:{}", self.folder.display());
        launch.arg("--database").arg(self.launch.database_url()).arg("--files").arg(place).run()
    }

    /// Returns the file that has these bytes, and its key.
    fn with(&self, bytes: &str) -> (PathBuf, String) {
        let folders = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let folders = folders.filter(|folder| !folder.ends_with("database"));
        let mut files = folders.flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
        let path = files.find(|path| fs::read_to_string(path).unwrap() == bytes).unwrap();
        let key = path.file_name().unwrap().to_str().unwrap().to_owned();
        (path, key)
    }
}

#[test]
fn sound_files_are_counted_once_while_a_server_runs() {
    let checked = Checked::start();
    for (name, bytes) in [("a", "first"), ("same", "first"), ("b", "second"), ("empty", "")] {
        checked.publish(name, bytes);
    }
    let ended = checked.check();
    let place = checked.folder.display();
    let expected = format!("checked 3 files of 11 bytes in file:{place}: 0 damaged, 0 unused\n");
    assert_eq!((ended.code, ended.stdout, ended.stderr), (Some(0), expected, String::new()));
}

#[test]
fn files_whose_bytes_are_missing_or_have_changed_are_named() {
    let checked = Checked::start();
    for (name, bytes) in [("a", "first"), ("same", "first"), ("b", "second"), ("c", "third"), ("d", "fourth")] {
        checked.publish(name, bytes);
    }
    let [(first, one), (second, two), (third, three), (_, four)] =
        ["first", "second", "third", "fourth"].map(|bytes| checked.with(bytes));
    fs::remove_file(first).unwrap();
    fs::write(second, "secund").unwrap();
    fs::write(third, "thi").unwrap();
    let ended = checked.check();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.trim_end().ends_with("3 files are damaged"), "{ended:?}");
    let path = &checked.api.path;
    let remedy = "copy it back from a backup, or delete the file and publish it again";
    for line in [
        format!(
            "missing {one} of 5 bytes ({path}: packages/hello/1.2.3/a, {path}: packages/hello/1.2.3/same): {remedy}"
        ),
        format!("changed {two} of 6 bytes ({path}: packages/hello/1.2.3/b): {remedy}"),
        format!("changed {three} of 5 bytes ({path}: packages/hello/1.2.3/c): {remedy}"),
    ] {
        assert!(ended.stdout.lines().any(|told| told == line), "{line}\n{}", ended.stdout);
    }
    assert!(!ended.stdout.contains(&four), "{}", ended.stdout);
    assert_eq!(ended.stdout.lines().count(), 3 + 1, "{}", ended.stdout);
}

#[test]
fn bytes_that_no_file_has_are_named_once_they_are_a_day_old_and_are_no_damage() {
    let checked = Checked::start();
    checked.publish("a", "first");
    let key = |digit: &str| digit.repeat(32);
    for (digit, hours) in [("a", 25), ("b", 1)] {
        let path = checked.folder.join(digit.repeat(2)).join(key(digit));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "of no file").unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        let written = file.metadata().unwrap().modified().unwrap() - Duration::from_secs(hours * 3_600);
        file.set_modified(written).unwrap();
    }
    let ended = checked.check();
    let unused = format!("unused {} of 10 bytes: the server deletes it within the hour", key("a"));
    assert_eq!((ended.code, ended.stdout.lines().next()), (Some(0), Some(unused.as_str())), "{ended:?}");
    assert!(ended.stdout.ends_with(": 0 damaged, 1 unused\n") && !ended.stdout.contains(&key("b")), "{ended:?}");
}

#[test]
fn what_cannot_be_checked_is_said() {
    let checked = Checked::start();
    checked.publish("a", "first");
    fs::remove_dir_all(&checked.folder).unwrap();
    fs::write(&checked.folder, "no folder").unwrap();
    let ended = checked.check();
    assert!(ended.code == Some(1) && ended.stderr.contains("cannot keep files in file:"), "{ended:?}");
    if !database::on_postgres() {
        let none = Launch::new().bare().arg("files").arg("check").arg("--database").arg("sqlite:none.db").run();
        assert!(none.code == Some(1) && none.stderr.contains("there is no database none.db"), "{none:?}");
    }
}
