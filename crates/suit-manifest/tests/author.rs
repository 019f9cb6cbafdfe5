//! The author's side: our builder writes the examples of the draft, byte for byte.

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

use common::{borrowed, encode, trusted, verify};
use iotops_crypto::cose::Unsigned;
use iotops_crypto::key::{KeyType, SecretKey, import};
use iotops_crypto::{Algorithm, Signer};
use iotops_wire::{Kind, Unavailable};
use suit_manifest::model::{
    Action, Comparison, Condition, Custom, Parameter, ReportingPolicy, Section,
};
use suit_manifest::{
    Draft, Envelope, ManifestBuilder, Member, ParametersBuilder, Policy, SequenceBuilder,
    TextBuilder, rules,
};

const ALL: ReportingPolicy = ReportingPolicy::ALL;
const ON_FAILURE: ReportingPolicy = ReportingPolicy::RECORD_ON_FAILURE;

fn vendor() -> [u8; 16] {
    array("fa6b4a53d5ad5fdfbe9de663e4d41ffe")
}

fn class() -> [u8; 16] {
    array("1492af1425695e48bf429b2d51f2ab45")
}

fn digest_a() -> [u8; 32] {
    array("00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210")
}

fn digest_b() -> [u8; 32] {
    array("0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff")
}

fn array<const N: usize>(hex: &str) -> [u8; N] {
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    core::array::from_fn(|index| byte(index * 2))
}

fn sequence() -> SequenceBuilder {
    SequenceBuilder::new()
}

fn parameters() -> ParametersBuilder {
    ParametersBuilder::new()
}

fn identity(sequence: SequenceBuilder) -> SequenceBuilder {
    sequence.condition(Condition::VendorIdentifier, ALL).condition(Condition::ClassIdentifier, ALL)
}

fn common() -> ParametersBuilder {
    parameters()
        .image_size(34768)
        .image_digest(&digest_a())
        .class_identifier(&class())
        .vendor_identifier(&vendor())
}

fn image_match() -> SequenceBuilder {
    sequence().condition(Condition::ImageMatch, ALL)
}

fn download(uri: &str) -> SequenceBuilder {
    sequence()
        .override_parameters(&parameters().uri(uri))
        .action(Action::Fetch, ON_FAILURE)
        .condition(Condition::ImageMatch, ALL)
}

fn example_1() -> ManifestBuilder {
    ManifestBuilder::new(1)
        .component(&[&[0]])
        .shared_sequence(identity(sequence().override_parameters(&common())))
        .section(Section::Install, &download("http://example.com/file.bin"))
        .section(Section::Validate, &image_match())
}

fn example_2(original: &[u8]) -> ManifestBuilder {
    let key = trusted();
    let manifest = verify(original, &borrowed(&key)).unwrap();
    let (language, text) = manifest.text().present().unwrap().languages().next().unwrap();
    let (_, description) = text.texts().iter().next().unwrap();
    ManifestBuilder::new(2)
        .component(&[&[0]])
        .shared_sequence(identity(sequence().override_parameters(&common())))
        .reference_uri("https://git.io/JJYoj")
        .section(Section::Validate, &image_match())
        .section(Section::Invoke, &sequence().action(Action::Invoke, ON_FAILURE))
        .severed_section(
            Section::Install,
            &download("http://example.com/very/long/path/to/file/file.bin"),
        )
        .text(
            language,
            &TextBuilder::new().text(1, description).component(
                &[&[0]],
                &[
                    (3, "arm.com"),
                    (
                        5,
                        "This component is a demonstration. The digest is a sample pattern, not \
                         a real one.",
                    ),
                ],
            ),
        )
}

fn slot(index: u64, then: &ParametersBuilder) -> SequenceBuilder {
    let on_failure = ReportingPolicy::RECORD_ON_SUCCESS.and(ReportingPolicy::SYSINFO_ON_SUCCESS);
    sequence()
        .override_parameters(&parameters().set(&Parameter::ComponentSlot(index)))
        .condition(Condition::ComponentSlot, on_failure)
        .override_parameters(then)
}

