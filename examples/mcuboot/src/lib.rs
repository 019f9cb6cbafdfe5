//! An update by SUIT on a device that boots by MCUboot: without a heap, and without `std`.
//!
//! The image goes to the secondary slot as MCUboot wants it: with its header and its TLVs, signed
//! for MCUboot, which checks it once more. Then a [`Trailer`] at the end of the slot asks for a
//! swap on trial. MCUboot swaps at the next start, and at the one after it swaps back, unless the
//! new image wrote to the trailer of the primary slot that it is well.
//!
//! As in the example with `embassy-boot`, the engine sees one directive-swap that takes a restart.
//! MCUboot tells an old image nothing of a swap that was taken back, so the device remembers which
//! manifest it tried.

#![no_std]
#![forbid(unsafe_code)]

mod device;
mod trailer;

pub use device::{Device, Layout, Network};
pub use trailer::{Flag, Magic, Trailer};

use embedded_storage::nor_flash::NorFlash;
use suit_manifest::crypto::Verifier;
use suit_manifest::process::{
    Engine, Failure, Fault, FlashJournal, Options, Procedure, Step, Tree,
};
use suit_manifest::{Envelope, Error};

/// Bytes of the journal of a run.
const JOURNAL: usize = 128;

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Restart: MCUboot swaps the images.
    Restart,
    /// The new image runs and is the one that the manifest names. If its tests of itself succeed,
    /// [`confirm`]; if not, restart, and MCUboot goes back.
    OnTrial,
    /// Nothing was to be done.
    UpToDate,
    /// The update was refused, aborted or taken back; the old image runs.
    Failed(Failure),
}

/// Runs an envelope, or goes on with it after a restart.
///
/// # Errors
/// The rule by which the envelope is refused; nothing was changed.
pub fn run<F: NorFlash, R: NorFlash>(
    envelope: &[u8],
    keys: &[&dyn Verifier],
    device: &mut Device<'_, F, R>,
) -> Result<Outcome, Error> {
    let manifest = Envelope::decode(envelope)?.authenticate(keys)?.validate()?;
    device.begins(manifest.sequence_number());
    let mut journal = FlashJournal::<_, JOURNAL>::new(device.records());
    let (mut tree, mut engine) = (Tree::new(manifest), Engine::<2, 4>::new());
    let options = Options::default();
    let begun = engine.start(&tree, Procedure::Update, options, device, &mut journal);
    let mut step = begun.map(|()| Step::More);
    while step == Ok(Step::More) {
        step = engine.step(&mut tree, device, &mut journal);
    }
    Ok(match step {
        Ok(Step::Pending) => Outcome::Restart,
        Ok(_) if device.is_on_trial() == Ok(true) => Outcome::OnTrial,
        Ok(_) => Outcome::UpToDate,
        Err(failure) => {
            device.forgets();
            Outcome::Failed(failure)
        }
    })
}

/// Keeps the new image: from now on MCUboot does not go back.
///
/// # Errors
/// [`Fault::Failed`] if that could not be written.
pub fn confirm<F: NorFlash, R: NorFlash>(device: &mut Device<'_, F, R>) -> Result<(), Fault> {
    device.confirm()
}
