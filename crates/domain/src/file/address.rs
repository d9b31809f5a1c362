//! The addresses of the files that the server keeps, and which of them a URL is.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use super::{PackageFileName, PackageName, PackageVersion, UploadName, UploadSecret};
use crate::ProjectId;
use crate::link::LinkUrl;
use crate::location::{ExternalUrl, encode_segment};
use crate::namespace::FullPath;
use crate::project::ProjectRef;

/// What tells a file from the other files of its project. It says which one the newest with this name is, not which bytes.
///
/// ```
/// use release_links_domain::file::FileRef;
///
/// let file: FileRef = "packages/hello/1.2.3/hello.tar.gz".parse()?;
/// assert_eq!(file.to_string(), "packages/hello/1.2.3/hello.tar.gz");
/// # Ok::<(), release_links_domain::file::NoSuchFile>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileRef {
    /// A file of a package.
    Package {
        /// The name of the package.
        name: PackageName,
        /// Its version.
        version: PackageVersion,
        /// The name of the file.
        file: PackageFileName,
    },
    /// An upload.
    Upload {
        /// Its secret.
        secret: UploadSecret,
        /// Its name.
        file: UploadName,
    },
}

/// The text names no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("names no file")]
pub struct NoSuchFile;

impl FileRef {
    fn of_package(name: &str, version: &str, file: &str) -> Option<Self> {
        Some(Self::Package { name: name.parse().ok()?, version: version.parse().ok()?, file: file.parse().ok()? })
    }

    fn of_upload(secret: &str, file: &str) -> Option<Self> {
        Some(Self::Upload { secret: secret.parse().ok()?, file: file.parse().ok()? })
    }
}

/// The form in which storage keeps it; no name has a slash.
impl fmt::Display for FileRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package { name, version, file } => write!(f, "packages/{name}/{version}/{file}"),
            Self::Upload { secret, file } => write!(f, "uploads/{secret}/{file}"),
        }
    }
}

impl FromStr for FileRef {
    type Err = NoSuchFile;

    fn from_str(raw: &str) -> Result<Self, NoSuchFile> {
        let parts: Vec<&str> = raw.split('/').collect();
        match parts.as_slice() {
            ["packages", name, version, file] => Self::of_package(name, version, file),
            ["uploads", secret, file] => Self::of_upload(secret, file),
            _ => None,
        }
        .ok_or(NoSuchFile)
    }
}

/// A file, and the project that its address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAddress {
    /// The project, by its id or a path that may have become another's.
    pub project: ProjectRef,
    /// The file.
    pub file: FileRef,
}

impl FileAddress {
    /// Returns which file a path of the service leads to: one of the addresses of a package's file or an upload.
    ///
    /// The path is what follows the external URL. It is read as a request is: split at its slashes, empty segments left out,
    /// and each segment decoded once.
    ///
    /// ```
    /// use release_links_domain::file::FileAddress;
    ///
    /// let path = "/api/v4/projects/group%2Fhello/packages/generic/hello/1%2E2/hello.zip";
    /// let address = FileAddress::at_path(path).map(|address| address.file.to_string());
    /// assert_eq!(address.as_deref(), Some("packages/hello/1.2/hello.zip"));
    /// assert_eq!(FileAddress::at_path("/group/hello/-/releases/v1"), None);
    /// ```
    #[must_use]
    pub fn at_path(path: &str) -> Option<Self> {
        let segments = path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect::<Option<Vec<_>>>()?;
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        let (project, file) = match segments.as_slice() {
            ["api", "v4", "projects", id, "packages", "generic", name, version, file] => {
                (id.parse().ok()?, FileRef::of_package(name, version, file)?)
            }
            ["api", "v4", "projects", id, "uploads", secret, file] => {
                (id.parse().ok()?, FileRef::of_upload(secret, file)?)
            }
            ["-", "project", id, "uploads", secret, file] => {
                let id = id.parse::<i64>().ok().and_then(|id| ProjectId::try_from(id).ok())?;
                (ProjectRef::Id(id), FileRef::of_upload(secret, file)?)
            }
            [path @ .., "uploads", secret, file] => {
                (ProjectRef::Path(path.join("/").parse().ok()?), FileRef::of_upload(secret, file)?)
            }
            _ => return None,
        };
        Some(Self { project, file })
    }
}

/// Decodes a segment of a path, unless an escape is broken or the result is no text.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    let mut escapes = segment.split('%').skip(1).map(str::as_bytes);
    let is_whole = |escape: &[u8]| matches!(escape, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    escapes.all(is_whole).then(|| percent_decode_str(segment).decode_utf8().ok()).flatten()
}

