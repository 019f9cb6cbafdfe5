//! The abstract machine (SUIT §6.4): each command, and how sequences begin, end and fail.

#![cfg(all(feature = "trust-domains", feature = "update-management"))]
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

use common::device::Device;
use common::run::{lenient, run_document, run_tree, signed, signed_with};
use iotops_crypto::{Algorithm, digest};
use suit_manifest::model::{
    Action, Comparison, Condition, Custom, Parameter, ReportingPolicy, Section,
};
use suit_manifest::process::{Grant, Procedure, Tree};
use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder, rules};

const NONE: ReportingPolicy = ReportingPolicy::NONE;

fn sequence() -> SequenceBuilder {
    SequenceBuilder::new()
}

fn parameters() -> ParametersBuilder {
    ParametersBuilder::new()
}

fn set(parameter: &Parameter<'_>) -> ParametersBuilder {
    parameters().set(parameter)
}

fn abort(sequence: SequenceBuilder) -> SequenceBuilder {
    sequence.condition(Condition::Abort, NONE)
}

/// Writes `content` to the current component.
fn write(sequence: SequenceBuilder, content: &[u8]) -> SequenceBuilder {
    sequence.override_parameters(&set(&Parameter::Content(content))).action(Action::Write, NONE)
}

fn sha_256(bytes: &[u8]) -> [u8; 32] {
    digest(Algorithm::Sha256, &[bytes]).unwrap().as_bytes().try_into().unwrap()
}

/// One component "a"; `install` is all that the manifest does.
fn one(install: &SequenceBuilder) -> Vec<u8> {
    signed(ManifestBuilder::new(1).component(&[b"a"]).section(Section::Install, install))
}

/// Components "a", "b" and "c".
fn three(install: &SequenceBuilder) -> Vec<u8> {
    let builder = ManifestBuilder::new(1).component(&[b"a"]).component(&[b"b"]).component(&[b"c"]);
    signed(builder.section(Section::Install, install))
}

/// The device after an update that succeeds.
fn after(document: &[u8], device: Device) -> Device {
    let mut device = device;
    run_document(document, Procedure::Update, &mut device)
        .unwrap_or_else(|failure| panic!("{failure:?}"));
    device
}

/// The rule and the command of a failure.
fn fails(document: &[u8], device: Device) -> (iotops_wire::Rule, i64) {
    let mut device = device;
    let failure = run_document(document, Procedure::Update, &mut device).unwrap_err();
    (failure.error().rule(), failure.position().map_or(0, |position| position.command))
}

fn holding(components: &[(&[u8], &[u8])]) -> Device {
    let components = components.iter();
    let components = components.map(|(name, content)| (vec![name.to_vec()], content.to_vec()));
    Device { components: components.collect(), ..Device::default() }
}

