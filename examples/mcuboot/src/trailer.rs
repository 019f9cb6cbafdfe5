//! The trailer of a slot (MCUboot's `docs/design.md`, "Image trailer").
//!
//! ```text
//! … | swap size | swap info | copy done | image ok | magic (16 bytes) | end of the slot
//! ```
//! Each field but the magic takes as many bytes as the greatest write granularity that the boot
//! loader was built for, at least 8; one byte of it is used.

use embedded_storage::nor_flash::NorFlash;
use suit_manifest::process::Fault;

const MAGIC: usize = 16;
/// The magic of boot loaders that were built for writes of up to 8 bytes.
const MAGIC_8: [u8; MAGIC] = [
    0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f, 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80,
];
/// What is behind the alignment in the magic of the others.
const MAGIC_TAIL: [u8; 14] =
    [0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b, 0x8d, 0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a];
const SET: u8 = 1;
/// `BOOT_SWAP_TYPE_TEST`, of image 0.
const SWAP_TEST: u8 = 2;
const ERASED: u8 = 0xff;
/// The longest word of flash that is taken.
const WORD: usize = 32;

/// The magic as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Magic {
    /// It is there.
    Good,
    /// It is something else.
    Bad,
    /// Nothing was written.
    Unset,
}

/// A flag as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flag {
    /// It is set.
    Set,
    /// It is something else.
    Bad,
    /// Nothing was written.
    Unset,
}

/// Where the trailer of a slot is, in flash with this write granularity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trailer {
    end: u32,
    align: u32,
}

impl Trailer {
    /// The trailer of the slot that ends at `end`. `align` is the greatest write granularity that
    /// the boot loader was built for (`BOOT_MAX_ALIGN`): 8, 16 or 32.
    #[must_use]
    pub const fn new(end: u32, align: u32) -> Self {
        Self { end, align }
    }

    /// Where the magic begins.
    #[must_use]
    pub const fn magic(&self) -> u32 {
        self.end.saturating_sub(16)
    }

    /// Where the flag is that the image runs well.
    #[must_use]
    pub const fn image_ok(&self) -> u32 {
        self.field(1)
    }

    /// Where the flag is that a swap is complete.
    #[must_use]
    pub const fn copy_done(&self) -> u32 {
        self.field(2)
    }

    /// Where it is told which swap is meant.
    #[must_use]
    pub const fn swap_info(&self) -> u32 {
        self.field(3)
    }

    /// The first of the bytes that an image must leave free, beside those for the progress of a
    /// swap.
    #[must_use]
    pub const fn start(&self) -> u32 {
        self.field(4)
    }

    /// Fields lie before the block that the magic is in.
    const fn field(self, number: u32) -> u32 {
        let block = if self.align > 16 { self.align } else { 16 };
        self.end.saturating_sub(block).saturating_sub(number.saturating_mul(self.align))
    }

    fn bytes(self) -> [u8; MAGIC] {
        if self.align <= 8 {
            return MAGIC_8;
        }
        let mut bytes = [0; MAGIC];
        let [low, high, ..] = self.align.to_le_bytes();
        let all = [low, high].into_iter().chain(MAGIC_TAIL);
        bytes.iter_mut().zip(all).for_each(|(to, from)| *to = from);
        bytes
    }

    /// Reads the magic.
    ///
    /// # Errors
    /// [`Fault::Failed`].
    pub fn read_magic<F: NorFlash>(&self, flash: &mut F) -> Result<Magic, Fault> {
        let mut found = [0; MAGIC];
        read(flash, self.magic(), &mut found)?;
        Ok(match found {
            _ if found == self.bytes() => Magic::Good,
            _ if found == [ERASED; MAGIC] => Magic::Unset,
            _ => Magic::Bad,
        })
    }

    /// Reads the flag at one of the places above.
    ///
    /// # Errors
    /// [`Fault::Failed`].
    pub fn read_flag<F: NorFlash>(&self, flash: &mut F, at: u32) -> Result<Flag, Fault> {
        let mut found = [0; 1];
        read(flash, at, &mut found)?;
        Ok(match found {
            [SET] => Flag::Set,
            [ERASED] => Flag::Unset,
            _ => Flag::Bad,
        })
    }

    /// Asks for a swap on trial: `boot_set_pending(0)`. The trailer must be erased.
    ///
    /// # Errors
    /// [`Fault::Failed`].
    pub fn set_pending<F: NorFlash>(&self, flash: &mut F) -> Result<(), Fault> {
        write_byte(flash, self.swap_info(), SWAP_TEST)?;
        // The magic is last: without it the boot loader looks at nothing else.
        let word = u32::try_from(F::WRITE_SIZE).map_err(|_| Fault::Failed)?;
        let mut block = [ERASED; WORD];
        let length = MAGIC.max(F::WRITE_SIZE);
        let block = block.get_mut(..length).ok_or(Fault::Failed)?;
        block.iter_mut().rev().zip(self.bytes().iter().rev()).for_each(|(to, from)| *to = *from);
        let at = self.magic().checked_sub(self.magic().checked_rem(word).unwrap_or(0));
        flash.write(at.ok_or(Fault::Failed)?, block).map_err(|_| Fault::Failed)
    }

    /// Says in the primary slot that the image is well: `boot_set_confirmed()`.
    ///
    /// # Errors
    /// [`Fault::Failed`].
    pub fn set_confirmed<F: NorFlash>(&self, flash: &mut F) -> Result<(), Fault> {
        match self.read_flag(flash, self.image_ok())? {
            Flag::Unset => write_byte(flash, self.image_ok(), SET),
            _ => Ok(()),
        }
    }
}

/// Reads bytes that need not begin or end at a word of up to 32 bytes.
fn read<F: NorFlash>(flash: &mut F, at: u32, bytes: &mut [u8]) -> Result<(), Fault> {
    let word = u32::try_from(F::READ_SIZE).map_err(|_| Fault::Failed)?;
    let skip = at.checked_rem(word).ok_or(Fault::Failed)?;
    let mut space = [0; WORD * 2];
    let skipped = usize::try_from(skip).map_err(|_| Fault::Failed)?;
    let length = skipped.checked_add(bytes.len());
    let length = length.and_then(|length| length.checked_next_multiple_of(F::READ_SIZE));
    let space = length.and_then(|length| space.get_mut(..length)).ok_or(Fault::Failed)?;
    flash.read(at.saturating_sub(skip), space).map_err(|_| Fault::Failed)?;
    bytes.iter_mut().zip(space.iter().skip(skipped)).for_each(|(to, from)| *to = *from);
    Ok(())
}

/// Writes one byte, with the rest of its word as it is when erased.
fn write_byte<F: NorFlash>(flash: &mut F, at: u32, byte: u8) -> Result<(), Fault> {
    let mut word = [ERASED; WORD];
    let word = word.get_mut(..F::WRITE_SIZE).ok_or(Fault::Failed)?;
    word.iter_mut().take(1).for_each(|first| *first = byte);
    flash.write(at, word).map_err(|_| Fault::Failed)
}
