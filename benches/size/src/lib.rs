//! What the firmware-like binaries share: a way in, a way out, and a verifier that the optimizer
//! cannot look through.

#![no_std]

use core::hint::black_box;
use core::panic::PanicInfo;

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
