//! Which anchors are for a document.

use iotops_wire::{Clock, Time};

use super::{Anchor, AnchorId, AnchorSet, KEYS, Material, Purpose};
use crate::key::{KeyId, KeyIdKind, VerifyingKey};
use crate::{Algorithm, Error, Refused, Verifier};

/// What a document is, and when it is looked at: what anchors are selected by.
///
/// Dates exclude an anchor only when the clock proves that it is too early or too late: a clock
/// that tells only "not before" proves that something is over, and an unknown one proves nothing.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    purpose: Purpose,
    clock: Clock,
    sequence: Option<u64>,
    component: Option<&'w [&'w [u8]]>,
}

impl<'w> Wanted<'w> {
    /// Anchors for this purpose, at this time.
    #[must_use]
    pub const fn new(purpose: Purpose, clock: Clock) -> Self {
        Self { purpose, clock, sequence: None, component: None }
    }

    /// The same for a document with this sequence number, which the signature must cover.
    ///
    /// For a document without a number, an anchor that is limited to some is not eligible.
    #[must_use]
    pub const fn with_sequence(self, sequence: u64) -> Self {
        Self { sequence: Some(sequence), ..self }
    }

    /// The same for a SUIT component. Ask for each component of a manifest.
    ///
    /// Without one, an author that is limited to prefixes is not eligible.
    #[must_use]
    pub const fn with_component(self, component: &'w [&'w [u8]]) -> Self {
        Self { component: Some(component), ..self }
    }

    fn admits(&self, anchor: &Anchor<'_>) -> bool {
        // A right to recover verifies no document.
        self.purpose != Purpose::Recovery
            && anchor.purposes().contains(self.purpose)
            && self.is_in_sequence(anchor.sequence())
            && self.is_in_time(anchor.time())
            && self.is_covered(anchor)
    }

    fn is_in_sequence(&self, (first, last): (u64, Option<u64>)) -> bool {
        match self.sequence {
            Some(sequence) => first <= sequence && last.is_none_or(|last| sequence <= last),
            None => first == 0 && last.is_none(),
        }
    }

    fn is_in_time(&self, (not_before, not_after): (Option<Time>, Option<Time>)) -> bool {
        let is_over = |now| not_after.is_some_and(|end| end < now);
        match self.clock {
            Clock::Trusted(now) => not_before.is_none_or(|start| start <= now) && !is_over(now),
            Clock::NotBefore(now) => !is_over(now),
            _ => true,
        }
    }

    fn is_covered(&self, anchor: &Anchor<'_>) -> bool {
        match self.component {
            _ if self.purpose != Purpose::SuitAuthor => true,
            Some(component) => anchor.prefixes().cover(component),
            None => anchor.prefixes().is_every(),
        }
    }
}

impl<'a> AnchorSet<'a> {
    /// The anchors of every kind that are for a document, ascending by identifier.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn anchors_for(&self, wanted: &Wanted<'_>) -> impl Iterator<Item = Anchor<'a>> {
        self.anchors().filter(|anchor| wanted.admits(anchor))
    }

    /// The keys that are for a document, ascending by identifier.
    #[must_use]
    pub fn keys_for(&self, wanted: &Wanted<'_>) -> Keys {
        Keys::collect(self.anchors_for(wanted))
    }

    /// The keys that may sign an update.
    pub(super) fn keys_with_rights(&self) -> Keys {
        Keys::collect(self.anchors().filter(Anchor::holds_rights))
    }

    /// The anchor that pins the key in this SPKI, which came with a document, by its hash.
    ///
    /// # Errors
    /// [`crate::rules::KEY_ENCODING`] if it is no SPKI.
    pub fn pinned(&self, wanted: &Wanted<'_>, spki: &[u8]) -> Result<Option<Anchor<'a>>, Error> {
        let id = KeyId::of_spki(KeyIdKind::SpkiSha256, spki)?;
        let is_pin = |anchor: &Anchor<'_>| matches!(anchor.material(), Material::SpkiHash(pin) if pin.as_bytes() == id.as_bytes());
        Ok(self.anchors_for(wanted).find(is_pin))
    }
}

/// Keys of a set, ready to verify with, in the order of their identifiers.
#[derive(Clone, Debug)]
pub struct Keys {
    keys: [Option<(AnchorId, VerifyingKey)>; KEYS],
}

impl Keys {
    /// A set was decoded with at most as many anchors of one purpose as there is room for.
    fn collect<'a>(anchors: impl Iterator<Item = Anchor<'a>>) -> Self {
        let mut found = anchors.filter_map(|anchor| Some((anchor.id(), anchor.key()?)));
        Self { keys: core::array::from_fn(|_| found.next()) }
    }

    /// The number of keys.
    #[must_use]
    pub fn count(&self) -> usize {
        self.keys.iter().flatten().count()
    }

    /// The identifier of the key at this index, as [`crate::cose::Verified::key`] gives it.
    #[must_use]
    pub fn id(&self, index: usize) -> Option<AnchorId> {
        self.keys.get(index)?.as_ref().map(|(id, _)| *id)
    }

    /// Lends the keys as verifiers.
    pub fn lend<R>(&self, verify: impl FnOnce(&[&dyn Verifier]) -> R) -> R {
        lend(self.keys.iter().flatten().map(|(_, key)| key), verify)
    }

    /// Lends the keys as verifiers that verify twice ([`crate::hardened`]).
    #[cfg(feature = "hardened")]
    pub fn lend_hardened<R>(&self, verify: impl FnOnce(&[&dyn Verifier]) -> R) -> R {
        let hardened = self.keys.each_ref().map(|key| {
            let (_, key) = key.as_ref()?;
            Some(crate::hardened::Hardened::new(key))
        });
        lend(hardened.iter().flatten(), verify)
    }
}

fn lend<'k, V: Verifier + 'k, R>(
    keys: impl Iterator<Item = &'k V>,
    verify: impl FnOnce(&[&dyn Verifier]) -> R,
) -> R {
    let mut verifiers: [&dyn Verifier; KEYS] = [&Nobody; KEYS];
    let mut count = 0_usize;
    for (to, key) in verifiers.iter_mut().zip(keys) {
        *to = key;
        count = count.saturating_add(1);
    }
    verify(verifiers.get(..count).unwrap_or_default())
}

/// Fills the places behind the last key.
struct Nobody;

impl Verifier for Nobody {
    fn accepts(&self, _algorithm: Algorithm) -> bool {
        false
    }

    fn verify(&self, _message: &[&[u8]], _signature: &[u8]) -> Result<(), Refused> {
        Err(Refused::Invalid)
    }
}
