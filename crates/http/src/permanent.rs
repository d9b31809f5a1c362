//! Permanent links (docs/contract.md, "Permanent links"): `…/releases/:tag/downloads/*path` redirects to the asset's
//! current URL, and `…/releases/permalink/latest` to the newest release. Both exist on the web and on the API. Where no
//! link has its path, `SHA256SUMS` is the checksum file of the release ("Digests").

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use release_links_domain::link::{AssetNames, AssetSize, HashAlgorithm, LinkFields};
use release_links_domain::location::{ExternalUrl, encode_segment};
use release_links_domain::token::Caller;
use release_links_usecases::{AskedNames, Asset, NewestRelease, ReleaseAddress};

use crate::addresses::TagAddress;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::operation::{
    self, Answer, CallerThenParameters, Operation, OrDefault, ParametersThenCaller, Rest, address, parameters,
};
use crate::project_address::{ProjectAddress, decodes_to, project_address, url};
use crate::reply::{Reply, redirect, text};
use crate::sorting::OneOf;

/// The SHA-256 of the asset that a redirect leads to.
const CHECKSUM: HeaderName = HeaderName::from_static("x-checksum-sha256");
/// The size of that asset in bytes.
const LINKED_SIZE: HeaderName = HeaderName::from_static("x-linked-size");
/// The tag of the release that `latest` stands for, percent-encoded.
const RELEASE_TAG: HeaderName = HeaderName::from_static("x-release-tag");

/// Returns the operations behind permanent links.
pub(crate) fn operations() -> Vec<Operation> {
    let to_the_asset = || Answer::asset("The asset is at `Location`.");
    let checksums = || Answer::text("The checksum file of the release, if no link has its path.");
    let to_the_release = || Answer::found("The newest release is at `Location`.");
    vec![
        operation::get(
            "/{id}/-/releases/{tag_name}/downloads/{*direct_asset_path}",
            "Follow the permanent link of an asset",
            download,
        )
        .accepts_basic()
        .answers(to_the_asset())
        .answers(checksums()),
        operation::get(
            "/{id}/-/releases/permalink/latest/downloads/{*direct_asset_path}",
            "Follow the permanent link of an asset in the newest release",
            newest_download,
        )
        .accepts_basic()
        .answers(to_the_asset())
        .answers(checksums()),
        operation::get("/{id}/-/releases/permalink/latest/{*suffix_path}", "Find the newest release", newest)
            .also(&["/{id}/-/releases/permalink/latest"])
            .accepts_basic()
            .answers(to_the_release())
            .answers(checksums()),
        operation::get(
            "/api/v4/projects/{id}/releases/{tag_name}/downloads/{*direct_asset_path}",
            "Follow the permanent link of an asset on the API",
            download,
        )
        .accepts_basic()
        .answers(to_the_asset())
        .answers(checksums()),
        operation::get(
            "/api/v4/projects/{id}/releases/permalink/latest/downloads/{*direct_asset_path}",
            "Follow the permanent link of an asset in the newest release on the API",
            newest_download,
        )
        .accepts_basic()
        .answers(to_the_asset())
        .answers(checksums()),
        operation::get(
            "/api/v4/projects/{id}/releases/permalink/latest/{*suffix_path}",
            "Find the newest release on the API",
            newest,
        )
        .also(&["/api/v4/projects/{id}/releases/permalink/latest"])
        .accepts_basic()
        .answers(to_the_release())
        .answers(checksums()),
        operation::get(
            "/api/v4/projects/{id}/releases/{tag_name}/assets/SHA256SUMS",
            "Get the SHA-256 checksums of a release",
            |asked| checksums_of_release(asked, HashAlgorithm::Sha256),
        )
        .ours()
        .accepts_basic()
        .answers(Answer::text("The checksum file.")),
        operation::get(
            "/api/v4/projects/{id}/releases/{tag_name}/assets/SHA512SUMS",
            "Get the SHA-512 checksums of a release",
            |asked| checksums_of_release(asked, HashAlgorithm::Sha512),
        )
        .ours()
        .accepts_basic()
        .answers(Answer::text("The checksum file.")),
    ]
}

address! {
    /// An asset of a release.
    struct AssetAddress {
        /// The project's id, or its full path; on the web, the full path with its slashes.
        id: String,
        /// The tag, with each slash encoded.
        tag_name: String,
        /// The path of the asset, with its slashes.
        direct_asset_path: Rest,
    }
}

address! {
    /// An asset of the newest release.
    struct NewestAssetAddress {
        /// The project's id, or its full path; on the web, the full path with its slashes.
        id: String,
        /// The path of the asset, with its slashes.
        direct_asset_path: Rest,
    }
}

address! {
    /// An address under the newest release.
    struct NewestAddress {
        /// The project's id, or its full path; on the web, the full path with its slashes.
        id: String,
        /// What follows the release in the address; may be left out.
        suffix_path: Rest,
    }
}

parameters! {
    /// How a checksum file names assets.
    struct ChecksumParameters {
        /// What stands for an asset in a checksum file: the name of its link, or its path without the first slash.
        names: OrDefault<OneOf<AssetNames>>,
    }
}

/// Answers with what is at the path in the tag's release.
async fn download(asked: CallerThenParameters<AssetAddress, ChecksumParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let path = stored(&address.direct_asset_path);
    let release = ReleaseAddress { project: address.id, tag: address.tag_name };
    let names = parameters.map(|asked| asked.names);
    match incoming.service.permanent.follow(&caller, &release, &path, names).await? {
        Asset::Link(link) => Ok(to_asset(&link)),
        Asset::Checksums { file, .. } => text(&incoming.request, file, Vec::new()),
    }
}

