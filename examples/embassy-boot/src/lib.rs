//! An update by SUIT through `embassy-boot`: without a heap, and without `std`.
//!
//! The boot loader exchanges the active image and the one in its DFU partition when the device
//! starts, and takes the exchange back at the next start unless the new image was marked as booted.
//! The engine sees that as one directive-swap that takes a restart: it is pending until then, and
//! the journal knows where to go on. A power failure at any time is nothing else than a restart.
//!
//! ```text
//! run: fetch to "dfu", compare, swap ──restart──▶ run again: swap is done, compare "active"
//!                       (boot loader swaps)          └─▶ Outcome::OnTrial: test yourself, confirm
//! ```
//!
//! The manifest has two components, `active` and `dfu`, of the sizes that their image-size tells.

#![no_std]
#![forbid(unsafe_code)]

mod device;
#[cfg(target_os = "none")]
pub mod firmware;

pub use device::{Device, Network};

use embassy_boot::State;
use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use suit_manifest::crypto::Verifier;
use suit_manifest::process::{
    Engine, Failure, Fault, FlashJournal, Options, Procedure, Step, Storage, Tree,
};
use suit_manifest::{Envelope, Error};

/// Bytes of the journal of a run.
const JOURNAL: usize = 128;

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Restart: the boot loader exchanges the images.
    Restart,
    /// The new image runs and is the one that the manifest names. If its tests of itself succeed,
    /// [`confirm`]; if not, restart, and the boot loader goes back.
    OnTrial,
    /// Nothing was to be done.
    UpToDate,
    /// The update was refused or aborted; the old image runs.
    Failed(Failure),
}

/// Runs an envelope, or goes on with it after a restart. `records` holds the journal and the
/// sequence number, in flash of its own.
///
/// # Errors
/// The rule by which the envelope is refused; nothing was changed.
pub fn run<A: ReadNorFlash, D: NorFlash, S: NorFlash, R: NorFlash>(
    envelope: &[u8],
    keys: &[&dyn Verifier],
    device: &mut Device<'_, A, D, S, R>,
) -> Result<Outcome, Error> {
    let manifest = Envelope::decode(envelope)?.authenticate(keys)?.validate()?;
    let records = device.records();
    let mut journal = FlashJournal::<_, JOURNAL>::new(records);
    let (mut tree, mut engine) = (Tree::new(manifest), Engine::<2, 4>::new());
    let options = Options::default();
    if let Err(failure) = engine.start(&tree, Procedure::Update, options, device, &mut journal) {
        return Ok(after_failure(device, failure));
    }
    loop {
        match engine.step(&mut tree, device, &mut journal) {
            Ok(Step::More) => {}
            // Only the exchange takes longer than its call.
            Ok(Step::Pending) => return Ok(Outcome::Restart),
            Ok(_) => break,
            Err(failure) => return Ok(after_failure(device, failure)),
        }
    }
    let is_on_trial = device.state().is_ok_and(|state| state == State::Swap);
    Ok(if is_on_trial { Outcome::OnTrial } else { Outcome::UpToDate })
}

/// An exchange that was taken back is told once: then the device is as it was.
fn after_failure<A: ReadNorFlash, D: NorFlash, S: NorFlash, R: NorFlash>(
    device: &mut Device<'_, A, D, S, R>,
    failure: Failure,
) -> Outcome {
    if device.state().is_ok_and(|state| state == State::Revert) {
        // If it is not stored, the next start tells it again.
        let _ = device.mark_booted();
    }
    Outcome::Failed(failure)
}

/// Keeps the new image: from now on the boot loader does not go back.
///
/// # Errors
/// [`Fault::Failed`] if that could not be stored.
pub fn confirm<A: ReadNorFlash, D: NorFlash, S: NorFlash, R: NorFlash>(
    device: &mut Device<'_, A, D, S, R>,
) -> Result<(), Fault> {
    device.mark_booted()
}

/// The records of a device from the factory. `embassy-boot` has the slots, so these have none.
///
/// # Errors
/// [`Fault::Failed`].
pub fn format<R: NorFlash>(flash: R, pages: core::ops::Range<u32>) -> Result<Storage<R>, Fault> {
    Storage::format(flash, pages, [0, 0], 0)
}

/// The records that [`format`] made.
///
/// # Errors
/// [`Fault::Absent`] and [`Fault::Failed`].
pub fn open<R: NorFlash>(flash: R, pages: core::ops::Range<u32>) -> Result<Storage<R>, Fault> {
    Storage::open(flash, pages, [0, 0], 0)
}