fn example_3() -> ManifestBuilder {
    let image = |digest: &[u8; 32], size| parameters().image_digest(digest).image_size(size);
    let uri = |uri: &str| parameters().uri(uri);
    let identities = parameters().vendor_identifier(&vendor()).class_identifier(&class());
    ManifestBuilder::new(3)
        .component(&[&[0]])
        .shared_sequence(identity(
            sequence().override_parameters(&identities).try_each(&[
                slot(0, &image(&digest_a(), 34768)),
                slot(1, &image(&digest_b(), 76834)),
            ]),
        ))
        .section(Section::Validate, &image_match())
        .section(
            Section::Install,
            &sequence()
                .try_each(&[
                    slot(0, &uri("http://example.com/file1.bin")),
                    slot(1, &uri("http://example.com/file2.bin")),
                ])
                .action(Action::Fetch, ON_FAILURE)
                .condition(Condition::ImageMatch, ALL),
        )
}

fn example_4() -> ManifestBuilder {
    let load = parameters().image_digest(&digest_b()).image_size(76834).source_component(0);
    let fetch = parameters().image_digest(&digest_a()).uri("http://example.com/file.bin");
    ManifestBuilder::new(4)
        .component(&[&[0]])
        .component(&[&[2]])
        .component(&[&[1]])
        .shared_sequence(identity(sequence().set_component(0).override_parameters(&common())))
        .section(
            Section::Validate,
            &sequence().set_component(0).condition(Condition::ImageMatch, ALL),
        )
        .section(
            Section::Load,
            &sequence()
                .set_component(2)
                .override_parameters(&load)
                .action(Action::Copy, ON_FAILURE)
                .condition(Condition::ImageMatch, ALL),
        )
        .section(Section::Invoke, &sequence().set_component(2).action(Action::Invoke, ON_FAILURE))
        .section(
            Section::PayloadFetch,
            &sequence()
                .set_component(1)
                .override_parameters(&fetch)
                .action(Action::Fetch, ON_FAILURE)
                .condition(Condition::ImageMatch, ALL),
        )
        .section(
            Section::Install,
            &sequence()
                .set_component(0)
                .override_parameters(&parameters().source_component(1))
                .action(Action::Copy, ON_FAILURE)
                .condition(Condition::ImageMatch, ALL),
        )
}

fn original(name: &str) -> Vec<u8> {
    let folder = test_support::testdata().join("suit/suit-manifest-37");
    fs::read(folder.join(format!("{name}-signed.suit"))).unwrap()
}

fn example_key() -> SecretKey {
    let pem = fs::read(test_support::testdata().join("keys/suit-example-p256-private.pem"));
    import(&pem.unwrap()).unwrap().secret_key().unwrap()
}

/// The envelope but for its signature, which ECDSA makes anew: the drafts sign ES256, we ESP256.
fn assert_same(builder: ManifestBuilder, name: &str) {
    let original = original(name);
    let envelope = Envelope::decode(&original).unwrap();
    let mut draft = builder.build().unwrap();
    draft.sign(&mut example_key()).unwrap();
    let ours = draft.envelope().unwrap();
    let ours_decoded = Envelope::decode(&ours).unwrap();
    assert_eq!(ours_decoded.claimed_digest(), envelope.claimed_digest(), "{name}");
    // Behind the signature, every byte is the same.
    assert_eq!(ours.len(), original.len());
    let signature_end = 3 + 1 + 2 + 1 + 38 + 2 + 74;
    assert_eq!(ours[signature_end..], original[signature_end..], "{name}");
    let keys = trusted();
    let manifest = verify(&ours, &borrowed(&keys)).unwrap();
    assert_eq!(encode(&manifest), ours);
}

#[test]
fn the_builder_writes_the_examples_of_the_draft() {
    assert_same(example_1(), "example1");
    assert_same(example_2(&original("example2")), "example2");
    assert_same(example_3(), "example3");
    assert_same(example_4(), "example4");
}

fn draft() -> Draft {
    example_1().build().unwrap()
}

