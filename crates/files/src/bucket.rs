//! Files in a bucket of S3, or of a server that speaks its protocol.

use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{BackoffConfig, ClientConfigKey, Error, RetryConfig};
use release_links_domain::file::MaxFileSize;

/// The smallest part that S3 takes, except for the last.
pub const MIN_PART: usize = 5 * 1024 * 1024;
/// How many parts a file may have.
const MAX_PARTS: u64 = 10_000;
/// How long the answer to a request, or its next bytes, may be awaited.
const READ_TIMEOUT: &str = "30s";
/// A download may last as long as its client needs; one that stalls is ended by the limit above.
const TIMEOUT: &str = "30days";
/// How often a request is tried again. The client is waiting.
const RETRIES: usize = 3;
/// How long after its first byte a download is resumed if S3 breaks it off.
const RETRY_TIMEOUT: Duration = Duration::from_hours(1);

/// Opens a bucket. Its address and the credentials come from the environment variables `AWS_…`, which other programs read as well.
pub fn open(name: &str) -> Result<AmazonS3, Error> {
    use_ring();
    let client = |key| AmazonS3ConfigKey::Client(key);
    AmazonS3Builder::from_env()
        .with_bucket_name(name)
        .with_config(client(ClientConfigKey::ReadTimeout), READ_TIMEOUT)
        .with_config(client(ClientConfigKey::Timeout), TIMEOUT)
        .with_retry(RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: RETRIES,
            retry_timeout: RETRY_TIMEOUT,
        })
        .build()
}

/// Returns the size of parts. All but the last are of one size, as some servers require, and large enough for the largest file.
pub fn part(max: MaxFileSize) -> usize {
    usize::try_from(max.bytes().div_ceil(MAX_PARTS)).map_or(usize::MAX, |part| part.max(MIN_PART))
}

/// Makes ring the provider of TLS for the process, unless it has one. The client of `object_store` asks for no other.
fn use_ring() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // If another thread was faster, there is one now.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_small_as_the_largest_file_allows() {
        assert_eq!(part(MaxFileSize::DEFAULT), MIN_PART);
        let max = MaxFileSize::try_from(100 * 1024 * 1024 * 1024).unwrap();
        assert!(u64::try_from(part(max)).unwrap() * MAX_PARTS >= max.bytes());
    }
}
