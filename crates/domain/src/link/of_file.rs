//! Links that lead to a file of their own project, which have its digest and size.

use super::{AssetDigest, Link, LinkFault, LinkFaults, LinkFields};
use crate::file::StoredBytes;

impl Link {
    /// The maximum number of links of a project that follow one file, so that publishing it anew is a bounded amount of work.
    /// Further ones lead to it as to any other URL.
    pub const MAX_OF_A_FILE: usize = 1_000;
}

impl LinkFields {
    /// Returns these fields with the digest and size of the file that the URL leads to. `before` are the fields that the
    /// link has so far: a digest or size that it has already is replaced, while one that differs from that was sent, and
    /// must be that of the file.
    ///
    /// # Errors
    /// Returns a fault for each of the two that was sent and does not match the file.
    pub fn of_file(self, file: &StoredBytes, before: Option<&Self>) -> Result<Self, LinkFaults> {
        let digest = AssetDigest::from(&file.digests.sha256);
        let differs = |sent: bool, is_kept: bool, is_equal: bool| sent && !is_kept && !is_equal;
        let digest_differs = differs(
            self.digest.is_some(),
            before.is_some_and(|before| before.digest == self.digest),
            self.digest.as_ref() == Some(&digest),
        );
        let size_differs = differs(
            self.size.is_some(),
            before.is_some_and(|before| before.size == self.size),
            self.size == Some(file.size),
        );
        let faults =
            [digest_differs.then_some(LinkFault::DigestOfAnother), size_differs.then_some(LinkFault::SizeOfAnother)];
        let faults: Vec<LinkFault> = faults.into_iter().flatten().collect();
        if faults.is_empty() {
            Ok(Self { digest: Some(digest), size: Some(file.size), ..self })
        } else {
            Err(LinkFaults::of_all(faults))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{FileDigests, Md5, Sha1, Sha256};
    use crate::link::{AssetSize, LinkType};

    fn fields(digest: Option<u8>, size: Option<i64>) -> LinkFields {
        LinkFields {
            name: "a".parse().unwrap(),
            url: "http://a".parse().unwrap(),
            path: None,
            link_type: LinkType::Other,
            digest: digest.map(|byte| AssetDigest::from(&Sha256::from([byte; 32]))),
            size: size.map(|size| AssetSize::try_from(size).unwrap()),
        }
    }

    #[test]
    fn a_link_has_the_digest_and_size_of_its_file_unless_others_are_sent() {
        let digests = FileDigests { sha256: Sha256::from([1; 32]), sha1: Sha1::from([1; 20]), md5: Md5::from([1; 16]) };
        let file = StoredBytes { digests, size: AssetSize::try_from(1).unwrap() };
        let (digest, size) = ("Digest does not match the file", "Size does not match the file");
        for (sent, before, faults) in [
            (fields(None, None), None, vec![]),
            (fields(Some(1), Some(1)), None, vec![]),
            (fields(Some(2), None), None, vec![digest]),
            (fields(Some(1), Some(2)), None, vec![size]),
            (fields(Some(2), Some(2)), None, vec![digest, size]),
            (fields(Some(2), Some(2)), Some(fields(Some(2), Some(2))), vec![]),
            (fields(Some(2), Some(2)), Some(fields(Some(2), None)), vec![size]),
            (fields(Some(2), Some(2)), Some(fields(Some(3), Some(3))), vec![digest, size]),
            (fields(None, None), Some(fields(Some(1), Some(1))), vec![]),
        ] {
            match sent.clone().of_file(&file, before.as_ref()) {
                Ok(link) => assert_eq!((link, faults), (fields(Some(1), Some(1)), vec![])),
                Err(found) => assert_eq!(found.sentences(), faults, "{sent:?} {before:?}"),
            }
        }
    }
}
