//! The journal as a file: the run first, then its entries, each written through to the disk.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use suit_manifest::process::{Entry, Fault, Journal, RunId};

use super::power::Power;
use super::store;

pub(super) struct FileJournal<'p> {
    device: &'p Path,
    path: PathBuf,
    power: &'p Power,
}

impl<'p> FileJournal<'p> {
    pub(super) fn open(device: &'p Path, power: &'p Power) -> Self {
        Self { device, path: device.join("state/journal"), power }
    }

    /// The entries of a run that was interrupted; half an entry at the end does not count.
    fn entries(&self, run: &RunId) -> Option<Vec<Entry>> {
        let bytes = fs::read(&self.path).ok()?;
        let entries = bytes.strip_prefix(run.to_bytes().as_slice())?;
        let (entries, _) = entries.as_chunks::<{ Entry::LENGTH }>();
        entries.iter().map(|entry| Entry::from_bytes(*entry)).collect()
    }

    /// Writes the file anew.
    fn replace(&self, content: &[u8]) -> Result<(), Fault> {
        if !self.power.change() {
            return Err(Fault::Failed);
        }
        store::replace(&self.path, content).map_err(|_| Fault::Failed)
    }
}

impl Journal for FileJournal<'_> {
    fn begin(&mut self, run: &RunId) -> Result<u32, Fault> {
        let Some(entries) = self.entries(run) else {
            // Tokens begin anew: what they named before means nothing now.
            store::clear(&self.device.join("components")).map_err(|_| Fault::Failed)?;
            self.replace(&run.to_bytes())?;
            return Ok(0);
        };
        // Half an entry must not stay before what is appended.
        let mut content = run.to_bytes().to_vec();
        content.extend(entries.iter().flat_map(|entry| entry.to_bytes()));
        self.replace(&content)?;
        println!("going on after an interruption: {} entries in the journal", entries.len());
        u32::try_from(entries.len()).map_err(|_| Fault::Failed)
    }

    fn entry(&mut self, place: u32) -> Result<Entry, Fault> {
        let bytes = fs::read(&self.path).map_err(|_| Fault::Failed)?;
        let entries = bytes.get(RunId::LENGTH..).unwrap_or_default();
        let (entries, _) = entries.as_chunks::<{ Entry::LENGTH }>();
        let entry = usize::try_from(place).ok().and_then(|place| entries.get(place));
        entry.and_then(|entry| Entry::from_bytes(*entry)).ok_or(Fault::Absent)
    }

    fn append(&mut self, entry: Entry) -> Result<(), Fault> {
        if !self.power.change() {
            return Err(Fault::Failed);
        }
        let file = OpenOptions::new().append(true).open(&self.path);
        let written = file.and_then(|mut file| {
            file.write_all(&entry.to_bytes())?;
            file.sync_data()
        });
        written.map_err(|_| Fault::Failed)
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.replace(&[])
    }
}
