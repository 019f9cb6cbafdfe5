//! SUIT: what readers, authors and signers must do.

use iotops_crypto::cose::Unsigned;
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::{Algorithm, Signer, rules as crypto};
use iotops_wire::rules as wire;
use suit_manifest::model::{Action, Condition, CustomValue, Parameter, Section, VendorIdentifier};
use suit_manifest::{TextBuilder, rules};

use super::common::run::signed_with;
use super::common::{borrowed, decode, trusted, verify};
use super::{NONE, builder, one, parameters, sequence, set, sha_256, tampered, verdict, write};

/// SUIT §6.2: "MUST verify the signature of the manifest prior to parsing/executing any section".
#[test]
fn nothing_is_parsed_before_the_signature_is_verified() {
    // Version and sequence number become 1 and 9, or version 2.
    let document = one(&write(sequence(), b"x"));
    let begin = [1, 1, 2, 1, 3];
    for (to, rule) in
        [([1, 2, 2, 1, 3], rules::VERSION), ([1, 1, 2, 0x21, 3], wire::EXPECT_UNSIGNED)]
    {
        let other = tampered(&document, &begin, &to);
        assert_eq!(verdict(&other), Err(rule), "it is found when the signature is right");
        let keys = trusted();
        let refused = verify(&other, &borrowed(&keys)).map(drop).unwrap_err();
        assert_eq!(refused.rule(), crypto::SIGNATURE);
    }
}

/// SUIT §7.5: "The payload envelope key MUST be a string. The payload MUST be serialized in a bstr
/// element."
#[test]
fn payloads_are_byte_strings_under_text_keys() {
    let fetch = sequence().override_parameters(&parameters().uri("#p")).action(Action::Fetch, NONE);
    let document = signed_with(builder(&fetch), &[("#p", b"payload")]);
    assert_eq!(verdict(&document), Ok(()));
    let begin = [0x62, b'#', b'p', 0x47];
    let text = tampered(&document, &begin, &[0x62, b'#', b'p', 0x67]);
    assert_eq!(verdict(&text), Err(wire::EXPECT_BYTES));
    let key = tampered(&document, &begin, &[0x42, b'#', b'p', 0x47]);
    assert_eq!(verdict(&key), Err(wire::EXPECT_INTEGER));
    let number = tampered(&document, &begin, &[0x19, b'#', b'p', 0x47]);
    assert_eq!(verdict(&number), Err(rules::ENVELOPE_ELEMENT));
}

/// SUIT §8.4.4: "each section MUST be as described. Negative integer IDs are reserved for
/// application-specific text values."
#[test]
fn texts_have_registered_keys() {
    let build = |text: &TextBuilder| {
        let draft = builder(&write(sequence(), b"x")).text("en", text).build();
        draft.map(drop).map_err(|error| error.rule())
    };
    for key in [1, 4, -1] {
        assert_eq!(build(&TextBuilder::new().text(key, "x")), Ok(()), "{key}");
    }
    for key in [0, 5] {
        assert_eq!(build(&TextBuilder::new().text(key, "x")), Err(rules::TEXT_KEY), "{key}");
    }
    let of = |key| TextBuilder::new().component(&[b"a"], &[(key, "x")]);
    for key in [1, 8, -1] {
        assert_eq!(build(&of(key)), Ok(()), "{key}");
    }
    for key in [0, 9] {
        assert_eq!(build(&of(key)), Err(rules::TEXT_KEY), "{key}");
    }
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_raw(KeyType::Ed25519, &[seed; 32]).unwrap()
}

/// SUIT §8.4.8.2: "They MUST NOT be used as assertions of identity": the right vendor and class are
/// worth nothing without a key that is trusted.
#[test]
fn identifiers_are_no_identity() {
    let vendor = parameters().vendor_identifier(&[1; 16]).class_identifier(&[2; 16]);
    let check = sequence()
        .override_parameters(&vendor)
        .condition(Condition::VendorIdentifier, NONE)
        .condition(Condition::ClassIdentifier, NONE);
    let mut draft = builder(&check).build().unwrap();
    draft.sign(&mut key(77)).unwrap();
    let document = draft.envelope().unwrap();
    assert_eq!(verdict(&document), Ok(()));
    let keys = trusted();
    let refused = verify(&document, &borrowed(&keys)).map(drop).unwrap_err();
    assert_eq!(refused.rule(), crypto::SIGNATURE);
}

