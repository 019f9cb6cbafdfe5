//! A device that keeps a report beside what it does.

use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::{Digest, Hasher};
use iotops_wire::cbor::Encoder;
use iotops_wire::{Clock, Finding};
use suit_manifest::model::{ComponentIdentifier, Custom, WaitEvent};
use suit_manifest::process::{
    Answer, Call, Engine, Failure, Fault, Identity, Journal, Options, Platform, Procedure, Record,
    Step, Tree,
};
use suit_manifest::report::{NewReport, Outcome, ProtectedReport, Recorder, Replay, Report};
use suit_manifest::{Error, Manifest, Policy};

use super::device::Device;
use super::{borrowed, trusted};

pub struct Reporting<'d, 'b, P> {
    pub device: &'d mut P,
    pub recorder: Recorder<'b>,
}

impl<P: Platform> Platform for Reporting<'_, '_, P> {
    fn has(&mut self, call: &Call<'_>) -> bool {
        self.device.has(call)
    }

    fn is(&mut self, call: &Call<'_>, identity: Identity<'_>) -> bool {
        self.device.is(call, identity)
    }

    fn read(&mut self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        self.device.read(call, offset, buffer)
    }

    fn begin(&mut self, call: &Call<'_>, size: Option<u64>) -> Answer<u64> {
        self.device.begin(call, size)
    }

    fn write(&mut self, call: &Call<'_>, offset: u64, bytes: &[u8]) -> Answer<()> {
        self.device.write(call, offset, bytes)
    }

    fn finish(&mut self, call: &Call<'_>, size: u64) -> Answer<()> {
        self.device.finish(call, size)
    }

    fn fetch(
        &mut self,
        call: &Call<'_>,
        uri: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Answer<usize> {
        self.device.fetch(call, uri, offset, buffer)
    }

    fn swap(&mut self, call: &Call<'_>, source: &Call<'_>) -> Answer<()> {
        self.device.swap(call, source)
    }

    fn invoke(&mut self, call: &Call<'_>, arguments: Option<&[u8]>) -> Answer<()> {
        self.device.invoke(call, arguments)
    }

    fn digest(&mut self, call: &Call<'_>, hasher: Hasher) -> Answer<Digest> {
        self.device.digest(call, hasher)
    }

    fn slot(&mut self, call: &Call<'_>) -> Option<u64> {
        self.device.slot(call)
    }

    fn custom(&mut self, call: &Call<'_>, code: i64, argument: Custom<'_>) -> Answer<bool> {
        self.device.custom(call, code, argument)
    }

    fn references(&mut self, call: &Call<'_>) -> Result<u32, Fault> {
        self.device.references(call)
    }

    fn unlink(&mut self, call: &Call<'_>) -> Answer<u32> {
        self.device.unlink(call)
    }

    fn now(&mut self) -> Clock {
        self.device.now()
    }

    fn battery(&mut self) -> Option<u64> {
        self.device.battery()
    }

    fn authorize(&mut self, call: &Call<'_>, priority: i64) -> Answer<bool> {
        self.device.authorize(call, priority)
    }

    fn version(&mut self, call: &Call<'_>) -> Option<&[i64]> {
        self.device.version(call)
    }

    fn wait(&mut self, call: &Call<'_>, event: WaitEvent<'_>) -> Answer<()> {
        self.device.wait(call, event)
    }

    fn record(&mut self, call: &Call<'_>, record: &Record) {
        self.device.record(call, record);
        self.recorder.record(call, record);
    }

    fn sequence_number(
        &mut self,
        root: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        self.device.sequence_number(root)
    }

    fn store_sequence_number(
        &mut self,
        root: Option<ComponentIdentifier<'_>>,
        number: u64,
    ) -> Result<(), Fault> {
        self.device.store_sequence_number(root, number)
    }
}

/// The key of the device.
pub fn device_key() -> SecretKey {
    let seed = std::fs::read(test_support::testdata().join("keys/generated-ed25519-seed.bin"));
    SecretKey::from_raw(KeyType::Ed25519, &seed.unwrap()).unwrap()
}

/// A run, and its report, which is not signed.
pub struct Reported {
    pub ended: Result<(), Failure>,
    pub report: Vec<u8>,
}

impl Reported {
    /// The report in a `COSE_Sign1`.
    pub fn signed(&self) -> Vec<u8> {
        sign(&self.report)
    }