#[test]
fn write_fetch_copy_swap_and_invoke() {
    let device = after(&one(&write(sequence(), b"hello")), Device::default());
    assert_eq!(device.content(&[b"a"]), Some(&b"hello"[..]));

    let image = vec![7; 1000];
    let fetch = |size| {
        let wanted = parameters().image_digest(&sha_256(&image)).image_size(size).uri("u");
        one(&sequence()
            .override_parameters(&wanted)
            .override_parameters(&set(&Parameter::FetchArguments(b"x")))
            .action(Action::Fetch, NONE)
            .condition(Condition::ImageMatch, NONE))
    };
    let mut device = Device::default();
    device.network.insert("u".to_owned(), image.clone());
    let fetched = after(&fetch(1000), device.clone());
    assert_eq!(fetched.content(&[b"a"]), Some(image.as_slice()));
    assert_eq!(fetched.trace, ["begin [[97]] Some(1000)", "fetch u [120]"]);
    // SUIT §8.4.8.7: what is longer than the image size is not taken.
    assert_eq!(fails(&fetch(999), device), (rules::IMAGE_SIZE, 21));
    assert_eq!(fails(&fetch(1000), Device::default()), (rules::SOURCE_ABSENT, 21));

    let from_b = |action| {
        let source =
            sequence().set_component(0).override_parameters(&parameters().source_component(1));
        three(&source.action(action, NONE))
    };
    let device = holding(&[(b"a", b"old"), (b"b", b"new")]);
    let copied = after(&from_b(Action::Copy), device.clone());
    assert_eq!(copied.content(&[b"a"]), Some(&b"new"[..]));
    assert_eq!(copied.content(&[b"b"]), Some(&b"new"[..]));
    let swapped = after(&from_b(Action::Swap), device);
    assert_eq!(swapped.content(&[b"a"]), Some(&b"new"[..]));
    assert_eq!(swapped.content(&[b"b"]), Some(&b"old"[..]));
    assert_eq!(fails(&from_b(Action::Copy), Device::default()), (rules::SOURCE_ABSENT, 22));
    let unset = three(&sequence().set_component(0).action(Action::Copy, NONE));
    assert_eq!(fails(&unset, Device::default()), (rules::PARAMETER_UNSET, 22));

    let arguments = set(&Parameter::InvokeArguments(b"now"));
    let invoke = sequence().override_parameters(&arguments).action(Action::Invoke, NONE);
    let device = after(&one(&invoke), Device::default());
    assert_eq!(device.invoked, [(vec![b"a".to_vec()], b"now".to_vec())]);
}

#[test]
fn integrated_payloads_are_not_fetched() {
    let fetch = sequence().override_parameters(&parameters().uri("#p")).action(Action::Fetch, NONE);
    let builder = ManifestBuilder::new(1).component(&[b"a"]).section(Section::Install, &fetch);
    let payload = vec![9; 700];
    let device = after(&signed_with(builder, &[("#p", &payload)]), Device::default());
    assert_eq!(device.content(&[b"a"]), Some(payload.as_slice()));
    assert_eq!(device.trace.len(), 1, "{:?}", device.trace);
}

#[test]
fn conditions_about_images() {
    let matches = |condition, content: &[u8]| {
        let wanted = parameters().image_digest(&sha_256(content));
        one(&sequence().override_parameters(&wanted).condition(condition, NONE))
    };
    let device = || holding(&[(b"a", b"image")]);
    after(&matches(Condition::ImageMatch, b"image"), device());
    after(&matches(Condition::ImageNotMatch, b"other"), device());
    let condition = rules::CONDITION;
    assert_eq!(fails(&matches(Condition::ImageMatch, b"other"), device()), (condition, 3));
    assert_eq!(fails(&matches(Condition::ImageNotMatch, b"image"), device()), (condition, 25));
    // An image that is not there matches nothing.
    assert_eq!(fails(&matches(Condition::ImageMatch, b""), Device::default()), (condition, 3));
    after(&matches(Condition::ImageNotMatch, b""), Device::default());

    let content = |content: &[u8]| {
        let wanted = set(&Parameter::Content(content));
        one(&sequence().override_parameters(&wanted).condition(Condition::CheckContent, NONE))
    };
    after(&content(b"image"), device());
    for other in [&b"imagf"[..], b"imag", b"images", b""] {
        assert_eq!(fails(&content(other), device()), (condition, 6));
    }
    let long = vec![3; 600];
    after(&content(&long), holding(&[(b"a", &long)]));
}

#[test]
fn conditions_about_the_device() {
    let slot = set(&Parameter::ComponentSlot(1));
    let slot = sequence().override_parameters(&slot).condition(Condition::ComponentSlot, NONE);
    let mut device = Device::default();
    assert_eq!(fails(&one(&slot), device.clone()), (rules::CONDITION, 5));
    device.slots.insert(vec![b"a".to_vec()], 1);
    after(&one(&slot), device);

    for (condition, parameter) in [
        (Condition::VendorIdentifier, parameters().vendor_identifier(&[1; 16])),
        (Condition::ClassIdentifier, parameters().class_identifier(&[1; 16])),
        (Condition::DeviceIdentifier, set(&Parameter::DeviceIdentifier(&[1; 16]))),
    ] {
        let check = sequence().condition(condition, NONE);
        let code = condition.code();
        assert_eq!(fails(&one(&check), Device::default()), (rules::PARAMETER_UNSET, code));
        let check = sequence().override_parameters(&parameter).condition(condition, NONE);
        after(&one(&check), Device::default());
        let mut other = Device::default();
        other.refused_identities.insert(vec![1; 16]);
        assert_eq!(fails(&one(&check), other), (rules::CONDITION, code));
    }
}

