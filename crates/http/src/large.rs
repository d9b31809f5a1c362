//! The resources that large answers share: turns, and memory for unsent bytes. Memory use thus depends neither on the
//! length of an answer nor on how slowly it is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::HttpRequest;
use actix_web::body::{BoxBody, SizedStream};
use actix_web::web::{self, Bytes, Data};
use futures_util::{StreamExt, stream};
use release_links_ports::StoreError;
use release_links_usecases::Refusal;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};
use tracing::Span;

use crate::Limits;
use crate::error::ApiError;

const SMALL: usize = Limits::SMALL_ANSWER;
const PIECE: usize = Limits::ANSWER_PIECE;

/// The memory for unsent answers in KiB, each of which is one permit of a semaphore.
const UNSENT_KIB: u32 = Limits::UNSENT_ANSWERS / 1024;

/// The resources that large answers share.
pub(crate) struct LargeAnswers {
    turns: Arc<Shared>,
    unsent: Arc<Shared>,
    serialising: Semaphore,
    writes: Semaphore,
}

impl Default for LargeAnswers {
    fn default() -> Self {
        Self {
            turns: Arc::new(Shared::of(Limits::LARGE_ANSWERS)),
            unsent: Arc::new(Shared::of(UNSENT_KIB as usize)),
            serialising: Semaphore::new(Limits::ANSWERS_SERIALISED),
            writes: Semaphore::new(Limits::RELEASE_WRITES),
        }
    }
}

impl LargeAnswers {
    fn of(request: &HttpRequest) -> Result<&Data<Self>, ApiError> {
        request.app_data().ok_or(ApiError::Unwired)
    }
}

/// A resource that answers hold while their clients read them.
///
/// Once a request was refused for lack of it, answers that have held their part for long are aborted, so that slow
/// readers cannot keep it.
struct Shared {
    free: Arc<Semaphore>,
    /// How much the last refused request asked for; 0 once as much is free again.
    missed: AtomicU32,
}

impl Shared {
    fn of(size: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(size)), missed: AtomicU32::new(0) }
    }

    fn refuse(&self, size: u32) {
        self.missed.store(size, Ordering::Relaxed);
    }

    fn is_short(&self) -> bool {
        let missed = self.missed.load(Ordering::Relaxed);
        let is_short = missed > 0 && self.free.available_permits() < missed as usize;
        if !is_short {
            self.missed.store(0, Ordering::Relaxed);
        }
        is_short
    }
}

/// A part of a shared resource, released when dropped.
struct Held {
    of: Arc<Shared>,
    since: Instant,
    /// The request's span.
    span: Span,
    _part: OwnedSemaphorePermit,
}

impl Held {
    fn new(of: &Arc<Shared>, part: OwnedSemaphorePermit) -> Self {
        Self { of: Arc::clone(of), since: Instant::now(), span: Span::current(), _part: part }
    }

    /// Returns an error if this part must be released for others.
    fn keep(&self) -> Result<(), std::io::Error> {
        if self.since.elapsed() < Limits::LARGE_ANSWER_TIME || !self.of.is_short() {
            return Ok(());
        }
        tracing::info!(parent: &self.span, "aborted a large answer: its client is slow and others are waiting");
        Err(std::io::Error::other("others are waiting"))
    }
}

fn unavailable(reason: &str) -> ApiError {
    Refusal::Store(StoreError::Unavailable(reason.into())).into()
}

/// Returns a fully serialised answer as the body of a response; it counts as unsent until its last piece is handed
/// over.
///
/// # Errors
/// Returns 503 if too much is unsent already, even after a write: the write was done.
pub(crate) fn body(request: &HttpRequest, bytes: Vec<u8>) -> Result<BoxBody, ApiError> {
    if bytes.len() <= SMALL {
        return Ok(BoxBody::new(bytes));
    }
    let unsent = &LargeAnswers::of(request)?.unsent;
    let size = u32::try_from(bytes.len().div_ceil(1024)).unwrap_or(u32::MAX).min(UNSENT_KIB);
    let Ok(permit) = unsent.free.clone().try_acquire_many_owned(size) else {
        unsent.refuse(size);
        return Err(unavailable("too many answers are waiting to be read"));
    };
    let permit = Held::new(unsent, permit);
    let length = bytes.len() as u64;
    let pieces = stream::iter(pieces(bytes.into())).map(move |piece| permit.keep().map(|()| piece));
    Ok(BoxBody::new(SizedStream::new(length, pieces)))
}

/// Returns bytes that all their readers share as the body of a response; a reader holds no more than a piece of its own.
pub(crate) fn shared(bytes: Bytes) -> BoxBody {
    let length = bytes.len() as u64;
    BoxBody::new(SizedStream::new(length, stream::iter(pieces(bytes).map(Ok::<_, std::io::Error>))))
}

