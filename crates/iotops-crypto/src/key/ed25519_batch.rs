//! Many Ed25519 signatures at once: a filter in front of verifying, never the verdict.

use alloc::vec::Vec;

use ed25519_dalek::Signature;

use super::Ed25519PublicKey;

/// One signature of a batch.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "it is made by callers and has no more parts")]
pub struct Ed25519Signed<'a> {
    /// The key that it is said to be by.
    pub key: &'a Ed25519PublicKey,
    /// The message.
    pub message: &'a [u8],
    /// The signature, of 64 bytes.
    pub signature: &'a [u8],
}

/// Whether all signatures of a batch seem valid, for half of the time that it takes to verify each:
/// on a server 16 µs of 33 in a batch of 16, 15 µs in one of 64, and 40 µs for one alone. Since each
/// is verified after that, it only saves time where more than half of the batches are wrong.
///
/// After `false` one may drop the batch, after `true` each must still be verified before anything
/// is done with its message: the equation of a batch also holds for signatures that the strict
/// rules refuse. It can fail for valid ones only under a key with a component of small order,
/// which nobody gets who makes keys as RFC 8032 §5.1.5 says.
#[must_use]
pub fn ed25519_batch_seems_valid(batch: &[Ed25519Signed<'_>]) -> bool {
    let signatures: Result<Vec<_>, _> =
        batch.iter().map(|one| Signature::from_slice(one.signature)).collect();
    let Ok(signatures) = signatures else {
        return false;
    };
    let messages: Vec<&[u8]> = batch.iter().map(|one| one.message).collect();
    let keys: Vec<_> = batch.iter().map(|one| one.key.backend()).collect();
    ed25519_dalek::verify_batch(&messages, &signatures, &keys).is_ok()
}