/// Answers with what is at the path in the newest release.
async fn newest_download(asked: CallerThenParameters<NewestAssetAddress, ChecksumParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let path = stored(&address.direct_asset_path);
    asset_of_newest(&incoming, &caller, &address.id, &path, parameters.map(|asked| asked.names)).await
}

async fn asset_of_newest(incoming: &Incoming, caller: &Caller, project: &str, path: &str, names: AskedNames) -> Reply {
    match incoming.service.permanent.follow_newest(caller, project, path, names).await? {
        Asset::Link(link) => Ok(to_asset(&link)),
        Asset::Checksums { file, tag } => {
            let tag = HeaderValue::try_from(encode_segment(tag.as_str())).map_err(|_| ApiError::Unwired)?;
            text(&incoming.request, file, vec![(RELEASE_TAG, tag)])
        }
    }
}

/// Redirects to the same address under the newest release.
async fn newest(asked: CallerThenParameters<NewestAddress, ChecksumParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    // An encoded slash after `downloads` separates segments as well.
    if let Some(path) = address.suffix_path.strip_prefix("downloads/") {
        let names = parameters.map(|asked| asked.names);
        return asset_of_newest(&incoming, &caller, &address.id, &stored(path), names).await;
    }
    let newest = incoming.service.permanent.newest(&caller, &address.id).await?;
    Ok(redirect(StatusCode::FOUND, &under_newest(&incoming.request, &incoming.service.external, &newest)))
}

/// Answers with the checksum file of a release.
async fn checksums_of_release(
    asked: ParametersThenCaller<TagAddress, ChecksumParameters>,
    algorithm: HashAlgorithm,
) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let permanent = &incoming.service.permanent;
    let file = permanent.checksums(&caller, &address.release(), algorithm, parameters.names).await?;
    text(&incoming.request, file, Vec::new())
}

/// Redirects to an asset, and tells what is known of its bytes.
fn to_asset(link: &LinkFields) -> HttpResponse {
    let mut response = redirect(StatusCode::FOUND, &link.url.location());
    let headers = response.headers_mut();
    let sha256 = link.digest.as_ref().and_then(|digest| digest.hex(HashAlgorithm::Sha256));
    if let Some(Ok(hex)) = sha256.map(HeaderValue::from_str) {
        headers.insert(CHECKSUM, hex);
    }
    if let Some(size) = link.size {
        headers.insert(LINKED_SIZE, AssetSize::bytes(size).into());
    }
    response
}

/// Returns the path as it is stored: with the leading slash that the route has consumed.
fn stored(path: &str) -> String {
    format!("/{path}")
}

/// Returns the request's address with the newest release in place of `permalink/latest`.
fn under_newest(request: &HttpRequest, external: &ExternalUrl, newest: &NewestRelease) -> String {
    let ProjectAddress { project, rest } = project_address(request, newest.project, &newest.full_path);
    let on_the_web = rest.first().is_some_and(|segment| decodes_to(segment, "-"));
    let tag = encode_segment(newest.tag.as_str());
    let release = on_the_web.then_some("-").into_iter().chain(["releases", &tag]);
    let after = rest.iter().skip_while(|segment| !decodes_to(segment, "latest")).skip(1).copied();
    url(request, external, project, release.chain(after), &["order_by"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_rest_of_the_address_follows_the_newest_release() {
        for (asked, expected) in [
            ("/g/p/-/releases/permalink/latest", "/G/p/-/releases/v%2F1"),
            ("//g///p/-/releases/permalink//latest/", "/G/p/-/releases/v%2F1"),
            ("/g/p/-/releases/permalink/latest/a%2Fb/c?d=e", "/G/p/-/releases/v%2F1/a%2Fb/c?d=e"),
            ("/a/b/g/p/%2D/rele%61ses/perma%6Cink/latest/x", "/G/p/-/releases/v%2F1/x"),
            (
                "/g/p/-/releases/permalink/latest/-/releases/permalink/latest/x",
                "/G/p/-/releases/v%2F1/-/releases/permalink/latest/x",
            ),
            ("/api/v4/projects/g%2Fp/releases/permalink/latest", "/api/v4/projects/7/releases/v%2F1"),
            (
                "/%61pi/v4/projects/7/releases/permalink/latest/assets/links",
                "/api/v4/projects/7/releases/v%2F1/assets/links",
            ),
            (
                "/api/v4/projects/7/releases/permalink/latest/assets/links?order_by=released_at&private_token=x&per_page=2&a%5Bb%5D=c&job_token=y",
                "/api/v4/projects/7/releases/v%2F1/assets/links?per_page=2&a%5Bb%5D=c",
            ),
            ("/g/p/-/releases/permalink/latest?order_by=released_at", "/G/p/-/releases/v%2F1"),
            ("/g/p/-/releases/permalink/latest/{x}\"?y={[z]}", "/G/p/-/releases/v%2F1/%7Bx%7D%22?y=%7B%5Bz%5D%7D"),
        ] {
            let request = TestRequest::with_uri(asked).to_http_request();
            let newest = NewestRelease {
                project: 7.try_into().unwrap(),
                full_path: "G/p".parse().unwrap(),
                tag: "v/1".parse().unwrap(),
            };
            let location = under_newest(&request, &"https://h/base".parse().unwrap(), &newest);
            assert_eq!(location, format!("https://h/base{expected}"), "{asked}");
        }
    }
}