#[test]
fn two_steps_give_what_one_gives() {
    let mut at_once = draft();
    at_once.sign(&mut example_key()).unwrap();
    let mut in_steps = draft();
    let unsigned = Unsigned::new(Algorithm::Esp256).unwrap();
    let mut signature = [0; 64];
    unsigned
        .to_be_signed(in_steps.to_be_signed(), &[], |parts| {
            example_key().sign(parts, &mut signature)
        })
        .unwrap()
        .unwrap();
    let error = in_steps.add_signature(&unsigned, &signature[1..]).unwrap_err();
    assert_eq!(error.rule(), iotops_crypto::rules::SIGNATURE_LENGTH);
    in_steps.add_signature(&unsigned, &signature).unwrap();
    assert_eq!(at_once.envelope().unwrap(), in_steps.envelope().unwrap());
    assert!(unsigned.prehash(in_steps.to_be_signed(), &[]).is_some());
}

/// A signer that is away.
struct Away;

impl Signer for Away {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Esp256
    }

    fn sign(&mut self, _: &[&[u8]], _: &mut [u8]) -> Result<usize, Unavailable> {
        Err(Unavailable::new())
    }
}

#[test]
fn a_signer_that_is_away_is_told_as_such() {
    let error = draft().sign(&mut Away).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_raw(KeyType::Ed25519, &[seed; 32]).unwrap()
}

#[test]
fn policies_count_keys_not_signatures() {
    let mut draft = draft();
    for signer in [1, 2, 1] {
        draft.sign(&mut key(signer)).unwrap();
    }
    let bytes = draft.envelope().unwrap();
    let envelope = Envelope::decode(&bytes).unwrap();
    let public: Vec<_> = (1..=3).map(|seed| key(seed).verifying_key()).collect();
    let by = |policy, keys: &[usize]| {
        let keys: Vec<_> = keys.iter().map(|index| public[*index].clone()).collect();
        let result = envelope.authenticate_by(policy, &borrowed(&keys));
        result.map(|one| one.signers()).map_err(|error| error.rule())
    };
    let signature = iotops_crypto::rules::SIGNATURE;
    assert!(by(Policy::Any, &[0]).unwrap().contains(0));
    assert!(by(Policy::Any, &[2, 1]).unwrap().contains(1));
    assert_eq!(by(Policy::Any, &[2]), Err(signature));
    assert_eq!(by(Policy::All, &[0, 1]).unwrap().count(), 2);
    assert_eq!(by(Policy::All, &[0]), Err(signature));
    assert_eq!(by(Policy::Threshold(2), &[2, 0, 1]).unwrap().count(), 2);
    // The first key signed twice: it is one key all the same.
    assert_eq!(by(Policy::Threshold(2), &[0, 2]), Err(signature));
    assert_eq!(by(Policy::Threshold(3), &[0, 1]), Err(rules::THRESHOLD));
    assert_eq!(by(Policy::Threshold(0), &[0]), Err(rules::POLICY));
    assert_eq!(by(Policy::Any, &[]), Err(iotops_crypto::rules::NO_KEY));
    // One key given twice is one key.
    assert!(by(Policy::Threshold(2), &[0, 0]).is_err());
}

#[test]
fn integrated_payloads_and_severed_elements_are_found() {
    let mut draft = example_2(&original("example2")).build().unwrap();
    draft = draft.integrate("#firmware", b"image").integrate("#a", b"");
    draft.sign(&mut example_key()).unwrap();
    let bytes = draft.envelope().unwrap();
    let keys = trusted();
    let manifest = verify(&bytes, &borrowed(&keys)).unwrap();
    assert_eq!(manifest.integrated("#firmware"), Some(&b"image"[..]));
    assert_eq!(manifest.integrated("#Firmware"), None);
    assert_eq!(manifest.integrated_payloads().count(), 2);
    assert!(matches!(manifest.section(Section::Install), Member::Present(_)));
    assert!(matches!(manifest.section(Section::Load), Member::Absent));
    assert_eq!(encode(&manifest), bytes);
    let twice = example_1().build().unwrap().integrate("#a", b"").integrate("#a", b"");
    assert_eq!(twice.envelope().unwrap_err().rule(), rules::BUILDER);
}

