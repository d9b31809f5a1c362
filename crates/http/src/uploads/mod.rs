//! The body of an upload, as a stream that the store reads at its own pace.
//!
//! A request's body stays on the thread of its connection, while the store may run anywhere, so a task of that thread hands
//! the pieces over.

mod form;
mod pace;

use std::pin::pin;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::rt;
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, Data};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use release_links_ports::{BoxError, IncomingBytes};
use release_links_usecases::{FileBody, FileInForm, UploadForm};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use self::form::FILE;
use self::pace::Pace;
use crate::Limits;
use crate::body::declared_length;
use crate::error::{ApiError, UploadFault};
use crate::params::Params;
use crate::upload_counts::{Counted, UploadCounts};

/// How many pieces of a body wait for the store at most. The parser's buffer bounds the size of each.
const PIECES: usize = 8;

/// What uploads share: their turns.
#[derive(Debug, Clone)]
pub(crate) struct UploadTurns {
    turns: Arc<Semaphore>,
    pace: Pace,
    counts: UploadCounts,
}

impl UploadTurns {
    pub(crate) fn new(limits: &Limits, counts: UploadCounts) -> Self {
        let turns = Arc::new(Semaphore::new(Limits::UPLOADS));
        Self { turns, pace: Pace { rate: limits.answer_rate, grace: limits.answer_grace }, counts }
    }

    /// Returns the body of a request. It is not read before the store asks for the first piece, and has a turn of its own
    /// from then on until it is dropped.
    pub(crate) fn body(request: &HttpRequest, payload: Payload) -> Result<FileBody, ApiError> {
        let this = request.app_data::<Data<Self>>().ok_or(ApiError::Unwired)?;
        let length = declared_length(request.headers());
        Ok(FileBody { length, bytes: this.read(payload) })
    }

    /// Returns the form of a request, as far as it is one with a file. It is not read before its file is asked for, and has
    /// a turn of its own from then on until the bytes of the file are dropped.
    pub(crate) fn form(request: &HttpRequest, payload: Payload) -> Result<UploadForm, ApiError> {
        let this = request.app_data::<Data<Self>>().ok_or(ApiError::Unwired)?;
        let least = declared_length(request.headers()).map(|length| length.saturating_sub(Limits::BESIDE_UPLOAD));
        let content_type = request.headers().get(CONTENT_TYPE).cloned();
        let (turns, counts, body) = (this.turns.clone(), this.counts.clone(), this.pace.of(payload));
        let file = async move {
            let turn = turn(turns, counts).await?;
            let (named, name) = oneshot::channel();
            let (pieces, received) = mpsc::channel(PIECES);
            rt::spawn(form::hand_over(content_type, body, named, pieces));
            let name = name.await.map_err(|_| UploadFault::Cut)??;
            Ok(FileInForm { name, bytes: Box::pin(during(turn, received)) })
        };
        Ok(UploadForm { least, file: Box::pin(file) })
    }

    /// Returns what a request without a file is: one whose parameter `file` is a text, if it has one.
    pub(crate) fn no_form(params: &Params) -> UploadForm {
        let fault = if params.get(FILE).is_some() { UploadFault::NotOneFile } else { UploadFault::NoFile };
        UploadForm { least: None, file: Box::pin(async move { Err(fault.into()) }) }
    }

    fn read(&self, payload: Payload) -> IncomingBytes {
        let (pieces, received) = mpsc::channel(PIECES);
        let (begin, started) = oneshot::channel();
        let body = self.pace.of(payload);
        rt::spawn(async move {
            if started.await.is_ok() {
                hand_over(body, pieces).await;
            }
        });
        let (turns, counts) = (self.turns.clone(), self.counts.clone());
        let whole = async move {
            let turn = turn(turns, counts).await?;
            let _ = begin.send(());
            Ok::<_, BoxError>(during(turn, received))
        };
        Box::pin(stream::once(whole).try_flatten())
    }
}

/// The turn of an upload, which lasts until this is dropped.
struct Turn {
    _permit: OwnedSemaphorePermit,
    _running: Counted,
}

/// Waits for a turn.
async fn turn(turns: Arc<Semaphore>, counts: UploadCounts) -> Result<Turn, UploadFault> {
    let waiting = Counted::by(&counts.waiting);
    let permit = timeout(Limits::UPLOAD_WAIT, turns.acquire_owned()).await;
    drop(waiting);
    let Some(permit) = permit.ok().and_then(Result::ok) else {
        counts.refused.inc();
        return Err(UploadFault::NoTurn);
    };
    Ok(Turn { _permit: permit, _running: Counted::by(&counts.running) })
}

/// Returns what is received, and keeps the turn until all of it is dropped.
fn during<T>(turn: Turn, mut received: mpsc::Receiver<T>) -> impl Stream<Item = T> {
    stream::poll_fn(move |cx| {
        let _ = &turn;
        received.poll_recv(cx)
    })
}

