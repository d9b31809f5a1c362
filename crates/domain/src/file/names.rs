//! The names of packages, of their versions and files, and of uploads.

use super::hex::hex_newtype;
use crate::newtype::{stored_newtype, text_newtype};

/// The longest name of a package, version or file, in bytes.
const MAX_BYTES: usize = 255;

/// The text is no name of its kind: it is empty or too long, or has a character that such names do not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is invalid")]
pub struct FileNameError;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident of $class:literal, $may_hold:pat, unless $is_other:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The longest name, in bytes.
            pub const MAX_BYTES: usize = MAX_BYTES;

            /// A regular expression that every name matches.
            pub const PATTERN: &'static str = concat!("^", $class, "+$");

            fn check(raw: String) -> Result<String, FileNameError> {
                if raw.len() > Self::MAX_BYTES { Err(FileNameError) } else { Self::check_stored(raw) }
            }

            fn check_stored(raw: String) -> Result<String, FileNameError> {
                let has_form = !raw.is_empty() && raw.bytes().all(|byte| matches!(byte, $may_hold));
                // Programs take these two for folders.
                let is_folder = matches!(raw.as_str(), "." | "..");
                let is_other: fn(&str) -> bool = $is_other;
                if has_form && !is_folder && !is_other(&raw) { Ok(raw) } else { Err(FileNameError) }
            }
        }

        text_newtype!($name, FileNameError);
        stored_newtype!($name, FileNameError);
    };
}

name! {
    /// The name of a package.
    ///
    /// ```
    /// use release_links_domain::file::{FileNameError, PackageName};
    ///
    /// let name: PackageName = "hello-cli".parse()?;
    /// assert_eq!(name.as_str(), "hello-cli");
    /// assert_eq!("hello cli".parse::<PackageName>(), Err(FileNameError));
    /// # Ok::<(), FileNameError>(())
    /// ```
    PackageName of "[A-Za-z0-9._+-]",
    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'+' | b'-',
    unless |_| false
}

name! {
    /// The version of a package, which may be any text such as `1.2.3` or `nightly`, but has no two dots in a row.
    PackageVersion of "[A-Za-z0-9._+-]",
    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'+' | b'-',
    unless |raw| raw.contains("..")
}

name! {
    /// The name of a file in a package.
    PackageFileName of "[A-Za-z0-9._+~@-]",
    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'+' | b'~' | b'@' | b'-',
    unless |_| false
}

name! {
    /// The name of an upload.
    UploadName of "[A-Za-z0-9._+-]",
    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'+' | b'-',
    unless |_| false
}

/// The endings of the files that are shown where a description refers to them, instead of linked to.
const IMAGES: [&str; 9] = ["png", "jpg", "jpeg", "gif", "bmp", "tiff", "ico", "webp", "svg"];

impl UploadName {
    /// Returns the name of a file that a client calls `sent`: what follows its last slash, with `_` for each byte that names
    /// do not have.
    ///
    /// ```
    /// use release_links_domain::file::{FileNameError, UploadName};
    ///
    /// assert_eq!(UploadName::of_sent("dist/my app.tar.gz")?.as_str(), "my_app.tar.gz");
    /// # Ok::<(), FileNameError>(())
    /// ```
    ///
    /// # Errors
    /// [`FileNameError`] if nothing is left, or too much.
    pub fn of_sent(sent: &str) -> Result<Self, FileNameError> {
        let own = sent.rsplit(['/', '\\']).next().unwrap_or_default();
        let is_known = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'-');
        let name: String = own.bytes().map(|byte| if is_known(&byte) { char::from(byte) } else { '_' }).collect();
        match name.as_str() {
            "." | ".." => format!("_{name}").try_into(),
            _ => name.try_into(),
        }
    }

    /// Whether the ending is that of an image.
    #[must_use]
    pub fn is_image(&self) -> bool {
        self.split().is_some_and(|(_, ending)| IMAGES.iter().any(|image| ending.eq_ignore_ascii_case(image)))
    }

    /// Returns the text that stands for the file: its name, of an image without the ending.
    #[must_use]
    pub fn alt(&self) -> &str {
        match self.split() {
            Some((stem, _)) if self.is_image() => stem,
            _ => self.as_str(),
        }
    }

    /// Returns the stem and the ending.
    fn split(&self) -> Option<(&str, &str)> {
        self.0.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())
    }
}