#[test]
fn what_is_not_valid_is_not_built() {
    let one = || ManifestBuilder::new(1).component(&[b"a"]);
    let validate = |sequence: &SequenceBuilder| {
        one().section(Section::Validate, sequence).build().unwrap_err().rule()
    };
    assert_eq!(ManifestBuilder::new(1).build().unwrap_err().rule(), rules::COMPONENTS);
    assert_eq!(validate(&sequence()), rules::SEQUENCE_EMPTY);
    assert_eq!(validate(&sequence().set_component(1)), rules::INDEX_RANGE);
    assert_eq!(validate(&sequence().set_components(&[])), rules::INDEX_FORM);
    assert_eq!(validate(&sequence().try_each(&[image_match()])), rules::TRY_EACH);
    assert_eq!(validate(&sequence().custom(-255, Custom::Nil)), rules::COMMAND);
    assert_eq!(validate(&sequence().override_parameters(&parameters())), rules::PARAMETERS_EMPTY);
    let twice = parameters().image_size(1).image_size(2);
    assert_eq!(validate(&sequence().override_parameters(&twice)), rules::BUILDER);
    let soft = parameters().set(&Parameter::SoftFailure(true));
    assert_eq!(validate(&sequence().override_parameters(&soft)), rules::SOFT_FAILURE);
    let no_version = parameters().version(Comparison::Equal, &[]);
    assert_eq!(validate(&sequence().override_parameters(&no_version)), rules::VERSION_NUMBERS);
    let two = one().component(&[b"b"]).section(Section::Validate, &image_match());
    assert_eq!(two.build().unwrap_err().rule(), rules::FIRST_INDEX);
    let same = one().component(&[b"a"]).build().unwrap_err();
    assert_eq!(same.rule(), rules::COMPONENT_TWICE);
    let shared = one().shared_sequence(sequence().action(Action::Fetch, ALL)).build();
    assert_eq!(shared.unwrap_err().rule(), rules::SHARED_COMMAND);
    let text = one().text("not a tag", &TextBuilder::new().text(1, "x")).build();
    assert_eq!(text.unwrap_err().rule(), rules::TEXT_LANGUAGE);
    let stranger = TextBuilder::new().component(&[b"z"], &[(1, "x")]);
    assert_eq!(one().text("en", &stranger).build().unwrap_err().rule(), rules::TEXT_COMPONENT);
    let again = one().reference_uri("a").reference_uri("b").build();
    assert_eq!(again.unwrap_err().rule(), rules::BUILDER);
}

#[test]
fn all_elements_of_trust_domains_and_update_management_are_written_and_read() {
    let shared = sequence()
        .set_all_components()
        .override_parameters(&parameters().version(Comparison::GreaterEqual, &[1, 2, -1]));
    let install = sequence()
        .set_components(&[0, 1])
        .custom(-256, Custom::Text("vendor"))
        .try_each_or_nothing(&[image_match(), image_match()])
        .run_sequence(&image_match())
        .set_parameters(&parameters().image_size(7));
    let mut draft = ManifestBuilder::new(u64::MAX)
        .component(&[b"a", b"b"])
        .dependency(1, Some(&[b"prefix"]))
        .component_id(&[b"root"])
        .set_version(&[1, 0, 3])
        .coswid(&[0xa0])
        .shared_sequence(shared)
        .section(Section::Install, &install)
        .section(Section::Uninstall, &sequence().set_component(0).action(Action::Unlink, ALL))
        .build()
        .unwrap();
    draft.sign(&mut key(1)).unwrap();
    let bytes = draft.envelope().unwrap();
    let public = [key(1).verifying_key()];
    let manifest = verify(&bytes, &borrowed(&public)).unwrap();
    assert_eq!(manifest.sequence_number(), u64::MAX);
    assert_eq!(manifest.dependencies().iter().next().unwrap().index, 1);
    assert_eq!(manifest.component_id().unwrap().parts().next(), Some(&b"root"[..]));
    assert_eq!(manifest.set_version().unwrap().numbers().collect::<Vec<_>>(), [1, 0, 3]);
    assert_eq!(manifest.coswid().present(), Some(&[0xa0][..]));
    assert_eq!(manifest.section(Section::Install).present().unwrap().commands().count(), 5);
    assert_eq!(encode(&manifest), bytes);
    assert_eq!(common::read_all(&manifest), common::read_all(&manifest));
}
