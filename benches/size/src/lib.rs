//! What the firmware-like binaries share: a way in, a way out, and a verifier and a flash that the
//! optimizer cannot look through.

#![no_std]

use core::hint::black_box;
use core::panic::PanicInfo;

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
use iotops_crypto::{Algorithm, Refused, Verifier};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// The bytes that the boot code hands over.
///
/// # Safety
/// `input` must be readable for `length` bytes.
pub unsafe fn lend<'a>(input: *const u8, length: usize) -> &'a [u8] {
    // SAFETY: the caller's promise; nobody runs these binaries, only their size is looked at.
    unsafe { core::slice::from_raw_parts(input, length) }
}

/// Hardware that checks signatures: it takes every one, and reads all that it is given.
#[derive(Clone, Copy, Debug)]
pub struct Hardware;

impl Verifier for Hardware {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        algorithm == Algorithm::Esp256
    }

    #[inline(never)]
    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        if black_box((message, signature)).1.is_empty() { Err(Refused::Invalid) } else { Ok(()) }
    }
}

/// The entry point: `$run` takes the input and gives a number that depends on what was read.
#[macro_export]
macro_rules! entry {
    ($run:expr) => {
        /// # Safety
        /// `input` must be readable for `length` bytes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn _start(input: *const u8, length: usize) -> usize {
            // SAFETY: the caller's promise.
            let run: fn(&[u8]) -> usize = $run;
            run(unsafe { $crate::lend(input, length) })
        }
    };
}

/// Flash with writes of 8 bytes and pages of 4 KiB: nothing is known about what it answers.
#[derive(Clone, Copy, Debug)]
pub struct Chip;

impl Chip {
    #[inline(never)]
    fn call(address: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        if black_box((address, bytes)).0 == 1 { Err(NorFlashErrorKind::Other) } else { Ok(()) }
    }
}

impl ErrorType for Chip {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Chip {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        Self::call(offset, black_box(bytes))
    }

    fn capacity(&self) -> usize {
        black_box(1 << 20)
    }
}

impl NorFlash for Chip {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 4096;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        Self::call(from, &to.to_le_bytes())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        Self::call(offset, bytes)
    }
}

impl embedded_storage_async::nor_flash::ReadNorFlash for Chip {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        Self::call(offset, black_box(bytes))
    }

    fn capacity(&self) -> usize {
        black_box(1 << 20)
    }
}

impl embedded_storage_async::nor_flash::NorFlash for Chip {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 4096;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        Self::call(from, &to.to_le_bytes())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        Self::call(offset, bytes)
    }
}
