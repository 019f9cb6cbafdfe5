//! The flash.

use alloc::vec;
use alloc::vec::Vec;

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read,
    check_write,
};

use crate::flash::ERASED;

/// What becomes of what was touched when the power was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Torn {
    /// It reads as before.
    Old,
    /// It reads as it was meant to.
    New,
    /// Each bit that was to change did or did not.
    Mixed,
    /// Any bits.
    Random,
    /// Each reading gives each byte as before, as meant, or at random.
    Unstable,
    /// Each reading gives all as before or all as meant.
    Flapping,
    /// As before until the next restart, then as meant, and so on.
    OldFirst,
    /// As meant until the next restart, then as before, and so on.
    NewFirst,
    /// It cannot be read.
    Unreadable,
}

impl Torn {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Old,
        Self::New,
        Self::Mixed,
        Self::Random,
        Self::Unstable,
        Self::Flapping,
        Self::OldFirst,
        Self::NewFirst,
        Self::Unreadable,
    ];
}

/// How much of a write of several words is torn. (An erase always is as a whole.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tear {
    /// The word that is being programmed: those before it are complete, those behind untouched.
    Word,
    /// Every word of the call.
    Call,
}

impl Tear {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Word, Self::Call];
}

/// Why the flash does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The power is off.
    Off,
    /// What is there cannot be read.
    Unreadable,
    /// A word was programmed twice, or the arguments are wrong.
    Fault(NorFlashErrorKind),
}

impl NorFlashError for Failure {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Off | Self::Unreadable => NorFlashErrorKind::Other,
            Self::Fault(kind) => *kind,
        }
    }
}

#[derive(Clone, Debug)]
struct Wound {
    kind: Torn,
    start: usize,
    old: Vec<u8>,
    new: Vec<u8>,
    restarts: u32,
}

/// NOR flash with words of `WRITE` bytes and pages of `ERASE` bytes. All is the same for the same
/// seed.
#[derive(Clone, Debug)]
pub struct Flash<const WRITE: usize, const ERASE: usize> {
    bytes: Vec<u8>,
    is_programmed: Vec<bool>,
    wounds: Vec<Wound>,
    power: Option<(u64, Torn, Tear)>,
    is_off: bool,
    random: u64,
    operations: u64,
    reads: u64,
    erases: Vec<u32>,
    faults: u32,
}

impl<const WRITE: usize, const ERASE: usize> Flash<WRITE, ERASE> {
    /// Flash with so many pages, filled with bytes of which none is known: nothing was erased.
    #[must_use]
    pub fn new(pages: usize, seed: u64) -> Self {
        let size = pages.saturating_mul(ERASE);
        let mut flash = Self {
            bytes: vec![0; size],
            is_programmed: vec![true; size.checked_div(WRITE).unwrap_or(0)],
            wounds: Vec::new(),
            power: None,
            is_off: false,
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            operations: 0,
            reads: 0,
            erases: vec![0; pages],
            faults: 0,
        };
        let noise: Vec<u8> = (0..size).map(|_| flash.noise()).collect();
        flash.bytes = noise;
        flash
    }