    /// The report is what it must be: signed, verified, decoded, the same when it is written again,
    /// and without contradiction to its manifest.
    pub fn check(&self, manifest: Manifest<'_>, procedure: Procedure, device: &Device) {
        let keys = trusted();
        let keys = borrowed(&keys);
        let (mut loaded, mut arena) = ([None; 2], vec![0; 4096]);
        let tree = Tree::with_dependencies(manifest, &mut loaded, &mut arena, &keys, Policy::Any);
        self.check_in(tree, procedure, device);
    }

    /// The same for a tree that was made ready.
    pub fn check_in(&self, mut tree: Tree<'_, '_>, procedure: Procedure, device: &Device) {
        let envelopes = device.network.values().chain(device.components.values());
        let envelopes: Vec<&[u8]> = envelopes.map(Vec::as_slice).collect();
        let findings = replayed_in(&self.signed(), &mut tree, procedure, &envelopes);
        let outcome = Report::decode_unverified(&self.report).unwrap().outcome();
        assert_eq!(findings, Ok(Vec::new()), "{:?} {outcome:?} {:02x?}", self.ended, self.report);
        assert_eq!(self.ended.is_ok(), matches!(outcome, Outcome::Success));
    }
}

/// What contradicts the manifest in a signed report, which must be well formed.
pub fn replayed(
    message: &[u8],
    manifest: Manifest<'_>,
    procedure: Procedure,
    envelopes: &[&[u8]],
) -> Result<Vec<Finding>, Error> {
    let keys = trusted();
    let keys = borrowed(&keys);
    let (mut loaded, mut arena) = ([None; 2], vec![0; 4096]);
    let mut tree = Tree::with_dependencies(manifest, &mut loaded, &mut arena, &keys, Policy::Any);
    replayed_in(message, &mut tree, procedure, envelopes)
}

fn replayed_in(
    message: &[u8],
    tree: &mut Tree<'_, '_>,
    procedure: Procedure,
    envelopes: &[&[u8]],
) -> Result<Vec<Finding>, Error> {
    let protected = ProtectedReport::decode(message).unwrap();
    let mut again = Vec::new();
    protected.encode(&mut Encoder::new(&mut again)).unwrap();
    assert_eq!(again, message);
    let key = device_key().verifying_key();
    let report = protected.verify(&[&key])?;
    Replay::new(procedure).with_envelopes(envelopes).findings::<8, 8>(&report, tree)
}

/// Puts any bytes into a `COSE_Sign1` of the device.
pub fn sign(payload: &[u8]) -> Vec<u8> {
    use iotops_crypto::cose::{Payload, Unsigned};
    let (mut key, mut message) = (device_key(), Vec::new());
    let unsigned = Unsigned::new(iotops_crypto::Algorithm::Ed25519).unwrap();
    let mut encoder = Encoder::new(&mut message);
    unsigned.sign(&mut key, Payload::Attached(payload), &[], &mut encoder).unwrap();
    message
}

/// Runs a procedure and writes its report, with `room` bytes for records.
pub fn run_reported(
    manifest: Manifest<'_>,
    procedure: Procedure,
    options: Options,
    device: &mut Device,
    journal: &mut dyn Journal,
    room: usize,
) -> Reported {
    let keys = trusted();
    let keys = borrowed(&keys);
    let (mut loaded, mut arena) = ([None; 2], vec![0; 4096]);
    let tree = Tree::with_dependencies(manifest, &mut loaded, &mut arena, &keys, Policy::Any);
    run_tree_reported(tree, procedure, options, device, journal, room)
}

/// The same for a tree that was made ready.
pub fn run_tree_reported(
    mut tree: Tree<'_, '_>,
    procedure: Procedure,
    options: Options,
    device: &mut Device,
    journal: &mut dyn Journal,
    room: usize,
) -> Reported {
    let mut buffer = vec![0; room];
    let mut platform = Reporting { device, recorder: Recorder::new(&mut buffer) };
    let mut engine = Engine::<8, 8>::new();
    let begun = engine.start(&tree, procedure, options, &mut platform, journal);
    let ended = begun.and_then(|()| {
        loop {
            match engine.step(&mut tree, &mut platform, journal)? {
                Step::Done => return Ok(()),
                // The engine is plain data: it may lie elsewhere at each step.
                _ => engine = engine.clone(),
            }
        }
    });
    let mut report = Vec::new();
    let new = NewReport::of(&tree, &mut platform.recorder, ended.into());
    new.encode(&mut Encoder::new(&mut report)).unwrap();
    Reported { ended, report }
}
