//! SUIT TD: dependencies, what is checked of them and when, and references.

use iotops_crypto::key::{KeyType, SecretKey};
use iotops_wire::Rule;
use suit_manifest::author::Distribution;
use suit_manifest::model::{Action, Condition, Custom, Parameter, Section};
use suit_manifest::process::{Engine, Options, Procedure, Step, Tree};
use suit_manifest::{ManifestBuilder, Policy, SequenceBuilder, rules};

use super::common::device::Device;
use super::common::run::{lenient, run_tree, signed, signed_with};
use super::common::{borrowed, trusted, verify};
use super::{
    NONE, abort, builder, holding, parameters, sequence, set, sha_256, tampered, verdict, write,
};

/// Checks are neither left out nor made up.
fn strict() -> Options {
    let mut options = lenient();
    (options.implicit_integrity, options.needs_all_sections) = (false, true);
    options
}

fn run_with(
    document: &[u8],
    procedure: Procedure,
    options: Options,
    device: &mut Device,
) -> Result<(), Rule> {
    let keys = trusted();
    let keys = borrowed(&keys);
    let (mut loaded, mut arena) = ([None; 3], vec![0; 8192]);
    let manifest = verify(document, &keys).unwrap();
    let tree = Tree::with_dependencies(manifest, &mut loaded, &mut arena, &keys, Policy::Any);
    let tree = tree.without_prefixes();
    let ended = run_tree(tree, procedure, options, device, &mut ());
    ended.map_err(|failure| failure.error().rule())
}

fn run(document: &[u8], device: &mut Device) -> Result<(), Rule> {
    run_with(document, Procedure::Update, strict(), device)
}

fn result(document: &[u8]) -> Result<(), Rule> {
    run(document, &mut Device::default())
}

/// A dependency that works on component "x".
fn dependency(install: &SequenceBuilder) -> Vec<u8> {
    signed(ManifestBuilder::new(1).component(&[b"x"]).section(Section::Install, install))
}

/// The digest that stands in the authentication block.
fn digest_of(document: &[u8]) -> [u8; 32] {
    let envelope = suit_manifest::Envelope::decode(document).unwrap();
    envelope.claimed_digest().bytes().try_into().unwrap()
}

/// Chooses the dependency, names it by its digest, and takes it out of the envelope.
fn fetch(digest: &[u8; 32]) -> SequenceBuilder {
    let wanted = parameters().image_digest(digest).uri("#d");
    sequence().set_component(1).override_parameters(&wanted).action(Action::Fetch, NONE)
}

fn check(sequence: SequenceBuilder) -> SequenceBuilder {
    sequence.condition(Condition::DependencyIntegrity, NONE)
}

fn process(sequence: SequenceBuilder) -> SequenceBuilder {
    sequence.action(Action::ProcessDependency, NONE)
}

/// Components "a" and "d", of which the second is a dependency.
fn dependent() -> ManifestBuilder {
    ManifestBuilder::new(1).component(&[b"a"]).component(&[b"d"]).dependency(1, None)
}

fn with(install: &SequenceBuilder, dependency: &[u8]) -> Vec<u8> {
    signed_with(dependent().section(Section::Install, install), &[("#d", dependency)])
}

/// SUIT TD §5.6.4: signature, digest and manifest; "if any of these steps fails, the Manifest
/// Processor MUST immediately Abort".
#[test]
fn a_dependency_must_be_the_one_that_is_named() {
    let good = dependency(&write(sequence(), b"good"));
    let digest = digest_of(&good);
    let named = |digest: &[u8; 32], envelope: &[u8]| {
        let mut device = Device::default();
        let result = run(&with(&process(check(fetch(digest))), envelope), &mut device);
        assert_eq!(result.is_ok(), device.content(&[b"x"]).is_some());
        result
    };
    assert_eq!(named(&digest, &good), Ok(()));
    assert_eq!(named(&[7; 32], &good), Err(rules::INTEGRITY));
    let other = dependency(&write(sequence(), b"evil"));
    assert_eq!(named(&digest, &other), Err(rules::INTEGRITY));
    // Signed by nobody whom the device knows.
    let mut stranger = SecretKey::from_raw(KeyType::Ed25519, &[77; 32]).unwrap();
    let draft = ManifestBuilder::new(1).component(&[b"x"]);
    let mut draft = draft.section(Section::Install, &write(sequence(), b"x")).build().unwrap();
    draft.sign(&mut stranger).unwrap();
    let strange = draft.envelope().unwrap();
    assert_eq!(named(&digest_of(&strange), &strange), Err(rules::INTEGRITY));
    // Another manifest behind the right digest.
    let mut flipped = good.clone();
    let at = flipped.windows(4).position(|four| four == b"good").unwrap();
    flipped[at] ^= 1;
    assert_eq!(digest_of(&flipped), digest);
    assert_eq!(named(&digest, &flipped), Err(rules::INTEGRITY));
    // The signature is over another digest.
    let forged = tampered(&good, b"good", b"evil");
    assert_eq!(named(&digest_of(&forged), &forged), Err(rules::INTEGRITY));
}

