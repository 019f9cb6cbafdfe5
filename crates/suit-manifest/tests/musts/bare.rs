//! A platform that has components and little else: it does what each test needs, and refuses the
//! rest as the defaults do.

use core::task::Poll;
use std::collections::BTreeMap;

use suit_manifest::model::{ComponentIdentifier, ParameterKey, Section};
use suit_manifest::process::{
    Answer, Call, Fault, Identity, Journal, Options, Platform, Procedure, Tree, ready, refused,
};
use suit_manifest::rules;

use super::common::device::{Memory, Path, Power, path};
use super::common::run::{lenient, signed};
use super::common::{borrowed, trusted, verify};
use super::{NONE, builder, sequence, set, write};
use suit_manifest::model::{Action, Condition, Parameter};

#[derive(Default)]
struct Bare {
    content: Vec<u8>,
    /// Offsets that were read from.
    reads: Vec<u64>,
    /// Whether it can write, and fetch.
    can_write: bool,
    /// Components that came with metadata.
    metadata: usize,
    references: BTreeMap<Path, u32>,
    /// The token of the reference that was taken away last.
    last: Option<u32>,
}

impl Platform for Bare {
    fn has(&mut self, _: &Call<'_>) -> bool {
        true
    }

    fn is(&mut self, _: &Call<'_>, _: Identity<'_>) -> bool {
        true
    }

    fn read(&mut self, _: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        self.reads.push(offset);
        let rest = &self.content[offset as usize..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        ready(count)
    }

    fn begin(&mut self, call: &Call<'_>, _: Option<u64>) -> Answer<u64> {
        let metadata = call.parameter(ParameterKey::ComponentMetadata);
        if let Some(Parameter::ComponentMetadata(metadata)) = metadata {
            self.metadata += usize::from(metadata.fields().creation_time.is_some());
        }
        if self.can_write { ready(0) } else { refused(Fault::Unsupported) }
    }

    fn write(&mut self, _: &Call<'_>, _: u64, _: &[u8]) -> Answer<()> {
        ready(())
    }

    fn fetch(&mut self, _: &Call<'_>, _: &str, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        buffer[0] = 1;
        ready(usize::from(self.can_write && offset == 0))
    }

    fn references(&mut self, call: &Call<'_>) -> Result<u32, Fault> {
        Ok(self.references.get(&path(call)).copied().unwrap_or_default())
    }

    /// Idempotent for each token, as it must be.
    fn unlink(&mut self, call: &Call<'_>) -> Answer<u32> {
        if self.references.is_empty() {
            return refused(Fault::Unsupported);
        }
        let count = self.references.entry(path(call)).or_default();
        if self.last != Some(call.token()) {
            *count -= 1;
        }
        self.last = Some(call.token());
        Poll::Ready(Ok(*count))
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

fn run_with(
    document: &[u8],
    procedure: Procedure,
    bare: &mut Bare,
    journal: &mut dyn Journal,
) -> Result<(), iotops_wire::Rule> {
    let keys = trusted();
    let mut tree = Tree::new(verify(document, &borrowed(&keys)).unwrap());
    let mut engine = suit_manifest::process::Engine::<4, 6>::new();
    let options: Options = lenient();
    let begun = engine.start(&tree, procedure, options, bare, journal);
    let ended = begun.and_then(|()| engine.run(&mut tree, bare, journal));
    ended.map(drop).map_err(|failure| failure.error().rule())
}

fn run(document: &[u8], bare: &mut Bare) -> Result<(), iotops_wire::Rule> {
    run_with(document, Procedure::Update, bare, &mut ())
}

/// SUIT §8.4.9.3: "MUST be constant time: no early exits".
#[test]
fn check_content_reads_all() {
    let right = vec![7_u8; 700];
    let check = sequence()
        .override_parameters(&set(&Parameter::Content(&right)))
        .condition(Condition::CheckContent, NONE);
    let document = super::one(&check);
    let reads = |content: Vec<u8>, is_equal: bool| {
        let mut bare = Bare { content, ..Bare::default() };
        let expected = if is_equal { Ok(()) } else { Err(rules::CONDITION) };
        assert_eq!(run(&document, &mut bare), expected);
        bare.reads
    };
    let all = reads(right.clone(), true);
    assert!(all.len() > 3, "{all:?}");
    for at in [0, 300, 699] {
        let mut wrong = right.clone();
        wrong[at] ^= 1;
        assert_eq!(reads(wrong, false), all, "different at {at}");
    }
}

/// SUIT UM §4.5: "MUST treat local-time wait events as unsupported", and §5: what is not
/// implemented is no reason to guess.
#[test]
fn what_the_platform_cannot_do_ends_the_run() {
    for event in [
        r#""time-of-day": 5"#,
        r#""day-of-week": 5"#,
        r#""other-device-version": {"device": "x", "versions": [{"comparison": "equal", "version": [1]}]}"#,
    ] {
        let document = super::management::waiting(event);
        let ended = run(&document, &mut Bare::default());
        assert_eq!(ended, Err(rules::DIRECTIVE_UNSUPPORTED), "{event}");
    }
    let two = |action| {
        let parameters = set(&Parameter::Content(b"x"))
            .uri("u")
            .source_component(1)
            .set(&Parameter::UpdatePriority(1));
        let install =
            sequence().set_component(0).override_parameters(&parameters).action(action, NONE);
        signed(builder(&install).component(&[b"b"]))
    };
    for action in
        [Action::Write, Action::Fetch, Action::Copy, Action::Swap, Action::Invoke, Action::Unlink]
    {
        let ended = run(&two(action), &mut Bare::default());
        assert_eq!(ended, Err(rules::DIRECTIVE_UNSUPPORTED), "{action:?}");
    }
    let ask = sequence()
        .override_parameters(&set(&Parameter::UpdatePriority(1)))
        .condition(Condition::UpdateAuthorized, NONE);
    let ended = run(&super::one(&ask), &mut Bare::default());
    assert_eq!(ended, Err(rules::DIRECTIVE_UNSUPPORTED));
    let custom = sequence().custom(-256, suit_manifest::model::Custom::Nil);
    let ended = run(&super::one(&custom), &mut Bare::default());
    assert_eq!(ended, Err(rules::DIRECTIVE_UNSUPPORTED));
}

/// SUIT UM §4.6: "the component metadata parameter MUST be set in advance of the component being
/// fetched, copied into, or written": then it is there.
#[test]
fn metadata_reach_the_platform() {
    for directive in ["directive-write", "directive-fetch", "directive-copy"] {
        let template = format!(
            r#"{{"manifest-sequence-number": 1, "components": [["a"], ["b"]], "install": [
            {{"directive-set-component-index": 0}}, {{"directive-override-parameters":
            {{"component-metadata": {{"creation-time": 5}}, "content": "x", "uri": "u",
            "source-component": 1}}}}, "{directive}"]}}"#
        );
        let mut bare = Bare { can_write: true, ..Bare::default() };
        run(&super::management::composed(&template), &mut bare).unwrap();
        assert_eq!(bare.metadata, 1, "{directive}");
    }
}

