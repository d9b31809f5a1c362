//! The web addresses of links and releases (docs/contract.md, "Link endpoints" and "Permanent links").

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::link::{AssetPath, LinkFields, encode_where_invalid};
use crate::namespace::FullPath;
use crate::newtype::text_newtype;
use crate::tag::TagName;
use crate::{LinkId, ProjectId};

/// Every character except RFC 3986's unreserved ones.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const NOT_UNRESERVED_OR_SLASH: &AsciiSet = &NOT_UNRESERVED.remove(b'/');

/// The initial capacity for what a release's address has besides the base URL and the project's path. Most fit, which avoids
/// reallocation.
const INITIAL_CAPACITY: usize = 128;

/// Encodes a text as one path segment; a slash is encoded too.
#[must_use]
pub fn encode_segment(text: &str) -> String {
    utf8_percent_encode(text, NOT_UNRESERVED).to_string()
}

/// Percent-encodes the characters in a path and query from a client that a URI must not contain. Existing escapes are
/// kept.
///
/// ```
/// assert_eq!(release_links_domain::location::valid_path_and_query("/a%2Fb?c={d}"), "/a%2Fb?c=%7Bd%7D");
/// ```
#[must_use]
pub fn valid_path_and_query(raw: &str) -> String {
    encode_where_invalid(raw)
}

/// The base URL of the service as its users reach it: `http` or `https`, a host, an optional path, no query, no
/// trailing slash.
///
/// ```
/// use release_links_domain::location::ExternalUrl;
///
/// let external: ExternalUrl = "https://gitlab.example.com/".parse()?;
/// let address = external.release(&"mynamespace/hello".parse()?, &"v1.7.0".parse()?);
/// assert_eq!(address, "https://gitlab.example.com/mynamespace/hello/-/releases/v1.7.0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalUrl(String);

/// The text is not a valid base URL of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be http:// or https:// with a host, and perhaps a path, but no user, query or fragment")]
pub struct ExternalUrlError;

impl ExternalUrl {
    fn check(mut raw: String) -> Result<String, ExternalUrlError> {
        let lower = raw.to_ascii_lowercase();
        let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")).ok_or(ExternalUrlError)?;
        let host_is_there = !rest.starts_with(['/', ':']) && !rest.is_empty();
        let clean = rest.bytes().all(|b| b.is_ascii_graphic()) && !rest.contains(['?', '#', '@', '\\', '"', '<', '>']);
        if !(host_is_there && clean) {
            return Err(ExternalUrlError);
        }
        raw.truncate(raw.trim_end_matches('/').len());
        Ok(raw)
    }

    /// Returns the path under which clients reach the service, without a trailing slash; empty at the root of a host.
    ///
    /// ```
    /// use release_links_domain::location::ExternalUrl;
    ///
    /// let external: ExternalUrl = "https://example.com/links".parse()?;
    /// assert_eq!(external.path(), "/links");
    /// # Ok::<(), release_links_domain::location::ExternalUrlError>(())
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        let after_scheme = self.0.find("://").map_or(0, |at| at + 3);
        self.0[after_scheme..].find('/').map_or("", |at| &self.0[after_scheme + at..])
    }

    /// Returns the web address of a project or group.
    #[must_use]
    pub fn page(&self, path: &FullPath) -> String {
        format!("{self}/{path}")
    }

    /// Returns the web address of a release.
    #[must_use]
    pub fn release(&self, project: &FullPath, tag: &TagName) -> String {
        let mut address = String::with_capacity(self.0.len() + project.as_str().len() + INITIAL_CAPACITY);
        for part in [&self.0, "/", project.as_str(), "/-/releases/"] {
            address.push_str(part);
        }
        address.extend(utf8_percent_encode(tag.as_str(), NOT_UNRESERVED));
        address
    }

    /// Returns the addresses of a release's assets.
    #[must_use]
    pub fn assets(&self, project: &FullPath, tag: &TagName) -> AssetAddresses {
        let mut downloads = self.release(project, tag);
        downloads.push_str("/downloads");
        AssetAddresses { downloads }
    }

    /// Returns the address of a link on the API.
    #[must_use]
    pub fn link(&self, project: ProjectId, tag: &TagName, link: LinkId) -> String {
        let tag = encode_segment(tag.as_str());
        format!("{self}/api/v4/projects/{project}/releases/{tag}/assets/links/{link}")
    }
}