#[test]
fn conditions_of_update_management() {
    let check = |parameter: Parameter<'_>, condition| {
        one(&sequence().override_parameters(&set(&parameter)).condition(condition, NONE))
    };
    let before = check(Parameter::UseBefore(u64::from(u32::MAX) + 2), Condition::UseBefore);
    let at = |now: u64| Device { clock: Some(now), ..Device::default() };
    after(&before, at(u64::from(u32::MAX) + 1));
    assert_eq!(fails(&before, at(u64::from(u32::MAX) + 2)), (rules::CONDITION, 4));
    // Without a clock nobody knows that it is early enough.
    assert_eq!(fails(&before, Device::default()), (rules::CONDITION, 4));

    let battery = check(Parameter::MinimumBattery(10), Condition::MinimumBattery);
    after(&battery, Device { battery: Some(10), ..Device::default() });
    let weak = Device { battery: Some(9), ..Device::default() };
    assert_eq!(fails(&battery, weak), (rules::CONDITION, 26));

    let authorized = check(Parameter::UpdatePriority(-5), Condition::UpdateAuthorized);
    let device = after(&authorized, Device { authorizes: true, ..Device::default() });
    assert_eq!(device.trace, ["authorize -5"]);
    assert_eq!(fails(&authorized, Device::default()), (rules::CONDITION, 27));
}

/// SUIT UM §4.4: as many numbers are compared as the manifest has.
#[test]
fn versions_compare() {
    use Comparison::{Equal, Greater, GreaterEqual, Lesser, LesserEqual};
    let cases: [(Comparison, &[i64], &[i64], bool); 12] = [
        (Equal, &[1], &[1, 7, 3], true),
        (Equal, &[1, 7], &[1, 8], false),
        (GreaterEqual, &[1, 0], &[1, 0, 5], true),
        (Lesser, &[1, 10], &[1, 9, 9], true),
        (Lesser, &[1, 10], &[1, 10], false),
        (Greater, &[2, 0, -1], &[2, 0, 0], true),
        // 2.0 is above 2.0-rc, though it has fewer numbers.
        (Greater, &[2, 0, -1], &[2], true),
        (Lesser, &[2, 0, 0], &[2, 0, -1, 1], true),
        (Lesser, &[1, 2, -1], &[1, 2, -2], true),
        (Lesser, &[1, 2, -2], &[1, 2, -3], true),
        (LesserEqual, &[1, 2], &[1, 2, 9], true),
        (Greater, &[1, 2], &[1, 2, 9], false),
    ];
    for (comparison, wanted, version, holds) in cases {
        let wanted = parameters().version(comparison, wanted);
        let check = sequence().override_parameters(&wanted).condition(Condition::Version, NONE);
        let mut device = Device::default();
        device.versions.insert(vec![b"a".to_vec()], version.to_vec());
        let result = run_document(&one(&check), Procedure::Update, &mut device);
        assert_eq!(result.is_ok(), holds, "{comparison:?} {version:?}");
    }
}

#[test]
fn try_each_takes_the_first_that_succeeds() {
    let first = abort(sequence());
    let second = write(sequence(), b"second");
    let third = write(sequence(), b"third");
    let device =
        after(&one(&sequence().try_each(&[first.clone(), second, third])), Device::default());
    assert_eq!(device.content(&[b"a"]), Some(&b"second"[..]));
    assert_eq!(device.tokens.len(), 1);

    let none = sequence().try_each(&[first.clone(), abort(write(sequence(), b"x"))]);
    assert_eq!(fails(&one(&none), Device::default()), (rules::CONDITION, 14));
    let nil = sequence().try_each_or_nothing(&[first.clone(), first.clone()]);
    after(&one(&nil), Device::default());
}