/// SUIT TD §5.1: "the dependent MUST populate all Command Sequences for each Procedure specified
/// by the Dependency", and run each of them.
#[test]
fn sections_of_dependencies_are_there_and_are_run() {
    let inner = ManifestBuilder::new(1)
        .component(&[b"x"])
        .section(Section::Install, &write(sequence(), b"x"))
        .section(Section::Validate, &sequence().custom(-256, Custom::Nil));
    let inner = signed(inner);
    let install = process(check(fetch(&digest_of(&inner))));
    assert_eq!(result(&with(&install, &inner)), Err(rules::SECTION_MISSING));
    let both = |validate: &SequenceBuilder| {
        let builder = dependent().section(Section::Install, &install);
        signed_with(builder.section(Section::Validate, validate), &[("#d", &inner)])
    };
    let without = both(&sequence().set_component(1));
    assert_eq!(result(&without), Err(rules::SECTION_UNPROCESSED));
    assert_eq!(result(&both(&process(sequence().set_component(1)))), Ok(()));
    let unprocessed = check(fetch(&digest_of(&inner)));
    let builder = dependent().section(Section::Install, &unprocessed);
    let builder = builder.section(Section::Validate, &process(sequence().set_component(1)));
    let document = signed_with(builder, &[("#d", &inner)]);
    assert_eq!(result(&document), Err(rules::SECTION_UNPROCESSED));
}

/// SUIT TD §5.1: who cannot load a dependency does not go on without it.
#[test]
fn dependencies_need_room() {
    let inner = dependency(&write(sequence(), b"x"));
    let document = with(&process(check(fetch(&digest_of(&inner)))), &inner);
    let keys = trusted();
    let tree = Tree::new(verify(&document, &borrowed(&keys)).unwrap());
    let mut device = Device::default();
    let ended = run_tree(tree, Procedure::Update, strict(), &mut device, &mut ());
    assert_eq!(ended.unwrap_err().error().rule(), rules::ARENA);
    assert_eq!(device.content(&[b"x"]), None);
}

/// SUIT TD §5.1: "If the Manifest contains more than one Component and/or Dependency, each Command
/// sequence MUST begin with a Set Component Index Command."
#[test]
fn dependencies_count_as_components() {
    let install = write(sequence(), b"x");
    assert!(builder(&install).build().is_ok());
    let two = builder(&install).dependency(1, Some(&[b"d"])).build().map(drop);
    assert_eq!(two.unwrap_err().rule(), rules::FIRST_INDEX);
    let begun = write(sequence().set_component(0), b"x");
    assert!(builder(&begun).dependency(1, Some(&[b"d"])).build().is_ok());
}

/// SUIT TD §5.2.2: "MUST be sorted according to Core Deterministic Encoding Requirements".
#[test]
fn dependencies_are_sorted() {
    let install = write(sequence().set_component(0), b"x");
    let builder = builder(&install).component(&[b"b"]).component(&[b"c"]);
    let document = signed(builder.dependency(2, None).dependency(1, None));
    let keys = trusted();
    let manifest = verify(&document, &borrowed(&keys)).unwrap();
    let indices: Vec<_> = manifest.dependencies().iter().map(|one| one.index).collect();
    assert_eq!(indices, [1, 2]);
    let sorted = [0xa2, 1, 0xa0, 2, 0xa0];
    let unsorted = tampered(&document, &sorted, &[0xa2, 2, 0xa0, 1, 0xa0]);
    assert_eq!(verdict(&unsorted), Err(iotops_wire::rules::KEY_ORDER));
    let twice = tampered(&document, &sorted, &[0xa2, 1, 0xa0, 1, 0xa0]);
    assert_eq!(verdict(&twice), Err(iotops_wire::rules::KEY_TWICE));
}

