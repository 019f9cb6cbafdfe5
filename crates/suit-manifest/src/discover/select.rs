//! Of many envelopes, the one to install (SUIT §6.1).

use iotops_crypto::Verifier;

use crate::process::{Engine, Failure, Options, Platform, Procedure, Step, Tree};
use crate::{Envelope, Error, Manifest, Policy, rules};

/// The most envelopes that are looked at: each may cost a public-key operation for each key.
pub const CANDIDATES: usize = 64;

/// What was chosen.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Selected<'a> {
    /// The place of its envelope among those given.
    pub place: usize,
    /// The manifest.
    pub manifest: Manifest<'a>,
}

/// Chooses the manifest with the greatest sequence number of those that `keys` signed as `policy`
/// asks, that are valid, and whose shared sequence says that they are for this device. A manifest
/// that the stored sequence number forbids is not for it.
///
/// `passed_over` is told why each other is not taken. Of two with the same number the first is
/// taken. An envelope with a lower number than one that was found good is not looked at further:
/// no signature is checked in vain.
///
/// The engine is used for the shared sequences, which change nothing: of the platform only
/// [`Platform::has`], [`Platform::is`], [`Platform::sequence_number`] and what conditions read are
/// called.
pub fn select_latest<'a, P: Platform + ?Sized, const COMPONENTS: usize, const DEPTH: usize>(
    envelopes: impl IntoIterator<Item = &'a [u8]>,
    policy: Policy,
    keys: &[&dyn Verifier],
    engine: &mut Engine<COMPONENTS, DEPTH>,
    platform: &mut P,
    passed_over: &mut dyn FnMut(usize, Error),
) -> Option<Selected<'a>> {
    let mut best: Option<Selected<'a>> = None;
    for (place, bytes) in envelopes.into_iter().enumerate() {
        let least = best.map(|selected| selected.manifest.sequence_number());
        let found = match place {
            ..CANDIDATES => candidate(bytes, least, policy, keys),
            _ => Err(Error::new(rules::SELECT_COUNT, 0)),
        };
        match found.and_then(|manifest| applicable(manifest, engine, platform)) {
            Err(reason) => passed_over(place, reason),
            Ok(manifest) => {
                if let Some(older) = best.replace(Selected { place, manifest }) {
                    passed_over(older.place, Error::new(rules::SELECT_OLDER, 0));
                }
            }
        }
    }
    best
}

/// Authenticates and validates an envelope whose number is above `least`.
fn candidate<'a>(
    bytes: &'a [u8],
    least: Option<u64>,
    policy: Policy,
    keys: &[&dyn Verifier],
) -> Result<Manifest<'a>, Error> {
    let envelope = Envelope::decode(bytes)?;
    // What an envelope claims may make it lose, never win.
    if least >= envelope.claimed_number() && least.is_some() {
        return Err(Error::new(rules::SELECT_OLDER, 0));
    }
    envelope.authenticate_by(policy, keys)?.validate()
}

/// The manifest, if its shared sequence holds on this device.
fn applicable<'a, P: Platform + ?Sized, const COMPONENTS: usize, const DEPTH: usize>(
    manifest: Manifest<'a>,
    engine: &mut Engine<COMPONENTS, DEPTH>,
    platform: &mut P,
) -> Result<Manifest<'a>, Error> {
    let mut tree = Tree::new(manifest);
    let run = engine
        .start(&tree, Procedure::Identification, Options::default(), platform, &mut ())
        .and_then(|()| engine.run(&mut tree, platform, &mut ()));
    match run {
        Ok(Step::Done) => Ok(manifest),
        // A platform that needs time to say what it is cannot be waited for here.
        Ok(_) => Err(Error::new(rules::SELECT_PENDING, 0)),
        Err(failure) => Err(Failure::error(&failure)),
    }
}
