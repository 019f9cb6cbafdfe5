//! The device as the engine sees it.

use core::task::Poll;

use embassy_boot::{BlockingFirmwareUpdater, State};
use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use suit_manifest::model::{ComponentIdentifier, Parameter, ParameterKey};
use suit_manifest::process::{
    Answer, CHUNK, Call, Fault, Identity, Platform, Storage, ready, refused,
};

/// Where payloads come from.
pub trait Network {
    /// Reads from what `uri` names, from `offset` on; 0 bytes are its end.
    fn read(&mut self, uri: &str, offset: u64, buffer: &mut [u8]) -> Answer<usize>;
}

/// The partitions of the boot loader, the records, and what the device is.
pub struct Device<'d, A, D: NorFlash, S: NorFlash, R> {
    active: A,
    updater: BlockingFirmwareUpdater<'d, D, S>,
    records: &'d Storage<R>,
    network: &'d mut dyn Network,
    vendor_and_class: [[u8; 16]; 2],
    /// The exchange was asked for since the device started.
    is_marked: bool,
}

impl<A, D: NorFlash, S: NorFlash, R> core::fmt::Debug for Device<'_, A, D, S, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Device").field("is_marked", &self.is_marked).finish_non_exhaustive()
    }
}

impl<'d, A: ReadNorFlash, D: NorFlash, S: NorFlash, R: NorFlash> Device<'d, A, D, S, R> {
    /// The device, as it has just started.
    pub const fn new(
        active: A,
        updater: BlockingFirmwareUpdater<'d, D, S>,
        records: &'d Storage<R>,
        network: &'d mut dyn Network,
        vendor_and_class: [[u8; 16]; 2],
    ) -> Self {
        Self { active, updater, records, network, vendor_and_class, is_marked: false }
    }

    pub(super) const fn records(&self) -> &'d Storage<R> {
        self.records
    }

    pub(super) fn state(&mut self) -> Result<State, Fault> {
        self.updater.get_state().map_err(|_| Fault::Failed)
    }

    pub(super) fn mark_booted(&mut self) -> Result<(), Fault> {
        self.updater.mark_booted().map_err(|_| Fault::Failed)
    }

    fn try_read(
        &mut self,
        call: &Call<'_>,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<usize, Fault> {
        // What is behind the image in its partition is not of it.
        let Some(Parameter::ImageSize(size)) = call.parameter(ParameterKey::ImageSize) else {
            return Err(Fault::Unsupported);
        };
        let left = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        if length == 0 {
            return Ok(0);
        }
        let at = u32::try_from(offset).map_err(|_| Fault::Failed)?;
        // Both partitions are read in whole words.
        let words = length.checked_next_multiple_of(D::READ_SIZE.max(A::READ_SIZE));
        let mut space = [0; CHUNK];
        let space = words.and_then(|words| space.get_mut(..words)).ok_or(Fault::Failed)?;
        if is_active(call) {
            self.active.read(at, space).map_err(|_| Fault::Failed)?;
        } else {
            self.updater.read_dfu(at, space).map_err(|_| Fault::Failed)?;
        }
        buffer.iter_mut().zip(space.iter().take(length)).for_each(|(to, from)| *to = *from);
        Ok(length)
    }

    fn try_write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Fault> {
        let mut words = [0xff; CHUNK];
        let length = bytes.len().checked_next_multiple_of(D::WRITE_SIZE).ok_or(Fault::Failed)?;
        let words = words.get_mut(..length).ok_or(Fault::Failed)?;
        words.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let offset = usize::try_from(offset).map_err(|_| Fault::Failed)?;
        self.updater.write_firmware(offset, words).map_err(|_| Fault::Failed)
    }
}

fn is_active(call: &Call<'_>) -> bool {
    call.path().eq([b"active".as_slice()])
}

fn is_dfu(call: &Call<'_>) -> bool {
    call.path().eq([b"dfu".as_slice()])
}

impl<A: ReadNorFlash, D: NorFlash, S: NorFlash, R: NorFlash> Platform for Device<'_, A, D, S, R> {
    fn has(&mut self, call: &Call<'_>) -> bool {
        is_active(call) || is_dfu(call)
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
        // A chunk and the rest of a word must fit.
        let most = buffer.len().min(CHUNK / 2);
        Poll::Ready(self.try_read(call, offset, buffer.get_mut(..most).unwrap_or_default()))
    }

    fn begin(&mut self, call: &Call<'_>, _: Option<u64>) -> Answer<u64> {
        // What runs is not written to; a transfer that was interrupted begins anew.
        if is_dfu(call) { ready(0) } else { refused(Fault::Unsupported) }
    }

    fn write(&mut self, _: &Call<'_>, offset: u64, bytes: &[u8]) -> Answer<()> {
        Poll::Ready(self.try_write(offset, bytes))
    }

    fn fetch(&mut self, _: &Call<'_>, uri: &str, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        self.network.read(uri, offset, buffer)
    }

    /// Pending until the device has restarted.
    fn swap(&mut self, _: &Call<'_>, _: &Call<'_>) -> Answer<()> {
        let state = match self.state() {
            Ok(state) => state,
            Err(fault) => return refused(fault),
        };
        match state {
            _ if self.is_marked => Poll::Pending,
            // It was marked before the device started: the boot loader has exchanged them.
            State::Swap => ready(()),
            // It exchanged them, and went back because nobody confirmed.
            State::Revert => refused(Fault::Failed),
            State::Boot | State::DfuDetach => match self.updater.mark_updated() {
                Ok(()) => {
                    self.is_marked = true;
                    Poll::Pending
                }
                Err(_) => refused(Fault::Failed),
            },
        }
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        self.records.sequence_number()
    }

    /// Stored before the new image is confirmed: if the boot loader goes back all the same, the same
    /// update may be tried again, and older ones are refused.
    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        number: u64,
    ) -> Result<(), Fault> {
        self.records.store_sequence_number(number)
    }
}
