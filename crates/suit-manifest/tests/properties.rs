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

use common::{borrowed, encode, read_all, verify};
use iotops_crypto::key::{KeyType, SecretKey};
use proptest::collection::vec;
use proptest::prelude::*;
use suit_manifest::model::{
    Action, Comparison, Condition, Custom, CustomValue, Parameter, ReportingPolicy, Section,
};
use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder};

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
    TryEach(Vec<Vec<Step>>, bool),
    Run(Vec<Step>),
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
        (any::<bool>(), any::<bool>()).prop_map(|(soft, value)| Value::Flag(soft, value)),
        (0..3_u8, vec(any::<u8>(), 0..300)).prop_map(|(which, bytes)| Value::Bytes(which, bytes)),
        ".{0,40}".prop_map(Value::Uri),
        (0..COMPONENTS + 1).prop_map(Value::Source),
        vec(any::<i64>(), 0..5).prop_map(Value::Version),
        (-400..0_i64, any::<i64>()).prop_map(|(code, value)| Value::Custom(code, value)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let leaf = prop_oneof![
        4 => (0..Condition::ALL.len(), 0..16_u8).prop_map(|(c, p)| Step::Condition(c, p)),
        3 => (0..Action::ALL.len(), 0..16_u8).prop_map(|(a, p)| Step::Action(a, p)),
        3 => (0..COMPONENTS).prop_map(Step::Component),
        1 => vec(0..COMPONENTS + 1, 0..4).prop_map(Step::Components),
        1 => Just(Step::All),
        4 => (any::<bool>(), vec(value(), 1..5)).prop_map(|(set, all)| Step::Parameters(set, all)),
        1 => (-300..0_i64, any::<u8>()).prop_map(|(code, kind)| Step::Custom(code, kind)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            (vec(vec(inner.clone(), 1..4), 1..4), any::<bool>())
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

fn parameters(values: &[Value]) -> ParametersBuilder {
    values.iter().fold(ParametersBuilder::new(), |builder, value| match value {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_built_is_valid_and_encodes_again(
        number in any::<u64>(),
        install in vec(step(), 1..8),
        shared in proptest::option::of(vec(step(), 1..5)),
        is_severed in any::<bool>(),
        payload in proptest::option::of(".{0,10}"),
    ) {
        let mut builder = ManifestBuilder::new(number);
        for index in 0..COMPONENTS {
            builder = builder.component(&[&index.to_be_bytes()]);
        }
        let mut first = vec![Step::Component(0)];
        first.extend(install);
        builder = if is_severed {
            builder.severed_section(Section::Install, &sequence(&first))
        } else {
            builder.section(Section::Install, &sequence(&first))
        };
        if let Some(shared) = shared {
            let mut first = vec![Step::All];
            first.extend(shared);
            builder = builder.shared_sequence(sequence(&first));
        }
        // What breaks a rule is not built: that is the other half of the property.
        let Ok(mut draft) = builder.build() else { return Ok(()) };
        if let Some(uri) = payload {
            draft = draft.integrate(&uri, b"payload");
        }
        let mut key = SecretKey::from_raw(KeyType::Ed25519, &[7; 32]).unwrap();
        draft.sign(&mut key).unwrap();
        let bytes = draft.envelope().unwrap();
        let keys = [key.verifying_key().unwrap()];
        let manifest = verify(&bytes, &borrowed(&keys)).unwrap();
        prop_assert_eq!(manifest.sequence_number(), number);
        prop_assert!(read_all(&manifest) > 0);
        let install = manifest.section(Section::Install).present().unwrap();
        prop_assert_eq!(install.commands().count(), first.len());
        prop_assert_eq!(encode(&manifest), bytes);
    }
}
