//! The six mandatory profiles (draft-ietf-suit-mti): envelopes that are made here, stored in
//! `testdata/suit/profiles`, verified, decrypted and executed.
//!
//! With `IOTOPS_WRITE_PROFILES` set, the files are written anew.

#![cfg(all(
    feature = "trust-domains",
    feature = "update-management",
    feature = "encryption",
    feature = "hmac",
    feature = "hss-lms"
))]
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

#[path = "../common/mod.rs"]
mod common;
mod lms;

use std::path::PathBuf;
use std::{env, fs};

use common::device::{Device, Memory};
use common::run::{lenient, run_tree};
use iotops_crypto::agreement::{KdfInfo, P256SecretKey};
use iotops_crypto::cipher::{Key, unauthenticated};
use iotops_crypto::cose::{
    NewRecipient, Plaintext, RecipientKey, To, Unsealed, UnsealedUnauthenticated, Unsigned,
};
use iotops_crypto::key::{
    Ed25519SecretKey, Es256SecretKey, HmacKey, HssLmsPublicKey, VerifyingKey,
};
use iotops_crypto::{Algorithm, Signer, Verifier, digest};
use iotops_wire::cbor::Encoder;
use iotops_wire::{Random, Unavailable};
use suit_manifest::model::{
    Action, Condition, EncryptionInfo, Parameter, ReportingPolicy, Section,
};
use suit_manifest::process::{Procedure, Tree};
use suit_manifest::{Draft, Envelope, ManifestBuilder, ParametersBuilder, SequenceBuilder, rules};

const INFO: &[u8] = b"SUIT Payload Encryption";
const NONE: ReportingPolicy = ReportingPolicy::NONE;

/// A row of the draft's table: authentication, key exchange, encryption.
struct Profile {
    name: &'static str,
    authentication: Algorithm,
    exchange: Algorithm,
    encryption: Algorithm,
}

const PROFILES: [Profile; 6] = [
    Profile {
        name: "suit-sha256-hmac-a128kw-a128ctr",
        authentication: Algorithm::Hmac256,
        exchange: Algorithm::A128Kw,
        encryption: Algorithm::A128Ctr,
    },
    Profile {
        name: "suit-sha256-esp256-ecdh-a128ctr",
        authentication: Algorithm::Esp256,
        exchange: Algorithm::EcdhEsA128Kw,
        encryption: Algorithm::A128Ctr,
    },
    Profile {
        name: "suit-sha256-ed25519-ecdh-a128ctr",
        authentication: Algorithm::Ed25519,
        exchange: Algorithm::EcdhEsA128Kw,
        encryption: Algorithm::A128Ctr,
    },
    Profile {
        name: "suit-sha256-esp256-ecdh-a128gcm",
        authentication: Algorithm::Esp256,
        exchange: Algorithm::EcdhEsA128Kw,
        encryption: Algorithm::A128Gcm,
    },
    Profile {
        name: "suit-sha256-ed25519-ecdh-chacha-poly",
        authentication: Algorithm::Ed25519,
        exchange: Algorithm::EcdhEsA128Kw,
        encryption: Algorithm::ChaCha20Poly1305,
    },
    Profile {
        name: "suit-sha256-hsslms-a256kw-a256ctr",
        authentication: Algorithm::HssLms,
        exchange: Algorithm::A256Kw,
        encryption: Algorithm::A256Ctr,
    },
];

/// Draws 1, 2, 3 and so on: the files are the same each time.
struct Counting(u8);

