//! Long lists, whose rows are read and written batch by batch, a few lists at a time.

use std::future::Future;
use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{StreamExt, TryStreamExt, stream};
use release_links_ports::PageRequest;
use release_links_usecases::{PartlyRead, Refusal, Unread};
use serde::Serialize;
use tracing::{Instrument as _, Span};

use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::large;
use crate::pagination::headers_of;
use crate::reply::{Reply, json};

/// Answers with a page of a list as JSON. A page that was only read in part is written batch by batch, while `read_on`
/// reads the remaining rows.
pub(crate) async fn page<T, U, B, R, F>(
    incoming: &Incoming,
    wanted: PageRequest,
    found: PartlyRead<T, U>,
    read_on: R,
    shape: impl Fn(T) -> B + Clone + Send + 'static,
) -> Reply
where
    T: Send + 'static,
    U: Unread<T> + 'static,
    B: Serialize,
    R: Fn(U) -> F + 'static,
    F: Future<Output = Result<(Vec<T>, Option<U>), Refusal>>,
{
    let is_empty = found.is_empty();
    let PartlyRead { page, rest } = found;
    let headers = headers_of(&incoming.request, &incoming.service.external, wanted, &page, is_empty);
    let Some(rest) = rest else {
        let body: Vec<_> = page.rows.into_iter().map(shape).collect();
        return json(&incoming.request, StatusCode::OK, &body, headers);
    };
    // Drop the rows that were read, and read them again later: nobody holds rows while waiting for a turn.
    let unread = rest.after(&page.rows);
    drop(page);
    array(&incoming.request, headers, unread, read_on, shape).await
}

/// Answers, once it has its turn, with a JSON array of all rows from `unread` on, each converted by `shape`.
///
/// `read_on` returns the next rows and what remains unread after them.
async fn array<T, U, B, R, F>(
    request: &HttpRequest,
    headers: Vec<(HeaderName, HeaderValue)>,
    unread: U,
    read_on: R,
    shape: impl Fn(T) -> B + Clone + Send + 'static,
) -> Reply
where
    T: Send + 'static,
    U: 'static,
    B: Serialize,
    R: Fn(U) -> F + 'static,
    F: Future<Output = Result<(Vec<T>, Option<U>), Refusal>>,
{
    let turn = Arc::new(large::turn(request).await?);
    let kept = Arc::clone(&turn);
    let mut response = HttpResponse::build(StatusCode::OK);
    for header in headers {
        response.insert_header(header);
    }
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")));
    // A HEAD request needs no rows.
    let unread = (request.method() != Method::HEAD).then_some(unread);
    let start = Writing { unread, began: false, ended: request.method() == Method::HEAD };
    // The answer is written after the request was logged, and what fails then is still about the request.
    let span = Span::current();
    let chunks = stream::try_unfold((start, read_on, shape), move |(mut writing, read_on, shape)| {
        let turn = Arc::clone(&turn);
        let next = async move {
            if writing.ended {
                return Ok(None);
            }
            let Some(unread) = writing.unread.take() else {
                writing.ended = true;
                let end = if writing.began { "]" } else { "[]" };
                return Ok(Some((Bytes::from_static(end.as_bytes()), (writing, read_on, shape))));
            };
            let _serialising = turn.serialising().await.map_err(aborted)?;
            let (rows, rest) = read_on(unread).await.map_err(aborted)?;
            writing.unread = rest;
            let (written, began) = written(rows, writing.began, shape.clone()).await.map_err(aborted)?;
            writing.began = began;
            Ok::<_, std::io::Error>(Some((written, (writing, read_on, shape))))
        };
        next.instrument(span.clone())
    });
    let pieces = chunks.map_ok(|chunk| stream::iter(large::pieces(chunk).map(Ok::<_, std::io::Error>))).try_flatten();
    Ok(response.streaming(Box::pin(pieces.map(move |piece| kept.keep().and(piece)))))
}

/// An array that is being written.
struct Writing<U> {
    unread: Option<U>,
    began: bool,
    ended: bool,
}

/// Serialises rows off the worker thread, because a batch may be long.
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
    large::block(writing).await?
}

/// Logs an error in the middle of an answer. The status is already sent, so all that is left is to close the
/// connection, which tells the client that the answer is incomplete.
fn aborted(error: impl std::error::Error + Send + Sync + 'static) -> std::io::Error {
    tracing::error!(%error, "aborted an answer");
    std::io::Error::other(error)
}
