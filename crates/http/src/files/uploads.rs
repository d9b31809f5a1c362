//! Uploads: `/projects/:id/uploads`, and where they are served (docs/contract.md, "Files").

use actix_web::http::StatusCode;
use release_links_domain::file::{Upload, UploadName, UploadSecret};
use release_links_domain::link::AssetSize;
use release_links_domain::token::Caller;
use release_links_domain::user::User;
use release_links_domain::{ProjectId, UploadId};
use release_links_usecases::{Missing, Refusal, Uploaded};
use serde::Serialize;
use utoipa::ToSchema;

use super::{DownloadParameters, outgoing};
use crate::addresses::ProjectAddress;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::operation::{self, Answer, CallerThenForm, CallerThenParameters, Operation, OrNone, Refused, address};
use crate::pagination::{self, PageParameters};
use crate::reply::{Reply, created, no_content};
use crate::shapes::time;

const UPLOADS: &str = "/api/v4/projects/{id}/uploads";
const UPLOAD: &str = "/api/v4/projects/{id}/uploads/{upload_id}";
const ON_THE_API: &str = "/api/v4/projects/{id}/uploads/{secret}/{file}";
const BY_PATH: &str = "/{id}/uploads/{secret}/{file}";
const BY_NUMBER: &str = "/-/project/{id}/uploads/{secret}/{file}";

/// Returns the operations on uploads.
pub(crate) fn operations() -> Vec<Operation> {
    let served = |operation: Operation| {
        operation
            .accepts_basic()
            .answers(Answer::file(StatusCode::OK, "The file."))
            .answers(Answer::file(StatusCode::PARTIAL_CONTENT, "The range that was asked for."))
            .refuses(&[Refused::NO_SUCH_RANGE])
    };
    vec![
        operation::get(UPLOADS, "List the uploads of a project", list)
            .answers(Answer::page::<UploadBody>("A page of uploads, newest first.")),
        operation::post(UPLOADS, "Upload a file", upload)
            .signed_in()
            .takes_form()
            .answers(Answer::created::<UploadedBody>("The file is uploaded."))
            .refuses(&[Refused::BAD]),
        served(operation::get(UPLOAD, "Download an upload by its id", download_by_id)),
        operation::delete(UPLOAD, "Delete an upload", delete)
            .signed_in()
            .answers(Answer::no_content("The upload is deleted.")),
        served(operation::get(ON_THE_API, "Download an upload on the API", download)),
        served(operation::get(BY_PATH, "Download an upload", download)),
        served(operation::get(BY_NUMBER, "Download an upload by the number of its project", download_by_number)),
    ]
}

address! {
    /// An upload.
    struct UploadIdAddress {
        /// The project's id, or its full path with each slash encoded.
        id: String,
        /// The id of the upload.
        upload_id: OrNone<UploadId>,
    }
}

address! {
    /// Where an upload is.
    struct UploadAddress {
        /// The project's id, or its full path; on the web, the full path with its slashes.
        id: String,
        /// What makes the address hard to guess.
        secret: String,
        /// The name of the file.
        file: String,
    }
}

address! {
    /// Where an upload is that names its project by a number.
    struct NumberedUploadAddress {
        /// The project's id.
        id: OrNone<ProjectId>,
        /// What makes the address hard to guess.
        secret: String,
        /// The name of the file.
        file: String,
    }
}

/// A file that was uploaded, and how a text refers to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Uploaded)]
struct UploadedBody {
    id: i64,
    alt: String,
    url: String,
    full_path: String,
    markdown: String,
}

impl UploadedBody {
    fn new(uploaded: &Uploaded) -> Self {
        let Uploaded { project, upload } = uploaded;
        Self {
            id: upload.id.get(),
            alt: upload.name.alt().to_owned(),
            url: upload.path(),
            full_path: upload.full_path(*project),
            markdown: upload.markdown(),
        }
    }
}

/// An upload as maintainers see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Upload)]
struct UploadBody {
    id: i64,
    size: i64,
    filename: String,
    created_at: String,
    #[schema(required = true)]
    uploaded_by: Option<UploaderBody>,
}

/// Who uploaded a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Uploader)]
struct UploaderBody {
    id: i64,
    name: String,
    username: String,
}

impl UploadBody {
    fn new(upload: Upload) -> Self {
        let Upload { id, name, bytes, uploaded_by, created_at, .. } = upload;
        let uploader = |User { id, name, username, .. }| UploaderBody { id: id.get(), name, username: username.into() };
        Self {
            id: id.get(),
            size: AssetSize::bytes(bytes.size),
            filename: name.into(),
            created_at: time(created_at),
            uploaded_by: uploaded_by.map(uploader),
        }
    }
}

/// Stores the file in a form.
async fn upload(asked: CallerThenForm<ProjectAddress>) -> Reply {
    let CallerThenForm { incoming, address, caller, form } = asked;
    let uploaded = incoming.service.files.upload(&caller, &address.id, form).await;
    created(&incoming.request, &UploadedBody::new(&uploaded.map_err(ApiError::of_upload)?))
}

async fn list(asked: CallerThenParameters<ProjectAddress, PageParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let wanted = parameters.map(|list| list.page);
    let page = wanted.clone().unwrap_or_default();
    let found = incoming.service.uploads.list(&caller, &address.id, wanted).await?;
    pagination::page(&incoming, page, found, UploadBody::new)
}

async fn delete(asked: CallerThenParameters<UploadIdAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    incoming.service.uploads.delete(&caller, &address.id, address.upload_id).await?;
    Ok(no_content())
}

async fn download_by_id(asked: CallerThenParameters<UploadIdAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let upload = incoming.service.uploads.get(&caller, &address.id, address.upload_id).await?;
    serve(&incoming, &upload).await
}

async fn download(asked: CallerThenParameters<UploadAddress, DownloadParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    find_and_serve(&incoming, &caller, address, parameters.ok()).await
}

async fn download_by_number(asked: CallerThenParameters<NumberedUploadAddress, DownloadParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let NumberedUploadAddress { id, secret, file } = address;
    let id = id.ok_or(Refusal::NotFound(Missing::Project))?.to_string();
    find_and_serve(&incoming, &caller, UploadAddress { id, secret, file }, parameters.ok()).await
}

/// Answers with the upload at an address, if there is one.
async fn find_and_serve(
    incoming: &Incoming,
    caller: &Caller,
    address: UploadAddress,
    parameters: Option<DownloadParameters>,
) -> Reply {
    let UploadAddress { id, secret, file } = address;
    let named: Option<(UploadSecret, UploadName)> = secret.parse().ok().zip(file.parse().ok());
    let named = named.as_ref().map(|(secret, file)| (secret, file));
    let ticket = parameters.and_then(|asked| asked.ticket);
    let upload = incoming.service.uploads.find(caller, &id, named, ticket.as_deref()).await?;
    serve(incoming, &upload).await
}

async fn serve(incoming: &Incoming, upload: &Upload) -> Reply {
    let Upload { key, name, bytes, .. } = upload;
    outgoing::answer(&incoming.request, &incoming.service.files, key, name.as_str(), bytes).await
}