/// SUIT TD §5.2.2: "the digest MUST be computed over just the bstr-wrapped `SUIT_Manifest`".
#[test]
fn dependencies_match_by_their_manifest() {
    let inner = ManifestBuilder::new(1).component(&[b"x"]);
    let inner = signed(inner.section(Section::Validate, &sequence().custom(-256, Custom::Nil)));
    let mut resigned = Distribution::open(&inner).unwrap();
    resigned.sign(&mut SecretKey::from_raw(KeyType::Ed25519, &[7; 32]).unwrap()).unwrap();
    let resigned = resigned.envelope().unwrap();
    let digest = digest_of(&inner);
    for envelope in [&inner, &resigned] {
        let matched = fetch(&digest).condition(Condition::ImageMatch, NONE);
        assert_eq!(result(&with(&matched, envelope)), Ok(()));
        let whole = fetch(&sha_256(envelope)).condition(Condition::ImageMatch, NONE);
        assert_eq!(result(&with(&whole, envelope)), Err(rules::CONDITION));
    }
    // What is no dependency is matched as a whole.
    let wanted = parameters().image_digest(&sha_256(&inner)).uri("#d");
    let install = sequence()
        .set_component(0)
        .override_parameters(&wanted)
        .action(Action::Fetch, NONE)
        .condition(Condition::ImageMatch, NONE);
    assert_eq!(result(&with(&install, &inner)), Ok(()));
}

/// SUIT TD §5.6.5: "If the reference count of a component is non-zero, any command that alters that
/// component MUST cause the Manifest Processor to Abort."
#[test]
fn what_is_referred_to_is_not_changed() {
    let source = parameters().source_component(1).uri("u").set(&Parameter::Content(b"new"));
    for action in [Action::Write, Action::Fetch, Action::Copy, Action::Swap] {
        let install = sequence().set_component(0).override_parameters(&source).action(action, NONE);
        let document = signed(builder(&install).component(&[b"b"]));
        for (count, expected) in [(2, Err(rules::REFERENCED)), (0, Ok(()))] {
            let mut device = holding(&[(b"a", b"old"), (b"b", b"new")]);
            device.network.insert("u".to_owned(), b"new".to_vec());
            device.references.insert(vec![b"a".to_vec()], count);
            assert_eq!(run(&document, &mut device), expected, "{action:?}");
            let content = if count > 0 { &b"old"[..] } else { b"new" };
            assert_eq!(device.content(&[b"a"]), Some(content), "{action:?}");
        }
    }
}

/// SUIT TD §5.3 and §5.6.5: "When the reference counter of a Manifest reaches zero, the
/// suit-uninstall Command sequence is invoked."
#[test]
fn the_last_reference_uninstalls() {
    let inner = ManifestBuilder::new(1).component(&[b"x"]);
    let unlink = sequence().action(Action::Unlink, NONE);
    let inner = signed(inner.section(Section::Uninstall, &unlink));
    let wanted = parameters().image_digest(&digest_of(&inner));
    let root = check(sequence().set_component(1).override_parameters(&wanted));
    let root = root.action(Action::Unlink, NONE);
    let document = signed(dependent().section(Section::Uninstall, &root));
    for (count, left) in [(1, [0, 0]), (2, [1, 1])] {
        let mut device = holding(&[(b"d", &inner)]);
        device.references.insert(vec![b"d".to_vec()], count);
        device.references.insert(vec![b"x".to_vec()], 1);
        let ended = run_with(&document, Procedure::Uninstall, strict(), &mut device);
        assert_eq!(ended, Ok(()), "{count}");
        let counts: Vec<_> = device.references.values().copied().collect();
        assert_eq!(counts, left);
    }
}