/// SUIT §6.4: "The Interpreter MUST Abort if a Directive reports failure regardless of the Soft
/// Failure flag."
#[test]
fn a_failed_directive_ends_all() {
    let fetch =
        sequence().override_parameters(&parameters().uri("gone")).action(Action::Fetch, NONE);
    let other = write(sequence(), b"other");
    let document = one(&sequence().try_each(&[fetch.clone(), other]));
    assert_eq!(fails(&document, Device::default()), (rules::SOURCE_ABSENT, 21));
    let soft = set(&Parameter::SoftFailure(true));
    let soft = sequence().override_parameters(&soft).action(Action::Fetch, NONE);
    let document = one(&sequence().run_sequence(&soft));
    assert_eq!(fails(&document, Device::default()), (rules::PARAMETER_UNSET, 21));
}

/// SUIT §8.4.8.15: soft failure belongs to its sequence, is on in try-each and off in
/// run-sequence.
#[test]
fn soft_failure_is_scoped() {
    let soft = |value| sequence().override_parameters(&set(&Parameter::SoftFailure(value)));
    // "the suit-directive-run-sequence simply halts with no side-effects".
    let halting = abort(soft(true));
    let device = after(&one(&write(sequence().run_sequence(&halting), b"on")), Device::default());
    assert_eq!(device.content(&[b"a"]), Some(&b"on"[..]));
    // "Nested SUIT_Command_Sequences do not inherit": the inner failure is hard for the inner
    // sequence, and soft for the outer one.
    let inner = soft(true).run_sequence(&abort(sequence()));
    let document = one(&write(sequence().run_sequence(&inner), b"on"));
    assert_eq!(after(&document, Device::default()).content(&[b"a"]), Some(&b"on"[..]));
    // A failed run-sequence hands its failure on to try-each, which goes to its next sequence.
    let failing = sequence().run_sequence(&abort(sequence()));
    let document = one(&sequence().try_each(&[failing, write(sequence(), b"next")]));
    assert_eq!(after(&document, Device::default()).content(&[b"a"]), Some(&b"next"[..]));
    // An exhausted try-each hands its failure on as well.
    let exhausted = sequence().try_each(&[abort(sequence()), abort(sequence())]);
    let document = one(&sequence().try_each(&[exhausted, write(sequence(), b"outer")]));
    assert_eq!(after(&document, Device::default()).content(&[b"a"]), Some(&b"outer"[..]));
    // "set Soft Failure to False if they require a failed condition in a sequence to force an
    // Abort".
    let hard = abort(soft(false));
    let document = one(&sequence().try_each(&[hard, write(sequence(), b"never")]));
    assert_eq!(fails(&document, Device::default()), (rules::CONDITION, 14));
}

/// SUIT §6.5: commands are run once for each selected component, in order.
#[test]
fn several_components_take_turns() {
    let all = write(sequence().set_all_components(), b"x");
    let device = after(&three(&all), Device::default());
    assert_eq!(device.components.len(), 3);
    let begins = ["begin [[97]] None", "begin [[98]] None", "begin [[99]] None"];
    assert_eq!(device.trace, begins);
    let some = write(sequence().set_components(&[2, 0]), b"x");
    let device = after(&three(&some), Device::default());
    assert_eq!(device.trace, ["begin [[99]] None", "begin [[97]] None"]);
    // "The interpreter loops over the whole sequence, setting the Component Index to each index
    // in turn": each writes twice before the next begins.
    let twice = write(write(sequence(), b"1"), b"2");
    let device =
        after(&three(&sequence().set_components(&[1, 0]).run_sequence(&twice)), Device::default());
    let begins =
        ["begin [[98]] None", "begin [[98]] None", "begin [[97]] None", "begin [[97]] None"];
    assert_eq!(device.trace, begins);
    // try-each decides for each component apart.
    let slot = |index, content: &[u8]| {
        let slot = set(&Parameter::ComponentSlot(index));
        write(
            sequence().override_parameters(&slot).condition(Condition::ComponentSlot, NONE),
            content,
        )
    };
    let each = sequence().set_all_components().try_each(&[slot(0, b"zero"), slot(1, b"one")]);
    let mut device = Device::default();
    for (name, slot) in [(b"a", 0), (b"b", 1), (b"c", 0)] {
        device.slots.insert(vec![name.to_vec()], slot);
    }
    let device = after(&three(&each), device);
    assert_eq!(device.content(&[b"b"]), Some(&b"one"[..]));
    assert_eq!(device.content(&[b"c"]), Some(&b"zero"[..]));
}

