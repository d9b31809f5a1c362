//! How many connections the process's limit on open files allows.

use std::fs;

use release_links_http::Limits;
use rustix::process::{Resource, getrlimit};

/// If open files are not limited, memory limits connections: each takes about 32 KiB.
const UNLIMITED: u64 = 1 << 20;

/// Reserved for what is opened while serving: connections that are about to be closed, temporary files, worker threads.
const TO_COME: usize = 32;

/// The limit on open files, less those that the rest of the server needs.
pub(crate) fn most_connections() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(UNLIMITED).min(UNLIMITED);
    less_others(usize::try_from(limit).unwrap_or(usize::MAX), 0)
}

/// The number of connections once the database is open, which on a machine with many processors takes more files than elsewhere.
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
