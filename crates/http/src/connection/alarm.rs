//! A timeout for clients that does not count the time during which the worker was busy.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::rt::time::{Instant, Sleep, sleep_until};

/// How long a client may still send after its time is up: the worker has yet to read what arrived while it was busy.
const GRACE: Duration = Duration::from_millis(250);

/// Wakes a task once its deadline has passed.
///
/// The timer keeps running when the deadline moves or disappears, which happens with every request; it is reset only
/// when it fires. That is cheaper than a reset for each request.
#[derive(Default)]
pub(crate) struct Alarm {
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the timer will wake the task.
    armed: bool,
    /// The deadline that has passed, and the end of its grace period.
    extended: Option<(Instant, Instant)>,
}

impl Alarm {
    /// Returns `Ready` once `due` and the grace period after it have passed.
    ///
    /// If the timer fires late, the worker was busy and could not see what the client had sent, so the client gets that
    /// time again.
    pub(crate) fn poll_past(&mut self, cx: &mut Context<'_>, due: Instant) -> Poll<()> {
        loop {
            let until = match self.extended {
                Some((for_due, until)) if for_due == due => until,
                _ => due,
            };
            if !self.poll_timer(cx, until) {
                return Poll::Pending;
            }
            let late = Instant::now().saturating_duration_since(until);
            if until != due && late <= GRACE {
                return Poll::Ready(());
            }
            self.extended = Some((due, Instant::now() + GRACE + late));
        }
    }

    /// Whether `until` has passed; if not, the task will be woken then.
    fn poll_timer(&mut self, cx: &mut Context<'_>, until: Instant) -> bool {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if self.armed && timer.deadline() <= until && !timer.is_elapsed() {
            return false;
        }
        if timer.deadline() != until {
            if Instant::now() >= until {
                return true;
            }
            timer.as_mut().reset(until);
        }
        self.armed = timer.as_mut().poll(cx).is_pending();
        !self.armed
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::{advance, timeout};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    async fn fires_within(alarm: &mut Alarm, due: Instant, time: Duration) -> bool {
        timeout(time, poll_fn(|cx| alarm.poll_past(cx, due))).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn it_fires_once_the_time_is_up() {
        let due = Instant::now() + LIMIT;
        let mut alarm = Alarm::default();
        assert!(!fires_within(&mut alarm, due, LIMIT).await);
        assert!(fires_within(&mut alarm, due, 2 * GRACE).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_deadline_delays_it() {
        let due = Instant::now() + LIMIT;
        let mut alarm = Alarm::default();
        assert!(!fires_within(&mut alarm, due, LIMIT / 2).await);
        assert!(!fires_within(&mut alarm, due + LIMIT, LIMIT).await);
        assert!(fires_within(&mut alarm, due + LIMIT, LIMIT).await);
    }

    #[tokio::test(start_paused = true)]
    async fn an_earlier_deadline_advances_it() {
        let due = Instant::now() + LIMIT;
        let mut alarm = Alarm::default();
        assert!(!fires_within(&mut alarm, due, LIMIT / 5).await);
        assert!(fires_within(&mut alarm, due - LIMIT / 2, LIMIT / 2).await);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_during_which_the_worker_was_busy_does_not_count() {
        let due = Instant::now() + LIMIT;
        let mut alarm = Alarm::default();
        assert!(!fires_within(&mut alarm, due, LIMIT / 5).await);
        advance(3 * LIMIT).await;
        assert!(!fires_within(&mut alarm, due, 2 * LIMIT).await);
        assert!(fires_within(&mut alarm, due, LIMIT).await);
    }
}