hex_newtype! {
    /// What makes the address of an upload hard to guess: 32 hex digits in lower case.
    ///
    /// ```
    /// use release_links_domain::file::UploadSecret;
    ///
    /// assert_eq!(UploadSecret::from([0x1f; 16]).as_str(), "1f".repeat(16));
    /// assert!("1F".repeat(16).parse::<UploadSecret>().is_err());
    /// ```
    UploadSecret of 16 bytes,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns which of the four kinds of names a text is: `p`, `v`, `f` and `u`.
    fn kinds(text: &str) -> String {
        let is = [
            ('p', text.parse::<PackageName>().is_ok()),
            ('v', text.parse::<PackageVersion>().is_ok()),
            ('f', text.parse::<PackageFileName>().is_ok()),
            ('u', text.parse::<UploadName>().is_ok()),
        ];
        is.into_iter().filter(|(_, is)| *is).map(|(kind, _)| kind).collect()
    }

    #[test]
    fn each_kind_of_name_has_its_characters() {
        for (text, expected) in [
            ("a", "pvfu"),
            ("A-Za_z0.9+", "pvfu"),
            ("-", "pvfu"),
            (".a", "pvfu"),
            ("a~1", "f"),
            ("a@b", "f"),
            ("a..b", "pfu"),
            ("...", "pfu"),
            (".", ""),
            ("..", ""),
            ("", ""),
            ("a b", ""),
            ("a/b", ""),
            ("a\\b", ""),
            ("a%2Fb", ""),
            ("é", ""),
            ("a\n", ""),
            ("a\0", ""),
            ("a:b", ""),
            ("a#b", ""),
        ] {
            assert_eq!(kinds(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_name_has_at_most_255_bytes_but_a_longer_one_stays_readable() {
        use crate::Stored as _;

        assert_eq!(kinds(&"a".repeat(255)), "pvfu");
        let long = "a".repeat(256);
        assert_eq!(kinds(&long), "");
        assert_eq!(PackageFileName::from_stored(long.clone()).as_ref().map(PackageFileName::as_str), Ok(long.as_str()));
    }

    #[test]
    fn an_upload_is_called_as_it_was_sent_but_for_bytes_that_names_do_not_have() {
        for (sent, expected) in [
            ("app.tar.gz", "app.tar.gz"),
            ("my app (1).zip", "my_app__1_.zip"),
            ("é.txt", "__.txt"),
            ("a~b@c#d", "a_b_c_d"),
            ("a\n\0b", "a__b"),
            ("/tmp/x/app.zip", "app.zip"),
            ("C:\\dist\\app.zip", "app.zip"),
            ("..", "_.."),
            (".", "_."),
            ("../..", "_.."),
            ("[x](y)", "_x__y_"),
        ] {
            assert_eq!(UploadName::of_sent(sent).as_ref().map(UploadName::as_str), Ok(expected), "{sent:?}");
        }
        for sent in ["", "a/", "\\", &"a".repeat(256), &"é".repeat(128)] {
            assert_eq!(UploadName::of_sent(sent), Err(FileNameError), "{sent:?}");
        }
    }

    #[test]
    fn an_image_goes_by_its_name_without_the_ending() {
        for (name, alt, is_image) in [
            ("app.tar.gz", "app.tar.gz", false),
            ("shot.png", "shot", true),
            ("shot.1.JPEG", "shot.1", true),
            ("a.svg", "a", true),
            ("png", "png", false),
            (".png", ".png", false),
            ("a.png.", "a.png.", false),
            ("film.mp4", "film.mp4", false),
        ] {
            let upload: UploadName = name.parse().unwrap();
            assert_eq!((upload.alt(), upload.is_image()), (alt, is_image), "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_matches_the_pattern_is_a_name_unless_it_is_dots(text in "[A-Za-z0-9._+~@-]{1,40}") {
            let plain = !text.contains(['~', '@']);
            let is_folder = text == "." || text == "..";
            prop_assert_eq!(text.parse::<PackageFileName>().is_ok(), !is_folder);
            prop_assert_eq!(text.parse::<PackageName>().is_ok(), plain && !is_folder);
            prop_assert_eq!(text.parse::<PackageVersion>().is_ok(), plain && text != "." && !text.contains(".."));
        }

        #[test]
        fn whatever_is_sent_becomes_a_name_or_is_refused(sent in any::<String>()) {
            if let Ok(name) = UploadName::of_sent(&sent) {
                prop_assert_eq!(name.as_str().parse(), Ok(name));
            }
        }
    }
}
