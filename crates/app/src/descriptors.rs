//! How many connections the process's limit on open files allows.

use std::fs;

use release_links_http::Limits;
use rustix::process::{Resource, getrlimit};

/// Used if open files are unlimited: then memory limits connections, each of which takes about 32 KiB.
const UNLIMITED: u64 = 1 << 20;

/// Descriptors reserved for what is opened while serving: connections that are being closed, temporary files, worker
/// threads.
const RESERVED: usize = 32;

/// Returns the limit on open files, less the descriptors that the rest of the server needs.
pub(crate) fn max_connections() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(UNLIMITED).min(UNLIMITED);
    less_reserved(usize::try_from(limit).unwrap_or(usize::MAX), 0)
}

/// Returns the number of connections once the database is open, which takes more files on a machine with many
/// processors.
pub(crate) fn connections(maximum: usize) -> usize {
    let open = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    maximum.min(less_reserved(maximum + Limits::OTHER_DESCRIPTORS, open))
}

fn less_reserved(limit: usize, open: usize) -> usize {
    limit.saturating_sub(Limits::OTHER_DESCRIPTORS.max(open + RESERVED)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_descriptors_are_reserved_for_the_rest_of_the_server() {
        assert_eq!(less_reserved(256, 0), 256 - 64);
        assert_eq!(less_reserved(256, 32), 256 - 64);
        assert_eq!(less_reserved(65, 0), 1);
        assert_eq!(less_reserved(10, 0), 1);
    }

    #[test]
    fn a_database_with_many_open_files_reduces_the_connections() {
        assert_eq!(less_reserved(1024, 500), 1024 - 532);
    }
}
