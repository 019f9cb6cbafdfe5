//! A device: it knows whom it trusts, what it is, and what it has installed.

use core::task::Poll;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use suit_manifest::crypto::Verifier;
use suit_manifest::discover::{
    Catalogue, Checkpoint, Download, LENGTH_OF_SEEN, Limits, Progress, Seen, Store,
};
use suit_manifest::model::{
    ComponentIdentifier, Parameter, ParameterKey, SuitDigest, Uuid, VendorIdentifier,
};
use suit_manifest::process::{
    Answer, Call, Engine, Fault, Identity, Options, Platform, Procedure, Tree, ready, refused,
};
use suit_manifest::{Envelope, Error};

use crate::Source;
use suit_manifest::crypto::wire::Clock;

/// Bytes of a catalogue, and of an envelope, that the device has room for.
const CATALOGUE: usize = 1 << 16;
const ENVELOPE: usize = 1 << 16;
const RETRIES: u8 = 3;

/// Why nothing was installed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// Something broke a rule.
    Rule(Error),
    /// The server or the disk did not answer.
    Io(std::io::Error),
    /// The catalogue has nothing newer for this device.
    UpToDate,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Rule(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// A device whose storage is a folder.
#[derive(Debug)]
pub struct Device<S> {
    folder: PathBuf,
    source: S,
    vendor: Uuid,
    class: Uuid,
    components: BTreeMap<Vec<Vec<u8>>, Vec<u8>>,
}

impl<S: Source> Device<S> {
    /// A device of this vendor and class.
    #[must_use]
    pub fn new(folder: &Path, source: S, vendor: Uuid, class: Uuid) -> Self {
        let components = BTreeMap::new();
        Self { folder: folder.to_owned(), source, vendor, class, components }
    }

    /// What a component holds.
    #[must_use]
    pub fn component(&self, name: &[u8]) -> Option<&[u8]> {
        self.components.get(&vec![name.to_vec()]).map(Vec::as_slice)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn installed(&self) -> Option<u64> {
        fs::read_to_string(self.path("number")).ok()?.parse().ok()
    }

    /// Finds the catalogue, and installs what it names, if that is newer than what is installed.
    ///
    /// # Errors
    /// Why not.
    pub fn update(
        &mut self,
        publishers: &[&dyn Verifier],
        authors: &[&dyn Verifier],
        clock: Clock,
    ) -> Result<u64, Failure> {
        let path = self.source.catalogue()?;
        let bytes = self.source.get(&path, CATALOGUE)?;
        let catalogue =
            Catalogue::decode(&bytes)?.verify(publishers, self.seen().as_ref(), clock)?;
        // Before anything comes of it, so that no older one is taken from now on.
        fs::write(self.path("seen"), catalogue.seen().to_bytes())?;
        let installed = self.installed().unwrap_or_default();
        let entry = catalogue.entries_for(&self.vendor, &self.class).next();
        let entry = entry.ok_or(Failure::UpToDate)?;
        if !entry.is_update(installed)? {
            return Err(Failure::UpToDate);
        }
        let room = usize::try_from(entry.size).map_or(ENVELOPE, |size| size.min(ENVELOPE));
        let uri = entry.uris().next().unwrap_or_default();
        let envelope = self.source.get(uri, room)?;
        let manifest = Envelope::decode(&envelope)?.authenticate(authors)?.validate()?;
        entry.check(&manifest)?;
        self.run(manifest)?;
        Ok(manifest.sequence_number())
    }

    fn seen(&self) -> Option<Seen> {
        let bytes = fs::read(self.path("seen")).ok()?;
        Seen::from_bytes(<&[u8; LENGTH_OF_SEEN]>::try_from(bytes.as_slice()).ok()?)
    }

    fn run(&mut self, manifest: suit_manifest::Manifest<'_>) -> Result<(), Error> {
        let (mut tree, mut engine) = (Tree::new(manifest), Engine::<4, 4>::new());
        let run = engine
            .start(&tree, Procedure::Update, Options::default(), self, &mut ())
            .and_then(|()| engine.run(&mut tree, self, &mut ()));
        run.map(drop).map_err(|failure| failure.error())
    }

    /// Downloads what a manifest fetches to a file, or goes on with it, and gives the content.
    fn download(
        &mut self,
        uri: &str,
        size: Option<u64>,
        expected: &SuitDigest<'_>,
    ) -> Result<Vec<u8>, Error> {
        let limits = Limits { size, most: 1 << 24, retries: RETRIES };
        let mut disk = Disk { folder: self.folder.clone() };
        let stored = disk.stored();
        let resumed = stored.and_then(|stored| Download::resume(uri, &stored, limits).ok());
        let mut download = match resumed {
            Some(download) => download,
            None => Download::new(limits)?,
        };
        let mut buffer = [0; 512];
        while download.step(uri, &mut self.source, &mut disk, &mut buffer)? != Progress::Done {}
        // Whether it is right or wrong, it is at its end.
        let _ = fs::remove_file(disk.checkpoint_path());
        download.finish(expected)?;
        fs::read(disk.path()).map_err(|_| Error::new(suit_manifest::rules::DOWNLOAD_STORE, 0))
    }
}

/// A file that grows, and a checkpoint beside it.
struct Disk {
    folder: PathBuf,
}

impl Disk {
    fn path(&self) -> PathBuf {
        self.folder.join("download")
    }

    fn checkpoint_path(&self) -> PathBuf {
        self.folder.join("checkpoint")
    }

    fn stored(&self) -> Option<Checkpoint> {
        let bytes = fs::read(self.checkpoint_path()).ok()?;
        Some(Checkpoint::from_bytes(bytes.try_into().ok()?))
    }

    fn put(&self, offset: u64, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(self.path())?;
        // What a cut left behind the checkpoint comes once more.
        file.set_len(offset)?;
        file.write_all(bytes)?;
        file.sync_data()
    }
}

impl Store for Disk {
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()> {
        Poll::Ready(self.put(offset, bytes).map_err(|_| Fault::Failed))
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), Fault> {
        let new = self.folder.join("checkpoint.new");
        fs::write(&new, checkpoint.to_bytes())
            .and_then(|()| fs::rename(&new, self.checkpoint_path()))
            .map_err(|_| Fault::Failed)
    }
}

fn name(call: &Call<'_>) -> Vec<Vec<u8>> {
    call.path().map(<[u8]>::to_vec).collect()
}

impl<S: Source> Platform for Device<S> {
    fn has(&mut self, _: &Call<'_>) -> bool {
        true
    }

    fn is(&mut self, _: &Call<'_>, identity: Identity<'_>) -> bool {
        match identity {
            Identity::Vendor(VendorIdentifier::Uuid(uuid)) => *uuid == self.vendor,
            Identity::Class(uuid) => *uuid == self.class,
            _ => false,
        }
    }

    fn read(&mut self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        let content = self.components.get(&name(call)).map_or(&[][..], Vec::as_slice);
        ready(part(content, offset, buffer))
    }

    fn begin(&mut self, call: &Call<'_>, _: Option<u64>) -> Answer<u64> {
        self.components.insert(name(call), Vec::new());
        ready(0)
    }

    fn write(&mut self, call: &Call<'_>, _: u64, bytes: &[u8]) -> Answer<()> {
        self.components.entry(name(call)).or_default().extend_from_slice(bytes);
        ready(())
    }

    /// The first block downloads all of it; the others are read from the file.
    fn fetch(
        &mut self,
        call: &Call<'_>,
        uri: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Answer<usize> {
        let (size, digest) =
            (call.parameter(ParameterKey::ImageSize), call.parameter(ParameterKey::ImageDigest));
        let size = if let Some(Parameter::ImageSize(size)) = size { Some(size) } else { None };
        let Some(Parameter::ImageDigest(digest)) = digest else {
            return refused(Fault::Unsupported);
        };
        if offset == 0 && self.download(uri, size, &digest).is_err() {
            return refused(Fault::Failed);
        }
        match fs::read(self.folder.join("download")) {
            Ok(content) => ready(part(&content, offset, buffer)),
            Err(_) => refused(Fault::Failed),
        }
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        Ok(self.installed())
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        number: u64,
    ) -> Result<(), Fault> {
        fs::write(self.path("number"), number.to_string()).map_err(|_| Fault::Failed)
    }
}

/// Copies what stands at `offset`, and says how much it was.
fn part(content: &[u8], offset: u64, buffer: &mut [u8]) -> usize {
    let rest = usize::try_from(offset).ok().and_then(|offset| content.get(offset..));
    buffer.iter_mut().zip(rest.unwrap_or_default()).map(|(to, from)| *to = *from).count()
}
