//! Large answers: lists whose rows are read and written batch by batch, a few lists at a time, so that neither the length of
//! an answer nor how slowly it is read says how much memory it takes.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use actix_web::body::{BoxBody, SizedStream};
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{StreamExt, TryStreamExt, stream};
use release_links_ports::StoreError;
use release_links_usecases::Refusal;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Limits;
use crate::error::ApiError;
use crate::incoming::is_read;

const SMALL: usize = Limits::SMALL_ANSWER;
const PIECE: usize = Limits::ANSWER_PIECE;

/// Memory for unsent answers is counted in KiB: each is one permit of a semaphore.
const UNSENT_KIB: u32 = Limits::UNSENT_ANSWERS / 1024;

/// Who may be answered at length now.
pub(crate) struct LargeAnswers {
    turns: Arc<Semaphore>,
    unsent: Arc<Semaphore>,
}

impl Default for LargeAnswers {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(Limits::LARGE_ANSWERS)),
            unsent: Arc::new(Semaphore::new(UNSENT_KIB as usize)),
        }
    }
}

/// An answer that was written whole, as the body of a response: counted among the unsent ones until the last of it is handed
/// over. Without room for it, a read is told to come back; the answer to a write is sent all the same, as the write was done.
pub(crate) fn body(request: &HttpRequest, bytes: Vec<u8>) -> Result<BoxBody, ApiError> {
    if bytes.len() <= SMALL {
        return Ok(BoxBody::new(bytes));
    }
    let answers = request.app_data::<Data<LargeAnswers>>().ok_or(ApiError::Unwired)?;
    let size = u32::try_from(bytes.len().div_ceil(1024)).unwrap_or(u32::MAX).min(UNSENT_KIB);
    let room = answers.unsent.clone().try_acquire_many_owned(size).ok();
    if room.is_none() && is_read(request.method()) {
        let why = "too many answers wait to be read";
        return Err(Refusal::Store(StoreError::Unavailable(why.into())).into());
    }
    let length = bytes.len() as u64;
    let pieces = stream::iter(pieces(bytes.into())).map(move |piece| {
        let _held = &room;
        Ok::<_, Infallible>(piece)
    });
    Ok(BoxBody::new(SizedStream::new(length, pieces)))
}

fn pieces(mut bytes: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || (!bytes.is_empty()).then(|| bytes.split_to(PIECE.min(bytes.len()))))
}

/// Held by an answer for as long as it is being written.
pub(crate) struct Turn(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// Waits until a large answer may be written.
pub(crate) async fn turn(request: &HttpRequest) -> Result<Turn, ApiError> {
    let answers = request.app_data::<Data<LargeAnswers>>().ok_or(ApiError::Unwired)?;
    let turn = tokio::time::timeout(Limits::LARGE_ANSWER_WAIT, answers.turns.clone().acquire_owned()).await;
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
    response.streaming(Box::pin(
        chunks.map_ok(|chunk| stream::iter(pieces(chunk).map(Ok::<_, std::io::Error>))).try_flatten(),
    ))
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

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn with(answers: &Data<LargeAnswers>, method: Method) -> HttpRequest {
        TestRequest::default().method(method).app_data(answers.clone()).to_http_request()
    }

    #[test]
    fn an_answer_is_handed_over_piece_by_piece_and_whole() {
        let bytes: Vec<u8> = (0..=PIECE).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let pieces: Vec<Bytes> = pieces(bytes.clone().into()).collect();
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [PIECE, 1]);
        assert_eq!(pieces.concat(), bytes);
    }

    #[test]
    fn a_read_without_room_for_its_answer_is_refused_and_a_write_is_answered_all_the_same() {
        let answers = Data::new(LargeAnswers::default());
        let (read, write) = (with(&answers, Method::GET), with(&answers, Method::POST));
        let whole = vec![0; UNSENT_KIB as usize * 1024];
        let unsent = body(&read, whole).unwrap();
        assert!(matches!(body(&read, vec![0; SMALL + 1]), Err(ApiError::Refused(Refusal::Store(_)))));
        assert!(body(&read, vec![0; SMALL]).is_ok());
        assert!(body(&write, vec![0; SMALL + 1]).is_ok());
        drop(unsent);
        assert!(body(&read, vec![0; SMALL + 1]).is_ok());
    }
}