/// SUIT TD §5.5: "All Dependencies MUST be fetched before any Payload is fetched": their section is
/// run before the one for payloads, whatever the order of writing.
#[test]
fn dependencies_come_before_payloads() {
    let inner = ManifestBuilder::new(1).component(&[b"x"]);
    let inner = signed(inner.section(Section::PayloadFetch, &sequence().custom(-256, Custom::Nil)));
    let wanted = parameters().image_digest(&digest_of(&inner)).uri("d");
    let resolve =
        check(sequence().set_component(1).override_parameters(&wanted).action(Action::Fetch, NONE));
    let payload = sequence()
        .set_component(0)
        .override_parameters(&parameters().uri("payload"))
        .action(Action::Fetch, NONE);
    let builder = dependent()
        .section(Section::PayloadFetch, &process(payload.set_component(1)))
        .section(Section::DependencyResolution, &resolve);
    let mut device = Device::default();
    device.network.insert("d".to_owned(), inner);
    device.network.insert("payload".to_owned(), b"p".to_vec());
    run(&signed(builder), &mut device).unwrap();
    let fetched: Vec<_> = device.trace.iter().filter(|line| !line.starts_with("begin")).collect();
    assert_eq!(fetched, ["fetch d []", "fetch payload []", "custom -256 Nil []"]);
}

/// SUIT TD §5.6.1: a dependent that sets before replaces what a dependency sets; "Manifests that
/// wish to enforce a specific value of a Parameter MUST use suit-directive-override-parameters".
#[test]
fn dependents_replace_what_is_set_and_not_what_is_overridden() {
    let (own, others) = (set(&Parameter::Content(b"own")), set(&Parameter::Content(b"root")));
    for (inner, expected) in [
        (sequence().set_parameters(&own), &b"root"[..]),
        (sequence().override_parameters(&own), b"own"),
    ] {
        let inner = dependency(&inner.action(Action::Write, NONE));
        let install = sequence().set_component(2).set_parameters(&others);
        let wanted = parameters().image_digest(&digest_of(&inner)).uri("#d");
        let install = install.set_component(1).override_parameters(&wanted);
        let install = process(check(install.action(Action::Fetch, NONE)));
        let builder = dependent().component(&[b"x"]).section(Section::Install, &install);
        let mut device = Device::default();
        run(&signed_with(builder, &[("#d", &inner)]), &mut device).unwrap();
        assert_eq!(device.content(&[b"x"]), Some(expected));
    }
}

/// SUIT TD §5.6.2: three conditions under which "the Manifest Processor MUST Abort".
#[test]
fn processing_needs_a_checked_dependency_and_a_section() {
    let inner = dependency(&write(sequence(), b"x"));
    let fetched = fetch(&digest_of(&inner));
    let none = process(check(fetched.clone()).set_component(0));
    assert_eq!(result(&with(&none, &inner)), Err(rules::NOT_DEPENDENCY));
    let unchecked = process(fetched.clone());
    assert_eq!(result(&with(&unchecked, &inner)), Err(rules::INTEGRITY_UNCHECKED));
    let all = process(check(fetched.clone()).set_all_components());
    assert_eq!(result(&with(&all, &inner)), Ok(()), "it is for all dependencies");
    let shared = dependent().shared_sequence(process(check(sequence().set_component(1))));
    match shared.section(Section::Install, &fetched).build() {
        Err(error) => assert_eq!(error.rule(), rules::SHARED_COMMAND),
        Ok(_) => panic!("it is not in the shared sequence"),
    }
}

/// SUIT TD §5.6.4: "The Manifest Processor MUST NOT use cached results from any other Manifest
/// context."
#[test]
fn what_another_manifest_checked_does_not_count() {
    let inner = dependency(&write(sequence(), b"x"));
    let outer = |install: SequenceBuilder| {
        let builder = ManifestBuilder::new(1).component(&[b"d"]).dependency(0, None);
        signed(builder.section(Section::Install, &install))
    };
    let wanted = parameters().image_digest(&digest_of(&inner));
    let begin = || sequence().set_component(0);
    let checks = check(begin().override_parameters(&wanted));
    for (install, expected) in
        [(process(begin()), Err(rules::INTEGRITY_UNCHECKED)), (process(checks), Ok(()))]
    {
        let outer = outer(install);
        let second = parameters().image_digest(&digest_of(&outer)).uri("#e");
        let install = process(check(fetch(&digest_of(&inner))))
            .set_component(2)
            .override_parameters(&second)
            .action(Action::Fetch, NONE);
        let builder = dependent().component(&[b"e"]).dependency(2, None);
        let builder = builder.section(Section::Install, &process(check(install)));
        let document = signed_with(builder, &[("#d", &inner), ("#e", &outer)]);
        assert_eq!(result(&document), expected);
    }
}