/// Unlinks the first component, and then the second, as often as is said.
fn unlinking(first: usize, second: usize) -> Vec<u8> {
    let begin = sequence().set_component(0);
    let unlink = (0..first).fold(begin, |all, _| all.action(Action::Unlink, NONE));
    let begin = unlink.set_component(1);
    let unlink = (0..second).fold(begin, |all, _| all.action(Action::Unlink, NONE));
    let install = write(sequence().set_component(0), b"x");
    signed(builder(&install).component(&[b"b"]).section(Section::Uninstall, &unlink))
}

fn referred() -> Bare {
    let references = [(vec![b"a".to_vec()], 5), (vec![b"b".to_vec()], 5)];
    Bare { references: references.into_iter().collect(), ..Bare::default() }
}

/// SUIT TD §5.6.5: "The reference counter MUST NOT be decremented by a given Manifest more than
/// once, and the Manifest Processor must enforce this."
#[test]
fn a_manifest_unlinks_a_component_once() {
    for (first, second, left) in [(1, 1, [4, 4]), (2, 1, [4, 4]), (3, 2, [4, 4]), (1, 0, [4, 5])] {
        let mut bare = referred();
        run_with(&unlinking(first, second), Procedure::Uninstall, &mut bare, &mut ()).unwrap();
        assert_eq!(bare.references.values().copied().collect::<Vec<_>>(), left);
    }
}

/// The same when the power fails: what the journal knows is not done again.
#[test]
fn a_reference_is_taken_away_once_over_restarts() {
    let document = unlinking(2, 1);
    let mut interrupted = 0;
    for changes in 1..8 {
        let (mut bare, mut journal) = (referred(), Memory::default());
        journal.power = Power::of(changes);
        let first = run_with(&document, Procedure::Uninstall, &mut bare, &mut journal);
        if first.is_err() {
            interrupted += 1;
            journal.power = Power::default();
            run_with(&document, Procedure::Uninstall, &mut bare, &mut journal).unwrap();
        }
        let left: Vec<_> = bare.references.values().copied().collect();
        assert_eq!(left, [4, 4], "{changes}");
    }
    assert!(interrupted > 3, "{interrupted}");
}
