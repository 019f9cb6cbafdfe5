//! How a device goes on: what it decides is data, what it does is the caller's.

/// Seconds that a device waits at most, whatever a registrar asks for (RFC 8995 §5.6).
pub const LONGEST_WAIT: u32 = 60;
/// Seconds that a device keeps an attempt open for a registrar that says "later": 4 days.
pub const LONGEST_ATTEMPT: u32 = 4 * 24 * 60 * 60;

/// What a device does behind the answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum NextStep {
    /// Look at the voucher in the answer.
    Check,
    /// Ask again with the same bytes, and so the same nonce, in so many seconds.
    Retry(u32),
    /// Ask again where the answer says: once in an attempt.
    Redirect,
    /// This registrar will give none: try the next one.
    TryNext,
}

/// One attempt with one registrar. The connection is provisional: nothing that comes through it is
/// trusted before a voucher pins it (RFC 8995 §5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Attempt {
    waited: u32,
    was_redirected: bool,
}

impl Attempt {
    /// A new one.
    #[must_use]
    pub const fn new() -> Self {
        Self { waited: 0, was_redirected: false }
    }

    /// What to do behind an answer with this status, which perhaps asks to wait so many seconds.
    #[must_use]
    pub fn answered(&mut self, status: u16, retry_after: Option<u32>) -> NextStep {
        match status {
            200 => NextStep::Check,
            // "The pledge MUST … retry the request" with "the same" bytes; capped at 60 seconds.
            202 if self.waited < LONGEST_ATTEMPT => {
                let wait = retry_after.unwrap_or(LONGEST_WAIT).clamp(1, LONGEST_WAIT);
                self.waited = self.waited.saturating_add(wait);
                NextStep::Retry(wait)
            }
            // "the pledge … MUST follow only a single redirection".
            301 | 302 | 307 | 308 if !self.was_redirected => {
                self.was_redirected = true;
                NextStep::Redirect
            }
            _ => NextStep::TryNext,
        }
    }
}