/// Sends the pieces of a body on until it ends or nobody wants them any more.
async fn hand_over(
    body: impl Stream<Item = Result<Bytes, UploadFault>>,
    pieces: mpsc::Sender<Result<Bytes, BoxError>>,
) {
    let mut body = pin!(body);
    loop {
        let piece = tokio::select! {
            piece = body.next() => piece,
            () = pieces.closed() => return,
        };
        let Some(piece) = piece else { return };
        if pieces.send(piece.map_err(Into::into)).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    use actix_web::error::PayloadError;
    use actix_web::rt::time::Instant;
    use tokio::task::LocalSet;

    use super::*;

    /// A body of pieces that counts how many of them were read, and then ends, breaks off or stalls.
    fn body(pieces: usize, end: Option<Result<(), PayloadError>>) -> (Payload, Rc<Cell<usize>>) {
        let read = Rc::new(Cell::new(0));
        let count = read.clone();
        let sent = stream::iter(0..pieces).map(move |_| {
            count.set(count.get() + 1);
            Ok(Bytes::from_static(b"piece"))
        });
        let rest = match end {
            Some(Ok(())) => stream::empty().boxed_local(),
            Some(Err(error)) => stream::iter([Err(error)]).boxed_local(),
            None => stream::pending().boxed_local(),
        };
        (Payload::Stream { payload: Box::pin(sent.chain(rest)) }, read)
    }

    async fn all(bytes: IncomingBytes) -> Result<usize, String> {
        let pieces: Result<Vec<_>, _> = bytes.try_collect().await;
        pieces.map(|pieces| pieces.len()).map_err(|fault| fault.to_string())
    }

    fn said(fault: UploadFault) -> Result<usize, String> {
        Err(fault.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_read_once_it_is_asked_for_and_to_its_end() {
        LocalSet::new()
            .run_until(async {
                let (payload, read) = body(100, Some(Ok(())));
                let bytes = UploadTurns::new(&Limits::default(), UploadCounts::default()).read(payload);
                tokio::time::sleep(Duration::from_hours(1)).await;
                assert_eq!(read.get(), 0);
                assert_eq!(all(bytes).await, Ok(100));
            })
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_is_slow_has_only_a_few_pieces_in_memory() {
        LocalSet::new()
            .run_until(async {
                let (payload, read) = body(100, Some(Ok(())));
                let mut bytes = UploadTurns::new(&Limits::default(), UploadCounts::default()).read(payload);
                assert!(matches!(bytes.next().await, Some(Ok(_))));
                tokio::time::sleep(Duration::from_hours(1)).await;
                // One was taken, and one is in the hands of the task.
                assert_eq!(read.get(), PIECES + 2);
                assert_eq!(all(bytes).await, Ok(99));
            })
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_breaks_off_or_stalls_fails() {
        LocalSet::new()
            .run_until(async {
                let uploads = UploadTurns::new(&Limits::default(), UploadCounts::default());
                let cut = body(3, Some(Err(PayloadError::Incomplete(None)))).0;
                assert_eq!(all(uploads.read(cut)).await, said(UploadFault::Cut));
                let before = Instant::now();
                assert_eq!(all(uploads.read(body(3, None).0)).await, said(UploadFault::TooSlow));
                assert!(before.elapsed() >= Limits::ANSWER_GRACE);
            })
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_arrives_in_time_piece_by_piece_but_takes_too_long_fails() {
        LocalSet::new()
            .run_until(async {
                let sent = stream::unfold((), |()| async {
                    tokio::time::sleep(Duration::from_secs(10)).await;
                    Some((Ok(Bytes::from(vec![0; 64 * 1024])), ()))
                });
                let body = Payload::Stream { payload: sent.boxed_local() };
                let uploads = UploadTurns::new(&Limits::default(), UploadCounts::default());
                let before = Instant::now();
                assert_eq!(all(uploads.read(body)).await, said(UploadFault::TooSlow));
                assert_eq!(before.elapsed(), Limits::UPLOAD_TIME);
            })
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_has_its_turn_until_it_is_dropped() {
        LocalSet::new()
            .run_until(async {
                let counts = UploadCounts::default();
                let uploads = UploadTurns::new(&Limits::default(), counts.clone());
                let mut running = Vec::new();
                for _ in 0..Limits::UPLOADS {
                    let mut bytes = uploads.read(body(3, Some(Ok(()))).0);
                    assert!(matches!(bytes.next().await, Some(Ok(_))));
                    running.push(bytes);
                }
                let turns = i64::try_from(Limits::UPLOADS).unwrap();
                let counted = || [counts.running.get(), counts.waiting.get()];
                assert_eq!(counted(), [turns, 0]);
                let mut next = uploads.read(body(3, Some(Ok(()))).0);
                assert!(futures_util::poll!(next.next()).is_pending());
                assert_eq!(counted(), [turns, 1]);
                assert_eq!(all(next).await, said(UploadFault::NoTurn));
                assert_eq!((counted(), counts.refused.get()), ([turns, 0], 1));
                running.pop();
                assert_eq!(all(uploads.read(body(3, Some(Ok(()))).0)).await, Ok(3));
                assert_eq!((counted(), counts.refused.get()), ([turns - 1, 0], 1));
            })
            .await;
    }
}
