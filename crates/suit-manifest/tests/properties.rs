//! Properties: whatever the builder makes is valid, readable and encodes again to the same bytes.

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

use core::cell::Cell;

use common::{borrowed, encode, read_all, verify};
use iotops_crypto::key::{KeyType, SecretKey};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use suit_manifest::model::{
    Action, Comparison, Condition, Custom, CustomValue, Parameter, ReportingPolicy, Section,
};
use suit_manifest::{Draft, ManifestBuilder, ParametersBuilder, SequenceBuilder};

const COMPONENTS: u64 = 3;

/// A command, as plain data: builders are made of it.
#[derive(Clone, Debug)]
enum Step {
    Condition(usize, u8),
    Action(usize, u8),
    Component(u64),
    Components(Vec<u64>),
    All,
    Parameters(bool, Vec<Value>),
    TryEach(Vec<Vec<Self>>, bool),
    Run(Vec<Self>),
    Custom(i64, u8),
}

#[derive(Clone, Debug)]
enum Value {
    Uuid([u8; 16], bool),
    Digest([u8; 32]),
    Number(u8, u64),
    Flag(bool, bool),
    Bytes(u8, Vec<u8>),
    Uri(String),
    Source(u64),
    Version(Vec<i64>),
    Custom(i64, i64),
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (any::<[u8; 16]>(), any::<bool>()).prop_map(|(uuid, class)| Value::Uuid(uuid, class)),
        any::<[u8; 32]>().prop_map(Value::Digest),
        (0..4_u8, any::<u64>()).prop_map(|(which, number)| Value::Number(which, number)),
        // Soft failure is for nested sequences only: rarely, as most places are not.
        (0..40_u8, any::<bool>()).prop_map(|(soft, value)| Value::Flag(soft == 0, value)),
        (0..3_u8, vec(any::<u8>(), 0..300)).prop_map(|(which, bytes)| Value::Bytes(which, bytes)),
        ".{0,40}".prop_map(Value::Uri),
        (0..40 * COMPONENTS).prop_map(|index| Value::Source(index.saturating_sub(39 * COMPONENTS))),
        // Only behind the first number may stand a pre-release.
        (0..=i64::MAX, vec(any::<i64>(), 0..4)).prop_map(|(first, mut rest)| {
            rest.insert(0, first);
            Value::Version(rest)
        }),
        (-400..-255_i64, any::<i64>()).prop_map(|(code, value)| Value::Custom(code, value)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let leaf = prop_oneof![
        4 => (0..Condition::ALL.len(), 0..16_u8).prop_map(|(c, p)| Step::Condition(c, p)),
        3 => (0..Action::ALL.len(), 0..16_u8).prop_map(|(a, p)| Step::Action(a, p)),
        3 => (0..COMPONENTS).prop_map(Step::Component),
        1 => vec(0..COMPONENTS, 1..4).prop_map(Step::Components),
        1 => Just(Step::All),
        4 => (any::<bool>(), vec(value(), 1..5)).prop_map(|(set, all)| Step::Parameters(set, all)),
        1 => (-300..-255_i64, any::<u8>()).prop_map(|(code, kind)| Step::Custom(code, kind)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            (vec(vec(inner.clone(), 1..4), 2..4), any::<bool>())
                .prop_map(|(all, nil)| Step::TryEach(all, nil)),
            vec(inner, 1..4).prop_map(Step::Run),
        ]
    })
}

fn policy(bits: u8) -> ReportingPolicy {
    [
        ReportingPolicy::RECORD_ON_SUCCESS,
        ReportingPolicy::RECORD_ON_FAILURE,
        ReportingPolicy::SYSINFO_ON_SUCCESS,
        ReportingPolicy::SYSINFO_ON_FAILURE,
    ]
    .into_iter()
    .filter(|one| bits & one.bits() != 0)
    .fold(ReportingPolicy::NONE, ReportingPolicy::and)
}

/// What must be different in one map of parameters.
fn code(value: &Value) -> (u8, i64) {
    match value {
        Value::Uuid(_, class) => (0, i64::from(*class)),
        Value::Digest(_) => (1, 0),
        Value::Number(which, _) => (2, i64::from(*which)),
        Value::Flag(soft, _) => (3, i64::from(*soft)),
        Value::Bytes(which, _) => (4, i64::from(*which)),
        Value::Uri(_) => (5, 0),
        Value::Source(_) => (6, 0),
        Value::Version(_) => (7, 0),
        Value::Custom(code, _) => (8, *code),
    }
}

