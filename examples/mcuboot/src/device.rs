//! The device as the engine sees it.

use core::cell::RefCell;
use core::task::Poll;

use embedded_storage::nor_flash::NorFlash;
use iotops_journal::Journal;
use suit_manifest::model::{ComponentIdentifier, Parameter, ParameterKey};
use suit_manifest::process::{
    Answer, CHUNK, Call, Fault, Identity, Platform, Storage, ready, refused,
};

use crate::{Flag, Magic, Trailer};

/// The record of which manifest was tried: one more than its sequence number.
const TRIED: u8 = 0;

/// Where payloads come from.
pub trait Network {
    /// Reads from what `uri` names, from `offset` on; 0 bytes are its end.
    fn read(&mut self, uri: &str, offset: u64, buffer: &mut [u8]) -> Answer<usize>;
}

/// The two slots of MCUboot in one flash, the records of the engine, and those of what was tried.
pub struct Device<'d, F, R> {
    slots: &'d RefCell<F>,
    /// Where the slots begin: the primary one, and the secondary one.
    starts: [u32; 2],
    length: u32,
    align: u32,
    records: &'d Storage<R>,
    tried: &'d mut Journal,
    network: &'d mut dyn Network,
    vendor_and_class: [[u8; 16]; 2],
    number: u64,
    is_marked: bool,
}

impl<F, R> core::fmt::Debug for Device<'_, F, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Device").field("is_marked", &self.is_marked).finish_non_exhaustive()
    }
}

/// The slots as MCUboot was built for them.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "arguments by name")]
pub struct Layout {
    /// Where the primary slot begins, and the secondary one.
    pub starts: [u32; 2],
    /// Bytes of each.
    pub length: u32,
    /// `BOOT_MAX_ALIGN`: 8, 16 or 32.
    pub align: u32,
}

impl<'d, F: NorFlash, R: NorFlash> Device<'d, F, R> {
    /// The device, as it has just started. `tried` is a journal in the flash of the slots.
    pub const fn new(
        slots: &'d RefCell<F>,
        layout: Layout,
        records: &'d Storage<R>,
        tried: &'d mut Journal,
        network: &'d mut dyn Network,
        vendor_and_class: [[u8; 16]; 2],
    ) -> Self {
        let Layout { starts, length, align } = layout;
        Self {
            slots,
            starts,
            length,
            align,
            records,
            tried,
            network,
            vendor_and_class,
            number: 0,
            is_marked: false,
        }
    }

