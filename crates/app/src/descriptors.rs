//! How many connections the process's descriptors allow.

use std::fs;

use release_links_http::Limits;
use rustix::process::{Resource, getrlimit};

/// Where nobody limits descriptors, memory does: a connection takes about 32 KiB.
const UNLIMITED: u64 = 1 << 20;

/// For what is opened while serving: connections that are about to be closed, temporary files, workers.
const TO_COME: usize = 32;

/// As many connections as there may be descriptors, less those that the rest of the server needs.
pub(crate) fn most_connections() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(UNLIMITED).min(UNLIMITED);
    less_others(usize::try_from(limit).unwrap_or(usize::MAX), 0)
}

/// So many once the database is open, which on a machine with many processors takes more descriptors than elsewhere.
pub(crate) fn connections(most: usize) -> usize {
    let open = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    most.min(less_others(most + Limits::OTHER_DESCRIPTORS, open))
}

fn less_others(limit: usize, open: usize) -> usize {
    limit.saturating_sub(Limits::OTHER_DESCRIPTORS.max(open + TO_COME)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_descriptors_are_kept_for_the_rest_of_the_server() {
        assert_eq!(less_others(256, 0), 256 - 64);
        assert_eq!(less_others(256, 32), 256 - 64);
        assert_eq!(less_others(65, 0), 1);
        assert_eq!(less_others(10, 0), 1);
    }

    #[test]
    fn a_database_that_takes_more_of_them_is_left_more() {
        assert_eq!(less_others(1024, 500), 1024 - 532);
    }
}
