//! How far a command over many releases has come, for people who look at a terminal.

use std::io::{self, IsTerminal, Write};

/// One line that is overwritten, and gone when this is dropped. Nothing at all where nobody looks.
pub(crate) struct Progress {
    done: usize,
    total: usize,
    shown: bool,
}

impl Progress {
    pub(crate) fn new(total: usize) -> Self {
        Self { done: 0, total, shown: total > 1 && io::stderr().is_terminal() }
    }

    /// Another release begins; `verb` says what was done to those before.
    pub(crate) fn next(&mut self, verb: &str) {
        if self.shown {
            // Progress that cannot be shown is no reason to stop.
            let _ = write!(io::stderr(), "\r\x1b[K{verb} {} of {}", self.done, self.total);
        }
        self.done += 1;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