fn parameters(values: &[Value]) -> ParametersBuilder {
    let mut codes = Vec::new();
    let once = values.iter().filter(|value| {
        let code = code(value);
        let is_new = !codes.contains(&code);
        codes.push(code);
        is_new
    });
    once.fold(ParametersBuilder::new(), |builder, value| match value {
        Value::Uuid(uuid, true) => builder.class_identifier(uuid),
        Value::Uuid(uuid, false) => builder.vendor_identifier(uuid),
        Value::Digest(digest) => builder.image_digest(digest),
        Value::Number(0, number) => builder.image_size(*number),
        Value::Number(1, number) => builder.set(&Parameter::UseBefore(*number)),
        Value::Number(2, number) => builder.set(&Parameter::ComponentSlot(*number)),
        Value::Number(_, number) => builder.set(&Parameter::MinimumBattery(*number)),
        Value::Flag(true, value) => builder.set(&Parameter::SoftFailure(*value)),
        Value::Flag(false, value) => builder.set(&Parameter::StrictOrder(*value)),
        Value::Bytes(0, bytes) => builder.set(&Parameter::Content(bytes)),
        Value::Bytes(1, bytes) => builder.set(&Parameter::InvokeArguments(bytes)),
        Value::Bytes(_, bytes) => builder.set(&Parameter::FetchArguments(bytes)),
        Value::Uri(uri) => builder.uri(uri),
        Value::Source(index) => builder.source_component(*index),
        Value::Version(numbers) => builder.version(Comparison::Greater, numbers),
        Value::Custom(code, value) => {
            builder.set(&Parameter::Custom(*code, CustomValue::Integer(*value)))
        }
    })
}

fn sequence(steps: &[Step]) -> SequenceBuilder {
    steps.iter().fold(SequenceBuilder::new(), |builder, step| match step {
        Step::Condition(index, bits) => builder.condition(Condition::ALL[*index], policy(*bits)),
        Step::Action(index, bits) => builder.action(Action::ALL[*index], policy(*bits)),
        Step::Component(index) => builder.set_component(*index),
        Step::Components(indices) => builder.set_components(indices),
        Step::All => builder.set_all_components(),
        Step::Parameters(true, values) => builder.set_parameters(&parameters(values)),
        Step::Parameters(false, values) => builder.override_parameters(&parameters(values)),
        Step::TryEach(sequences, nil) => {
            let sequences: Vec<_> = sequences.iter().map(|one| sequence(one)).collect();
            if *nil {
                builder.try_each_or_nothing(&sequences)
            } else {
                builder.try_each(&sequences)
            }
        }
        Step::Run(steps) => builder.run_sequence(&sequence(steps)),
        Step::Custom(code, 0..64) => builder.custom(*code, Custom::Nil),
        Step::Custom(code, 64..128) => builder.custom(*code, Custom::Bytes(&[1, 2])),
        Step::Custom(code, kind) => builder.custom(*code, Custom::Integer(i64::from(*kind))),
    })
}

/// What one case is made of.
type Case = (u64, Vec<Step>, Option<Vec<Step>>, bool, Option<String>);

fn case() -> impl Strategy<Value = Case> {
    (
        any::<u64>(),
        vec(step(), 1..8),
        proptest::option::weighted(0.3, vec(step(), 1..3)),
        any::<bool>(),
        proptest::option::of(".{0,10}"),
    )
}

fn manifest((number, install, shared, is_severed, _): &Case) -> ManifestBuilder {
    let mut builder = ManifestBuilder::new(*number);
    for index in 0..COMPONENTS {
        builder = builder.component(&[&index.to_be_bytes()]);
    }
    if let Some(shared) = shared {
        builder = builder.shared_sequence(sequence(&[&[Step::All], &shared[..]].concat()));
    }
    let install = sequence(&[&[Step::Component(0)], &install[..]].concat());
    if *is_severed {
        builder.severed_section(Section::Install, &install)
    } else {
        builder.section(Section::Install, &install)
    }
}

