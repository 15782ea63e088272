//! What the process tells its caller in one number.
//!
//! The same three as `diff` and ripgrep, so that scripts need no manual: 0 is fine, 1 is a difference that was
//! looked for and found, 2 is input or usage that is wrong.

use std::io;
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Exit {
    /// Done, nothing to object to.
    Fine,
    /// Done, and there are differences (`check`, `diff`, `golden`).
    Differs,
    /// Not done: the input or the command line is wrong, or the system refused.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Fine => Self::SUCCESS,
            Exit::Differs => Self::from(1),
            Exit::Failed => Self::from(2),
        }
    }
}

/// Takes a closed pipe for success: whoever reads (`| head`) has seen enough.
pub(crate) fn unless_closed(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_no_error() {
        assert!(unless_closed(Err(io::ErrorKind::BrokenPipe.into())).is_ok());
        assert!(unless_closed(Err(io::ErrorKind::StorageFull.into())).is_err());
        assert!(unless_closed(Ok(())).is_ok());
    }

    #[test]
    fn the_worst_of_several_ends_is_the_greatest() {
        assert_eq!([Exit::Differs, Exit::Failed, Exit::Fine].into_iter().max(), Some(Exit::Failed));
    }
}
