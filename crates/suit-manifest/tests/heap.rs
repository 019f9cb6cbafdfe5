//! Decoding, authenticating, validating and reading take no heap.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    unreachable_pub,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{borrowed, decode, trusted};
use iotops_crypto::{Digest, Hasher};
use suit_manifest::model::{ComponentIdentifier, Parameter, ParameterKey};
use suit_manifest::process::{
    Answer, Call, Engine, Fault, Identity, Options, Platform, Procedure, Step, Tree, ready, refused,
};

#[global_allocator]
static ALLOCATOR: test_support::CountingAllocator = test_support::CountingAllocator;

/// All that is counted is in one test: the counter counts the whole process.
#[test]
fn no_allocation_from_bytes_to_manifest() {
    let keys = trusted();
    let keys = borrowed(&keys);
    let folder = test_support::testdata().join("suit");
    let mut checked = 0;
    for path in documents(&folder) {
        let document = fs::read(&path).unwrap();
        let (count, _) = test_support::allocations(|| {
            let envelope = decode(&document)?;
            let manifest = envelope.authenticate(&keys)?.validate()?;
            let commands = manifest.shared_sequence().map_or(0, |one| one.commands().count());
            Ok::<_, suit_manifest::Error>(commands)
        });
        assert_eq!(count, 0, "{}", path.display());
        checked += 1;
    }
    assert!(checked > 70);
    #[cfg(all(feature = "discovery", feature = "alloc"))]
    discovery_allocates_nothing();
    assert!(execution_allocates_nothing(&keys) >= 15);
    #[cfg(feature = "report")]
    assert!(reporting_allocates_nothing(&keys) >= 15);
    let (count, _) = test_support::allocations(|| vec![checked]);
    assert_eq!(count, 1, "the counter counts");
}

/// All but those of foreign keys: with feature `batch` of `iotops-crypto`, its library boxes the error
/// of an Ed25519 signature that is refused.
fn documents(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let profiles = folder.join("profiles");
    let all = test_support::files(folder, &[".suit"]).into_iter();
    all.filter(move |path| !path.starts_with(&profiles))
}

/// Runs the manifests that verify; gives how many did.
fn execution_allocates_nothing(keys: &[&dyn iotops_crypto::Verifier]) -> usize {
    let folder = test_support::testdata().join("suit");
    let mut ran = 0;
    for path in documents(&folder) {
        let document = fs::read(&path).unwrap();
        let Ok(manifest) = common::verify(&document, keys) else { continue };
        let mut options = Options::default();
        options.needs_identity_checks = false;
        let (count, result) = test_support::allocations(|| {
            let (mut tree, mut engine) = (Tree::new(manifest), Engine::<4, 6>::new());
            engine.start(&tree, Procedure::Update, options, &mut Still, &mut ())?;
            engine.run(&mut tree, &mut Still, &mut ())
        });
        assert_eq!(count, 0, "{}: {result:?}", path.display());
        ran += usize::from(result == Ok(Step::Done));
    }
    ran
}

/// Runs the same with a report, signs, verifies and replays it; gives how many ended well.
#[cfg(feature = "report")]
fn reporting_allocates_nothing(keys: &[&dyn iotops_crypto::Verifier]) -> usize {
    use iotops_crypto::key::{KeyType, SecretKey};
    use iotops_wire::cbor::{Encoder, SliceOutput};
    use suit_manifest::report::{NewReport, ProtectedReport, Recorder, Replay};

    let mut key = SecretKey::from_raw(KeyType::Ed25519, &[9; 32]).unwrap();
    let public = key.verifying_key();
    let folder = test_support::testdata().join("suit");
    let mut reported = 0;
    for path in documents(&folder) {
        let document = fs::read(&path).unwrap();
        let Ok(manifest) = common::verify(&document, keys) else { continue };
        let mut options = Options::default();
        options.needs_identity_checks = false;
        let (count, result) = test_support::allocations(|| {
            let (mut records, mut report, mut message) = ([0; 512], [0; 1024], [0; 1280]);
            let mut platform = Recorded { recorder: Recorder::new(&mut records) };
            let (mut tree, mut engine) = (Tree::new(manifest), Engine::<4, 6>::new());
            let begun = engine.start(&tree, Procedure::Update, options, &mut platform, &mut ());
            let ended = begun.and_then(|()| engine.run(&mut tree, &mut platform, &mut ()));
            let new = NewReport::of(&tree, &mut platform.recorder, ended.map(drop).into());
            let unsigned = new.with_nonce(&[1; 8]).write(&mut report)?;
            let mut output = SliceOutput::new(&mut message);
            unsigned.sign(&mut key, &mut Encoder::new(&mut output))?;
            let verified = ProtectedReport::decode(output.written())?.verify(&[&public])?;
            let (mut findings, mut tree) = (0_u32, Tree::new(manifest));
            let replay = Replay::new(Procedure::Update);
            // What needs a dependency cannot be replayed without it.
            let _ = replay.run::<4, 6>(&verified, &mut tree, &mut |_| findings += 1);
            Ok::<_, suit_manifest::Error>((findings, ended.is_ok()))
        });
        assert_eq!(count, 0, "{}: {result:?}", path.display());
        let (findings, is_done) = result.unwrap();
        assert_eq!(findings, 0, "{}", path.display());
        reported += usize::from(is_done);
    }
    reported
}

