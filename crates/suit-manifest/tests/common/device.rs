//! A device in memory: components as byte vectors, and a network as a map.

use core::cell::Cell;
use core::task::Poll;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use iotops_crypto::{Digest, Hasher};
use iotops_wire::{Clock, Time};
use suit_manifest::model::{
    ComponentIdentifier, Custom, Parameter, ParameterKey, VendorIdentifier, WaitEvent,
};
use suit_manifest::process::{
    Answer, Call, Entry, Fault, Identity, Journal, Platform, Record, RunId, ready, refused,
};

pub type Path = Vec<Vec<u8>>;

/// What is left of the power, shared by all that can change: it fails when it is used up.
#[derive(Clone, Debug, Default)]
pub struct Power(Rc<Cell<Option<u32>>>);

impl Power {
    /// Power for so many changes.
    pub fn of(changes: u32) -> Self {
        Self(Rc::new(Cell::new(Some(changes))))
    }

    pub fn is_off(&self) -> bool {
        self.0.get() == Some(0)
    }

    /// Takes the power for one change; `None` if it was off before, `Some(false)` if it fails in
    /// the middle of this one.
    fn change(&self) -> Option<bool> {
        let left = self.0.get();
        self.0.set(left.map(|left| left.saturating_sub(1)));
        match left {
            None => Some(true),
            Some(0) => None,
            Some(left) => Some(left > 1),
        }
    }
}

/// A device that has every component and is whatever a manifest asks for, unless told otherwise.
#[derive(Clone, Debug, Default)]
pub struct Device {
    pub components: BTreeMap<Path, Vec<u8>>,
    pub network: BTreeMap<String, Vec<u8>>,
    /// What a condition is answered by, where it is not by the component itself.
    pub refused_identities: BTreeSet<Vec<u8>>,
    pub absent: BTreeSet<Path>,
    pub slots: BTreeMap<Path, u64>,
    pub versions: BTreeMap<Path, Vec<i64>>,
    pub references: BTreeMap<Path, u32>,
    /// Whether what begins with "ok" has every digest: published examples name images that nobody
    /// has.
    pub oracle: bool,
    pub clock: Option<u64>,
    pub battery: Option<u64>,
    pub authorizes: bool,
    /// Whether each call is answered pending first.
    pub is_slow: bool,
    pub waited: bool,
    pub stored: Option<u64>,
    pub invoked: Vec<(Path, Vec<u8>)>,
    pub records: Vec<(i64, u8, bool)>,
    pub trace: Vec<String>,
    /// The parameters that custom commands found, of the component that each was run for.
    pub parameters: Vec<Vec<String>>,
    /// Tokens of what changed the device, in order.
    pub tokens: Vec<u32>,
    pub power: Power,
    /// The token of the transfer or swap that was done last.
    pub last: Option<(u32, Path)>,
    /// Whether custom parameter -300 says that a payload is packed: pairs of a count and a byte.
    pub unpacks: bool,
    /// What of a pair is still to be written.
    pub rest: (u8, u8),
    /// The most bytes that a step of unpacking makes; 0 is no bound.
    pub most: usize,
    /// What a step of unpacking says that it took and made, whatever it did.
    pub claims: Option<(usize, usize)>,
    /// How much of a payload the device says to have when its transfer begins.
    pub kept: u64,
}

pub fn path(call: &Call<'_>) -> Path {
    call.path().map(<[u8]>::to_vec).collect()
}

impl Device {
    fn is_pending(&mut self) -> bool {
        self.waited = self.is_slow && !self.waited;
        self.waited
    }

    /// Changes a component, in full or, if the power fails, by half.
    fn change(
        &mut self,
        whole: impl FnOnce(&mut Self),
        half: impl FnOnce(&mut Self),
    ) -> Answer<()> {
        match self.power.change() {
            None => return refused(Fault::Failed),
            Some(true) => whole(self),
            Some(false) => {
                half(self);
                return refused(Fault::Failed);
            }
        }
        ready(())
    }

    pub fn content(&self, path: &[&[u8]]) -> Option<&[u8]> {
        let path: Path = path.iter().map(|part| part.to_vec()).collect();
        self.components.get(&path).map(Vec::as_slice)
    }
}

fn part(bytes: &[u8], offset: u64, buffer: &mut [u8]) -> usize {
    let rest = bytes.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
    let count = rest.len().min(buffer.len());
    buffer[..count].copy_from_slice(&rest[..count]);
    count
}

impl Platform for Device {
    fn has(&mut self, call: &Call<'_>) -> bool {
        !self.absent.contains(&path(call))
    }

