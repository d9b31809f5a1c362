//! The status and body of every refusal and failure: one table, in one `match`.

use std::borrow::Cow;
use std::fmt;

use actix_web::body::{MessageBody, SizedStream};
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_RANGE, CONTENT_TYPE, ETag, EntityTag, HeaderValue, RETRY_AFTER};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, ResponseError};
use futures_util::{StreamExt, stream};
use release_links_domain::access::TagRule;
use release_links_domain::file::{FileObstacle, Package};
use release_links_domain::job::JobObstacle;
use release_links_domain::link::ManifestFaults;
use release_links_domain::policy::SudoRefusal;
use release_links_domain::token::TokenRefusal;
use release_links_ports::StoreError;
use release_links_usecases::{Missing, Refusal, Taken};
use serde_json::{Value, json};

use crate::Limits;
use crate::pages::Form;
use crate::params::Malformed;

/// How long a client should wait before it retries, in seconds.
const RETRY_AFTER_SECONDS: &str = "1";

/// Why a request was refused or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The request cannot be read.
    #[error("malformed request")]
    Malformed,
    /// The body has an unsupported media type.
    #[error("unsupported content type {0}")]
    UnsupportedMediaType(String),
    /// The body is a merge patch, but no object.
    #[error("the patch is no object")]
    PatchIsNoObject,
    /// The body exceeds the limit.
    #[error("body too large")]
    TooLarge,
    /// The body did not arrive in time.
    #[error("body too slow")]
    TooSlow,
    /// Other bodies use all the memory that is reserved for bodies.
    #[error("no memory for the body")]
    NoMemory,
    /// The server is about to stop.
    #[error("the server is about to stop")]
    Stopping,
    /// The path matches no route.
    #[error("no such route")]
    NoRoute,
    /// The route exists, but not with this method; the methods are listed.
    #[error("method not allowed; allowed are {0}")]
    WrongVerb(String),
    /// A write to an old address of a project that has moved: old addresses accept only the listed methods, which may
    /// be none.
    #[error("a write to a project that has moved; allowed are {0:?}")]
    Moved(String),
    /// Invalid parameters, each fault in the contract's words (docs/contract.md, "Parameter errors").
    #[error("{}", .0.join(", "))]
    Parameters(Vec<String>),
    /// The link is invalid; the body is ready, in JSON.
    #[error("invalid link: {0}")]
    InvalidLink(String),
    /// The precondition does not hold; the tag is that of the current state.
    #[error("the precondition does not hold")]
    PreconditionFailed(EntityTag),
    /// A refusal or failure of an operation that also answers with pages, in the form that was asked for.
    #[error("an operation with a page")]
    InForm(#[source] Box<ApiError>, Form),
    /// The file, of so many bytes, has none of those that are asked for.
    #[error("no such range of {0} bytes")]
    NoSuchRange(u64),
    /// The use case refused the request.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The server was built without something that the handler needs.
    #[error("the server is not wired")]
    Unwired,
    /// The answer could not be serialised as JSON.
    #[error("the answer has no JSON form")]
    Unserialisable(#[from] serde_json::Error),
}

/// Why an upload broke off.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum UploadFault {
    /// The connection ended, or the body is malformed.
    #[error("the body ended too early")]
    Cut,
    /// The client sends too slowly.
    #[error("the client was too slow")]
    TooSlow,
    /// A form has too much beside its file.
    #[error("too much beside the file")]
    TooMuch,
    /// A form has no file.
    #[error("the form has no file")]
    NoFile,
    /// The part of a form that should be its file is a text, or has no valid name, or there are several.
    #[error("what should be the file is not one file")]
    NotOneFile,
    /// Too many other uploads took too long.
    #[error("no turn among the other uploads")]
    NoTurn,
}

impl From<Malformed> for ApiError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// The body of an answer, in JSON.
enum Body {
    Value(Value),
    Ready(String),
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Ready(text) => f.write_str(text),
        }
    }
}

impl ApiError {
    /// Returns why an upload was refused. One that broke off is answered as another body would be.
    pub(crate) fn of_upload(refusal: Refusal) -> Self {
        let Refusal::BrokenOff(why) = &refusal else { return Self::Refused(refusal) };
        match why.downcast_ref() {
            Some(UploadFault::TooSlow) => Self::TooSlow,
            Some(UploadFault::NoTurn) => Self::NoMemory,
            Some(UploadFault::TooMuch) => Self::TooLarge,
            Some(UploadFault::NoFile) => Self::Parameters(vec!["file is missing".to_owned()]),
            Some(UploadFault::NotOneFile) => Self::Parameters(vec!["file is invalid".to_owned()]),
            Some(UploadFault::Cut) | None => Self::Malformed,
        }
    }

