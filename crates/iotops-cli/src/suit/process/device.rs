//! A folder that plays the device.

use core::task::Poll;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use iotops_wire::{Clock, Time};
use serde_json::Value;
use suit_manifest::model::{ComponentIdentifier, Parameter, ParameterKey, Uuid, VendorIdentifier};
use suit_manifest::process::{Answer, Call, Fault, Identity, Platform, Record, ready, refused};
use suit_manifest::report::Recorder;

use super::power::Power;
use super::{store, trace};
use crate::failure::Failure;
use crate::source::unhex;

pub(in super::super) struct Device<'p> {
    folder: PathBuf,
    payloads: &'p [(String, PathBuf)],
    identity: Value,
    power: &'p Power,
    cause: Option<String>,
    recorder: Recorder<'p>,
}

impl<'p> Device<'p> {
    pub(in super::super) fn open(
        folder: &Path,
        payloads: &'p [(String, PathBuf)],
        power: &'p Power,
        recorder: Recorder<'p>,
    ) -> Result<Self, Failure> {
        let unusable = |error: io::Error| Failure::unusable(&folder.display().to_string(), error);
        fs::metadata(folder).map_err(unusable)?;
        for part in ["components", "state"] {
            fs::create_dir_all(folder.join(part)).map_err(unusable)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            payloads,
            identity: identity(&folder.join("device.json"))?,
            power,
            cause: None,
            recorder,
        })
    }

    /// What the last failure of the folder was.
    pub(super) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// What was recorded of the run.
    pub(super) const fn recorder(&mut self) -> &mut Recorder<'p> {
        &mut self.recorder
    }

    fn path(&self, call: &Call<'_>) -> PathBuf {
        self.folder.join("components").join(store::name(call.path()))
    }

    /// Where a component is written until it is complete: the token tells which transfer it is.
    fn partial(&self, call: &Call<'_>) -> PathBuf {
        store::beside(&self.path(call), "part", call.token())
    }

    /// Changes something, if there is power.
    fn change<T>(&mut self, change: impl FnOnce(&Self) -> io::Result<T>) -> Answer<T> {
        if !self.power.change() {
            return refused(Fault::Failed);
        }
        let result = change(self);
        self.answer(result)
    }

    fn answer<T>(&mut self, result: io::Result<T>) -> Answer<T> {
        Poll::Ready(result.map_err(|error| {
            self.cause = Some(error.to_string());
            match error.kind() {
                io::ErrorKind::NotFound => Fault::Absent,
                io::ErrorKind::PermissionDenied => Fault::Unauthorized,
                _ => Fault::Failed,
            }
        }))
    }

    /// Whether one of the UUIDs under this member is `uuid`.
    fn lists(&self, member: &str, uuid: &Uuid) -> bool {
        let list = self.identity.get(member).and_then(Value::as_array);
        let mut listed = list.into_iter().flatten().filter_map(Value::as_str);
        listed.any(|text| unhex(&text.replace('-', "")).is_some_and(|bytes| bytes == uuid))
    }

    fn number_path(&self, root: Option<ComponentIdentifier<'_>>) -> PathBuf {
        let name = root.map_or_else(String::new, |root| format!("-{}", store::name(root.parts())));
        self.folder.join(format!("state/sequence-number{name}"))
    }
}

/// What the device says it is; a device without a file is nothing at all.
fn identity(path: &Path) -> Result<Value, Failure> {
    let name = path.display().to_string();
    match fs::read(path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map_err(|error| Failure::unusable(&name, error))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Value::Null),
        Err(error) => Err(Failure::unusable(&name, error)),
    }
}

/// Reads from a file at an offset.
fn read_at(path: &Path, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    file.read(buffer)
}

