//! How far a command over many releases has come, for people who look at a terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use plimsoll::parallel::each;

/// `work` on each of several releases, on all processors, with a line that says how many are done.
pub(crate) fn in_parallel<T: Sync, R: Send>(
    releases: &[T],
    verb: &str,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let progress = Progress::new(releases.len());
    each(releases, |release| {
        let result = work(release);
        progress.next(verb);
        result
    })
}

/// One line that is overwritten, and gone when this is dropped. Nothing at all where nobody looks.
struct Progress {
    done: AtomicUsize,
    total: usize,
    shown: bool,
}

impl Progress {
    fn new(total: usize) -> Self {
        Self { done: AtomicUsize::new(0), total, shown: total > 1 && io::stderr().is_terminal() }
    }

    /// Another release is done; `verb` says what was done to it.
    fn next(&self, verb: &str) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.shown {
            // Progress that cannot be shown is no reason to stop.
            let _ = write!(io::stderr(), "\r\x1b[K{verb} {done} of {}", self.total);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
