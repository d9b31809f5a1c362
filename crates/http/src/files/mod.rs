//! The files that the server keeps: those of packages, `/projects/:id/packages/generic/…`, and uploads (docs/contract.md,
//! "Files").

mod outgoing;
mod range;
mod uploads;

pub(crate) use uploads::operations as uploads;

use actix_web::ResponseError as _;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, WWW_AUTHENTICATE};
use release_links_domain::file::{PackageFile, PackageFileName, PackageName, PackageStatus, PackageVersion};
use release_links_ports::PackageFileRef;
use release_links_usecases::{NewPackageFile, PublishedFile, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::operation::{
    self, Answer, CallerThenFile, CallerThenParameters, Named, Operation, Refused, Text, address, parameters,
};
use crate::packages::PackageFileBody;
use crate::reply::{Reply, created, one};
use crate::sorting::OneOf;

/// Some clients send a password only when they are asked for one.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"release-links\"");
const PACKAGE_FILE: &str = "/api/v4/projects/{id}/packages/generic/{package_name}/{package_version}/{file_name}";

/// Returns the operations on the files of packages.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get(PACKAGE_FILE, "Download a file of a package", download)
            .accepts_basic()
            .answers(Answer::file(StatusCode::OK, "The file."))
            .answers(Answer::file(StatusCode::PARTIAL_CONTENT, "The range that was asked for."))
            .refuses(&[Refused::NO_SUCH_RANGE]),
        operation::put(PACKAGE_FILE, "Publish a file of a package", publish)
            .signed_in()
            .accepts_basic()
            .takes_file()
            .answers(Answer::created::<PublishedBody>("The file is published."))
            .answers(Answer::ok::<PublishedFileBody>("The file, if the request asks for it."))
            .refuses(&[Refused::BAD]),
    ]
}

address! {
    /// A file of a package.
    struct PackageFileAddress {
        /// The project's id, or its full path with each slash encoded.
        id: String,
        /// The name of the package.
        package_name: Named<PackageName>,
        /// The version of the package.
        package_version: Named<PackageVersion>,
        /// The name of the file.
        file_name: Named<PackageFileName>,
    }
}

impl PackageFileAddress {
    /// Returns the project and what the file is called, unless no file can be called so.
    fn split(self) -> (String, Option<PackageFileRef>) {
        let Self { id, package_name, package_version, file_name } = self;
        let names = package_name.ok().zip(package_version.ok()).zip(file_name.ok());
        (id, names.map(|((package, version), file)| PackageFileRef { package, version, file }))
    }
}

/// What a client wants to know of a file that it has published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Select {
    /// What is known of the file.
    PackageFile,
}

impl std::fmt::Display for Select {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("package_file")
    }
}

operation::few! {
    PackageStatus: &[PackageStatus::Default, PackageStatus::Hidden], utoipa::openapi::Type::String, |status| status.as_str().into(),
    Select: &[Select::PackageFile], utoipa::openapi::Type::String, |select| select.to_string().into(),
}

parameters! {
    /// How a file is published.
    struct PublishParameters {
        /// Whether the package is listed.
        status: OneOf<PackageStatus>,
        /// What the answer shows: the file, or else that it is published.
        select: OneOf<Select>,
    }
}

parameters! {
    /// How a file is downloaded.
    pub(super) struct DownloadParameters {
        /// What opens the file to whoever follows the permanent link of an asset. A wrong one counts as none.
        ticket: Text<String>,
    }
}

/// The answer to a client that has published a file and asks for nothing more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Published)]
struct PublishedBody {
    message: &'static str,
}

/// A file that was published, and where it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublishedPackageFile)]
struct PublishedFileBody {
    #[serde(flatten)]
    stored: PackageFileBody,
    file: FileBody,
}

/// Where a file is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PackageFileLocation)]
struct FileBody {
    url: String,
}

/// Stores the body of the request as a file of a package.
async fn publish(asked: CallerThenFile<PackageFileAddress, PublishParameters>) -> Reply {
    let CallerThenFile { incoming, address, parameters, caller, body } = asked;
    let select = parameters.as_ref().is_ok_and(|asked| asked.select.is_some());
    let (project, file) = address.split();
    // A name that is no name is one of the faults.
    let draft = parameters.and_then(|asked| {
        let file = file.ok_or_else(Default::default)?;
        Ok(NewPackageFile { file, status: asked.status })
    });
    let published = incoming.service.files.publish(&caller, &project, draft, body).await;
    let published = published.map_err(ApiError::of_upload)?;
    if select {
        let PublishedFile { project, file: PackageFileRef { package, version, file }, stored } = published;
        let url = incoming.service.external.package_file(project, &package, &version, &file);
        let body = PublishedFileBody { stored: PackageFileBody::new(stored), file: FileBody { url } };
        one(&incoming.request, StatusCode::OK, &body)
    } else {
        created(&incoming.request, &PublishedBody { message: "201 Created" })
    }
}

/// Answers with a file of a package, or with a range of it.
async fn download(asked: CallerThenParameters<PackageFileAddress, DownloadParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let (project, file) = address.split();
    let (files, ticket) = (&incoming.service.files, parameters.ok().and_then(|asked| asked.ticket));
    let found = match files.find(&caller, &project, file.as_ref(), ticket.as_deref()).await {
        Err(refusal @ Refusal::NotSignedIn) => {
            let mut response = ApiError::from(refusal).error_response();
            response.headers_mut().insert(WWW_AUTHENTICATE, CHALLENGE);
            return Ok(response);
        }
        found => found?,
    };
    let PackageFile { name, bytes, key, .. } = found;
    outgoing::answer(&incoming.request, files, &key, name.as_str(), &bytes).await
}
