//! Large answers: lists whose rows are read and written batch by batch, a few lists at a time, so that neither the length of
//! an answer nor how slowly it is read says how much memory it takes.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use release_links_ports::StoreError;
use release_links_usecases::Refusal;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ApiError;

/// How many large answers are written at once. Each holds one batch in memory, which is at most a release with all the links
/// and all the text that it may have: about 12 MiB as JSON.
const AT_ONCE: usize = 4;
/// How long a request waits until it may be answered at length.
const TURN_TIMEOUT: Duration = Duration::from_secs(2);

/// Who may be answered at length now.
pub(crate) struct LargeAnswers(Arc<Semaphore>);

impl Default for LargeAnswers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// Held by an answer for as long as it is being written.
pub(crate) struct Turn(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// Waits until a large answer may be written.
pub(crate) async fn turn(request: &HttpRequest) -> Result<Turn, ApiError> {
    let answers = request.app_data::<Data<LargeAnswers>>().ok_or(ApiError::Unwired)?;
    let turn = tokio::time::timeout(TURN_TIMEOUT, answers.0.clone().acquire_owned()).await;
    let refused = || Refusal::Store(StoreError::Unavailable("many large answers are being written".into()));
    turn.ok().and_then(Result::ok).map(Turn).ok_or_else(|| refused().into())
}

/// A JSON array of all rows that `read_on` finds from `unread` on, each in the form that `shape` gives it. `read_on` gives the
/// next rows and what is then left.
pub(crate) fn array<T, U, B, R, F>(
    request: &HttpRequest,
    headers: Vec<(HeaderName, HeaderValue)>,
    turn: Turn,
    unread: U,
    read_on: R,
    shape: impl Fn(T) -> B + Clone + Send + 'static,
) -> HttpResponse
where
    T: Send + 'static,
    U: 'static,
    B: Serialize,
    R: Fn(U) -> F + 'static,
    F: Future<Output = Result<(Vec<T>, Option<U>), Refusal>>,
{
    let mut response = HttpResponse::build(StatusCode::OK);
    for header in headers {
        response.insert_header(header);
    }
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")));
    // Nobody wants the rows of a HEAD.
    let unread = (request.method() != Method::HEAD).then_some(unread);
    let start = Writing { unread, began: false, ended: request.method() == Method::HEAD, turn };
    let chunks = stream::try_unfold((start, read_on, shape), |(mut writing, read_on, shape)| async move {
        if writing.ended {
            return Ok(None);
        }
        let Some(unread) = writing.unread.take() else {
            writing.ended = true;
            let end = if writing.began { "]" } else { "[]" };
            return Ok(Some((Bytes::from_static(end.as_bytes()), (writing, read_on, shape))));
        };
        let (rows, rest) = read_on(unread).await.map_err(broken_off)?;
        writing.unread = rest;
        let (written, began) = written(rows, writing.began, shape.clone()).await.map_err(broken_off)?;
        writing.began = began;
        Ok::<_, std::io::Error>(Some((written, (writing, read_on, shape))))
    });
    response.streaming(Box::pin(chunks))
}

/// An array that is being written.
struct Writing<U> {
    unread: Option<U>,
    began: bool,
    ended: bool,
    #[expect(dead_code, reason = "held, not read")]
    turn: Turn,
}

/// Rows as JSON, written off the worker: a batch may be long.
async fn written<T: Send + 'static, B: Serialize>(
    rows: Vec<T>,
    mut began: bool,
    shape: impl Fn(T) -> B + Send + 'static,
) -> Result<(Bytes, bool), ApiError> {
    let writing = move || {
        let mut json = Vec::new();
        for row in rows {
            json.push(if began { b',' } else { b'[' });
            began = true;
            serde_json::to_writer(&mut json, &shape(row))?;
        }
        Ok((Bytes::from(json), began))
    };
    web::block(writing).await.map_err(|_| ApiError::Unwired)?
}

/// The status is sent already: all that is left is to end the connection, by which the client knows that something is missing.
fn broken_off(error: impl std::error::Error + Send + Sync + 'static) -> std::io::Error {
    tracing::error!(%error, "an answer was broken off");
    std::io::Error::other(error)
}
