//! Permanent links (docs/contract.md, "Permanent links"): `…/releases/:tag/downloads/*path` redirects to the asset's
//! current URL, on the web and on the API. Where no link has its path, `SHA256SUMS` is the checksum file of the release
//! ("Digests").

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use release_links_domain::link::{AssetNames, AssetSize, HashAlgorithm, LinkFields};
use release_links_usecases::{Asset, ReleaseAddress};

use crate::addresses::TagAddress;
use crate::operation::{
    self, Answer, CallerThenParameters, Operation, OrDefault, ParametersThenCaller, Rest, address, parameters,
};
use crate::reply::{Reply, redirect, text};
use crate::sorting::OneOf;

/// The SHA-256 of the asset that a redirect leads to.
pub(crate) const CHECKSUM: HeaderName = HeaderName::from_static("x-checksum-sha256");
/// The size of that asset in bytes.
const LINKED_SIZE: HeaderName = HeaderName::from_static("x-linked-size");

/// Returns the operations behind permanent links.
pub(crate) fn operations() -> Vec<Operation> {
    let to_the_asset = || Answer::asset("The asset is at `Location`.");
    let checksums = || Answer::text("The checksum file of the release, if no link has its path.");
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
            "/api/v4/projects/{id}/releases/{tag_name}/downloads/{*direct_asset_path}",
            "Follow the permanent link of an asset on the API",
            download,
        )
        .accepts_basic()
        .answers(to_the_asset())
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
        Asset::Link { fields, ticket } => Ok(to_asset(&fields, ticket.as_deref())),
        Asset::Checksums(file) => text(&incoming.request, file, Vec::new()),
    }
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

/// Redirects to an asset, with the ticket that opens it, and tells what is known of its bytes.
pub(crate) fn to_asset(link: &LinkFields, ticket: Option<&str>) -> HttpResponse {
    let location = link.url.location();
    let mut response = match ticket {
        None => redirect(StatusCode::FOUND, &location),
        Some(ticket) => {
            let mut response = redirect(StatusCode::FOUND, &with_ticket(&location, ticket));
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
    };
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

/// Adds a ticket to the query of an address.
fn with_ticket(location: &str, ticket: &str) -> String {
    let (address, fragment) = location.split_at(location.find('#').unwrap_or(location.len()));
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}ticket={ticket}{fragment}")
}

/// Returns the path as it is stored: with the leading slash that the route has consumed.
pub(crate) fn stored(path: &str) -> String {
    format!("/{path}")
}

#[cfg(test)]
mod tests {
    use super::with_ticket;

    #[test]
    fn a_ticket_is_the_last_parameter() {
        for (location, expected) in [
            ("https://a/b", "https://a/b?ticket=t"),
            ("https://a/b?", "https://a/b?&ticket=t"),
            ("https://a/b?c=d", "https://a/b?c=d&ticket=t"),
            ("https://a/b#e?f", "https://a/b?ticket=t#e?f"),
            ("https://a/b?c#e", "https://a/b?c&ticket=t#e"),
        ] {
            assert_eq!(with_ticket(location, "t"), expected);
        }
    }
}
