//! The random source of the operating system.

use iotops_wire::{Random, Unavailable};

pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Unavailable> {
        getrandom::fill(buffer).map_err(|_| Unavailable::new())
    }
}