impl ExternalUrl {
    /// Returns which file of the server a link leads to, if any: the external URL exactly, and then the
    /// [path](FileAddress::at_path) of a file. A query and a fragment make no difference.
    ///
    /// ```
    /// use release_links_domain::location::ExternalUrl;
    ///
    /// let external: ExternalUrl = "https://example.com".parse()?;
    /// let secret = "1f".repeat(16);
    /// let url = format!("https://example.com//-/project/7/uploads/{secret}/hello.zip").parse()?;
    /// assert_eq!(external.file_at(&url).map(|address| address.project), Some("7".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn file_at(&self, url: &LinkUrl) -> Option<FileAddress> {
        let rest = url.as_str().strip_prefix(self.as_str())?;
        let path = rest.split(['?', '#']).next()?;
        if path.starts_with('/') { FileAddress::at_path(path) } else { None }
    }

    /// Returns the address of a package's file on the API.
    #[must_use]
    pub fn package_file(
        &self,
        project: ProjectId,
        name: &PackageName,
        version: &PackageVersion,
        file: &PackageFileName,
    ) -> String {
        let [name, version, file] = [name.as_str(), version.as_str(), file.as_str()].map(encode_segment);
        format!("{self}/api/v4/projects/{project}/packages/generic/{name}/{version}/{file}")
    }

    /// Returns the web address of an upload.
    #[must_use]
    pub fn upload(&self, project: &FullPath, secret: &UploadSecret, file: &UploadName) -> String {
        format!("{self}/{project}/uploads/{secret}/{}", encode_segment(file.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    const EXTERNAL: &str = "https://gitlab.example.com/links";

    /// Returns the project and the file that a URL leads to.
    fn found(url: &str) -> Option<(ProjectRef, String)> {
        let external: ExternalUrl = EXTERNAL.parse().unwrap();
        let address = external.file_at(&url.parse().unwrap())?;
        Some((address.project, address.file.to_string()))
    }

    fn project(project: &str) -> ProjectRef {
        project.parse().unwrap()
    }

    fn secret() -> String {
        "0a".repeat(16)
    }

    #[test]
    fn each_address_of_a_file_leads_to_it() {
        let secret = secret();
        let (package, upload) = ("packages/hello/1.2.3/a~b@c.zip".to_owned(), format!("uploads/{secret}/a.zip"));
        for (path, who, what) in [
            ("/api/v4/projects/7/packages/generic/hello/1.2.3/a~b@c.zip".into(), "7", &package),
            ("/api/v4/projects/g%2Fsub%2fHello/packages/generic/hello/1.2.3/a~b@c.zip".into(), "g/sub/Hello", &package),
            ("/api/v4/projects/7/packages/generic/hello/1%2E2%2E3/a%7Eb%40c%2Ezip".into(), "7", &package),
            ("//api/v4//projects/7/packages/generic/hello/1.2.3/a~b@c.zip/".into(), "7", &package),
            ("/api/v4/projects/7/packages/generic/hello/1.2.3/a~b@c.zip?a=b#c".into(), "7", &package),
            (format!("/api/v4/projects/7/uploads/{secret}/a.zip"), "7", &upload),
            (format!("/-/project/7/uploads/{secret}/a.zip"), "7", &upload),
            (format!("//-/project/7/uploads/{secret}/a.zip"), "7", &upload),
            (format!("/g/hello/uploads/{secret}/a.zip"), "g/hello", &upload),
            (format!("//g/hello/uploads/{secret}/a%2ezip"), "g/hello", &upload),
            (format!("/g/uploads/uploads/{secret}/a.zip"), "g/uploads", &upload),
        ] {
            assert_eq!(found(&format!("{EXTERNAL}{path}")), Some((project(who), what.clone())), "{path}");
        }
    }

    #[test]
    fn another_url_leads_to_no_file() {
        let secret = secret();
        for path in [
            String::new(),
            "/".into(),
            "/g/hello".into(),
            "/api/v4/projects/7/packages/generic/hello/1.2.3".into(),
            "/api/v4/projects/7/packages/generic/hello/1.2.3/a/b".into(),
            "/api/v4/projects/7/packages/generic/hello/1.2.3/a%2Fb".into(),
            "/api/v4/projects/7/packages/generic/hello/1..2/a".into(),
            "/api/v4/projects/7/packages/generic/hello/1.2.3/%2E%2E".into(),
            "/api/v4/projects/7/packages/generic/he~llo/1.2.3/a".into(),
            "/api/v4/projects/7/packages/generic/hello/1.2.3/a b".into(),
            "/api/v4/projects/7/packages/generic/hello/1.2.3/a%zz".into(),
            "/api/v4/projects/7/packages/generic/hello/1.2.3/a%2".into(),
            "/api/v4/projects/7/packages/generic/hello/1.2.3/a%FF".into(),
            "/api/v4/projects/7/packages/npm/hello/1.2.3/a".into(),
            "/api/v4/projects/0/packages/generic/hello/1.2.3/a".into(),
            "/API/v4/projects/7/packages/generic/hello/1.2.3/a".into(),
            "/api/v4/projects/7/packages?/generic/hello/1.2.3/a".into(),
            ".evil/api/v4/projects/7/packages/generic/hello/1.2.3/a".into(),
            format!("/-/project/g%2Fhello/uploads/{secret}/a.zip"),
            format!("/-/project/-7/uploads/{secret}/a.zip"),
            format!("/uploads/{secret}/a.zip"),
            format!("/g/-/uploads/{secret}/a.zip"),
            format!("/g/hello/uploads/{}/a.zip", secret.to_uppercase()),
            format!("/g/hello/uploads/{}/a.zip", &secret[1..]),
            format!("/g/hello/uploads/{secret}/a@b"),
            format!("/g/hello/uploads/{secret}"),
        ] {
            assert_eq!(found(&format!("{EXTERNAL}{path}")), None, "{path}");
        }
    }

    #[test]
    fn only_the_external_url_itself_counts() {
        let path = "/api/v4/projects/7/packages/generic/hello/1.2.3/a";
        for base in [
            "http://gitlab.example.com/links",
            "https://GitLab.example.com/links",
            "https://gitlab.example.com:443/links",
            "https://user@gitlab.example.com/links",
            "https://gitlab.example.com",
            "https://gitlab.example.com/Links",
            "https://gitlab.example.com//links",
        ] {
            assert_eq!(found(&format!("{base}{path}")), None, "{base}");
        }
    }

    /// Returns a text with some of its characters as escapes, and slashes doubled.
    fn spelled(path: &str, escaped: &[bool]) -> String {
        let mut escaped = escaped.iter().copied().cycle();
        let mut spell = |c: char| match (c, escaped.next().unwrap_or_default()) {
            ('/', true) => "//".to_owned(),
            ('/', false) => "/".to_owned(),
            (c, true) => utf8_percent_encode(&c.to_string(), NON_ALPHANUMERIC).to_string(),
            (c, false) => c.to_string(),
        };
        path.chars().map(&mut spell).collect()
    }

    proptest! {
        #[test]
        fn a_file_is_found_at_its_address_however_that_is_spelled(
            name in "[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,20}",
            version in "[A-Za-z0-9_+-]{1,5}(\\.[A-Za-z0-9_+-]{1,5}){0,3}",
            file in "[A-Za-z0-9_+~@-][A-Za-z0-9._+~@-]{0,20}",
            id in 1..i64::MAX,
            escaped in proptest::collection::vec(any::<bool>(), 1..40),
        ) {
            let external: ExternalUrl = EXTERNAL.parse().unwrap();
            let id = ProjectId::try_from(id).unwrap();
            let address = external.package_file(id, &name.parse().unwrap(), &version.parse().unwrap(), &file.parse().unwrap());
            let expected = FileAddress {
                project: ProjectRef::Id(id),
                file: format!("packages/{name}/{version}/{file}").parse().unwrap(),
            };
            prop_assert_eq!(external.file_at(&address.parse().unwrap()), Some(expected.clone()));
            let path = format!("/api/v4/projects/{id}/packages/generic/{name}/{version}/{file}");
            prop_assert_eq!(FileAddress::at_path(&spelled(&path, &escaped)), Some(expected));
        }

        #[test]
        fn an_upload_is_found_at_its_web_address(
            random in any::<[u8; 16]>(),
            file in "[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,20}",
            path in "[a-z0-9_]{1,8}(/[a-z0-9_]{1,8}){1,3}",
        ) {
            let external: ExternalUrl = EXTERNAL.parse().unwrap();
            let Ok(path) = path.parse::<FullPath>() else { return Ok(()) };
            let (secret, file): (UploadSecret, UploadName) = (random.into(), file.parse().unwrap());
            let address = external.upload(&path, &secret, &file).parse().unwrap();
            let expected = FileAddress { project: ProjectRef::Path(path), file: FileRef::Upload { secret, file } };
            prop_assert_eq!(external.file_at(&address), Some(expected));
        }

        #[test]
        fn a_file_is_kept_as_a_text_that_names_it_alone(text in "(packages|uploads)(/[a-z0-9.~]{1,33}){2,3}") {
            if let Ok(file) = text.parse::<FileRef>() {
                prop_assert_eq!(file.to_string(), text);
            }
        }

        #[test]
        fn no_path_makes_the_search_panic(path in any::<String>()) {
            let _ = FileAddress::at_path(&path);
        }
    }
}
