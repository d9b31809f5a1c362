//! Checksum files as coreutils write and read them (docs/contract.md, "Digests").

use super::{HashAlgorithm, LinkFields};
use crate::word::word_enum;

word_enum! {
    /// What stands for an asset in a checksum file.
    #[derive(Default)]
    AssetNames {
        /// The name of its link.
        #[default]
        Name = "name",
        /// Its permanent path without the first slash. A link without a path is left out.
        Path = "path",
    }
}

impl AssetNames {
    fn of(self, link: &LinkFields) -> Option<&str> {
        match self {
            Self::Name => Some(link.name.as_str()),
            Self::Path => link.path.as_ref().map(|path| path.as_str().trim_start_matches('/')),
        }
    }
}

impl HashAlgorithm {
    /// Returns the name of the checksum file of this algorithm.
    #[must_use]
    pub const fn checksum_file(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA256SUMS",
            Self::Sha512 => "SHA512SUMS",
        }
    }

    /// Returns the checksum file of a release with these links: a line for each link with a digest of this algorithm, in
    /// the byte order of the names. `None` if no link has one.
    ///
    /// ```
    /// use release_links_domain::link::{AssetNames, Change, HashAlgorithm, LinkConflict, LinkDraft};
    ///
    /// let (name, url) = (Some("hello".into()), Some("http://a".into()));
    /// let digest = Change::Set(format!("sha256:{}", "0".repeat(64)).parse()?);
    /// let link = LinkDraft { name, url, digest, ..LinkDraft::default() }.parse().accept(LinkConflict::NONE);
    /// let file = HashAlgorithm::Sha256.checksums(&[link.expect("no fault")], AssetNames::Name);
    /// assert_eq!(file, Some(format!("{}  hello\n", "0".repeat(64))));
    /// # Ok::<(), release_links_domain::link::AssetDigestError>(())
    /// ```
    #[must_use]
    pub fn checksums<'a>(self, links: impl IntoIterator<Item = &'a LinkFields>, names: AssetNames) -> Option<String> {
        let of_link = |link: &'a LinkFields| Some((names.of(link)?, link.digest.as_ref()?.hex(self)?));
        let mut entries: Vec<_> = links.into_iter().filter_map(of_link).collect();
        entries.sort_unstable();
        let mut file = String::new();
        for (name, hex) in &entries {
            push_line(hex, name, &mut file);
        }
        (!entries.is_empty()).then_some(file)
    }
}

/// Appends a line. As coreutils do, one that begins with a backslash has an escaped name.
fn push_line(hex: &str, name: &str, file: &mut String) {
    let escape = |character| match character {
        '\\' => Some("\\\\"),
        '\n' => Some("\\n"),
        '\r' => Some("\\r"),
        _ => None,
    };
    if name.chars().any(|character| escape(character).is_some()) {
        file.push('\\');
    }
    file.push_str(hex);
    file.push_str("  ");
    for character in name.chars() {
        match escape(character) {
            Some(escaped) => file.push_str(escaped),
            None => file.push(character),
        }
    }
    file.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{Change, LinkConflict, LinkDraft};

    fn link(name: &str, path: Option<&str>, digest: Option<String>) -> LinkFields {
        let draft = LinkDraft {
            name: Some(name.into()),
            url: Some("http://a".into()),
            path: path.map(Into::into).map_or(Change::Keep, Change::Set),
            digest: digest.map_or(Change::Keep, |digest| Change::Set(digest.parse().unwrap())),
            ..LinkDraft::default()
        };
        draft.parse().accept(LinkConflict::NONE).unwrap()
    }

    fn sha256(digit: &str) -> String {
        format!("sha256:{}", digit.repeat(64))
    }

    #[test]
    fn a_checksum_file_lists_the_digests_of_one_algorithm_by_name_in_byte_order() {
        let sha512 = format!("sha512:{}", "d".repeat(128));
        let links = [
            link("é", None, Some(sha256("a"))),
            link("z", Some("/0/z"), Some(sha256("b"))),
            link("Z", Some("/bin/Z"), Some(sha256("c"))),
            link("other", Some("/bin/other"), Some(sha512)),
            link("none", Some("/bin/none"), None),
        ];
        let line = |digit: &str, times: usize, name: &str| format!("{}  {name}\n", digit.repeat(times));
        let file = |algorithm: HashAlgorithm, names| algorithm.checksums(&links, names).unwrap();
        assert_eq!(
            file(HashAlgorithm::Sha256, AssetNames::Name),
            line("c", 64, "Z") + &line("b", 64, "z") + &line("a", 64, "é")
        );
        assert_eq!(file(HashAlgorithm::Sha256, AssetNames::Path), line("b", 64, "0/z") + &line("c", 64, "bin/Z"));
        assert_eq!(file(HashAlgorithm::Sha512, AssetNames::Name), line("d", 128, "other"));
    }

    #[test]
    fn without_a_digest_of_the_algorithm_there_is_no_checksum_file() {
        let links = [link("a", None, Some(sha256("a"))), link("b", Some("/bin/b"), None)];
        assert_eq!(HashAlgorithm::Sha512.checksums(&links, AssetNames::Name), None);
        assert_eq!(HashAlgorithm::Sha256.checksums(&links, AssetNames::Path), None);
        assert_eq!(HashAlgorithm::Sha256.checksums(&[], AssetNames::Name), None);
    }

    #[test]
    fn a_name_is_escaped_as_coreutils_do() {
        let hex = "0".repeat(64);
        for (name, line) in [
            ("a b", format!("{hex}  a b\n")),
            (" *a ", format!("{hex}   *a \n")),
            ("a\\b", format!("\\{hex}  a\\\\b\n")),
            ("a\nb", format!("\\{hex}  a\\nb\n")),
            ("\r", format!("\\{hex}  \\r\n")),
            ("\\n", format!("\\{hex}  \\\\n\n")),
            ("a\tb\u{85}\u{2028}", format!("{hex}  a\tb\u{85}\u{2028}\n")),
        ] {
            let mut file = String::new();
            push_line(&hex, name, &mut file);
            assert_eq!(file, line, "{name:?}");
        }
    }
}
