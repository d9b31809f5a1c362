//! Reads a request's whole body, within a time limit and in memory that all bodies share.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use actix_web::rt::time::{Instant, timeout};
use actix_web::web::{Bytes, BytesMut, Data};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Limits;
use crate::connection::Alarm;
use crate::error::ApiError;

/// How the path of a manifest ends.
const MANIFEST: &str = "/assets/manifest";

/// The unit in which memory is counted, in bytes.
const UNIT: usize = 1024;

/// The factor by which a body's share of the memory grows when it needs more.
const GROWTH: usize = 4;

/// The limits that bodies of all connections share while they are read.
#[derive(Debug, Clone)]
pub(crate) struct Bodies {
    time: Duration,
    memory: Arc<Semaphore>,
    wait: Duration,
}

/// A body, and its share of the memory, which it holds until the request ends.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    pub(crate) share: Share,
}

/// A part of the memory that bodies share, released when dropped.
#[derive(Debug, Default)]
pub(crate) struct Share(Vec<OwnedSemaphorePermit>);

impl Bodies {
    pub(crate) fn new(limits: &Limits) -> Self {
        let memory = Arc::new(Semaphore::new(limits.body_memory / UNIT));
        Self { time: limits.body, memory, wait: limits.body_memory_wait }
    }

    /// Reads a whole body of at most `most` bytes.
    ///
    /// # Errors
    /// Returns an error if the body is too large, malformed or too slow, or if there is no memory for it.
    pub(crate) async fn read(&self, headers: &HeaderMap, payload: Payload, most: usize) -> Result<Body, ApiError> {
        if !headers.contains_key(TRANSFER_ENCODING) && declared_length(headers).unwrap_or_default() == 0 {
            return Ok(Body::default());
        }
        if declared_length(headers).is_some_and(|length| length > most as u64) {
            return Err(ApiError::TooLarge);
        }
        let due = Instant::now() + self.time;
        let mut alarm = Alarm::default();
        let late = poll_fn(|cx| alarm.poll_past(cx, due));
        match select(Box::pin(self.gather(payload, most)), late).await {
            Either::Left((read, _)) => read,
            Either::Right(((), _)) => Err(ApiError::TooSlow),
        }
    }

    async fn gather(&self, mut payload: Payload, most: usize) -> Result<Body, ApiError> {
        let mut bytes = BytesMut::new();
        let mut length = 0;
        let mut share = Share::default();
        let mut capacity = Limits::BODY_START;
        while let Some(piece) = payload.next().await {
            let piece = piece.map_err(|_| ApiError::Malformed)?;
            length += piece.len();
            // Keep reading a body that is too large: a client that is still sending would not see the answer.
            if length > most {
                (bytes, share) = (BytesMut::new(), Share::default());
                continue;
            }
            while length > capacity {
                share.0.push(self.acquire(capacity * (GROWTH - 1)).await?);
                capacity *= GROWTH;
            }
            bytes.extend_from_slice(&piece);
        }
        if length <= most { Ok(Body { bytes: bytes.freeze(), share }) } else { Err(ApiError::TooLarge) }
    }

    async fn acquire(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        let units = u32::try_from(bytes / UNIT).unwrap_or(u32::MAX);
        let granted = timeout(self.wait, Arc::clone(&self.memory).acquire_many_owned(units)).await;
        granted.ok().and_then(Result::ok).ok_or(ApiError::NoMemory)
    }
}

/// Reads the body of `request`.
///
/// # Errors
/// Returns the errors of [`Bodies::read`].
pub(crate) async fn read_body(request: &HttpRequest, payload: Payload) -> Result<Body, ApiError> {
    let is_manifest = request.uri().path().ends_with(MANIFEST);
    let most = if is_manifest { Limits::MANIFEST_LENGTH } else { Limits::BODY_LENGTH };
    request.app_data::<Data<Bodies>>().ok_or(ApiError::Unwired)?.read(request.headers(), payload, most).await
}

/// Returns how long a body is, as its request says.
pub(crate) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use actix_web::error::PayloadError;
    use actix_web::http::header::HeaderValue;
    use futures_util::stream;

    use super::*;

    const MAX_BODY: usize = Limits::BODY_LENGTH;
    const PIECE: usize = 64 * 1024;

    fn bodies(memory: usize) -> Bodies {
        Bodies::new(&Limits { body_memory: memory, ..Limits::default() })
    }

    /// A body of 64 KiB pieces that either ends or stalls after them.
    fn pieces(count: usize, ends: bool) -> Payload {
        let pieces = (0..count).map(|_| Ok::<_, PayloadError>(Bytes::from(vec![b'x'; PIECE])));
        let rest = if ends { stream::empty().left_stream() } else { stream::pending().right_stream() };
        Payload::Stream { payload: Box::pin(stream::iter(pieces).chain(rest)) }
    }

    async fn read(bodies: &Bodies, payload: Payload) -> Result<Body, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        bodies.read(&headers, payload, MAX_BODY).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_times_out() {
        assert!(matches!(read(&bodies(MAX_BODY), pieces(1, false)).await, Err(ApiError::TooSlow)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_without_memory_is_refused_after_the_wait() {
        let bodies = bodies(MAX_BODY);
        let first = read(&bodies, pieces(16, true)).await.unwrap();
        assert_eq!(first.bytes.len(), MAX_BODY);
        let before = Instant::now();
        assert!(matches!(read(&bodies, pieces(1, true)).await, Err(ApiError::NoMemory)));
        assert!(before.elapsed() >= Limits::BODY_MEMORY_WAIT);
        drop(first);
        assert_eq!(read(&bodies, pieces(1, true)).await.unwrap().bytes.len(), PIECE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_waits_for_memory_that_another_releases() {
        let bodies = bodies(MAX_BODY);
        let first = read(&bodies, pieces(16, true)).await.unwrap();
        let released = async {
            actix_web::rt::time::sleep(Limits::BODY_MEMORY_WAIT / 2).await;
            drop(first);
        };
        let (second, ()) = futures_util::future::join(read(&bodies, pieces(16, true)), released).await;
        assert_eq!(second.unwrap().bytes.len(), MAX_BODY);
    }

    #[tokio::test(start_paused = true)]
    async fn small_bodies_need_no_shared_memory() {
        let small = Payload::from(Bytes::from(vec![b'x'; Limits::BODY_START]));
        assert_eq!(read(&bodies(0), small).await.unwrap().bytes.len(), Limits::BODY_START);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_too_large_holds_no_memory_while_the_rest_is_read() {
        let bodies = bodies(MAX_BODY);
        let (large, small) =
            futures_util::future::join(read(&bodies, pieces(17, false)), read(&bodies, pieces(16, true))).await;
        assert!(matches!(large, Err(ApiError::TooSlow)));
        assert_eq!(small.unwrap().bytes.len(), MAX_BODY);
    }
}