/// The same device with a recorder.
#[cfg(feature = "report")]
struct Recorded<'b> {
    recorder: suit_manifest::report::Recorder<'b>,
}

#[cfg(feature = "report")]
impl Platform for Recorded<'_> {
    fn has(&mut self, _: &Call<'_>) -> bool {
        true
    }

    fn is(&mut self, _: &Call<'_>, _: Identity<'_>) -> bool {
        true
    }

    fn read(&mut self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        Still.read(call, offset, buffer)
    }

    fn begin(&mut self, call: &Call<'_>, size: Option<u64>) -> Answer<u64> {
        Still.begin(call, size)
    }

    fn write(&mut self, call: &Call<'_>, offset: u64, bytes: &[u8]) -> Answer<()> {
        Still.write(call, offset, bytes)
    }

    fn fetch(&mut self, call: &Call<'_>, uri: &str, at: u64, buffer: &mut [u8]) -> Answer<usize> {
        Still.fetch(call, uri, at, buffer)
    }

    fn digest(&mut self, call: &Call<'_>, hasher: Hasher) -> Answer<Digest> {
        Still.digest(call, hasher)
    }

    fn slot(&mut self, call: &Call<'_>) -> Option<u64> {
        Still.slot(call)
    }

    fn record(&mut self, call: &Call<'_>, record: &suit_manifest::process::Record) {
        self.recorder.record(call, record);
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        Ok(None)
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        _: u64,
    ) -> Result<(), Fault> {
        Ok(())
    }
}

/// A device that has and is everything, and that nothing changes.
struct Still;

impl Platform for Still {
    fn has(&mut self, _: &Call<'_>) -> bool {
        true
    }

    fn is(&mut self, _: &Call<'_>, _: Identity<'_>) -> bool {
        true
    }

    fn read(&mut self, _: &Call<'_>, _: u64, _: &mut [u8]) -> Answer<usize> {
        ready(0)
    }

    fn begin(&mut self, _: &Call<'_>, _: Option<u64>) -> Answer<u64> {
        ready(0)
    }

    fn write(&mut self, _: &Call<'_>, _: u64, _: &[u8]) -> Answer<()> {
        ready(())
    }

    fn fetch(&mut self, _: &Call<'_>, _: &str, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        let left = 1000_u64.saturating_sub(offset);
        ready(buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX)))
    }

    fn digest(&mut self, call: &Call<'_>, hasher: Hasher) -> Answer<Digest> {
        match call.parameter(ParameterKey::ImageDigest) {
            Some(Parameter::ImageDigest(wanted)) => {
                ready(Digest::from_bytes(wanted.bytes()).unwrap_or_else(|| hasher.finish()))
            }
            _ => refused(Fault::Absent),
        }
    }

    fn slot(&mut self, _: &Call<'_>) -> Option<u64> {
        Some(0)
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        Ok(None)
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        _: u64,
    ) -> Result<(), Fault> {
        Ok(())
    }
}