/// Parameters belong to components; `set-parameters` does not replace, `override` does.
#[test]
fn parameters_are_kept_for_each_component() {
    let set_all = sequence()
        .set_component(0)
        .override_parameters(&set(&Parameter::Content(b"a")))
        .set_component(1)
        .override_parameters(&set(&Parameter::Content(b"b")))
        .set_parameters(&set(&Parameter::Content(b"ignored")))
        .set_component(2)
        .set_parameters(&set(&Parameter::Content(b"c")))
        .set_all_components()
        .action(Action::Write, NONE);
    let device = after(&three(&set_all), Device::default());
    for name in [b"a", b"b", b"c"] {
        assert_eq!(device.content(&[name]), Some(&name[..]));
    }
}

/// SUIT §6.1: "the manifest processor clears all parameter storage" before a procedure; sections
/// of one share it.
#[test]
fn parameters_last_for_a_procedure() {
    let builder = ManifestBuilder::new(1)
        .component(&[b"a"])
        .section(
            Section::PayloadFetch,
            &sequence().override_parameters(&set(&Parameter::Content(b"x"))),
        )
        .section(Section::Install, &sequence().action(Action::Write, NONE))
        .section(Section::Invoke, &sequence().action(Action::Write, NONE));
    let document = signed(builder);
    let mut device = after(&document, Device::default());
    assert_eq!(device.content(&[b"a"]), Some(&b"x"[..]));
    let failure = run_document(&document, Procedure::Invocation, &mut device).unwrap_err();
    assert_eq!(failure.error().rule(), rules::PARAMETER_UNSET);
}

/// SUIT §6.7, for a processor that runs everything in order.
#[test]
fn what_could_run_out_of_order_is_watched() {
    let loose = set(&Parameter::StrictOrder(false));
    let copy = |sequence: SequenceBuilder, to, from| {
        sequence
            .set_component(to)
            .override_parameters(&parameters().source_component(from))
            .action(Action::Copy, NONE)
    };
    let device = || holding(&[(b"a", b"a"), (b"b", b"b"), (b"c", b"c")]);
    let begin = || sequence().set_component(0);
    let chain = copy(copy(begin().override_parameters(&loose), 0, 1), 2, 0);
    assert_eq!(fails(&three(&chain), device()), (rules::ORDER_SOURCE, 22));
    after(&three(&copy(copy(begin(), 0, 1), 2, 0)), device());
    let strict = set(&Parameter::StrictOrder(true));
    let again = copy(begin().override_parameters(&loose), 0, 1).override_parameters(&strict);
    after(&three(&copy(again, 2, 0)), device());

    let nested = |count: u64| {
        let inner = (0..count).fold(sequence(), SequenceBuilder::set_component);
        let inner = write(inner, b"x");
        three(&begin().override_parameters(&loose).run_sequence(&inner))
    };
    after(&nested(1), device());
    assert_eq!(fails(&nested(2), device()), (rules::ORDER_INDEX, 12));
}