/// SUIT §8.4.8.3 to §8.4.8.5: 16 bytes; only a vendor may be named by its enterprise number.
#[test]
fn identifiers_are_uuids() {
    let check = |parameter: &Parameter<'_>| one(&sequence().override_parameters(&set(parameter)));
    let uuid = [0xc5; 16];
    for (parameter, head) in [
        (Parameter::ClassIdentifier(&uuid), &[2, 0x50, 0xc5][..]),
        (Parameter::DeviceIdentifier(&uuid), &[0x18, 24, 0x50, 0xc5]),
        (Parameter::VendorIdentifier(VendorIdentifier::Uuid(&uuid)), &[1, 0x50, 0xc5]),
    ] {
        let document = check(&parameter);
        assert_eq!(verdict(&document), Ok(()));
        let mut short = head.to_vec();
        short[head.len() - 2] = 0x4f;
        assert_eq!(verdict(&tampered(&document, head, &short)), Err(rules::UUID));
    }
    let pen = Parameter::VendorIdentifier(VendorIdentifier::Pen(&[0x19, 0x10]));
    assert_eq!(verdict(&check(&pen)), Ok(()));
}

/// SUIT §8.4.8.8: "This slot MUST be encoded as a positive integer."
#[test]
fn slots_are_unsigned() {
    let document = one(&sequence().override_parameters(&set(&Parameter::ComponentSlot(3))));
    let negative = tampered(&document, &[0xa1, 5, 3], &[0xa1, 5, 0x23]);
    assert_eq!(verdict(&negative), Err(wire::EXPECT_UNSIGNED));
}

/// SUIT §8.4.8.12: "The arguments MUST be provided as an implementation-defined bstr."
#[test]
fn arguments_are_byte_strings() {
    let document = one(&sequence().override_parameters(&set(&Parameter::InvokeArguments(b"now"))));
    let text = tampered(&document, &[0xa1, 23, 0x43, b'n'], &[0xa1, 23, 0x63, b'n']);
    assert_eq!(verdict(&text), Err(wire::EXPECT_BYTES));
}

/// SUIT §8.4.8.16: "It MUST NOT be used in the shared sequence."
#[test]
fn custom_parameters_are_not_shared() {
    let hint = set(&Parameter::Custom(-300, CustomValue::Integer(5)));
    let shared = sequence().override_parameters(&hint);
    let refused = builder(&write(sequence(), b"x")).shared_sequence(shared).build().map(drop);
    assert_eq!(refused.unwrap_err().rule(), rules::PARAMETER_SHARED);
}

/// SUIT §8.6: "the signature MUST be computed after manifest elements are made severable": it is
/// another manifest then, for which no signature of the first one holds.
#[test]
fn signatures_are_made_after_severing() {
    let install = write(sequence(), b"x");
    let whole = builder(&install).build().unwrap();
    let severed = suit_manifest::ManifestBuilder::new(1)
        .component(&[b"a"])
        .severed_section(Section::Install, &install);
    let mut severed = severed.build().unwrap();
    assert_ne!(whole.to_be_signed(), severed.to_be_signed());
    let unsigned = Unsigned::new(Algorithm::Ed25519).unwrap();
    let mut signature = [0; 64];
    let signing = |parts: &[&[u8]]| key(1).sign(parts, &mut signature).unwrap();
    unsigned.to_be_signed(whole.to_be_signed(), &[], signing).unwrap();
    severed.add_signature(&unsigned, &signature).unwrap();
    let document = severed.envelope().unwrap();
    let keys = [key(1).verifying_key()];
    let refused = decode(&document).unwrap().authenticate(&borrowed(&keys)).map(drop);
    assert_eq!(refused.unwrap_err().rule(), crypto::SIGNATURE);
    // What is signed is the digest of the manifest that holds the digest of the section.
    let digest = sha_256(&document[super::manifest(&document)]);
    assert!(severed.to_be_signed().ends_with(&digest));
}

/// SUIT MTI §3: "Authors MUST implement all profiles with a status set to 'MANDATORY'": their
/// authentication algorithms but HSS/LMS.
#[test]
fn authors_sign_with_the_mandatory_algorithms() {
    for (kind, bytes, algorithm) in [
        (KeyType::Hmac, 32, Algorithm::Hmac256),
        (KeyType::Es256, 32, Algorithm::Esp256),
        (KeyType::Ed25519, 32, Algorithm::Ed25519),
    ] {
        let mut key = SecretKey::from_raw(kind, &vec![9; bytes]).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        let mut draft = builder(&write(sequence(), b"x")).build().unwrap();
        draft.sign(&mut key).unwrap();
        let document = draft.envelope().unwrap();
        let public = [key.verifying_key()];
        assert!(verify(&document, &borrowed(&public)).is_ok(), "{algorithm:?}");
        let mut other = document.clone();
        *other.last_mut().unwrap() ^= 1;
        assert!(verify(&other, &borrowed(&public)).is_err(), "{algorithm:?}");
    }
}