impl Random for Counting {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Unavailable> {
        for byte in buffer {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

fn lms() -> lms::Lms {
    lms::Lms::new([0x61; 16], [0x62; 32])
}

fn image() -> Vec<u8> {
    (0..300_u32).map(|at| (at % 251) as u8).collect()
}

/// The keys of the device; each is a byte that is repeated.
struct Keys {
    kek_128: Key,
    kek_256: Key,
    agreement: P256SecretKey,
}

fn keys() -> Keys {
    Keys {
        kek_128: Key::new(Algorithm::A128Kw, &[0x11; 16]).unwrap(),
        kek_256: Key::new(Algorithm::A256Kw, &[0x22; 32]).unwrap(),
        agreement: P256SecretKey::from_scalar(&[0x33; 32]).unwrap(),
    }
}

fn author(algorithm: Algorithm) -> VerifyingKey {
    match algorithm {
        Algorithm::Hmac256 => VerifyingKey::Hmac(HmacKey::from_bytes(&[0x41; 32]).unwrap()),
        Algorithm::Esp256 => {
            VerifyingKey::Es256(Es256SecretKey::from_scalar(&[0x42; 32]).unwrap().public_key())
        }
        Algorithm::Ed25519 => {
            VerifyingKey::Ed25519(Ed25519SecretKey::from_seed(&[0x43; 32]).unwrap().public_key())
        }
        _ => VerifyingKey::HssLms(HssLmsPublicKey::from_bytes(&lms().public_key()).unwrap()),
    }
}

fn sign(draft: &mut Draft, algorithm: Algorithm) {
    let mut hmac = HmacKey::from_bytes(&[0x41; 32]).unwrap();
    let mut es256 = Es256SecretKey::from_scalar(&[0x42; 32]).unwrap();
    let mut ed25519 = Ed25519SecretKey::from_seed(&[0x43; 32]).unwrap();
    let signer: &mut dyn Signer = match algorithm {
        Algorithm::Hmac256 => &mut hmac,
        Algorithm::Esp256 => &mut es256,
        Algorithm::Ed25519 => &mut ed25519,
        _ => {
            // A key with state signs in two steps.
            let unsigned = Unsigned::new(algorithm).unwrap();
            let signed = draft.to_be_signed().to_vec();
            let signature =
                unsigned.to_be_signed(&signed, &[], |parts| lms().sign(3, parts)).unwrap();
            return draft.add_signature(&unsigned, &signature).unwrap();
        }
    };
    draft.sign(signer).unwrap();
}

/// Encryption info and ciphertext of the image.
fn encrypt(profile: &Profile) -> (Vec<u8>, Vec<u8>) {
    let Keys { mut kek_128, mut kek_256, agreement } = keys();
    let public = agreement.public_key();
    let how = match profile.exchange {
        Algorithm::A128Kw => NewRecipient::Wrap(&mut kek_128),
        Algorithm::A256Kw => NewRecipient::Wrap(&mut kek_256),
        algorithm => NewRecipient::Agree(algorithm, &public),
    };
    let (mut info, mut ciphertext, image) = (Vec::new(), Vec::new(), image());
    let encoder = &mut Encoder::new(&mut info);
    let context = KdfInfo::default().with_public(INFO);
    let to = &mut [To::new(how)];
    let plaintext = Plaintext::Detached(&image, &mut ciphertext);
    let random = &mut Counting(7);
    if let Ok(message) = UnsealedUnauthenticated::new(profile.encryption) {
        message.with_info(context).encrypt(to, plaintext, random, encoder).unwrap();
    } else {
        let message = Unsealed::new(profile.encryption).unwrap().with_info(context);
        message.encrypt(to, plaintext, b"", random, encoder).unwrap();
    }
    (info, ciphertext)
}

/// Fetches the ciphertext, checks its digest, decrypts it into place, and checks the image.
fn envelope(profile: &Profile) -> Vec<u8> {
    let (info, ciphertext) = encrypt(profile);
    let sum = |bytes: &[u8]| -> [u8; 32] {
        digest(Algorithm::Sha256, &[bytes]).unwrap().as_bytes().try_into().unwrap()
    };
    let at = |index| SequenceBuilder::new().set_component(index);
    let none = ParametersBuilder::new;
    let fetch = at(1)
        .override_parameters(
            &none().image_digest(&sum(&ciphertext)).image_size(ciphertext.len() as u64).uri("#1"),
        )
        .action(Action::Fetch, NONE)
        .condition(Condition::ImageMatch, NONE);
    let info = Parameter::EncryptionInfo(EncryptionInfo::from_encoded(&info));
    let install = at(1)
        .override_parameters(&none().image_digest(&sum(&ciphertext)))
        .set_component(0)
        .override_parameters(&none().set(&info).source_component(1))
        .action(Action::Copy, NONE);
    let validate = at(0)
        .override_parameters(&none().image_digest(&sum(&image())).image_size(300))
        .condition(Condition::ImageMatch, NONE);
    let builder = ManifestBuilder::new(1)
        .component(&[b"image"])
        .component(&[b"staging"])
        .section(Section::PayloadFetch, &fetch)
        .section(Section::Install, &install)
        .section(Section::Validate, &validate);
    let mut draft = builder.build().unwrap().integrate("#1", &ciphertext);
    sign(&mut draft, profile.authentication);
    draft.envelope().unwrap()
}

fn file(profile: &Profile) -> PathBuf {
    test_support::testdata().join("suit/profiles").join(format!("{}.suit", profile.name))
}

#[test]
fn every_profile_round_trips() {
    for profile in &PROFILES {
        let made = envelope(profile);
        if env::var_os("IOTOPS_WRITE_PROFILES").is_some() {
            fs::write(file(profile), &made).unwrap();
        }
        assert_eq!(fs::read(file(profile)).unwrap(), made, "{}", profile.name);
        run(profile, &made);
    }
}

/// As a device with the keys of all profiles does.
fn run(profile: &Profile, bytes: &[u8]) {
    let author = author(profile.authentication);
    assert!(author.accepts(profile.authentication));
    let authors: [&dyn Verifier; 1] = [&author];
    let manifest =
        Envelope::decode(bytes).unwrap().authenticate(&authors).unwrap().validate().unwrap();
    assert_eq!(manifest.digest().algorithm(), Algorithm::Sha256);
    assert_eq!(common::encode(&manifest), bytes);
    let Keys { kek_128, kek_256, agreement } = keys();
    let keys = [
        RecipientKey::Unwrap(&kek_128),
        RecipientKey::Unwrap(&kek_256),
        RecipientKey::Agree(&agreement),
    ];
    let mut device = Device::default();
    let tree = Tree::new(manifest).with_recipient_keys(&keys);
    run_tree(tree, Procedure::Update, lenient(), &mut device, &mut Memory::default())
        .unwrap_or_else(|failure| panic!("{}: {failure:?}", profile.name));
    assert_eq!(device.content(&[b"image"]), Some(image().as_slice()), "{}", profile.name);
}

#[test]
fn a_profile_needs_its_own_keys() {
    for profile in &PROFILES {
        let bytes = fs::read(file(profile)).unwrap();
        for other in PROFILES.iter().filter(|one| one.authentication != profile.authentication) {
            let author = author(other.authentication);
            let refused = Envelope::decode(&bytes).unwrap().authenticate(&[&author]).unwrap_err();
            assert_eq!(refused.rule(), iotops_crypto::rules::NO_KEY);
        }
        let author = author(profile.authentication);
        let manifest =
            Envelope::decode(&bytes).unwrap().authenticate(&[&author]).unwrap().validate().unwrap();
        let tree = Tree::new(manifest);
        let (mut device, mut journal) = (Device::default(), Memory::default());
        let failure = run_tree(tree, Procedure::Update, lenient(), &mut device, &mut journal);
        assert_eq!(failure.unwrap_err().error().rule(), rules::CONTENT_KEY);
        assert_eq!(device.content(&[b"image"]), None);
    }
}

/// RFC 9459 §8: the stream ciphers of the profiles are those without authentication.
#[test]
fn ciphers_are_of_their_kind() {
    for profile in &PROFILES {
        let key = Key::generate(profile.encryption, &mut Counting(0)).unwrap();
        let is_ctr = matches!(profile.encryption, Algorithm::A128Ctr | Algorithm::A256Ctr);
        let decrypted = unauthenticated::decrypt(&key, &[0; 16], &mut [0; 16]);
        assert_eq!(decrypted.is_ok(), is_ctr, "{}", profile.name);
    }
}