    /// Returns the status and body of each error.
    fn answer(&self) -> (StatusCode, Body) {
        let (status, body) = match self {
            Self::InForm(error, _) => return error.answer(),
            Self::InvalidLink(body) => return (StatusCode::BAD_REQUEST, Body::Ready(body.clone())),
            Self::Malformed => (StatusCode::BAD_REQUEST, error("400 Bad Request")),
            Self::UnsupportedMediaType(named) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                error(format!("The provided content-type '{named}' is not supported.")),
            ),
            Self::PatchIsNoObject => (StatusCode::BAD_REQUEST, error("the patch must be an object")),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, error("413 Request Entity Too Large")),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, error("408 Request Timeout")),
            Self::NoMemory | Self::Stopping => (StatusCode::SERVICE_UNAVAILABLE, message("503 Service Unavailable")),
            Self::NoRoute => (StatusCode::NOT_FOUND, error("404 Not Found")),
            Self::WrongVerb(_) => (StatusCode::METHOD_NOT_ALLOWED, error("405 Not Allowed")),
            Self::Moved(_) => moved(),
            Self::PreconditionFailed(_) => precondition_failed(),
            Self::Parameters(faults) => (StatusCode::BAD_REQUEST, error(faults.join(", "))),
            Self::NoSuchRange(_) => (StatusCode::RANGE_NOT_SATISFIABLE, error("416 Range Not Satisfiable")),
            Self::Refused(refusal) => refused(refusal),
            Self::Unwired | Self::Unserialisable(_) => internal(),
        };
        (status, Body::Value(body))
    }
}

fn refused(refusal: &Refusal) -> (StatusCode, Value) {
    match refusal {
        Refusal::Token(TokenRefusal::Unknown) | Refusal::NotSignedIn => {
            (StatusCode::UNAUTHORIZED, message("401 Unauthorized"))
        }
        Refusal::Token(TokenRefusal::Expired) => {
            invalid_token("Token is expired. You can either do re-authorization or token refresh.")
        }
        Refusal::Token(TokenRefusal::Revoked) => {
            invalid_token("Token was revoked. You have to re-authorize from the user.")
        }
        Refusal::NotFound(missing) => (StatusCode::NOT_FOUND, message(missing_message(*missing))),
        // A read is redirected instead, see `routes`.
        Refusal::Moved { .. } => moved(),
        Refusal::Sudo { why, user } => no_sudo(*why, user),
        Refusal::InsufficientScope => insufficient_scope("api"),
        Refusal::Forbidden => (StatusCode::FORBIDDEN, message("403 Forbidden")),
        Refusal::Immutable => (StatusCode::FORBIDDEN, message("403 Forbidden - Release is immutable")),
        Refusal::Parameters(faults) => (StatusCode::BAD_REQUEST, error(faults.0.join(", "))),
        Refusal::InvalidTag => (StatusCode::BAD_REQUEST, message("Tag name invalid")),
        Refusal::NothingToChange => (StatusCode::BAD_REQUEST, message("params is empty")),
        Refusal::UnknownMilestones(titles) => {
            (StatusCode::BAD_REQUEST, message(format!("Milestone(s) not found: {}", joined(titles))))
        }
        Refusal::InvalidRelease(faults) => (StatusCode::BAD_REQUEST, json!({"message": faults.sentences()})),
        // The current tag is told as well, see `operations`.
        Refusal::PreconditionFailed(_) => precondition_failed(),
        // The links in the way are told as well, see `operations`.
        Refusal::InvalidLink(invalid) => (StatusCode::BAD_REQUEST, json!({"message": invalid.faults.sentences()})),
        Refusal::InvalidManifest(faults @ ManifestFaults::UnknownIds(_)) => {
            (StatusCode::BAD_REQUEST, error(faults.sentences().join(", ")))
        }
        Refusal::InvalidManifest(faults) => (StatusCode::BAD_REQUEST, json!({"message": faults.sentences()})),
        Refusal::InvalidLinks(faults) => (StatusCode::BAD_REQUEST, message(faults.to_string())),
        Refusal::Taken(taken) => taken_answer(*taken),
        Refusal::TokenRevoked => (StatusCode::BAD_REQUEST, message("400 Bad request - token already revoked")),
        Refusal::AlreadyProtected(pattern) => {
            (StatusCode::CONFLICT, message(format!("Protected tag '{pattern}' already exists")))
        }
        Refusal::TooManyProtectedTags => {
            let words = format!("Protected tags are too many (maximum is {})", TagRule::MAX_PER_PROJECT);
            (StatusCode::BAD_REQUEST, message(words))
        }
        Refusal::TooManyChannels => (StatusCode::BAD_REQUEST, error("too many channels")),
        Refusal::TooManyJobTokens => {
            let words = format!("Job tokens are too many (maximum is {})", JobObstacle::MAX_PER_PROJECT);
            (StatusCode::BAD_REQUEST, message(words))
        }
        Refusal::File(FileObstacle::Protected) => {
            (StatusCode::FORBIDDEN, message("403 Forbidden - Package protected."))
        }
        Refusal::File(FileObstacle::Duplicate) => {
            (StatusCode::BAD_REQUEST, message("400 Bad request - Duplicate package is not allowed"))
        }
        Refusal::File(FileObstacle::TooMany) => {
            let words = format!("400 Bad request - Package files are too many (maximum is {})", Package::MAX_FILES);
            (StatusCode::BAD_REQUEST, message(words))
        }
        Refusal::FileTooLarge => (StatusCode::BAD_REQUEST, message("400 Bad request - File is too large")),
        Refusal::InsideItself => (StatusCode::BAD_REQUEST, json!({"message": {"parent_id": ["is invalid"]}})),
        Refusal::NestedTooDeeply => (StatusCode::BAD_REQUEST, error("parent_id has too deep level of nesting")),
        Refusal::Visibility(faults) => {
            (StatusCode::BAD_REQUEST, json!({"message": {"visibility_level": faults.sentences()}}))
        }
        Refusal::LastOwner => {
            (StatusCode::CONFLICT, message("User cannot be removed while is the sole-owner of a group"))
        }
        Refusal::SameNamespace => {
            let words = "Failed to transfer project [\"Project is already in this namespace.\"]";
            (StatusCode::BAD_REQUEST, message(words))
        }
        Refusal::Store(StoreError::Unavailable(_)) => {
            (StatusCode::SERVICE_UNAVAILABLE, message("503 Service Unavailable"))
        }
        // An upload that broke off is answered as another body would be, see `of_upload`.
        Refusal::BrokenOff(_)
        | Refusal::Store(StoreError::Corrupt { .. } | StoreError::Internal(_))
        | Refusal::Entropy(_) => internal(),
    }
}