    fn is(&mut self, _: &Call<'_>, identity: Identity<'_>) -> bool {
        let bytes = match identity {
            Identity::Vendor(VendorIdentifier::Uuid(uuid)) => uuid.as_slice(),
            Identity::Vendor(VendorIdentifier::Pen(pen)) => pen,
            Identity::Class(uuid) | Identity::Device(uuid) => uuid.as_slice(),
            _ => return false,
        };
        !self.refused_identities.contains(bytes)
    }

    fn read(&mut self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        match self.components.get(&path(call)) {
            Some(content) => ready(part(content, offset, buffer)),
            None => refused(Fault::Absent),
        }
    }

    fn begin(&mut self, call: &Call<'_>, size: Option<u64>) -> Answer<u64> {
        if self.is_pending() {
            return Poll::Pending;
        }
        self.trace.push(format!("begin {:?} {size:?}", path(call)));
        self.rest = (0, 0);
        let erase = |device: &mut Self| drop(device.components.insert(path(call), Vec::new()));
        let half = |device: &mut Self| drop(device.components.insert(path(call), vec![0xff; 3]));
        match self.change(erase, half) {
            Poll::Ready(Ok(())) => ready(self.kept),
            Poll::Ready(Err(fault)) => refused(fault),
            Poll::Pending => Poll::Pending,
        }
    }

    fn write(&mut self, call: &Call<'_>, offset: u64, bytes: &[u8]) -> Answer<()> {
        if self.is_pending() {
            return Poll::Pending;
        }
        let write = |device: &mut Self, bytes: &[u8]| {
            let content = device.components.get_mut(&path(call)).unwrap();
            assert_eq!(content.len() as u64, offset, "gaps or overlaps");
            content.extend_from_slice(bytes);
        };
        let half = &bytes[..bytes.len() / 2];
        self.change(|device| write(device, bytes), |device| write(device, half))
    }

    fn finish(&mut self, call: &Call<'_>, size: u64) -> Answer<()> {
        assert_eq!(self.components[&path(call)].len() as u64, size);
        self.tokens.push(call.token());
        ready(())
    }

