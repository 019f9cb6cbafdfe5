//! Executing any valid manifest on a device whose answers are drawn from the input: it ends, and
//! goes on from its journal as if it had not been interrupted, and what it reports contradicts nothing.

#![no_main]

use core::task::Poll;

use iotops_crypto::Hasher;
use iotops_fuzz::{Anyone, wrap};
use libfuzzer_sys::fuzz_target;
use suit_manifest::model::{ComponentIdentifier, Custom, WaitEvent};
use suit_manifest::process::{
    Answer, Branch, CHUNK, Call, Engine, Entry, Failure, Fault, Identity, Journal, Options,
    Platform, Procedure, Record, RunId, Step, Transformed, Tree, ready, refused,
};
use suit_manifest::report::{NewReport, Recorder, Replay, Report};
use suit_manifest::{Envelope, Manifest, Policy};

fuzz_target!(|input: &[u8]| {
    let Some((answers, document)) = input.split_first_chunk::<32>() else { return };
    run_all(document, answers);
    run_all(&wrap(document), answers);
});

fn run_all(document: &[u8], answers: &[u8; 32]) {
    let manifest = Envelope::decode(document)
        .and_then(|envelope| envelope.authenticate(&[&Anyone])?.validate());
    let Ok(manifest) = manifest else { return };
    for procedure in [
        Procedure::Update,
        Procedure::Staging,
        Procedure::Installation,
        Procedure::Invocation,
        Procedure::Uninstall,
    ] {
        let mut journal = Memory::default();
        let whole = run(manifest, procedure, answers, &mut journal, u32::MAX);
        // Stopped after a few steps, then started again.
        let steps = u32::from(answers[0]);
        let mut journal = Memory::default();
        if run(manifest, procedure, answers, &mut journal, steps).is_none() {
            let again = run(manifest, procedure, answers, &mut journal, u32::MAX);
            let is_ok = |ended: &Option<Result<(), Failure>>| ended.map(|ended| ended.is_ok());
            assert_eq!(is_ok(&again), is_ok(&whole), "an interruption changes nothing");
        }
    }
}

/// How the procedure ended, or nothing after so many steps.
fn run(
    manifest: Manifest<'_>,
    procedure: Procedure,
    answers: &[u8; 32],
    journal: &mut Memory,
    steps: u32,
) -> Option<Result<(), Failure>> {
    let mut loaded: [Option<Branch<'_>>; 2] = [None; 2];
    let mut arena = [0; 512];
    let keys: [&dyn iotops_crypto::Verifier; 1] = [&Anyone];
    let mut tree = Tree::with_dependencies(manifest, &mut loaded, &mut arena, &keys, Policy::Any);
    let mut options = Options::default();
    options.fuel = 500;
    options.needs_identity_checks = answers[1] & 1 == 1;
    options.implicit_integrity = answers[1] & 2 == 2;
    options.needs_all_sections = answers[1] & 4 == 4;
    let mut records = [0; 4096];
    let mut device = Device { answers: *answers, at: 0, recorder: Recorder::new(&mut records) };
    let mut engine = Engine::<4, 6>::new();
    let begun = engine.start(&tree, procedure, options, &mut device, journal);
    let mut ended = begun.err().map(Err);
    for _ in 0..steps.min(200_000) {
        if ended.is_some() {
            break;
        }
        match engine.step(&mut tree, &mut device, journal) {
            Ok(Step::Done) => ended = Some(Ok(())),
            Ok(_) => {}
            Err(failure) => {
                let _ = failure.to_string();
                ended = Some(Err(failure));
            }
        }
    }
    assert!(steps < 200_000 || ended.is_some(), "it does not end");
    if let Some(ended) = ended {
        report(manifest, procedure, &NewReport::of(&tree, &mut device.recorder, ended.into()));
    }
    ended
}

/// What the device reports must be what it did.
fn report(manifest: Manifest<'_>, procedure: Procedure, report: &NewReport<'_>) {
    let mut buffer = [0; 5120];
    let report = report.write(&mut buffer).expect("it has space").as_encoded();
    let report = Report::decode_unverified(report).expect("its own").authenticated_by_channel();
    let replayed =
        Replay::new(procedure).run::<4, 6>(&report, &mut Tree::new(manifest), &mut |found| {
            panic!("{found:?} in {report:?}")
        });
    // Dependencies are not given to it.
    let _ = replayed;
}

#[derive(Default)]
struct Memory {
    run: Option<RunId>,
    entries: Vec<Entry>,
}

impl Journal for Memory {
    fn begin(&mut self, run: &RunId) -> Result<u32, Fault> {
        if self.run != Some(*run) {
            *self = Self { run: Some(*run), entries: Vec::new() };
        }
        u32::try_from(self.entries.len()).map_err(|_| Fault::Failed)
    }

    fn entry(&mut self, place: u32) -> Result<Entry, Fault> {
        self.entries.get(place as usize).copied().ok_or(Fault::Absent)
    }

    fn append(&mut self, entry: Entry) -> Result<(), Fault> {
        self.entries.push(Entry::from_bytes(entry.to_bytes()).expect("its own"));
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        *self = Self::default();
        Ok(())
    }
}

/// A device that answers by what is asked and by the input, the same each time, but that is
/// pending now and then.
struct Device<'b> {
    answers: [u8; 32],
    at: usize,
    recorder: Recorder<'b>,
}