    /// The same content with other randomness.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        self
    }

    /// Puts bytes there, as if they had been programmed.
    pub fn put(&mut self, offset: usize, bytes: &[u8]) {
        self.bytes.iter_mut().skip(offset).zip(bytes).for_each(|(to, from)| *to = *from);
    }

    /// Cuts the power in the operation with this number, counted from now and from 0: a word that
    /// is programmed, or a page that is erased.
    pub const fn cut(&mut self, after: u64, torn: Torn, tear: Tear) {
        self.power = Some((self.operations.saturating_add(after), torn, tear));
    }

    /// Gives power again; true if it had been cut.
    pub fn restart(&mut self) -> bool {
        self.power = None;
        for wound in &mut self.wounds {
            wound.restarts = wound.restarts.wrapping_add(1);
        }
        core::mem::take(&mut self.is_off)
    }

    /// How many words were programmed and pages erased.
    #[must_use]
    pub const fn operations(&self) -> u64 {
        self.operations
    }

    /// How many times it was read.
    #[must_use]
    pub const fn reads(&self) -> u64 {
        self.reads
    }

    /// How often each page was erased.
    #[must_use]
    pub fn erases(&self) -> &[u32] {
        &self.erases
    }

    /// How many words were programmed without having been erased completely before.
    #[must_use]
    pub const fn faults(&self) -> u32 {
        self.faults
    }

    const fn next(&mut self) -> u64 {
        self.random ^= self.random.wrapping_shl(13);
        self.random ^= self.random.wrapping_shr(7);
        self.random ^= self.random.wrapping_shl(17);
        self.random
    }

    fn noise(&mut self) -> u8 {
        let [.., high, _, _] = self.next().to_le_bytes();
        high
    }

    fn is_heads(&mut self) -> bool {
        self.noise() & 1 == 1
    }

    /// Counts an operation. Some: it is the one that is torn.
    fn count(&mut self) -> Option<(Torn, Tear)> {
        let number = self.operations;
        self.operations = number.saturating_add(1);
        let (cut, torn, tear) = self.power?;
        self.is_off = cut == number;
        self.is_off.then_some((torn, tear))
    }

    fn content(&self, start: usize, length: usize) -> Vec<u8> {
        self.bytes.iter().skip(start).take(length).copied().collect()
    }

    /// Tears what was to become `new`.
    fn tear(&mut self, kind: Torn, start: usize, new: &[u8]) {
        let old = self.content(start, new.len());
        let bytes: Vec<u8> = match kind {
            Torn::New | Torn::NewFirst => new.to_vec(),
            Torn::Random => new.iter().map(|_| self.noise()).collect(),
            Torn::Mixed => {
                let mix = |(old, new): (&u8, &u8)| {
                    let mask = self.noise();
                    (old & mask) | (new & !mask)
                };
                old.iter().zip(new).map(mix).collect()
            }
            _ => old.clone(),
        };
        self.heal(start, new.len());
        self.put(start, &bytes);
        if !matches!(kind, Torn::Old | Torn::New | Torn::Mixed | Torn::Random) {
            self.wounds.push(Wound { kind, start, old, new: new.to_vec(), restarts: 0 });
        }
    }

    /// What is erased or torn again is no longer torn as it was before.
    fn heal(&mut self, start: usize, length: usize) {
        let end = start.saturating_add(length);
        self.wounds.retain(|wound| wound.start < start || wound.start >= end);
    }

    fn mark(&mut self, start: usize, length: usize, is_programmed: bool) {
        let first = start.checked_div(WRITE).unwrap_or(0);
        let count = length.checked_div(WRITE).unwrap_or(0);
        self.is_programmed
            .iter_mut()
            .skip(first)
            .take(count)
            .for_each(|word| *word = is_programmed);
    }

    /// Programs one word. True: the power is still on.
    fn program(&mut self, start: usize, word: &[u8], call: (usize, &[u8])) -> bool {
        let index = start.checked_div(WRITE).unwrap_or(0);
        if self.is_programmed.get(index) != Some(&false) {
            self.faults = self.faults.saturating_add(1);
        }
        match self.count() {
            Some((torn, tear)) => {
                let (start, bytes) = if tear == Tear::Word { (start, word) } else { call };
                // All of the call, also the words before this one, as if they were new.
                if tear == Tear::Call {
                    self.put(start, &vec![ERASED; bytes.len()]);
                }
                self.tear(torn, start, bytes);
                self.mark(start, bytes.len(), true);
                false
            }
            None => {
                self.put(start, word);
                self.mark(start, word.len(), true);
                true
            }
        }
    }

    /// Erases one page. True: the power is still on.
    fn erase_page(&mut self, start: usize) -> bool {
        if let Some(erases) = start.checked_div(ERASE).and_then(|page| self.erases.get_mut(page)) {
            *erases = erases.saturating_add(1);
        }
        let blank = vec![ERASED; ERASE];
        match self.count() {
            Some((torn, _)) => {
                self.tear(torn, start, &blank);
                // It may look erased; it is not to be written.
                self.mark(start, ERASE, true);
                false
            }
            None => {
                self.heal(start, ERASE);
                self.put(start, &blank);
                self.mark(start, ERASE, false);
                true
            }
        }
    }

    /// Lays what a torn place reads as over `into`.
    fn read_torn(&mut self, wound: &Wound, offset: usize, into: &mut [u8]) -> Result<(), Failure> {
        let is_whole_new = match wound.kind {
            Torn::Flapping => self.is_heads(),
            Torn::OldFirst => wound.restarts.is_multiple_of(2),
            Torn::NewFirst => !wound.restarts.is_multiple_of(2),
            _ => false,
        };
        let end = offset.saturating_add(into.len());
        for (at, (old, new)) in (wound.start..).zip(wound.old.iter().zip(&wound.new)) {
            if at < offset || at >= end {
                continue;
            }
            if wound.kind == Torn::Unreadable {
                return Err(Failure::Unreadable);
            }
            let byte = match wound.kind {
                Torn::Unstable => match self.noise() & 3 {
                    0 => *old,
                    1 | 2 => *new,
                    _ => self.noise(),
                },
                _ if is_whole_new => *new,
                _ => *old,
            };
            if let Some(to) = into.get_mut(at.saturating_sub(offset)) {
                *to = byte;
            }
        }
        Ok(())
    }
}

impl<const WRITE: usize, const ERASE: usize> ErrorType for Flash<WRITE, ERASE> {
    type Error = Failure;
}

impl<const WRITE: usize, const ERASE: usize> ReadNorFlash for Flash<WRITE, ERASE> {
    const READ_SIZE: usize = WRITE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Failure> {
        check_read(self, offset, bytes.len()).map_err(Failure::Fault)?;
        if self.is_off {
            return Err(Failure::Off);
        }
        self.reads = self.reads.saturating_add(1);
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        bytes.iter_mut().zip(self.bytes.iter().skip(offset)).for_each(|(to, from)| *to = *from);
        let wounds = core::mem::take(&mut self.wounds);
        let read = wounds.iter().try_for_each(|wound| self.read_torn(wound, offset, bytes));
        self.wounds = wounds;
        read
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const WRITE: usize, const ERASE: usize> NorFlash for Flash<WRITE, ERASE> {
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = ERASE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Failure> {
        check_erase(self, from, to).map_err(Failure::Fault)?;
        if self.is_off {
            return Err(Failure::Off);
        }
        let range = usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0);
        let is_done = range.step_by(ERASE).all(|start| self.erase_page(start));
        if is_done { Ok(()) } else { Err(Failure::Off) }
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Failure> {
        check_write(self, offset, bytes.len()).map_err(Failure::Fault)?;
        if self.is_off {
            return Err(Failure::Off);
        }
        let start = usize::try_from(offset).unwrap_or(0);
        let mut places = (start..).step_by(WRITE).zip(bytes.chunks(WRITE));
        let is_done = places.all(|(at, word)| self.program(at, word, (start, bytes)));
        if is_done { Ok(()) } else { Err(Failure::Off) }
    }
}