    pub(super) const fn records(&self) -> &'d Storage<R> {
        self.records
    }

    /// A run of the manifest with this sequence number begins, or goes on.
    pub(super) const fn begins(&mut self, number: u64) {
        self.number = number.saturating_add(1);
    }

    /// A failure was told: the same manifest may be tried again.
    pub(super) fn forgets(&mut self) {
        // If it is not stored, the next run tells the failure again.
        let _ = self.try_once(0);
    }

    fn try_once(&mut self, number: u64) -> Result<(), Fault> {
        let written = self.tried.write_number(&mut *self.slots.borrow_mut(), TRIED, number);
        written.map_err(|_| Fault::Failed)
    }

    fn tried(&self) -> Result<u64, Fault> {
        let number = self.tried.read_number(&mut *self.slots.borrow_mut(), TRIED);
        Ok(number.map_err(|_| Fault::Failed)?.unwrap_or(0))
    }

    const fn trailer(&self, slot: usize) -> Trailer {
        let [primary, secondary] = self.starts;
        let start = if slot == 0 { primary } else { secondary };
        Trailer::new(start.saturating_add(self.length), self.align)
    }

    /// MCUboot swapped, and nobody has confirmed: "magic good, copy done set, image ok unset".
    pub(super) fn is_on_trial(&self) -> Result<bool, Fault> {
        let (trailer, mut flash) = (self.trailer(0), self.slots.borrow_mut());
        Ok(trailer.read_magic(&mut *flash)? == Magic::Good
            && trailer.read_flag(&mut *flash, trailer.copy_done())? == Flag::Set
            && trailer.read_flag(&mut *flash, trailer.image_ok())? == Flag::Unset)
    }

    pub(super) fn confirm(&mut self) -> Result<(), Fault> {
        self.trailer(0).set_confirmed(&mut *self.slots.borrow_mut())?;
        self.try_once(0)
    }

    fn start(&self, call: &Call<'_>) -> Option<u32> {
        let [primary, secondary] = self.starts;
        if call.path().eq([b"primary".as_slice()]) {
            return Some(primary);
        }
        call.path().eq([b"secondary".as_slice()]).then_some(secondary)
    }

    fn try_read(&self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Result<usize, Fault> {
        // What is behind the image in its slot is not of it.
        let Some(Parameter::ImageSize(size)) = call.parameter(ParameterKey::ImageSize) else {
            return Err(Fault::Unsupported);
        };
        let left = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        if length == 0 {
            return Ok(0);
        }
        let offset = u32::try_from(offset).map_err(|_| Fault::Failed)?;
        let at = self.start(call).and_then(|start| start.checked_add(offset));
        let mut space = [0; CHUNK];
        let words = length.checked_next_multiple_of(F::READ_SIZE);
        let space = words.and_then(|words| space.get_mut(..words)).ok_or(Fault::Failed)?;
        let mut flash = self.slots.borrow_mut();
        flash.read(at.ok_or(Fault::Failed)?, space).map_err(|_| Fault::Failed)?;
        buffer.iter_mut().zip(space.iter().take(length)).for_each(|(to, from)| *to = *from);
        Ok(length)
    }

    /// Erases all of the secondary slot, its trailer too, if the image leaves that free.
    fn try_begin(&self, size: Option<u64>) -> Result<u64, Fault> {
        let [_, start] = self.starts;
        let end = size.and_then(|size| u64::from(start).checked_add(size));
        if end.is_none_or(|end| end > u64::from(self.trailer(1).start())) {
            return Err(Fault::Unsupported);
        }
        let erased = self.slots.borrow_mut().erase(start, start.saturating_add(self.length));
        erased.map(|()| 0).map_err(|_| Fault::Failed)
    }

    fn try_write(&self, offset: u64, bytes: &[u8]) -> Result<(), Fault> {
        let [_, start] = self.starts;
        let mut words = [0xff; CHUNK];
        let length = bytes.len().checked_next_multiple_of(F::WRITE_SIZE).ok_or(Fault::Failed)?;
        let words = words.get_mut(..length).ok_or(Fault::Failed)?;
        words.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let at = u32::try_from(offset).ok().and_then(|offset| start.checked_add(offset));
        let written = self.slots.borrow_mut().write(at.ok_or(Fault::Failed)?, words);
        written.map_err(|_| Fault::Failed)
    }

    fn try_swap(&mut self) -> Result<Poll<()>, Fault> {
        if self.is_marked {
            return Ok(Poll::Pending);
        }
        if self.is_on_trial()? {
            return Ok(Poll::Ready(()));
        }
        // It was tried, and MCUboot went back or refused the image.
        if self.tried()? == self.number {
            return Err(Fault::Failed);
        }
        self.try_once(self.number)?;
        self.trailer(1).set_pending(&mut *self.slots.borrow_mut())?;
        self.is_marked = true;
        Ok(Poll::Pending)
    }
}

impl<F: NorFlash, R: NorFlash> Platform for Device<'_, F, R> {
    fn has(&mut self, call: &Call<'_>) -> bool {
        self.start(call).is_some()
    }

    fn is(&mut self, _: &Call<'_>, identity: Identity<'_>) -> bool {
        use suit_manifest::model::VendorIdentifier::Uuid;
        let [vendor, class] = &self.vendor_and_class;
        match identity {
            Identity::Vendor(Uuid(asked)) => asked == vendor,
            Identity::Class(asked) => asked == class,
            _ => false,
        }
    }

    fn read(&mut self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        Poll::Ready(self.try_read(call, offset, buffer))
    }

    fn begin(&mut self, call: &Call<'_>, size: Option<u64>) -> Answer<u64> {
        // What runs is not written to.
        if !call.path().eq([b"secondary".as_slice()]) {
            return refused(Fault::Unsupported);
        }
        Poll::Ready(self.try_begin(size))
    }

    fn write(&mut self, _: &Call<'_>, offset: u64, bytes: &[u8]) -> Answer<()> {
        Poll::Ready(self.try_write(offset, bytes))
    }

    fn fetch(&mut self, _: &Call<'_>, uri: &str, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        self.network.read(uri, offset, buffer)
    }

    /// Pending until the device has restarted.
    fn swap(&mut self, _: &Call<'_>, _: &Call<'_>) -> Answer<()> {
        match self.try_swap() {
            Ok(Poll::Ready(())) => ready(()),
            Ok(Poll::Pending) => Poll::Pending,
            Err(fault) => refused(fault),
        }
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        self.records.sequence_number()
    }

    /// Stored before the new image is confirmed: if MCUboot goes back all the same, the same update
    /// may be tried again, and older ones are refused.
    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        number: u64,
    ) -> Result<(), Fault> {
        self.records.store_sequence_number(number)
    }
}