text_newtype!(ExternalUrl, ExternalUrlError);

/// The addresses of a release's assets, which differ only in their ends.
///
/// ```
/// use release_links_domain::location::ExternalUrl;
///
/// let external: ExternalUrl = "https://gitlab.example.com".parse()?;
/// let assets = external.assets(&"mynamespace/hello".parse()?, &"v1.7.0".parse()?);
/// assert_eq!(
///     assets.permanent_link(&"/bin/hellodarwin-amd64".parse()?),
///     "https://gitlab.example.com/mynamespace/hello/-/releases/v1.7.0/downloads/bin/hellodarwin-amd64"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetAddresses {
    /// What precedes the path of an asset.
    downloads: String,
}

impl AssetAddresses {
    /// Returns the permanent address of an asset, which stays the same when the asset moves.
    #[must_use]
    pub fn permanent_link(&self, path: &AssetPath) -> String {
        let path = path.as_str();
        let mut address = String::with_capacity(self.downloads.len() + path.len());
        address.push_str(&self.downloads);
        address.extend(utf8_percent_encode(path, NOT_UNRESERVED_OR_SLASH));
        address
    }

    /// Returns the `direct_asset_url` of a link: its permanent address, or its URL if it has no path.
    #[must_use]
    pub fn direct_asset_url(&self, link: &LinkFields) -> String {
        link.path.as_ref().map_or_else(|| link.url.to_string(), |path| self.permanent_link(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direct_asset_url(tag: &str, path: Option<&str>) -> String {
        let link = crate::link::LinkDraft {
            name: Some("a".into()),
            url: Some("http://files.example.com/a b".into()),
            path: path.map(Into::into).map_or(crate::link::Change::Keep, crate::link::Change::Set),
            ..Default::default()
        };
        let fields = link.parse().accept(crate::link::LinkConflict::NONE).unwrap();
        let external: ExternalUrl = "http://127.0.0.1:8080".parse().unwrap();
        external.assets(&"Group/sub/project".parse().unwrap(), &tag.parse().unwrap()).direct_asset_url(&fields)
    }

    #[test]
    fn the_direct_asset_url_of_a_link_without_a_path_is_its_url() {
        assert_eq!(direct_asset_url("v1", None), "http://files.example.com/a b");
    }

    #[test]
    fn the_direct_asset_url_of_a_link_with_a_path_is_its_permanent_address() {
        let base = "http://127.0.0.1:8080/Group/sub/project/-/releases";
        assert_eq!(direct_asset_url("v1.0", Some("/bin/a-b_c.d1")), format!("{base}/v1.0/downloads/bin/a-b_c.d1"));
        for (path, shown) in [
            ("/.../c", "/.../c"),
            ("/ abc", "/%20abc"),
            ("/éabc", "/%C3%A9abc"),
            ("/%2Fbc", "/%252Fbc"),
            ("/?abc", "/%3Fabc"),
        ] {
            assert_eq!(direct_asset_url("v1", Some(path)), format!("{base}/v1/downloads{shown}"));
        }
        assert_eq!(
            direct_asset_url("a/b+c d~é", Some("/é.x1")),
            format!("{base}/a%2Fb%2Bc%20d~%C3%A9/downloads/%C3%A9.x1")
        );
    }

    #[test]
    fn an_external_url_is_http_or_https_with_a_host() {
        for (raw, kept) in [
            ("http://a", "http://a"),
            ("https://a.example:8443//", "https://a.example:8443"),
            ("HTTP://[::1]:80/sub/", "HTTP://[::1]:80/sub"),
        ] {
            assert_eq!(raw.parse::<ExternalUrl>().map(String::from), Ok(kept.to_owned()));
        }
        for raw in [
            "",
            "a",
            "ftp://a",
            "http://",
            "http:///a",
            "http://:80",
            "http://u@a",
            "http://a?b",
            "http://a#b",
            "http://a b",
            "http://é",
        ] {
            assert_eq!(raw.parse::<ExternalUrl>(), Err(ExternalUrlError), "{raw:?}");
        }
    }
}
