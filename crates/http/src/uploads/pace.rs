//! The pace of a body that is stored while it arrives.

use std::future::poll_fn;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::rt::time::Instant;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt, stream};

use crate::Limits;
use crate::connection::Alarm;
use crate::error::UploadFault;

/// How slow a client may be: so many bytes a second at least, and how long behind that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub(super) rate: u32,
    pub(super) grace: Duration,
}

impl Pace {
    /// Returns the pieces of a body until it ends, breaks off, or the client is too slow. Its time does not run while
    /// nobody asks for the next piece.
    pub(super) fn of(self, payload: Payload) -> impl Stream<Item = Result<Bytes, UploadFault>> {
        let paced = Paced { payload, alarm: Alarm::default(), left: self.grace, end: None, pace: self };
        stream::try_unfold(paced, |mut paced| async move {
            let piece = paced.next().await?;
            Ok(piece.map(|piece| (piece, paced)))
        })
    }
}

/// A body, and how long the client may take for its next piece.
struct Paced {
    payload: Payload,
    alarm: Alarm,
    left: Duration,
    /// When the whole body must have arrived; known once somebody has asked for the first piece.
    end: Option<Instant>,
    pace: Pace,
}

impl Paced {
    async fn next(&mut self) -> Result<Option<Bytes>, UploadFault> {
        let Self { payload, alarm, left, end, pace } = self;
        let waiting_since = Instant::now();
        let end = *end.get_or_insert(waiting_since + Limits::UPLOAD_TIME);
        if waiting_since >= end {
            return Err(UploadFault::TooSlow);
        }
        let due = end.min(waiting_since + *left);
        let piece = tokio::select! {
            // What has arrived is not late, however long ago it was asked for.
            biased;
            piece = payload.next() => piece,
            () = poll_fn(|cx| alarm.poll_past(cx, due)) => return Err(UploadFault::TooSlow),
        };
        let Some(piece) = piece else { return Ok(None) };
        let piece = piece.map_err(|_| UploadFault::Cut)?;
        let earned = Duration::from_secs(1) * u32::try_from(piece.len()).unwrap_or(u32::MAX) / pace.rate;
        *left = (left.saturating_sub(waiting_since.elapsed()) + earned).min(pace.grace);
        Ok(Some(piece))
    }
}