/// SUIT TD §5.6.4: "MUST prevent tampering with the cached results": what lies in the component may
/// change; the copy that was checked is what is run.
#[test]
fn what_was_checked_is_what_is_run() {
    let inner = dependency(&write(sequence(), b"good"));
    let evil = dependency(&write(sequence(), b"evil"));
    let document = with(&process(check(fetch(&digest_of(&inner)))), &inner);
    let keys = trusted();
    let keys = borrowed(&keys);
    let (mut loaded, mut arena) = ([None; 2], vec![0; 4096]);
    let manifest = verify(&document, &keys).unwrap();
    let mut tree = Tree::with_dependencies(manifest, &mut loaded, &mut arena, &keys, Policy::Any);
    let (mut device, mut engine) = (Device::default(), Engine::<8, 8>::new());
    engine.start(&tree, Procedure::Update, strict(), &mut device, &mut ()).unwrap();
    let mut changed = 0;
    loop {
        let position = engine.position(&tree);
        if position.is_some_and(|at| at.command == Action::ProcessDependency.code()) {
            device.components.insert(vec![b"d".to_vec()], evil.clone());
            changed += 1;
        }
        if engine.step(&mut tree, &mut device, &mut ()).unwrap() == Step::Done {
            break;
        }
    }
    assert!(changed > 0);
    assert_eq!(device.content(&[b"x"]), Some(&b"good"[..]));
}

/// SUIT TD §5.6.4: the cache ends when "Any Fetch, or Copy operation targets the Dependency's
/// Component ID".
#[test]
fn a_dependency_that_was_changed_is_checked_again() {
    let inner = dependency(&write(sequence(), b"x"));
    let checked = || check(fetch(&digest_of(&inner)));
    let source = parameters().source_component(2).set(&Parameter::Content(&inner));
    for action in [Action::Fetch, Action::Copy, Action::Write, Action::Swap] {
        let changed = checked().override_parameters(&source).action(action, NONE);
        for (install, expected) in [
            (process(changed.clone()), Err(rules::INTEGRITY_UNCHECKED)),
            (process(check(changed)), Ok(())),
        ] {
            let builder = dependent().component(&[b"copy"]).section(Section::Install, &install);
            let document = signed_with(builder, &[("#d", &inner)]);
            let mut device = holding(&[(b"copy", &inner)]);
            assert_eq!(run(&document, &mut device), expected, "{action:?}");
        }
    }
}

/// SUIT TD §5.6.4: and when "An Abort is encountered" or "A Procedure completes".
#[test]
fn what_was_checked_ends_with_the_procedure() {
    let inner = ManifestBuilder::new(1)
        .component(&[b"x"])
        .section(Section::Install, &write(sequence(), b"x"))
        .section(Section::Invoke, &sequence().action(Action::Invoke, NONE));
    let inner = signed(inner);
    let install = process(check(fetch(&digest_of(&inner))));
    for (install, is_good) in [(install.clone(), true), (abort(install), false)] {
        let builder = dependent().section(Section::Install, &install);
        let invoke = process(sequence().set_component(1));
        let document = signed_with(builder.section(Section::Invoke, &invoke), &[("#d", &inner)]);
        let keys = trusted();
        let keys = borrowed(&keys);
        let (mut loaded, mut arena) = ([None; 4], vec![0; 8192]);
        let manifest = verify(&document, &keys).unwrap();
        let mut tree =
            Tree::with_dependencies(manifest, &mut loaded, &mut arena, &keys, Policy::Any);
        let (mut device, mut engine) = (Device::default(), Engine::<8, 8>::new());
        let mut run = |procedure| {
            engine.start(&tree, procedure, strict(), &mut device, &mut ()).unwrap();
            let ended = engine.run(&mut tree, &mut device, &mut ());
            ended.map(drop).map_err(|failure| failure.error().rule())
        };
        assert_eq!(run(Procedure::Update), if is_good { Ok(()) } else { Err(rules::CONDITION) });
        assert_eq!(run(Procedure::Invocation), Err(rules::INTEGRITY_UNCHECKED));
        assert!(device.invoked.is_empty());
    }
}