#[test]
fn custom_commands_are_the_platforms() {
    let hint = set(&Parameter::Custom(-300, suit_manifest::model::CustomValue::Integer(5)));
    let custom = |argument| one(&sequence().override_parameters(&hint).custom(-256, argument));
    let device = after(&custom(Custom::Text("go")), Device::default());
    assert_eq!(device.trace, [r#"custom -256 Text("go") ["Custom(-300, Integer(5))"]"#]);
    assert_eq!(fails(&custom(Custom::Integer(0)), Device::default()), (rules::CONDITION, -256));
}

#[test]
fn bounds_are_kept() {
    let two = |code| set(&Parameter::Custom(code, suit_manifest::model::CustomValue::Bool(true)));
    let many = (-302..=-300).fold(sequence(), |all, code| all.override_parameters(&two(code)));
    let document = one(&many);
    assert_eq!(fails(&document, Device::default()), (rules::PARAMETER_PLACES, 20));
    let deep = (0..7).fold(write(sequence(), b"x"), |inner, _| sequence().run_sequence(&inner));
    after(&one(&deep), Device::default());
    let deeper = sequence().run_sequence(&deep);
    assert_eq!(fails(&one(&deeper), Device::default()).0, rules::ENGINE_DEPTH);
    // Seven levels of eight alternatives each would take two million commands.
    let wide = (0..6).fold(abort(sequence()), |inner, _| sequence().try_each(&vec![inner; 8]));
    assert_eq!(fails(&one(&wide), Device::default()).0, rules::ENGINE_FUEL);
    let mut device = Device::default();
    device.absent.insert(vec![b"b".to_vec()]);
    assert_eq!(
        fails(&three(&write(sequence().set_component(0), b"x")), device).0,
        rules::COMPONENT_UNSUPPORTED
    );
}

/// SUIT §9: rights by key, by prefix of the component, by command and by parameter.
#[test]
fn signers_do_what_they_have_the_right_to() {
    let document = one(&write(sequence(), b"x"));
    let keys = common::trusted();
    let keys = common::borrowed(&keys);
    let manifest = common::verify(&document, &keys).unwrap();
    let signer = (0..keys.len()).find(|key| manifest.signers().contains(*key)).unwrap();
    let result = |grants: &[Grant<'_>]| {
        let tree = Tree::new(manifest).with_access(grants);
        let mut device = Device::default();
        let result = run_tree(tree, Procedure::Update, lenient(), &mut device, &mut ());
        assert_eq!(result.is_ok(), !device.components.is_empty());
        result.map_err(|failure| (failure.error().rule(), failure.position().unwrap().command))
    };
    let refused = |command| Err((rules::UNAUTHORISED, command));
    assert_eq!(result(&[]), Ok(()), "one level of access");
    assert_eq!(result(&[Grant::new(signer, &[])]), Ok(()));
    assert_eq!(result(&[Grant::new(signer, &[b"a"])]), Ok(()));
    assert_eq!(result(&[Grant::new(signer, &[b"b"])]), refused(20));
    assert_eq!(result(&[Grant::new(signer, &[b"a", b"a"])]), refused(20));
    assert_eq!(result(&[Grant::new(signer + 1, &[])]), refused(20));
    let all = Grant::new(signer, &[]);
    assert_eq!(result(&[all.with_commands(&[22])]), refused(18));
    assert_eq!(result(&[all.with_commands(&[22]), all.with_commands(&[18])]), Ok(()));
    assert_eq!(result(&[all.with_parameters(&[21])]), refused(20));
    assert_eq!(result(&[all.with_parameters(&[18])]), Ok(()));
}

/// A sequence that was run for one component is not run again because it chose several.
#[test]
fn a_nested_sequence_that_chooses_several_runs_once() {
    let nested = sequence().custom(-256, Custom::Nil).set_components(&[1, 0]);
    let nested = sequence().set_component(0).run_sequence(&nested);
    let device = after(&three(&write(nested, b"x")), Device::default());
    assert_eq!(device.trace, ["custom -256 Nil []", "begin [[98]] None", "begin [[97]] None"]);
    let chosen = sequence().custom(-256, Custom::Nil).set_all_components();
    let chosen = sequence().set_component(2).try_each(&[abort(sequence()), chosen]);
    let device = after(&three(&chosen), Device::default());
    assert_eq!(device.trace.len(), 1);
}
