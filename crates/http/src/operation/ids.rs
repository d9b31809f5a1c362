//! The ids of operations, which GitLab's OpenAPI document derives from method and path.

use std::sync::Arc;

use actix_web::http::Method;

/// The id of an operation, such as `getApiV4ProjectsIdReleases`: the label of its requests in the log and in metrics.
#[derive(Debug, Clone)]
pub(crate) struct OperationId {
    text: Arc<str>,
    /// The operation's place in the list of all, by which metrics find what they keep of it.
    place: usize,
}

impl OperationId {
    /// Returns the id that GitLab's document has, or would have, for an operation. Its permanent links know the selector
    /// `latest` alone, so that is the selector's word.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        let words = path.split(['/', '{', '}', '*', '_', '-', '.']).filter(|word| !word.is_empty());
        let words = words.map(|word| if word == "selector" { "latest" } else { word });
        let id = words.fold(method.as_str().to_ascii_lowercase(), |id, word| {
            let (first, rest) = word.split_at(1);
            id + &first.to_ascii_uppercase() + rest
        });
        Self { text: id.into(), place: 0 }
    }

    /// Returns the id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the id with the operation's place in the list of all.
    pub(crate) fn at(self, place: usize) -> Self {
        Self { place, ..self }
    }

    /// Returns the operation's place in the list of all.
    pub(crate) const fn place(&self) -> usize {
        self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_spelled_as_in_gitlabs_document() {
        for (method, path, id) in [
            (
                Method::GET,
                "/api/v4/projects/{id}/releases/{tag_name}/assets/links/{link_id}",
                "getApiV4ProjectsIdReleasesTagNameAssetsLinksLinkId",
            ),
            (
                Method::GET,
                "/api/v4/projects/{id}/releases/permalink/{selector}/{*suffix_path}",
                "getApiV4ProjectsIdReleasesPermalinkLatestSuffixPath",
            ),
            (Method::POST, "/api/v4/personal_access_tokens/self/rotate", "postApiV4PersonalAccessTokensSelfRotate"),
            (
                Method::GET,
                "/{id}/-/releases/{tag_name}/downloads/{*direct_asset_path}",
                "getIdReleasesTagNameDownloadsDirectAssetPath",
            ),
        ] {
            assert_eq!(OperationId::of(&method, path).as_str(), id);
        }
    }
}
