//! What the engine asks of the device that it runs on.

use core::task::Poll;

use iotops_crypto::{Digest, Hasher};

use super::{CHUNK, Call, Record};
#[cfg(feature = "update-management")]
use crate::model::WaitEvent;
use crate::model::{ComponentIdentifier, Custom, Uuid, VendorIdentifier};
#[cfg(feature = "update-management")]
use iotops_wire::Clock;

/// Why the platform could not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// There is nothing there: an empty component, a resource that does not exist.
    Absent,
    /// The platform cannot do this at all.
    Unsupported,
    /// The platform's own policy forbids it.
    Unauthorized,
    /// It was tried and did not succeed.
    Failed,
}

/// What a platform call gives: a result, or `Pending` if it needs more time.
///
/// A pending call is repeated, with the same [`Call::token`] and the same arguments, until it is
/// ready. Calls that change something must be idempotent for each token: after a power failure the
/// last one is made once more.
pub type Answer<T> = Poll<Result<T, Fault>>;

/// An answer that is ready.
pub const fn ready<T>(value: T) -> Answer<T> {
    Poll::Ready(Ok(value))
}

/// An answer that refuses.
pub const fn refused<T>(fault: Fault) -> Answer<T> {
    Poll::Ready(Err(fault))
}

/// What a device says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity<'a> {
    /// Its vendor (condition 1).
    Vendor(VendorIdentifier<'a>),
    /// Its class (condition 2).
    Class(&'a Uuid),
    /// The device itself (condition 24).
    Device(&'a Uuid),
}

/// A device as the engine sees it: components that can be read and written, and what it knows of
/// itself.
///
/// Only the first methods are needed; the others refuse as unsupported until they are written, so
/// that a device offers just what it has. Nothing here checks anything: the engine does.
pub trait Platform {
    /// Whether there is such a component here (SUIT §6.1: "Unsupported Component Identifier
    /// encountered" makes a manifest invalid).
    fn has(&mut self, call: &Call<'_>) -> bool;

    /// Whether the device, for this component, is what the manifest asks for (SUIT §8.4.9.1).
    fn is(&mut self, call: &Call<'_>, identity: Identity<'_>) -> bool;

    /// Reads from a component into `buffer` from `offset` on; 0 bytes are its end.
    fn read(&mut self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize>;

    /// Makes a component ready to be written anew, and says how much of what this very token
    /// writes is there already: 0 but after an interruption. `size` is the image size, if known.
    fn begin(&mut self, call: &Call<'_>, size: Option<u64>) -> Answer<u64> {
        let _ = (call, size);
        refused(Fault::Unsupported)
    }

    /// Writes to a component; `offset` grows without gaps from what `begin` answered.
    fn write(&mut self, call: &Call<'_>, offset: u64, bytes: &[u8]) -> Answer<()> {
        let _ = (call, offset, bytes);
        refused(Fault::Unsupported)
    }

    /// All of the `size` bytes of a component were written.
    fn finish(&mut self, call: &Call<'_>, size: u64) -> Answer<()> {
        let _ = (call, size);
        ready(())
    }

    /// Fetches a part of what `uri` names, from `offset` on; 0 bytes are its end. Arguments are
    /// among the parameters of the call (25).
    fn fetch(
        &mut self,
        call: &Call<'_>,
        uri: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Answer<usize> {
        let _ = (call, uri, offset, buffer);
        refused(Fault::Unsupported)
    }

    /// Exchanges the contents of a component and of `source` (SUIT §8.4.10.9); must be resumable.
    fn swap(&mut self, call: &Call<'_>, source: &Call<'_>) -> Answer<()> {
        let _ = (call, source);
        refused(Fault::Unsupported)
    }

    /// Transfers execution to a component (SUIT §8.4.10.7); may not return.
    fn invoke(&mut self, call: &Call<'_>, arguments: Option<&[u8]>) -> Answer<()> {
        let _ = (call, arguments);
        refused(Fault::Unsupported)
    }

    /// The digest of what a component holds. The default reads it all in one call, in blocks of
    /// [`CHUNK`] bytes; hardware can do better.
    fn digest(&mut self, call: &Call<'_>, mut hasher: Hasher) -> Answer<Digest> {
        let mut buffer = [0; CHUNK];
        let mut offset = 0_u64;
        loop {
            let read = match self.read(call, offset, &mut buffer) {
                Poll::Ready(Ok(0)) => return ready(hasher.finish()),
                Poll::Ready(Ok(read)) => read,
                Poll::Ready(Err(fault)) => return refused(fault),
                Poll::Pending => return Poll::Pending,
            };
            hasher.update(buffer.get(..read).unwrap_or_default());
            offset = offset.saturating_add(super::wide(read));
        }
    }

    /// Whether what goes into this component is transformed on its way, as one of its custom
    /// parameters asks for ([`Call::custom_parameters`]). Asked only if it has any.
    #[cfg(feature = "transform")]
    fn transforms(&mut self, call: &Call<'_>) -> bool {
        let _ = call;
        false
    }

    /// Takes some of `input` in and puts what it makes of it into `output`: nothing taken and
    /// nothing made means that all is done, and only then may it be so, with no input left. No
    /// input is the end of it. What is not taken comes again, with more behind it.
    ///
    /// [`Platform::begin`] of the component begins anew; it must answer 0 then.
    ///
    /// # Errors
    /// The fault in the input.
    #[cfg(feature = "transform")]
    fn transform(
        &mut self,
        call: &Call<'_>,
        input: &[u8],
        output: &mut [u8; CHUNK],
    ) -> Result<super::Transformed, Fault> {
        let _ = (call, input, output);
        Err(Fault::Unsupported)
    }

    /// The slot that a component is in, or would be written to (SUIT §8.4.9.4).
    fn slot(&mut self, call: &Call<'_>) -> Option<u64> {
        let _ = call;
        None
    }

    /// A command of the platform's own, -256 or below. `Ok(false)` is a condition that failed.
    fn custom(&mut self, call: &Call<'_>, code: i64, argument: Custom<'_>) -> Answer<bool> {
        let _ = (call, code, argument);
        refused(Fault::Unsupported)
    }

    /// How many installed manifests refer to a component: one that is referred to is not changed
    /// (SUIT TD §5.6.5). A device with one root manifest refers to nothing.
    ///
    /// # Errors
    /// The fault that kept it from being read.
    #[cfg(feature = "trust-domains")]
    fn references(&mut self, call: &Call<'_>) -> Result<u32, Fault> {
        let _ = call;
        Ok(0)
    }

    /// Takes away the reference of the current manifest to a component, and says how many are
    /// left. "The reference counter MUST NOT be decremented by a given Manifest more than once."
    #[cfg(feature = "trust-domains")]
    fn unlink(&mut self, call: &Call<'_>) -> Answer<u32> {
        let _ = call;
        refused(Fault::Unsupported)
    }

    /// What is known of the time.
    #[cfg(feature = "update-management")]
    fn now(&mut self) -> Clock {
        Clock::Unknown
    }

    /// The charge of the battery, in mWh, if there is one and it is known.
    #[cfg(feature = "update-management")]
    fn battery(&mut self) -> Option<u64> {
        None
    }

    /// Asks the application, or its user, whether to go on; a smaller `priority` is more urgent.
    #[cfg(feature = "update-management")]
    fn authorize(&mut self, call: &Call<'_>, priority: i64) -> Answer<bool> {
        let _ = (call, priority);
        refused(Fault::Unsupported)
    }

    /// The version of what a component holds, if it is known.
    #[cfg(feature = "update-management")]
    fn version(&mut self, call: &Call<'_>) -> Option<&[i64]> {
        let _ = call;
        None
    }

    /// Whether an event has come: pending until it has.
    #[cfg(feature = "update-management")]
    fn wait(&mut self, call: &Call<'_>, event: WaitEvent<'_>) -> Answer<()> {
        let _ = (call, event);
        refused(Fault::Unsupported)
    }

    /// How a command went: for reports, and for whoever watches. Conditions and directives that
    /// act on a component are told, once for each component.
    fn record(&mut self, call: &Call<'_>, record: &Record) {
        let _ = (call, record);
    }

    /// The sequence number of the newest manifest that was installed for this root, if any.
    ///
    /// # Errors
    /// The fault that kept it from being read: then nothing is installed.
    fn sequence_number(
        &mut self,
        root: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault>;

    /// Stores it. It never goes down.
    ///
    /// # Errors
    /// The fault that kept it from being stored.
    fn store_sequence_number(
        &mut self,
        root: Option<ComponentIdentifier<'_>>,
        number: u64,
    ) -> Result<(), Fault>;
}