fn check(draft: Draft, case: &Case) {
    let draft = match &case.4 {
        Some(uri) => draft.integrate(uri, b"payload"),
        None => draft,
    };
    let mut draft = draft;
    let mut key = SecretKey::from_raw(KeyType::Ed25519, &[7; 32]).unwrap();
    draft.sign(&mut key).unwrap();
    let bytes = draft.envelope().unwrap();
    let keys = [key.verifying_key()];
    let manifest = verify(&bytes, &borrowed(&keys)).unwrap();
    assert_eq!(manifest.sequence_number(), case.0);
    assert!(read_all(&manifest) > 0);
    let install = manifest.section(Section::Install).present().unwrap();
    assert_eq!(install.commands().count(), case.1.len() + 1);
    assert_eq!(encode(&manifest), bytes);
    #[cfg(all(feature = "report", feature = "trust-domains", feature = "update-management"))]
    reported::check(manifest, case);
}

/// Whatever a device does with a manifest, its report is well formed and replays.
#[cfg(all(feature = "report", feature = "trust-domains", feature = "update-management"))]
mod reported {
    use suit_manifest::Manifest;
    use suit_manifest::process::Procedure;

    use super::common::device::{Device, Memory};
    use super::common::reporting::run_reported;
    use super::common::run::lenient;
    use super::{COMPONENTS, Case, Step, Value};

    fn values(steps: &[Step], found: &mut Vec<Value>) {
        for step in steps {
            match step {
                Step::Parameters(_, values) => found.extend(values.iter().cloned()),
                Step::TryEach(all, _) => all.iter().for_each(|one| values(one, found)),
                Step::Run(steps) => values(steps, found),
                _ => {}
            }
        }
    }

    /// A device that has some of what the manifest asks for, by the bits of `answers`.
    fn device(case: &Case, answers: u64) -> Device {
        let has = |bit: u32| answers >> (bit & 63) & 1 == 1;
        let mut all = Vec::new();
        values(&case.1, &mut all);
        case.2.iter().for_each(|shared| values(shared, &mut all));
        let mut device = Device {
            authorizes: has(0),
            is_slow: has(1),
            clock: has(2).then_some(answers >> 20),
            battery: has(3).then_some(answers << 7),
            oracle: has(4),
            ..Device::default()
        };
        for (bit, value) in (5..).zip(all) {
            let path = vec![(u64::from(bit) % COMPONENTS).to_be_bytes().to_vec()];
            match value {
                Value::Uri(uri) if has(bit) => drop(device.network.insert(uri, b"ok".to_vec())),
                Value::Uuid(uuid, _) if has(bit) => {
                    device.refused_identities.insert(uuid.to_vec());
                }
                Value::Number(2, slot) if has(bit) => drop(device.slots.insert(path, slot)),
                Value::Bytes(0, content) if has(bit) => {
                    device.components.insert(path, content);
                }
                Value::Version(mut numbers) if has(bit) => {
                    numbers[0] = numbers[0].saturating_add(1);
                    device.versions.insert(path, numbers);
                }
                _ => {}
            }
        }
        device
    }

    pub(super) fn check(manifest: Manifest<'_>, case: &Case) {
        for turn in 0..4 {
            let answers = (case.0 ^ 0x9e37_79b9_7f4a_7c15).rotate_left(turn * 17) | 1 << turn;
            let (mut device, journal) = (device(case, answers), &mut Memory::default());
            let room = if turn == 3 { usize::from(answers as u8) } else { 1 << 16 };
            let options = lenient();
            let reported =
                run_reported(manifest, Procedure::Update, options, &mut device, journal, room);
            reported.check(manifest, Procedure::Update, &device);
        }
    }
}

/// What breaks a rule is not built: that is the other half of the property.
#[test]
fn what_is_built_is_valid_and_encodes_again() {
    let mut runner = TestRunner::new(ProptestConfig { cases: 2000, ..ProptestConfig::default() });
    let built = Cell::new(0);
    runner
        .run(&case(), |case| {
            if let Ok(draft) = manifest(&case).build() {
                built.set(built.get() + 1);
                check(draft, &case);
            }
            Ok(())
        })
        .unwrap();
    assert!(built.get() > 500, "only {} of 2000 could be built", built.get());
}
