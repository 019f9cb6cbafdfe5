//! Failures: a sentence for people, and an exit status for scripts.

use core::fmt::Display;
use std::process::ExitCode;

/// Why the command did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input was read and is not acceptable: exit status 1.
    Rejected(String),
    /// What was asked for was found, and told already: exit status 1.
    Found,
    /// Usage, input or output: exit status 2.
    Unusable(String),
}

impl Failure {
    pub(crate) fn unusable(subject: &str, reason: impl Display) -> Self {
        Self::Unusable(format!("{subject}: {reason}"))
    }

    /// Says why on standard error, and gives the exit status.
    pub(crate) fn report(&self) -> ExitCode {
        let (text, status) = match self {
            Self::Found => return ExitCode::from(1),
            Self::Rejected(text) => (text, 1),
            Self::Unusable(text) => (text, 2),
        };
        eprintln!("error: {text}");
        ExitCode::from(status)
    }
}