fn invalid_token(why: &str) -> (StatusCode, Value) {
    (StatusCode::UNAUTHORIZED, json!({"error": "invalid_token", "error_description": why}))
}

fn insufficient_scope(scope: &str) -> (StatusCode, Value) {
    let words = "The request requires higher privileges than provided by the access token.";
    (StatusCode::FORBIDDEN, json!({"error": "insufficient_scope", "error_description": words, "scope": scope}))
}

fn no_sudo(why: SudoRefusal, user: &str) -> (StatusCode, Value) {
    match why {
        SudoRefusal::NotSignedIn => (StatusCode::UNAUTHORIZED, message("401 Unauthorized")),
        SudoRefusal::NotAdministrator => (StatusCode::FORBIDDEN, message("403 Forbidden - Must be admin to use sudo")),
        SudoRefusal::InsufficientScope => insufficient_scope("sudo"),
        SudoRefusal::NoSuchUser => {
            let user = shortened(user, Limits::UNKNOWN_USER);
            (StatusCode::NOT_FOUND, message(format!("404 User with ID or username '{user}' Not Found")))
        }
    }
}

fn precondition_failed() -> (StatusCode, Value) {
    (StatusCode::PRECONDITION_FAILED, message("412 Precondition Failed"))
}

fn moved() -> (StatusCode, Value) {
    (StatusCode::METHOD_NOT_ALLOWED, message("Non GET methods are not allowed for moved projects"))
}

/// Joins titles of milestones, limiting their number and length so that the answer stays short.
fn joined(titles: &[String]) -> String {
    let told = titles.iter().take(Limits::FAULTS).map(|title| shortened(title, Limits::MILESTONE_TITLE));
    let mut told: Vec<_> = told.collect();
    if titles.len() > Limits::FAULTS {
        told.push("and more".into());
    }
    told.join(", ")
}