/// Splits an answer into pieces, which a connection takes one at a time.
pub(crate) fn pieces(mut bytes: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || (!bytes.is_empty()).then(|| bytes.split_to(PIECE.min(bytes.len()))))
}

/// A turn to write a large answer, held while it is being written.
pub(crate) struct Turn {
    held: Held,
    answers: Data<LargeAnswers>,
}

impl Turn {
    /// Returns an error if the answer must be aborted for others.
    pub(crate) fn keep(&self) -> Result<(), std::io::Error> {
        self.held.keep()
    }

    /// Like [`serialising`], for an answer that has its turn.
    pub(crate) async fn serialising(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.answers.serialising.acquire().await
    }
}

/// Waits until a large answer may be written.
pub(crate) async fn turn(request: &HttpRequest) -> Result<Turn, ApiError> {
    let answers = LargeAnswers::of(request)?;
    let turns = &answers.turns;
    let Ok(Ok(turn)) = timeout(Limits::LARGE_ANSWER_WAIT, turns.free.clone().acquire_owned()).await else {
        turns.refuse(1);
        return Err(unavailable("many large answers are being written"));
    };
    Ok(Turn { held: Held::new(turns, turn), answers: answers.clone() })
}

/// Waits until a large answer may be read from the database and serialised. The permit is never held while a client
/// reads.
pub(crate) async fn serialising(request: &HttpRequest) -> Result<SemaphorePermit<'_>, ApiError> {
    permit(&LargeAnswers::of(request)?.serialising, "many large answers are being serialised").await
}

/// Waits until a write with a large answer may begin. The permit is held until the answer is serialised.
pub(crate) async fn writing(request: &HttpRequest) -> Result<SemaphorePermit<'_>, ApiError> {
    permit(&LargeAnswers::of(request)?.writes, "many releases are being written").await
}

async fn permit<'a>(of: &'a Semaphore, reason: &str) -> Result<SemaphorePermit<'a>, ApiError> {
    let permit = timeout(Limits::LARGE_ANSWER_WAIT, of.acquire()).await;
    permit.ok().and_then(Result::ok).ok_or_else(|| unavailable(reason))
}

/// Runs work that may be long off the worker thread, in the request's span.
pub(crate) async fn block<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    let span = Span::current();
    web::block(move || span.in_scope(work)).await.map_err(|_| ApiError::Unwired)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn with(answers: &Data<LargeAnswers>) -> HttpRequest {
        TestRequest::default().app_data(answers.clone()).to_http_request()
    }

    #[test]
    fn an_answer_is_split_into_pieces_without_loss() {
        let bytes: Vec<u8> = (0..=PIECE).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let pieces: Vec<Bytes> = pieces(bytes.clone().into()).collect();
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [PIECE, 1]);
        assert_eq!(pieces.concat(), bytes);
    }

    #[test]
    fn a_request_without_memory_for_its_answer_is_refused() {
        let answers = Data::new(LargeAnswers::default());
        let request = with(&answers);
        let unsent = body(&request, vec![0; UNSENT_KIB as usize * 1024]).unwrap();
        assert!(matches!(body(&request, vec![0; SMALL + 1]), Err(ApiError::Refused(Refusal::Store(_)))));
        assert!(body(&request, vec![0; SMALL]).is_ok());
        drop(unsent);
        assert!(body(&request, vec![0; SMALL + 1]).is_ok());
    }

    #[actix_web::test]
    async fn shared_bytes_need_no_memory_of_their_own() {
        let whole: Bytes = vec![7; 3 * PIECE + 1].into();
        let bodies: Vec<BoxBody> = (0..1_000).map(|_| shared(whole.clone())).collect();
        let answers = Data::new(LargeAnswers::default());
        assert!(body(&with(&answers), vec![0; UNSENT_KIB as usize * 1024]).is_ok());
        for body in bodies {
            assert_eq!(actix_web::body::to_bytes(body).await.unwrap(), whole);
        }
    }

    #[actix_web::test]
    async fn a_slow_reader_is_aborted_once_another_request_is_refused() {
        tokio::time::pause();
        let answers = Data::new(LargeAnswers::default());
        let request = with(&answers);
        let mut turns = Vec::new();
        for _ in 0..Limits::LARGE_ANSWERS {
            turns.push(turn(&request).await.unwrap());
        }
        tokio::time::advance(Limits::LARGE_ANSWER_TIME).await;
        assert!(turns[0].held.keep().is_ok(), "nobody was refused");
        assert!(turn(&request).await.is_err());
        assert!(turns[0].held.keep().is_err());
        drop(turns.remove(0));
        assert!(turns[0].held.keep().is_ok(), "there is a free turn again");
        turns.push(turn(&request).await.unwrap());
        assert!(turn(&request).await.is_err());
        assert!(turns.last().unwrap().held.keep().is_ok(), "it has only begun");
        assert!(turns[0].held.keep().is_err());
    }
}
