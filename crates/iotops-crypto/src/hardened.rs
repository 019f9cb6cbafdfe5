//! Verification for devices that an attacker may disturb: glitches of clock, voltage or light.
//!
//! A fault that skips one branch or changes one value must not turn "invalid" into "valid". So the
//! signature is verified twice, each result is kept as one of three words that differ in 16 bits
//! or more, and both words are compared, each twice. Two faults that fit each other still break
//! it, and the compiler is only asked, not forced, to leave the repetition alone
//! ([`core::hint::black_box`]): look at what it made of it for your target.
//!
//! The price is twice the time of the verification.

use core::hint::black_box;

use crate::{Algorithm, Refused, Verifier};

/// The signature is right. All words differ from each other in at least 16 bits.
const VALID: u32 = 0x3ca5_965a;
/// The signature is wrong: all bits of [`VALID`] turned.
const INVALID: u32 = 0xc35a_69a5;
/// It could not be checked.
const UNAVAILABLE: u32 = 0x5ac3_0ff0;

/// What two verifications found.
///
/// Carry it, not a `bool`, up to where the decision is made, and ask it there.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    first: u32,
    second: u32,
}

impl Verdict {
    /// What was found, compared anew on every call.
    ///
    /// # Errors
    /// [`Refused::Unavailable`] if neither verification said anything worse, and else
    /// [`Refused::Invalid`]: also if the two disagree, which is a fault.
    #[inline(never)]
    pub fn accept(&self) -> Result<(), Refused> {
        if black_box(self.first) == VALID
            && black_box(self.second) == VALID
            && black_box(self.first) ^ INVALID == u32::MAX
            && black_box(self.second) ^ INVALID == u32::MAX
        {
            return Ok(());
        }
        let is_away = |word| black_box(word) == UNAVAILABLE;
        if is_away(self.first) && is_away(self.second) {
            return Err(Refused::Unavailable);
        }
        Err(Refused::Invalid)
    }
}

/// Verifies twice.
#[must_use]
#[inline(never)]
pub fn verify<V: Verifier + ?Sized>(verifier: &V, message: &[&[u8]], signature: &[u8]) -> Verdict {
    // Both begin as refused: a call that is skipped leaves nothing that passes.
    let mut verdict = Verdict { first: INVALID, second: INVALID };
    let again = black_box((verifier, message, signature));
    verdict.first = black_box(word(verifier.verify(message, signature)));
    verdict.second = black_box(word(again.0.verify(again.1, again.2)));
    verdict
}

#[inline(never)]
const fn word(result: Result<(), Refused>) -> u32 {
    match result {
        Ok(()) => VALID,
        Err(Refused::Unavailable) => UNAVAILABLE,
        Err(_) => INVALID,
    }
}

/// A verifier that verifies twice: for everything that takes a [`Verifier`].
///
/// ```
/// use iotops_crypto::cose::Sign1;
/// use iotops_crypto::hardened::Hardened;
/// use iotops_crypto::{Error, Verifier};
///
/// fn check(message: &[u8], key: &dyn Verifier) -> Result<(), Error> {
///     Sign1::decode(message)?.verify(b"", &[&Hardened::new(key)]).map(drop)
/// }
/// ```
#[derive(Debug)]
pub struct Hardened<'k, V: ?Sized>(&'k V);

impl<'k, V: Verifier + ?Sized> Hardened<'k, V> {
    /// Verifies with `verifier`, twice.
    #[must_use]
    pub const fn new(verifier: &'k V) -> Self {
        Self(verifier)
    }
}

impl<V: Verifier + ?Sized> Verifier for Hardened<'_, V> {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        self.0.accepts(algorithm) && black_box(self).0.accepts(black_box(algorithm))
    }

    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        verify(self.0, message, signature).accept()
    }
}
