//! An upload, cut into parts.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use release_links_domain::file::MaxFileSize;
use release_links_ports::{IncomingBytes, PutError};

/// What the buffer of the first part has room for at first; it grows only as bytes arrive, since most files are small.
const FIRST_BUFFER: usize = 16 * 1024;

/// The parts of an upload.
pub struct Parts {
    bytes: IncomingBytes,
    /// What has arrived of the next part.
    left: Bytes,
    part: usize,
    max: MaxFileSize,
    taken: u64,
}

/// Bytes of an upload.
pub struct Part {
    pub bytes: Bytes,
    /// Whether the upload ends here.
    pub is_last: bool,
}

impl Parts {
    /// Cuts an upload into parts of so many bytes.
    pub fn new(bytes: IncomingBytes, part: usize, max: MaxFileSize) -> Self {
        Self { bytes, left: Bytes::new(), part, max, taken: 0 }
    }

    /// Returns how many bytes the parts so far have.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Waits for the next part. Only the last one is shorter than the others, and it may be empty. The bytes are copied into one
    /// buffer, so that an upload of tiny chunks needs no more memory than another.
    pub async fn next(&mut self) -> Result<Part, PutError> {
        let room = if self.taken == 0 { FIRST_BUFFER.min(self.part) } else { self.part };
        let mut buffer = BytesMut::with_capacity(room);
        let mut is_last = false;
        while buffer.len() < self.part && !is_last {
            if self.left.is_empty() {
                match self.bytes.next().await {
                    Some(Ok(bytes)) => self.left = bytes,
                    Some(Err(error)) => return Err(PutError::BrokenOff(error)),
                    None => is_last = true,
                }
            }
            let fits = self.left.len().min(self.part - buffer.len());
            buffer.extend_from_slice(&self.left.split_to(fits));
        }
        self.taken = self.taken.saturating_add(u64::try_from(buffer.len()).unwrap_or(u64::MAX));
        if self.max.allows(self.taken) { Ok(Part { bytes: buffer.freeze(), is_last }) } else { Err(PutError::TooLarge) }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, stream};

    use super::*;

    fn parts(chunks: &[&'static str], part: usize, max: u64) -> Parts {
        let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))).collect();
        Parts::new(Box::pin(stream::iter(chunks)), part, max.try_into().unwrap())
    }

    /// Returns the parts, and why they end.
    fn all(mut parts: Parts) -> (Vec<Bytes>, Option<PutError>) {
        let mut found = Vec::new();
        loop {
            match parts.next().now_or_never().unwrap() {
                Ok(Part { bytes, is_last }) => {
                    found.push(bytes);
                    if is_last {
                        return (found, None);
                    }
                }
                Err(error) => return (found, Some(error)),
            }
        }
    }

    #[test]
    fn every_part_but_the_last_is_full_however_the_bytes_arrive() {
        for chunks in [&["abcdefgh"][..], &["a", "b", "c", "d", "e", "f", "g", "h"], &["abcd", "", "efgh"]] {
            let (found, error) = all(parts(chunks, 3, 100));
            assert!(error.is_none() && found == ["abc", "def", "gh"], "{found:?} {error:?}");
        }
        assert_eq!(all(parts(&["abc"], 3, 100)).0, ["abc", ""]);
        assert_eq!(all(parts(&[], 3, 100)).0, [""]);
    }

    #[test]
    fn an_upload_may_be_as_large_as_allowed_and_no_larger() {
        let (found, error) = all(parts(&["abcd", "e"], 3, 5));
        assert!(error.is_none() && found == ["abc", "de"], "{found:?} {error:?}");
        let (found, error) = all(parts(&["abcd", "e"], 3, 4));
        assert!(matches!(error, Some(PutError::TooLarge)) && found == ["abc"], "{found:?} {error:?}");
    }
}