fn write_at(path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

/// Exchanges two files; what is between the steps tells a repeated call how far it came.
fn exchange(target: &Path, source: &Path, token: u32) -> io::Result<()> {
    let between = store::beside(target, "swap", token);
    let done = store::beside(target, "swapped", token);
    if done.exists() {
        return Ok(());
    }
    if !between.exists() {
        fs::metadata(source)?;
        fs::rename(target, &between)?;
    }
    if source.exists() && !target.exists() {
        fs::rename(source, target)?;
    }
    File::create(&done)?;
    fs::rename(&between, source)
}

impl Platform for Device<'_> {
    fn has(&mut self, _: &Call<'_>) -> bool {
        true
    }

    fn is(&mut self, _: &Call<'_>, identity: Identity<'_>) -> bool {
        match identity {
            Identity::Vendor(VendorIdentifier::Uuid(uuid)) => self.lists("vendor", uuid),
            Identity::Class(uuid) => self.lists("class", uuid),
            Identity::Device(uuid) => self.lists("device", uuid),
            _ => false,
        }
    }

    fn read(&mut self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        let result = read_at(&self.path(call), offset, buffer);
        self.answer(result)
    }

    fn begin(&mut self, call: &Call<'_>, _: Option<u64>) -> Answer<u64> {
        self.change(|device| {
            let file = OpenOptions::new().create(true).append(true).open(device.partial(call))?;
            Ok(file.metadata()?.len())
        })
    }

    fn write(&mut self, call: &Call<'_>, offset: u64, bytes: &[u8]) -> Answer<()> {
        self.change(|device| write_at(&device.partial(call), offset, bytes))
    }

    fn finish(&mut self, call: &Call<'_>, size: u64) -> Answer<()> {
        self.change(|device| {
            let partial = device.partial(call);
            let file = OpenOptions::new().write(true).open(&partial)?;
            file.set_len(size)?;
            file.sync_all()?;
            fs::rename(partial, device.path(call))
        })
    }

    fn fetch(
        &mut self,
        call: &Call<'_>,
        uri: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Answer<usize> {
        let Some((_, file)) = self.payloads.iter().find(|(known, _)| known == uri) else {
            self.cause = Some(format!("no --payload is given for {uri}"));
            return refused(Fault::Absent);
        };
        let result = read_at(file, offset, buffer);
        progress(call, uri, offset);
        self.answer(result)
    }

    fn swap(&mut self, call: &Call<'_>, source: &Call<'_>) -> Answer<()> {
        self.change(|device| exchange(&device.path(call), &device.path(source), call.token()))
    }

    fn invoke(&mut self, call: &Call<'_>, arguments: Option<&[u8]>) -> Answer<()> {
        let arguments = String::from_utf8_lossy(arguments.unwrap_or_default()).into_owned();
        println!("invoked: {} {:?}", store::name(call.path()), arguments);
        ready(())
    }

    fn slot(&mut self, call: &Call<'_>) -> Option<u64> {
        self.identity.get("slots")?.get(store::name(call.path()))?.as_u64()
    }

    fn now(&mut self) -> Clock {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(Clock::Unknown, |since| Clock::Trusted(Time::from_unix(since.as_secs())))
    }

    fn record(&mut self, call: &Call<'_>, record: &Record) {
        trace::print(call, record);
        self.recorder.record(call, record);
    }

    fn sequence_number(
        &mut self,
        root: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        match fs::read_to_string(self.number_path(root)) {
            Ok(text) => text.trim().parse().map(Some).map_err(|_| Fault::Failed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(Fault::Failed),
        }
    }

    fn store_sequence_number(
        &mut self,
        root: Option<ComponentIdentifier<'_>>,
        number: u64,
    ) -> Result<(), Fault> {
        let path = self.number_path(root);
        match self.change(|_| store::replace(&path, format!("{number}\n").as_bytes())) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(Fault::Failed),
        }
    }
}

/// Says how far a long fetch is, at each 64 KiB.
fn progress(call: &Call<'_>, uri: &str, offset: u64) {
    if offset == 0 || !offset.is_multiple_of(64 << 10) {
        return;
    }
    match call.parameter(ParameterKey::ImageSize) {
        Some(Parameter::ImageSize(size)) => eprintln!("{uri}: {offset} of {size} bytes"),
        _ => eprintln!("{uri}: {offset} bytes"),
    }
}