/// Returns the text, cut after so many characters.
fn shortened(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

const fn missing_message(missing: Missing) -> &'static str {
    match missing {
        Missing::Project => "404 Project Not Found",
        Missing::Link | Missing::Member | Missing::ProtectedTag | Missing::Channel | Missing::File => "404 Not found",
        Missing::Release | Missing::Token => "404 Not Found",
        Missing::Tag => "404 Tag Not Found",
        Missing::Group => "404 Group Not Found",
        Missing::User => "404 User Not Found",
        Missing::Namespace => "404 Namespace Not Found",
    }
}

fn taken_answer(taken: Taken) -> (StatusCode, Value) {
    match taken {
        Taken::Release => (StatusCode::CONFLICT, message("Release already exists")),
        Taken::BurntTag => (StatusCode::CONFLICT, message("Tag name was used by an immutable release")),
        Taken::Tag => (StatusCode::CONFLICT, message("Tag is used by a release")),
        Taken::Username => (StatusCode::CONFLICT, message("Username has already been taken")),
        Taken::Email => (StatusCode::CONFLICT, message("Email has already been taken")),
        Taken::Path => (StatusCode::BAD_REQUEST, json!({"message": {"path": ["has already been taken"]}})),
        Taken::Member => (StatusCode::CONFLICT, message("Member already exists")),
        Taken::Token => (StatusCode::CONFLICT, message("Token has already been taken")),
    }
}

/// A body after which the connection is dropped.
///
/// Closing it is not enough here: the server would wait forever for the rest of a chunked request.
fn then_disconnect(body: String) -> impl MessageBody {
    let length = body.len() as u64;
    let sent = stream::iter([Ok(Bytes::from(body))]);
    let dropped = stream::once(async {
        // Yield to the event loop once, so that the answer is sent before the connection is dropped.
        actix_web::rt::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::TimedOut))
    });
    SizedStream::new(length, Box::pin(sent.chain(dropped)))
}

fn error(words: impl Into<String>) -> Value {
    json!({"error": words.into()})
}

fn message(words: impl Into<String>) -> Value {
    json!({"message": words.into()})
}

fn internal() -> (StatusCode, Value) {
    (StatusCode::INTERNAL_SERVER_ERROR, message("500 Internal Server Error"))
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.answer().0
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::InForm(error, form) = self {
            return form.apply(error.error_response());
        }
        let (status, body) = self.answer();
        let mut response = HttpResponse::build(status);
        response.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")));
        match self {
            Self::WrongVerb(allowed) | Self::Moved(allowed) => {
                response.insert_header((ALLOW, allowed.as_str()));
            }
            Self::NoSuchRange(size) => {
                response.insert_header((CONTENT_RANGE, format!("bytes */{size}")));
            }
            Self::PreconditionFailed(tag) => {
                response.insert_header(ETag(tag.clone()));
            }
            Self::TooLarge => {
                response.force_close();
            }
            Self::TooSlow => {
                response.force_close();
                return response.body(then_disconnect(body.to_string()));
            }
            Self::NoMemory => {
                response.force_close();
                response.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS));
            }
            _ if status == StatusCode::SERVICE_UNAVAILABLE => {
                response.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS));
            }
            _ => {}
        }
        response.body(body.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(error: StoreError) -> (StatusCode, Option<String>, String) {
        let error = ApiError::Refused(Refusal::Store(error));
        let retry = error.error_response().headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        (error.status_code(), retry, error.answer().1.to_string())
    }

    #[test]
    fn unavailable_storage_is_503_with_a_retry_after() {
        let (status, retry, body) = answer(StoreError::Unavailable("disk 7 is full".into()));
        assert_eq!((status.as_u16(), retry.as_deref()), (503, Some("1")));
        assert_eq!(body, r#"{"message":"503 Service Unavailable"}"#);
    }

    #[test]
    fn the_unknown_milestones_in_an_answer_are_limited_in_number_and_length() {
        let hundred = vec!["é".repeat(Limits::MILESTONE_TITLE); Limits::FAULTS];
        assert_eq!(joined(&hundred), hundred.join(", "));
        let longer = joined(&vec!["é".repeat(1_000_000); Limits::FAULTS + 1]);
        assert_eq!(longer, format!("{}, and more", vec![hundred[0].clone() + "…"; 100].join(", ")));
    }

    #[test]
    fn the_cause_of_a_storage_failure_is_not_sent_to_the_client() {
        let corrupt = StoreError::Corrupt { table: "links", column: "url", row: 7, source: "no URL".into() };
        for error in [corrupt, StoreError::Internal("no such column".into())] {
            let (status, retry, body) = answer(error);
            assert_eq!((status.as_u16(), retry), (500, None));
            assert_eq!(body, r#"{"message":"500 Internal Server Error"}"#);
        }
    }
}
