//! The newest release (docs/contract.md, "Permanent links"): `…/releases/permalink/:selector` redirects to it, or to one
//! of its assets. Both exist on the web and on the API.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use release_links_domain::link::AssetNames;
use release_links_domain::location::{ExternalUrl, encode_segment};
use release_links_domain::newest::{NewestOrder, Preferences};
use release_links_domain::tag::TagName;
use release_links_domain::token::Caller;
use release_links_usecases::{Asset, NewestRelease};

use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::operation::{
    self, Answer, Bool, Operation, OrDefault, ParametersThenCaller, Rest, WhereUsed, address, parameters,
};
use crate::permanent::{stored, to_asset};
use crate::project_address::{ProjectAddress, decodes_to, project_address, url};
use crate::reply::{Reply, redirect, text};
use crate::sorting::{Known, OneOf};

/// The tag of the newest release, percent-encoded.
const RELEASE_TAG: HeaderName = HeaderName::from_static("x-release-tag");

/// Returns the operations that lead to the newest release.
pub(crate) fn operations() -> Vec<Operation> {
    let to_the_asset = || Answer::asset("The asset is at `Location`.");
    let checksums = || Answer::text("The checksum file of the release, if no link has its path.");
    let to_the_release = || Answer::found("The newest release is at `Location`.");
    vec![
        operation::get(
            "/{id}/-/releases/permalink/{selector}/downloads/{*direct_asset_path}",
            "Follow the permanent link of an asset in the newest release",
            newest_download,
        )
        .accepts_basic()
        .answers(to_the_asset())
        .answers(checksums()),
        operation::get("/{id}/-/releases/permalink/{selector}/{*suffix_path}", "Find the newest release", newest)
            .also(&["/{id}/-/releases/permalink/{selector}"])
            .accepts_basic()
            .answers(to_the_release())
            .answers(checksums()),
        operation::get(
            "/api/v4/projects/{id}/releases/permalink/{selector}/downloads/{*direct_asset_path}",
            "Follow the permanent link of an asset in the newest release on the API",
            newest_download,
        )
        .accepts_basic()
        .answers(to_the_asset())
        .answers(checksums()),
        operation::get(
            "/api/v4/projects/{id}/releases/permalink/{selector}/{*suffix_path}",
            "Find the newest release on the API",
            newest,
        )
        .also(&["/api/v4/projects/{id}/releases/permalink/{selector}"])
        .accepts_basic()
        .answers(to_the_release())
        .answers(checksums()),
    ]
}

address! {
    /// An asset of the newest release.
    struct NewestAssetAddress {
        /// The project's id, or its full path; on the web, the full path with its slashes.
        id: String,
        /// `latest`, or a line of versions such as `1.x`; perhaps after a prefix of tags.
        selector: String,
        /// The path of the asset, with its slashes.
        direct_asset_path: Rest,
    }
}

address! {
    /// An address under the newest release.
    struct NewestAddress {
        /// The project's id, or its full path; on the web, the full path with its slashes.
        id: String,
        /// `latest`, or a line of versions such as `1.x`; perhaps after a prefix of tags.
        selector: String,
        /// What follows the release in the address; may be left out.
        suffix_path: Rest,
    }
}

parameters! {
    /// Which release is the newest.
    struct NewestParameters {
        /// What the newest release is the highest by: `released_at` or `semver`. Another value is ignored.
        order_by: Known<NewestOrder>,
        /// Whether pre-releases count. By version, they count by default if there is no other release; by date, always.
        prerelease: Bool,
        /// Whether only releases with the requested asset count, of which at most 1,000 are searched.
        having: Bool,
        /// What stands for an asset in a checksum file: the name of its link, or its path without the first slash.
        names: WhereUsed<OrDefault<OneOf<AssetNames>>>,
    }
}

impl NewestParameters {
    fn preferences(&self) -> Preferences {
        let Self { order_by, prerelease, having, .. } = *self;
        Preferences { order: order_by, prerelease, having: having.unwrap_or_default() }
    }
}

/// Answers with what is at the path in the newest release.
async fn newest_download(asked: ParametersThenCaller<NewestAssetAddress, NewestParameters>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let NewestAssetAddress { id, selector, direct_asset_path } = address;
    asset(&incoming, &caller, &id, &selector, parameters, &direct_asset_path).await
}

/// Redirects to the same address under the newest release.
async fn newest(asked: ParametersThenCaller<NewestAddress, NewestParameters>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let NewestAddress { id, selector, suffix_path } = address;
    // An encoded slash after `downloads` separates segments as well.
    if let Some(path) = suffix_path.strip_prefix("downloads/") {
        return asset(&incoming, &caller, &id, &selector, parameters, path).await;
    }
    let newest = incoming.service.permanent.newest(&caller, &id, &selector, parameters.preferences()).await?;
    let mut response =
        redirect(StatusCode::FOUND, &under_newest(&incoming.request, &incoming.service.external, &newest));
    response.headers_mut().insert(RELEASE_TAG, header(&newest.tag)?);
    Ok(response)
}

async fn asset(
    incoming: &Incoming,
    caller: &Caller,
    project: &str,
    selector: &str,
    parameters: NewestParameters,
    path: &str,
) -> Reply {
    let (permanent, preferences) = (&incoming.service.permanent, parameters.preferences());
    let (tag, asset) =
        permanent.follow_newest(caller, project, selector, preferences, &stored(path), parameters.names).await?;
    let tag = header(&tag)?;
    match asset {
        Asset::Link { fields, ticket } => {
            let mut response = to_asset(&fields, ticket.as_deref());
            response.headers_mut().insert(RELEASE_TAG, tag);
            Ok(response)
        }
        Asset::Checksums(file) => text(&incoming.request, file, vec![(RELEASE_TAG, tag)]),
    }
}

/// Returns the value of the header that says which release is the newest.
fn header(tag: &TagName) -> Result<HeaderValue, ApiError> {
    HeaderValue::try_from(encode_segment(tag.as_str())).map_err(|_| ApiError::Unwired)
}

/// Returns the request's address with the newest release in place of `permalink` and the selector.
fn under_newest(request: &HttpRequest, external: &ExternalUrl, newest: &NewestRelease) -> String {
    let ProjectAddress { project, rest } = project_address(request, newest.project, &newest.full_path);
    let on_the_web = rest.first().is_some_and(|segment| decodes_to(segment, "-"));
    let tag = encode_segment(newest.tag.as_str());
    let release = on_the_web.then_some("-").into_iter().chain(["releases", &tag]);
    let after = rest.iter().skip_while(|segment| !decodes_to(segment, "permalink")).skip(2).copied();
    url(request, external, project, release.chain(after), &["order_by", "prerelease", "having"])
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
            ("/g/p/-/releases/permalink/1.x?prerelease=true&having=1&havin=2", "/G/p/-/releases/v%2F1?havin=2"),
            ("/g/p/-/releases/permalink/permalink%2Flatest/x", "/G/p/-/releases/v%2F1/x"),
            ("/permalink/p/-/releases/permalink/cli%2F1/permalink/x", "/G/p/-/releases/v%2F1/permalink/x"),
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
