//! Databases that the system does not let the server write: each start says why, and whose the file is.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use crate::harness::{Ended, Launch};

/// The account that owns nothing.
const NOBODY: u32 = 65_534;

/// Starts as root without its power over other users' files.
fn as_an_ordinary_user(launch: Launch) -> Launch {
    launch.under(["setpriv", "--bounding-set=-dac_override,-dac_read_search"])
}

/// A database that a server has made and left, in a directory of its own.
fn settled() -> Launch {
    let launch = Launch::new();
    launch.start().stop();
    launch
}

fn give(path: &Path, owner: u32, mode: u32) {
    chown(path, Some(owner), None).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Asserts that one line says why, in words.
#[track_caller]
fn refused(ended: &Ended, reason: &str) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    let said = ended.stderr.trim_end();
    assert!(said.ends_with(reason) && said.lines().count() == 1, "no {reason:?} in {ended:?}");
}

#[test]
fn a_database_of_another_user_is_refused_with_whose_it_is() {
    for mode in [0o644, 0o444, 0o600] {
        let launch = settled();
        give(&launch.database(), NOBODY, mode);
        let database = launch.database().display().to_string();
        let reason = format!(
            "cannot open the database {database}: permission denied: {database} belongs to nobody, and this process runs as root"
        );
        let launch = as_an_ordinary_user(launch);
        refused(&launch.run(), &reason);
        let list = launch.clone().bare().arg("token").arg("list").arg("--user").arg("root").arg("--database");
        refused(&list.arg(launch.database_url()).run(), &reason);
    }
}

#[test]
fn a_database_in_a_directory_of_another_user_is_refused_with_whose_it_is() {
    for (mode, made) in [(0o700, true), (0o755, true), (0o755, false)] {
        let launch = if made { settled() } else { Launch::new() };
        let directory = launch.directory().to_owned();
        give(&directory, NOBODY, mode);
        let ended = as_an_ordinary_user(launch).run();
        refused(
            &ended,
            &format!("permission denied: {} belongs to nobody, and this process runs as root", directory.display()),
        );
    }
}

#[test]
fn a_log_that_another_user_left_beside_the_database_is_refused_with_whose_it_is() {
    let launch = settled();
    let log = launch.directory().join("release-links.db-wal");
    fs::write(&log, "").unwrap();
    give(&log, NOBODY, 0o600);
    let ended = as_an_ordinary_user(launch).run();
    refused(&ended, &format!("permission denied: {} belongs to nobody, and this process runs as root", log.display()));
}

#[test]
fn copies_into_a_directory_of_another_user_are_refused_with_whose_it_is() {
    let launch = settled();
    let closed = launch.directory().join("closed");
    fs::create_dir(&closed).unwrap();
    give(&closed, NOBODY, 0o755);
    let reason = format!("permission denied: {} belongs to nobody, and this process runs as root", closed.display());
    let ordinary = as_an_ordinary_user(launch.clone().bare());
    let copy = launch.directory().join("copy.db");
    let made = launch.clone().bare().arg("backup").arg(&copy).arg("--database").arg(launch.database_url()).run();
    assert_eq!(made.code, Some(0), "{made:?}");
    let backup = ordinary.clone().arg("backup").arg(closed.join("copy.db")).arg("--database");
    refused(&backup.arg(launch.database_url()).run(), &reason);
    for target in ["b.db", "new/b.db"] {
        let url = format!("sqlite:{}", closed.join(target).display());
        refused(&ordinary.clone().arg("restore").arg(&copy).arg("--database").arg(url).run(), &reason);
    }
}

/// A file system in memory, gone when dropped.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

#[test]
fn a_database_on_a_read_only_disk_is_refused() {
    let launch = Launch::new();
    let mount = |options: &[&str]| {
        let mounted = Command::new("mount").args(options).arg("tmpfs").arg(launch.directory()).status().unwrap();
        assert!(mounted.success(), "this test mounts a file system, which takes root");
    };
    mount(&["-t", "tmpfs"]);
    let _mounted = Mounted(launch.directory());
    launch.start().stop();
    mount(&["-o", "remount,ro"]);
    refused(&launch.run(), "release-links.db: its file system is mounted read-only");
}
