//! An alarm that tells a client that takes too long from a worker that does.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::rt::time::{Instant, Sleep, sleep_until};

/// How long a client has after its time was up: what it sent while the worker was busy is still to be read.
const LAST_CALL: Duration = Duration::from_millis(250);

/// Wakes a task once a due time has passed.
///
/// The timer behind it is left running when the due time moves away or falls away, as it does with every request, and
/// is set anew only when it goes off.
#[derive(Default)]
pub(crate) struct Alarm {
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the timer is going to wake the task.
    armed: bool,
    /// The due time that has passed, and until when the last call goes.
    extended: Option<(Instant, Instant)>,
}

impl Alarm {
    /// Ready once `due` has passed and the last call, too. Where the timer goes off late, the worker was busy and could
    /// not see what the client had sent, so the client is given that time again.
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
            if until != due && late <= LAST_CALL {
                return Poll::Ready(());
            }
            self.extended = Some((due, Instant::now() + LAST_CALL + late));
        }
    }

    /// Whether it is later than `until`; if not, the task is woken then.
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

    async fn goes_off_within(alarm: &mut Alarm, due: Instant, time: Duration) -> bool {
        timeout(time, poll_fn(|cx| alarm.poll_past(cx, due))).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn it_goes_off_once_the_time_is_up() {
        let due = Instant::now() + LIMIT;
        let mut alarm = Alarm::default();
        assert!(!goes_off_within(&mut alarm, due, LIMIT).await);
        assert!(goes_off_within(&mut alarm, due, 2 * LAST_CALL).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_due_time_that_moves_away_moves_it() {
        let due = Instant::now() + LIMIT;
        let mut alarm = Alarm::default();
        assert!(!goes_off_within(&mut alarm, due, LIMIT / 2).await);
        assert!(!goes_off_within(&mut alarm, due + LIMIT, LIMIT).await);
        assert!(goes_off_within(&mut alarm, due + LIMIT, LIMIT).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_due_time_that_comes_nearer_moves_it() {
        let due = Instant::now() + LIMIT;
        let mut alarm = Alarm::default();
        assert!(!goes_off_within(&mut alarm, due, LIMIT / 5).await);
        assert!(goes_off_within(&mut alarm, due - LIMIT / 2, LIMIT / 2).await);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_that_the_worker_was_busy_is_given_again() {
        let due = Instant::now() + LIMIT;
        let mut alarm = Alarm::default();
        assert!(!goes_off_within(&mut alarm, due, LIMIT / 5).await);
        advance(3 * LIMIT).await;
        assert!(!goes_off_within(&mut alarm, due, 2 * LIMIT).await);
        assert!(goes_off_within(&mut alarm, due, LIMIT).await);
    }
}
