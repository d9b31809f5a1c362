//! A progress bar while a command works, if stderr is a terminal. Signals stop the work in order.

use std::io::{self, Write as _};
use std::mem::replace;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use release_links_ports::Progress;

use crate::signals::StopSignals;

const KNOWN: &str = "{msg} [{bar:40}] {percent}%";
const UNKNOWN: &str = "{msg} {spinner}";
/// How often the bar moves while the length of a part is unknown.
const TICK: Duration = Duration::from_millis(100);

/// The bars of one command, one after another.
pub(crate) struct Bar {
    now: Mutex<ProgressBar>,
    stopped: AtomicBool,
}

impl Bar {
    /// Replaces the bar with another.
    fn next(&self, bar: ProgressBar) {
        replace(&mut *self.now.lock().unwrap_or_else(PoisonError::into_inner), bar).finish_and_clear();
    }

    /// Prints a line on stdout, without the bar in between.
    pub(crate) fn print(&self, line: &str) {
        let bar = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        // The work goes on, even if nobody reads this.
        let _ = bar.suspend(|| writeln!(io::stdout().lock(), "{line}"));
    }
}

impl Progress for Bar {
    fn begin(&self, part: &str, steps: Option<u64>) {
        // A bar on stderr is hidden when stderr is no terminal.
        let bar = ProgressBar::with_draw_target(steps, ProgressDrawTarget::stderr()).with_message(part.to_owned());
        if let Ok(style) = ProgressStyle::with_template(if steps.is_some() { KNOWN } else { UNKNOWN }) {
            bar.set_style(style.progress_chars("=> "));
        }
        // Before the steady ticks, which would leave the first to a thread that a short part does not wait for.
        bar.tick();
        if steps.is_none() {
            bar.enable_steady_tick(TICK);
        }
        self.next(bar);
    }

    fn reach(&self, steps: u64) {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).set_position(steps);
    }

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// Shows the progress of a task until it ends; SIGTERM and SIGINT ask it to stop at once.
///
/// # Errors
/// Returns an error if the signal handlers cannot be installed; the task is not started then.
pub(crate) async fn follow<F: Future>(task: impl FnOnce(Arc<Bar>) -> F) -> io::Result<F::Output> {
    let bar = Arc::new(Bar { now: Mutex::new(ProgressBar::hidden()), stopped: AtomicBool::new(false) });
    let mut signals = StopSignals::new()?;
    let stopping = actix_web::rt::spawn({
        let bar = Arc::clone(&bar);
        async move {
            signals.next().await;
            bar.stopped.store(true, Ordering::Relaxed);
        }
    });
    let outcome = task(bar.clone()).await;
    stopping.abort();
    bar.next(ProgressBar::hidden());
    Ok(outcome)
}