impl Device<'_> {
    fn answer(&self, what: usize, call: &Call<'_>) -> u8 {
        let path: usize = call.path().flatten().map(|byte| usize::from(*byte)).sum();
        let _ = call.custom_parameters().count();
        self.answers[(what + path + call.token() as usize) % 30 + 2]
    }

    /// Pending every seventh time: never for ever.
    fn is_pending(&mut self) -> bool {
        self.at += 1;
        self.at.is_multiple_of(7)
    }

    fn done(&mut self, what: usize, call: &Call<'_>) -> Answer<()> {
        if self.is_pending() {
            return Poll::Pending;
        }
        match self.answer(what, call) {
            0 => refused(Fault::Absent),
            1 => refused(Fault::Failed),
            2 => refused(Fault::Unsupported),
            _ => ready(()),
        }
    }

    fn bytes(
        &mut self,
        what: usize,
        call: &Call<'_>,
        offset: u64,
        buffer: &mut [u8],
    ) -> Answer<usize> {
        if self.is_pending() {
            return Poll::Pending;
        }
        let answer = self.answer(what, call);
        if answer == 0 {
            return refused(Fault::Absent);
        }
        let left = (u64::from(answer) * 3).saturating_sub(offset);
        let count = buffer.len().min(left as usize);
        buffer[..count].fill(answer);
        ready(count)
    }
}

impl Platform for Device<'_> {
    fn has(&mut self, call: &Call<'_>) -> bool {
        self.answer(0, call) != 1
    }

    fn is(&mut self, call: &Call<'_>, _: Identity<'_>) -> bool {
        self.answer(1, call) != 1
    }

    fn read(&mut self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        self.bytes(2, call, offset, buffer)
    }

    fn begin(&mut self, call: &Call<'_>, _: Option<u64>) -> Answer<u64> {
        match self.done(3, call) {
            Poll::Ready(Ok(())) => ready(0),
            Poll::Ready(Err(fault)) => refused(fault),
            Poll::Pending => Poll::Pending,
        }
    }

    fn write(&mut self, call: &Call<'_>, _: u64, _: &[u8]) -> Answer<()> {
        self.done(4, call)
    }

    fn fetch(&mut self, call: &Call<'_>, _: &str, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        self.bytes(5, call, offset, buffer)
    }

    fn swap(&mut self, call: &Call<'_>, _: &Call<'_>) -> Answer<()> {
        self.done(6, call)
    }

    fn invoke(&mut self, call: &Call<'_>, _: Option<&[u8]>) -> Answer<()> {
        self.done(7, call)
    }

    fn digest(&mut self, call: &Call<'_>, mut hasher: Hasher) -> Answer<iotops_crypto::Digest> {
        use suit_manifest::model::{Parameter, ParameterKey};
        if self.is_pending() {
            return Poll::Pending;
        }
        match call.parameter(ParameterKey::ImageDigest) {
            Some(Parameter::ImageDigest(wanted)) if self.answer(8, call) > 1 => {
                ready(iotops_crypto::Digest::from_bytes(wanted.bytes()).expect("short"))
            }
            _ => {
                hasher.update(b"other");
                ready(hasher.finish())
            }
        }
    }

    fn transforms(&mut self, call: &Call<'_>) -> bool {
        self.answer(16, call) & 1 == 1
    }

    fn transform(
        &mut self,
        call: &Call<'_>,
        input: &[u8],
        output: &mut [u8; CHUNK],
    ) -> Result<Transformed, Fault> {
        let answer = self.answer(17, call);
        let (taken, made) = match answer {
            0 => return Err(Fault::Failed),
            // It claims what is not so.
            1 => (input.len() + 1, 0),
            2 => (0, CHUNK + 1),
            // It makes something of nothing, and never ends.
            3 => (0, 1),
            _ => (input.len(), input.len() * usize::from(answer & 1)),
        };
        output.fill(answer);
        Ok(Transformed { taken, made })
    }

    fn slot(&mut self, call: &Call<'_>) -> Option<u64> {
        Some(u64::from(self.answer(9, call) & 1))
    }

    fn custom(&mut self, call: &Call<'_>, _: i64, _: Custom<'_>) -> Answer<bool> {
        ready(self.answer(10, call) != 0)
    }

    fn references(&mut self, call: &Call<'_>) -> Result<u32, Fault> {
        Ok(u32::from(self.answer(11, call) == 1))
    }

    fn unlink(&mut self, call: &Call<'_>) -> Answer<u32> {
        ready(u32::from(self.answer(12, call) & 1))
    }

    fn authorize(&mut self, call: &Call<'_>, _: i64) -> Answer<bool> {
        ready(self.answer(13, call) != 0)
    }

    fn version(&mut self, call: &Call<'_>) -> Option<&[i64]> {
        if self.answer(14, call) & 1 == 0 { None } else { Some(&[1, 0, -1]) }
    }

    fn wait(&mut self, call: &Call<'_>, _: WaitEvent<'_>) -> Answer<()> {
        self.done(15, call)
    }

    fn record(&mut self, call: &Call<'_>, record: &Record) {
        self.recorder.record(call, record);
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        Ok(Some(u64::from(self.answers[2])))
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        _: u64,
    ) -> Result<(), Fault> {
        Ok(())
    }
}
