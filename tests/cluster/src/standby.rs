//! A standby, which has everything that the primary has and can take over.

use std::fs;

use crate::program::{program, run};
use crate::{Cluster, PATIENCE, await_that};

impl Cluster {
    /// A new server that follows this one, which from now on commits nothing that the standby has not got.
    ///
    /// # Panics
    /// When it does not catch up.
    #[must_use]
    pub fn synchronous_standby(&self) -> Self {
        let standby = Self::without_data();
        standby.follow(self);
        standby
    }

    /// Drops all data, and follows another server as its synchronous standby.
    ///
    /// # Panics
    /// When it runs, or does not catch up.
    pub fn follow(&self, primary: &Self) {
        if self.data().exists() {
            fs::remove_dir_all(self.data()).unwrap();
        }
        run(program("pg_basebackup")
            .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--pgdata"])
            .arg(self.data())
            .arg(format!("--dbname=host=127.0.0.1 port={} user=postgres application_name=standby", primary.port)));
        self.set_port();
        self.start_again();
        primary.wait_for_standbys("standby");
        let synchronous = "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'";
        await_that(
            || format!("the standby does not catch up: {}", self.log()),
            || primary.sql("postgres", synchronous) == "t",
        );
    }

    /// Names the standbys without whose word nothing is committed; none with an empty name.
    pub fn wait_for_standbys(&self, names: &str) {
        self.sql("postgres", &format!("ALTER SYSTEM SET synchronous_standby_names = '{names}'"));
        self.sql("postgres", "SELECT pg_reload_conf()");
        let read = format!("SELECT current_setting('synchronous_standby_names') = '{names}'");
        await_that(|| format!("the settings are not read: {}", self.log()), || self.sql("postgres", &read) == "t");
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        self.sql("postgres", &format!("SELECT pg_promote(wait_seconds => {})", PATIENCE.as_secs()));
        await_that(
            || format!("it is not promoted: {}", self.log()),
            || self.sql("postgres", "SELECT pg_is_in_recovery()") == "f",
        );
    }
}
