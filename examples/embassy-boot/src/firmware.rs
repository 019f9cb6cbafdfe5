//! The whole with concrete types, so that it is compiled for a microcontroller.

use core::convert::Infallible;

use embassy_boot::{AlignedBuffer, BlockingFirmwareUpdater, FirmwareUpdaterConfig};
use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use suit_manifest::Error;
use suit_manifest::crypto::Verifier;
use suit_manifest::process::{Fault, Storage};

use crate::{Device, Network, Outcome, run};

/// The flash of a chip by its driver: four bytes a word, 4 KiB a page.
#[derive(Debug)]
pub struct Flash<F>(F);

impl<F: Driver> Flash<F> {
    /// The flash behind this driver.
    pub const fn new(driver: F) -> Self {
        Self(driver)
    }
}

/// What a driver does.
pub trait Driver {
    /// Reads.
    fn read(&mut self, offset: u32, bytes: &mut [u8]);
    /// Programs words.
    fn program(&mut self, offset: u32, bytes: &[u8]);
    /// Erases pages.
    fn erase(&mut self, from: u32, to: u32);
    /// How much there is.
    fn capacity(&self) -> usize;
}

/// Drivers of a chip's own flash do not fail.
#[derive(Clone, Copy, Debug)]
pub struct NoError(Infallible);

impl NorFlashError for NoError {
    fn kind(&self) -> NorFlashErrorKind {
        match self.0 {}
    }
}

impl<F> ErrorType for Flash<F> {
    type Error = NoError;
}

impl<F: Driver> ReadNorFlash for Flash<F> {
    const READ_SIZE: usize = 4;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NoError> {
        self.0.read(offset, bytes);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl<F: Driver> NorFlash for Flash<F> {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 4096;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NoError> {
        self.0.erase(from, to);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NoError> {
        self.0.program(offset, bytes);
        Ok(())
    }
}

type Partition<'f> = Flash<&'f mut dyn Driver>;

impl Driver for &mut dyn Driver {
    fn read(&mut self, offset: u32, bytes: &mut [u8]) {
        (**self).read(offset, bytes);
    }

    fn program(&mut self, offset: u32, bytes: &[u8]) {
        (**self).program(offset, bytes);
    }

    fn erase(&mut self, from: u32, to: u32) {
        (**self).erase(from, to);
    }

    fn capacity(&self) -> usize {
        (**self).capacity()
    }
}

/// What the application does when it starts with an envelope in its hands.
///
/// # Errors
/// The rule by which the envelope is refused.
pub fn update(
    envelope: &[u8],
    keys: &[&dyn Verifier],
    [active, dfu, state]: [Partition<'_>; 3],
    records: &Storage<Partition<'_>>,
    network: &mut dyn Network,
    vendor_and_class: [[u8; 16]; 2],
) -> Result<Outcome, Error> {
    let mut aligned = AlignedBuffer([0; 4]);
    let updater =
        BlockingFirmwareUpdater::new(FirmwareUpdaterConfig { dfu, state }, &mut aligned.0);
    let mut device = Device::new(active, updater, records, network, vendor_and_class);
    run(envelope, keys, &mut device)
}

/// The records of the device.
///
/// # Errors
/// [`Fault::Absent`] and [`Fault::Failed`].
pub fn records(flash: Partition<'_>) -> Result<Storage<Partition<'_>>, Fault> {
    let pages = 0..u32::try_from(flash.capacity()).map_err(|_| Fault::Failed)?;
    crate::open(flash, pages)
}