    fn fetch(
        &mut self,
        call: &Call<'_>,
        uri: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Answer<usize> {
        if self.is_pending() {
            return Poll::Pending;
        }
        if offset == 0 {
            let arguments = match call.parameter(ParameterKey::FetchArguments) {
                Some(Parameter::FetchArguments(arguments)) => arguments,
                _ => &[],
            };
            self.trace.push(format!("fetch {uri} {arguments:?}"));
        }
        match self.network.get(uri) {
            Some(content) => ready(part(content, offset, buffer)),
            None => refused(Fault::Absent),
        }
    }

    fn swap(&mut self, call: &Call<'_>, source: &Call<'_>) -> Answer<()> {
        if self.is_pending() {
            return Poll::Pending;
        }
        let (target, other) = (path(call), path(source));
        // Idempotent for each token, as a real one is by its own journal.
        if self.last.as_ref().is_some_and(|(token, last)| *token == call.token() && *last == target)
        {
            return ready(());
        }
        if !self.components.contains_key(&other) {
            return refused(Fault::Absent);
        }
        let token = call.token();
        let swap = |device: &mut Self| {
            let from = device.components.remove(&other).unwrap();
            let to = device.components.insert(target.clone(), from).unwrap_or_default();
            device.components.insert(other, to);
            device.last = Some((token, target));
            device.tokens.push(token);
        };
        self.change(swap, |_| ())
    }

    fn invoke(&mut self, call: &Call<'_>, arguments: Option<&[u8]>) -> Answer<()> {
        self.invoked.push((path(call), arguments.unwrap_or_default().to_vec()));
        ready(())
    }

    fn digest(&mut self, call: &Call<'_>, mut hasher: Hasher) -> Answer<Digest> {
        if self.is_pending() {
            return Poll::Pending;
        }
        let Some(content) = self.components.get(&path(call)) else {
            return refused(Fault::Absent);
        };
        let wanted = call.parameter(ParameterKey::ImageDigest);
        if let (true, [b'o', b'k', ..], Some(Parameter::ImageDigest(wanted))) =
            (self.oracle, content.as_slice(), wanted)
        {
            return ready(Digest::from_bytes(wanted.bytes()).unwrap());
        }
        hasher.update(content);
        ready(hasher.finish())
    }

    #[cfg(feature = "transform")]
    fn transforms(&mut self, call: &Call<'_>) -> bool {
        self.unpacks && call.custom_parameters().any(|one| one.code() == -300)
    }

    #[cfg(feature = "transform")]
    fn transform(
        &mut self,
        _: &Call<'_>,
        input: &[u8],
        output: &mut [u8; suit_manifest::process::CHUNK],
    ) -> Result<suit_manifest::process::Transformed, Fault> {
        if let Some((taken, made)) = self.claims {
            return Ok(suit_manifest::process::Transformed { taken, made });
        }
        let (mut taken, mut made) = (0, 0);
        let most = if self.most == 0 { output.len() } else { self.most };
        while made < most {
            match (self.rest, &input[taken..]) {
                ((1.., byte), _) => {
                    output[made] = byte;
                    (made, self.rest.0) = (made + 1, self.rest.0 - 1);
                }
                (_, &[count, byte, ..]) => (taken, self.rest) = (taken + 2, (count, byte)),
                // Half a pair is only at the end of what was cut off.
                (_, [_]) if input.len() == 1 => return Err(Fault::Failed),
                _ => break,
            }
        }
        Ok(suit_manifest::process::Transformed { taken, made })
    }

    fn slot(&mut self, call: &Call<'_>) -> Option<u64> {
        self.slots.get(&path(call)).copied()
    }

    fn custom(&mut self, call: &Call<'_>, code: i64, argument: Custom<'_>) -> Answer<bool> {
        let set = ParameterKey::ALL.iter().filter_map(|key| call.parameter(*key));
        self.parameters.push(set.map(|one| format!("{one:?}")).collect());
        let hints: Vec<_> = call.custom_parameters().map(|one| format!("{one:?}")).collect();
        self.trace.push(format!("custom {code} {argument:?} {hints:?}"));
        ready(argument != Custom::Integer(0))
    }

    fn references(&mut self, call: &Call<'_>) -> Result<u32, Fault> {
        Ok(self.references.get(&path(call)).copied().unwrap_or_default())
    }

    fn unlink(&mut self, call: &Call<'_>) -> Answer<u32> {
        let count = self.references.entry(path(call)).or_default();
        *count = count.saturating_sub(1);
        ready(*count)
    }

    fn now(&mut self) -> Clock {
        self.clock.map_or(Clock::Unknown, |now| Clock::Trusted(Time::from_unix(now)))
    }

    fn battery(&mut self) -> Option<u64> {
        self.battery
    }

    fn authorize(&mut self, _: &Call<'_>, priority: i64) -> Answer<bool> {
        self.trace.push(format!("authorize {priority}"));
        ready(self.authorizes)
    }

    fn version(&mut self, call: &Call<'_>) -> Option<&[i64]> {
        self.versions.get(&path(call)).map(Vec::as_slice)
    }

    fn wait(&mut self, _: &Call<'_>, event: WaitEvent<'_>) -> Answer<()> {
        if self.is_pending() {
            return Poll::Pending;
        }
        self.trace.push(format!("wait {event:?}"));
        ready(())
    }

    fn record(&mut self, _: &Call<'_>, record: &Record) {
        let Record { position, policy, result, .. } = record;
        self.records.push((position.command, policy.bits(), result.is_ok()));
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        Ok(self.stored)
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        number: u64,
    ) -> Result<(), Fault> {
        match self.change(|device| device.stored = Some(number), |_| ()) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(Fault::Failed),
        }
    }
}

/// A journal in memory, which the power can fail for.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub run: Option<RunId>,
    pub entries: Vec<Entry>,
    pub power: Power,
}

impl Memory {
    /// One change, which is made in full, or not at all if the power fails.
    fn change(&mut self, change: impl FnOnce(&mut Self)) -> Result<(), Fault> {
        match self.power.change() {
            Some(true) => change(self),
            _ => return Err(Fault::Failed),
        }
        Ok(())
    }
}

impl Journal for Memory {
    fn begin(&mut self, run: &RunId) -> Result<u32, Fault> {
        if self.run != Some(*run) {
            let run = Some(*run);
            self.change(|memory| (memory.run, memory.entries) = (run, Vec::new()))?;
        }
        u32::try_from(self.entries.len()).map_err(|_| Fault::Failed)
    }

    fn entry(&mut self, place: u32) -> Result<Entry, Fault> {
        self.entries.get(place as usize).copied().ok_or(Fault::Absent)
    }

    fn append(&mut self, entry: Entry) -> Result<(), Fault> {
        let entry = Entry::from_bytes(entry.to_bytes()).ok_or(Fault::Failed)?;
        self.change(|memory| memory.entries.push(entry))
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.change(|memory| (memory.run, memory.entries) = (None, Vec::new()))
    }
}