/// Links, records, a catalogue, a download and blocks: what a device reads and stores.
#[cfg(all(feature = "discovery", feature = "alloc"))]
fn discovery_allocates_nothing() {
    use core::task::Poll;
    use iotops_crypto::key::{KeyType, SecretKey};
    use iotops_wire::{Clock, Time};
    use suit_manifest::discover::link::{CATALOGUE, links};
    use suit_manifest::discover::service::{Location, Text};
    use suit_manifest::discover::{
        BlockStore, Blocks, Catalogue, CatalogueBuilder, Checkpoint, Download, Fetcher, Limits,
        Part, Progress, Store,
    };
    use suit_manifest::model::SuitDigest;

    const SIZE: usize = 300;

    struct Memory([u8; SIZE], [bool; 5], Option<Checkpoint>);
    impl Memory {
        fn put(&mut self, offset: u64, bytes: &[u8]) -> Answer<()> {
            let start = offset as usize;
            self.0[start..start + bytes.len()].copy_from_slice(bytes);
            ready(())
        }
    }
    impl Store for Memory {
        fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()> {
            self.put(offset, bytes)
        }
        fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), Fault> {
            self.2 = Some(*checkpoint);
            Ok(())
        }
    }
    impl BlockStore for Memory {
        fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()> {
            self.put(offset, bytes)
        }
        fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
            let rest = &self.0[offset as usize..];
            let length = rest.len().min(buffer.len());
            buffer[..length].copy_from_slice(&rest[..length]);
            ready(length)
        }
        fn contains(&mut self, block: u32) -> Result<bool, Fault> {
            Ok(self.1[block as usize])
        }
        fn insert(&mut self, block: u32) -> Result<(), Fault> {
            self.1[block as usize] = true;
            Ok(())
        }
    }
    struct Server;
    impl Fetcher for Server {
        fn fetch(&mut self, _: &str, offset: u64, buffer: &mut [u8]) -> Answer<Part> {
            let length = (SIZE - offset as usize).min(buffer.len());
            buffer[..length].fill(7);
            Poll::Ready(Ok(Part { length, total: Some(SIZE as u64), version: Some(1) }))
        }
    }

    let mut key = SecretKey::from_raw(KeyType::Ed25519, &[9; 32]).unwrap();
    let public = key.verifying_key();
    let builder = CatalogueBuilder::new(3, Time::from_unix(10), Time::from_unix(20));
    let catalogue = builder.sign(&mut key).unwrap();
    let image = iotops_crypto::digest(iotops_crypto::Algorithm::Sha256, &[&[7; SIZE]]).unwrap();
    let (count, read) = test_support::allocations(|| {
        let clock = Clock::Trusted(Time::from_unix(15));
        let verified = Catalogue::decode(&catalogue)?.verify(&[&public], None, clock)?;
        let found = links("</a>;rt=\"x suit.catalogue\",</b>").flatten();
        let links = found.filter(|link| link.has_type(CATALOGUE)).count();
        let path = Text::read(b"\x06path=/")?.get("path").map_or(0, <[u8]>::len);
        let labels = Location::read(b"\0\0\0\0\0\x50\x01a\0")?.target.labels().count();
        Ok::<_, suit_manifest::Error>((verified.number(), links, path, labels))
    });
    assert_eq!((count, read.unwrap()), (0, (3, 1, 1, 1)));
    let (count, stored) = test_support::allocations(|| {
        let expected = SuitDigest::new(iotops_crypto::Algorithm::Sha256, image.as_bytes())?;
        let mut memory = Memory([0; SIZE], [false; 5], None);
        let limits = Limits { size: Some(SIZE as u64), most: 1000, retries: 0 };
        let (mut download, mut buffer) = (Download::new(limits)?, [0; 64]);
        while download.step("u", &mut Server, &mut memory, &mut buffer)? != Progress::Done {
            let stored = memory.2.take().unwrap();
            download = Download::resume("u", &stored, limits)?;
        }
        let downloaded = download.finish(&expected)?;
        let blocks = Blocks::new(SIZE as u64, 64)?;
        for block in [4, 0, 2, 1, 3] {
            let (_, length) = blocks.place(block).unwrap();
            blocks.receive(block, &[7; 64][..length as usize], &mut memory)?;
        }
        let mut check = blocks.check(&expected)?;
        while check.step(&mut memory, &mut buffer)? != Progress::Done {}
        Ok::<_, suit_manifest::Error>((downloaded, check.finish()?))
    });
    assert_eq!((count, stored.unwrap()), (0, (SIZE as u64, SIZE as u64)));
}
