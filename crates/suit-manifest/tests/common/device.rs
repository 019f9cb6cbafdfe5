//! A device in memory: components as byte vectors, and a network as a map.

use core::task::Poll;
use std::collections::{BTreeMap, BTreeSet};

use iotops_crypto::{Digest, Hasher};
use iotops_wire::{Clock, Time};
use suit_manifest::model::{
    ComponentIdentifier, Custom, Parameter, ParameterKey, VendorIdentifier, WaitEvent,
};
use suit_manifest::process::{
    Answer, Call, Entry, Fault, Identity, Journal, Platform, Record, RunId, ready, refused,
};

pub type Path = Vec<Vec<u8>>;

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
    /// Tokens of what changed the device, in order.
    pub tokens: Vec<u32>,
    /// Calls that change something and are still allowed: the power fails at the next.
    pub power: Option<u32>,
    pub is_off: bool,
    /// The token of the transfer or swap that was done last.
    pub last: Option<(u32, Path)>,
}

pub fn path(call: &Call<'_>) -> Path {
    call.path().map(<[u8]>::to_vec).collect()
}

impl Device {
    fn is_pending(&mut self) -> bool {
        self.waited = self.is_slow && !self.waited;
        self.waited
    }

    /// Something is about to change: false if the power fails.
    fn change(&mut self) -> bool {
        match &mut self.power {
            Some(0) => {
                self.is_off = true;
                false
            }
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
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
        if !self.change() {
            return refused(Fault::Failed);
        }
        self.trace.push(format!("begin {:?} {size:?}", path(call)));
        self.components.insert(path(call), Vec::new());
        ready(0)
    }

    fn write(&mut self, call: &Call<'_>, offset: u64, bytes: &[u8]) -> Answer<()> {
        if self.is_pending() {
            return Poll::Pending;
        }
        if !self.change() {
            return refused(Fault::Failed);
        }
        let content = self.components.get_mut(&path(call)).unwrap();
        assert_eq!(content.len() as u64, offset, "gaps or overlaps");
        content.extend_from_slice(bytes);
        ready(())
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
        if !self.change() {
            return refused(Fault::Failed);
        }
        let Some(from) = self.components.remove(&other) else {
            return refused(Fault::Absent);
        };
        let to = self.components.insert(target.clone(), from).unwrap_or_default();
        self.components.insert(other, to);
        self.last = Some((call.token(), target));
        self.tokens.push(call.token());
        ready(())
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

    fn slot(&mut self, call: &Call<'_>) -> Option<u64> {
        self.slots.get(&path(call)).copied()
    }

    fn custom(&mut self, call: &Call<'_>, code: i64, argument: Custom<'_>) -> Answer<bool> {
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
        if !self.change() {
            return Err(Fault::Failed);
        }
        self.stored = Some(number);
        Ok(())
    }
}

/// A journal in memory, which the power can fail for.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub run: Option<RunId>,
    pub entries: Vec<Entry>,
}

impl Journal for Memory {
    fn begin(&mut self, run: &RunId) -> Result<u32, Fault> {
        if self.run != Some(*run) {
            (self.run, self.entries) = (Some(*run), Vec::new());
        }
        u32::try_from(self.entries.len()).map_err(|_| Fault::Failed)
    }

    fn entry(&mut self, place: u32) -> Result<Entry, Fault> {
        self.entries.get(place as usize).copied().ok_or(Fault::Absent)
    }

    fn append(&mut self, entry: Entry) -> Result<(), Fault> {
        let bytes = entry.to_bytes();
        self.entries.push(Entry::from_bytes(bytes).unwrap());
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        (self.run, self.entries) = (None, Vec::new());
        Ok(())
    }
}
