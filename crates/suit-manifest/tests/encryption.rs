//! Encrypted payloads: published envelopes, and every mandatory profile (draft-ietf-suit-mti).

#![cfg(all(feature = "trust-domains", feature = "update-management", feature = "encryption"))]
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

use common::device::{Device, Memory, Power};
use common::run::{lenient, signed};
use common::{borrowed, trusted, verify};
use iotops_crypto::agreement::P256SecretKey;
use iotops_crypto::cipher::Key;
use iotops_crypto::cose::{NewRecipient, RecipientKey, To};
use iotops_crypto::key::{VerifyingKey, import};
use iotops_crypto::{Algorithm, digest};
use iotops_wire::cbor::{Cursor, sort_maps};
use iotops_wire::{Random, Rule, Unavailable};
use suit_manifest::model::{Action, EncryptionInfo, Parameter, ReportingPolicy, Section};
use suit_manifest::process::{Failure, Procedure, Tree};
use suit_manifest::{ManifestBuilder, ParametersBuilder, Policy, SequenceBuilder, rules};

const NONE: ReportingPolicy = ReportingPolicy::NONE;

/// Draws 1, 2, 3 and so on.
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

fn run(
    document: &[u8],
    trusted: &[VerifyingKey],
    keys: &[RecipientKey<'_>],
    device: &mut Device,
    journal: &mut Memory,
) -> Result<(), Failure> {
    let authors = borrowed(trusted);
    let Ok(manifest) = verify(document, &authors) else { panic!("it does not verify") };
    let (mut loaded, mut arena) = ([None; 2], vec![0; 4096]);
    let tree = Tree::with_dependencies(manifest, &mut loaded, &mut arena, &authors, Policy::Any);
    let tree = tree.with_recipient_keys(keys).without_prefixes();
    #[cfg(feature = "report")]
    {
        use common::reporting::run_tree_reported;
        let options = lenient();
        let reported =
            run_tree_reported(tree, Procedure::Update, options, device, journal, 1 << 16);
        // The server needs no key of the device.
        let (mut loaded, mut arena) = ([None; 2], vec![0; 4096]);
        let tree =
            Tree::with_dependencies(manifest, &mut loaded, &mut arena, &authors, Policy::Any);
        reported.check_in(tree.without_prefixes(), Procedure::Update, device);
        reported.ended
    }
    #[cfg(not(feature = "report"))]
    common::run::run_tree(tree, Procedure::Update, lenient(), device, journal)
}

/// The private part (-4) of a `COSE_Key`.
fn private(document: &[u8]) -> P256SecretKey {
    let mut document = document.to_vec();
    sort_maps(&mut document).unwrap();
    let mut cursor = Cursor::new(&document).unwrap();
    for _ in 0..cursor.map().unwrap() {
        match cursor.integer().unwrap() {
            -4 => return P256SecretKey::from_scalar(cursor.bytes().unwrap()).unwrap(),
            _ => cursor.skip().unwrap(),
        }
    }
    panic!("no private key")
}

#[test]
fn published_envelopes_decrypt() {
    let Some(folder) = test_support::vectors("suit") else { return };
    let file = |name: &str| fs::read(folder.join(name)).unwrap();
    let kek = Key::new(Algorithm::A128Kw, &[b'a'; 16]).unwrap();
    let device_key = private(&file("keys/device_esdh_private.cosekey.cbor"));
    let keys = [RecipientKey::Unwrap(&kek), RecipientKey::Agree(&device_key)];
    let mut authors = trusted();
    for name in ["tam_esp256_public", "trust_anchor_hmac256_secret", "trust_anchor_esp256_public"] {
        let key = import(&file(&format!("keys/{name}.cosekey.cbor"))).unwrap();
        authors.push(key.verifying_key());
    }
    let mut checked = 0;
    for (name, component) in [
        ("firmware-encryption-24/suit-manifest-aes-kw-content", &b"plaintext-firmware"[..]),
        ("firmware-encryption-24/suit-manifest-aes-kw-slot", &[0]),
        ("firmware-encryption-24/suit-manifest-aes-kw", b"plaintext-firmware"),
        ("firmware-encryption-24/suit-manifest-es-ecdh-content", b"decrypted-firmware"),
        ("firmware-encryption-24/suit-manifest-es-ecdh-dependency", b"decrypted-firmware"),
        ("libcsuit-1.0.2/suit_manifest_expAW", b"plaintext-firmware"),
        ("libcsuit-1.0.2/suit_manifest_expAF", b"plaintext-firmware"),
        ("libcsuit-1.0.2/suit_manifest_expAFS", &[0]),
        ("libcsuit-1.0.2/suit_manifest_expEW", b"decrypted-firmware"),
    ] {
        for is_slow in [false, true] {
            let mut device = Device { is_slow, oracle: true, ..Device::default() };
            let payload = file("firmware-encryption-24/encrypted-payload-aes-kw-aes-gcm.bin");
            device.network.insert("coaps://example.com/encrypted-firmware".to_owned(), payload);
            let document = file(&format!("{name}.suit"));
            run(&document, &authors, &keys, &mut device, &mut Memory::default())
                .unwrap_or_else(|failure| panic!("{name}: {failure:?} {:?}", device.trace));
            assert_eq!(
                device.content(&[component]).unwrap(),
                b"This is a real firmware image.",
                "{name}"
            );
        }
        checked += 1;
    }
    test_support::report("SUIT encrypted envelopes, run", checked);
}

/// How a payload reaches the device.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// In the manifest.
    Write,
    /// In a component, of which the manifest has the digest.
    CopyWithDigest,
    /// In a component that nothing but the encryption protects.
    Copy,
}

/// Encryption info and ciphertext.
fn encrypt(algorithm: Algorithm, how: NewRecipient<'_>, plaintext: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let to = &mut [To::new(how)];
    let made = suit_manifest::author::encrypt(algorithm, to, plaintext, &mut Counting(7)).unwrap();
    (made.info, made.ciphertext)
}

/// Decrypts from component "b", or from the manifest, to component "a".
fn envelope(way: Way, info: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let info = Parameter::EncryptionInfo(EncryptionInfo::from_encoded(info));
    let begin = SequenceBuilder::new().set_component(0);
    let install = if way == Way::Write {
        let parameters = ParametersBuilder::new().set(&info).set(&Parameter::Content(ciphertext));
        begin.override_parameters(&parameters).action(Action::Write, NONE)
    } else {
        let named = digest(Algorithm::Sha256, &[ciphertext]).unwrap();
        let named = ParametersBuilder::new().image_digest(named.as_bytes().try_into().unwrap());
        let begin = match way {
            Way::CopyWithDigest => {
                SequenceBuilder::new().set_component(1).override_parameters(&named).set_component(0)
            }
            _ => begin,
        };
        let parameters = ParametersBuilder::new().set(&info).source_component(1);
        begin.override_parameters(&parameters).action(Action::Copy, NONE)
    };
    let builder = ManifestBuilder::new(1).component(&[b"a"]).component(&[b"b"]);
    signed(builder.section(Section::Install, &install))
}

fn device(ciphertext: &[u8]) -> Device {
    let mut device = Device::default();
    device.components.insert(vec![b"b".to_vec()], ciphertext.to_vec());
    device
}

fn fails(document: &[u8], keys: &[RecipientKey<'_>], ciphertext: &[u8]) -> (Rule, Option<Vec<u8>>) {
    let mut device = device(ciphertext);
    let result = run(document, &trusted(), keys, &mut device, &mut Memory::default());
    let written = device.content(&[b"a"]).map(<[u8]>::to_vec);
    (result.unwrap_err().error().rule(), written)
}

/// Key wrap and agreement, with every cipher of the profiles: every way, and every fault.
#[test]
fn every_profile_decrypts_and_refuses() {
    let kek_128 = Key::new(Algorithm::A128Kw, &[1; 16]).unwrap();
    let kek_256 = Key::new(Algorithm::A256Kw, &[2; 32]).unwrap();
    let secret = P256SecretKey::generate(&mut Counting(99)).unwrap();
    let public = secret.public_key();
    let keys = [
        RecipientKey::Unwrap(&kek_128),
        RecipientKey::Unwrap(&kek_256),
        RecipientKey::Agree(&secret),
    ];
    let image: Vec<u8> = (0..1000_u32).map(|at| at as u8).collect();
    // The four pairs of key exchange and encryption that the six profiles have.
    for (profile, algorithm) in [
        (0, Algorithm::A128Ctr),
        (1, Algorithm::A128Ctr),
        (1, Algorithm::A128Gcm),
        (1, Algorithm::ChaCha20Poly1305),
        (2, Algorithm::A256Ctr),
    ] {
        let (mut wrap_128, mut wrap_256) = (kek_128.clone(), kek_256.clone());
        let how = match profile {
            0 => NewRecipient::Wrap(&mut wrap_128),
            1 => NewRecipient::Agree(Algorithm::EcdhEsA128Kw, &public),
            _ => NewRecipient::Wrap(&mut wrap_256),
        };
        let (info, ciphertext) = encrypt(algorithm, how, &image);
        let is_ctr = matches!(algorithm, Algorithm::A128Ctr | Algorithm::A256Ctr);
        for way in [Way::Write, Way::CopyWithDigest, Way::Copy] {
            let document = envelope(way, &info, &ciphertext);
            if way == Way::Copy && is_ctr {
                // RFC 9459 §8: nothing would tell that the ciphertext was changed.
                assert_eq!(fails(&document, &keys, &ciphertext), (rules::CIPHERTEXT_DIGEST, None));
                continue;
            }
            for is_slow in [false, true] {
                let mut device = Device { is_slow, ..device(&ciphertext) };
                run(&document, &trusted(), &keys, &mut device, &mut Memory::default())
                    .unwrap_or_else(|failure| panic!("{algorithm:?} {way:?}: {failure:?}"));
                assert_eq!(device.content(&[b"a"]), Some(image.as_slice()));
            }
            assert_eq!(fails(&document, &[], &ciphertext), (rules::CONTENT_KEY, None));
            if way == Way::Write {
                continue;
            }
            // What is not authentic is not even begun to be written.
            let mut changed = ciphertext.clone();
            for at in [0, 500, ciphertext.len() - 1] {
                changed[at] ^= 1;
                assert_eq!(fails(&document, &keys, &changed), (rules::CIPHERTEXT, None));
                changed[at] ^= 1;
            }
            changed.pop();
            assert_eq!(fails(&document, &keys, &changed), (rules::CIPHERTEXT, None));
            assert_eq!(fails(&document, &keys, &[]), (rules::CIPHERTEXT, None));
        }
    }
}

/// The power fails while a payload is decrypted: the next run begins to decrypt anew.
#[test]
fn decryption_survives_every_cut() {
    let kek = Key::new(Algorithm::A128Kw, &[1; 16]).unwrap();
    let keys = [RecipientKey::Unwrap(&kek)];
    let image = vec![5; 700];
    let (info, ciphertext) =
        encrypt(Algorithm::A128Gcm, NewRecipient::Wrap(&mut kek.clone()), &image);
    let document = envelope(Way::Copy, &info, &ciphertext);
    for cut in 1.. {
        let (mut device, mut journal) = (device(&ciphertext), Memory::default());
        (device.power, journal.power) = (Power::of(cut), Power::default());
        let result = run(&document, &trusted(), &keys, &mut device, &mut journal);
        if result.is_ok() {
            assert!(cut > 4);
            break;
        }
        device.power = Power::default();
        run(&document, &trusted(), &keys, &mut device, &mut journal).unwrap();
        assert_eq!(device.content(&[b"a"]), Some(image.as_slice()));
    }
}

#[test]
fn malformed_encryption_info_is_refused() {
    // A COSE_Encrypt whose inside nobody looked at when the manifest was validated.
    let document = envelope(Way::Copy, &[0xd8, 0x60, 0x84, 0x40, 0xa0, 0xf6, 0x80], b"x");
    assert_eq!(fails(&document, &[], b"x"), (rules::ENCRYPTED, None));
}

/// A multicast sends the ciphertext in blocks, in any order; the digest decides before anything is
/// decrypted.
#[cfg(feature = "discovery")]
#[test]
fn a_ciphertext_that_came_in_any_order_decrypts() {
    use core::task::Poll;
    use suit_manifest::discover::{BlockStore, Blocks, Progress, Received};
    use suit_manifest::model::SuitDigest;
    use suit_manifest::process::{Answer, Fault};

    #[derive(Default)]
    struct Store(Vec<u8>, Vec<u32>);

    impl BlockStore for Store {
        fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()> {
            self.0[offset as usize..offset as usize + bytes.len()].copy_from_slice(bytes);
            Poll::Ready(Ok(()))
        }

        fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
            let rest = &self.0[offset as usize..];
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            Poll::Ready(Ok(count))
        }

        fn contains(&mut self, block: u32) -> Result<bool, Fault> {
            Ok(self.1.contains(&block))
        }

        fn insert(&mut self, block: u32) -> Result<(), Fault> {
            self.1.push(block);
            Ok(())
        }
    }

    let kek = Key::new(Algorithm::A128Kw, &[1; 16]).unwrap();
    let image: Vec<u8> = (0..1000_u32).map(|at| at as u8).collect();
    for algorithm in [Algorithm::A128Ctr, Algorithm::A128Gcm, Algorithm::ChaCha20Poly1305] {
        let (info, ciphertext) = encrypt(algorithm, NewRecipient::Wrap(&mut kek.clone()), &image);
        let blocks = Blocks::new(ciphertext.len() as u64, 64).unwrap();
        let mut store = Store(vec![0; ciphertext.len()], Vec::new());
        for block in (0..blocks.count()).map(|at| (at * 7 + 3) % blocks.count()) {
            let (offset, length) = blocks.place(block).unwrap();
            let bytes = &ciphertext[offset as usize..offset as usize + length as usize];
            assert_eq!(blocks.receive(block, bytes, &mut store), Ok(Received::Taken));
        }
        let computed = digest(Algorithm::Sha256, &[&ciphertext]).unwrap();
        let expected = SuitDigest::new(Algorithm::Sha256, computed.as_bytes()).unwrap();
        let mut check = blocks.check(&expected).unwrap();
        while check.step(&mut store, &mut [0; 100]).unwrap() != Progress::Done {}
        assert_eq!(check.finish(), Ok(ciphertext.len() as u64));
        let document = envelope(Way::CopyWithDigest, &info, &ciphertext);
        let mut device = device(&store.0);
        let keys = [RecipientKey::Unwrap(&kek)];
        run(&document, &trusted(), &keys, &mut device, &mut Memory::default()).unwrap();
        assert_eq!(device.content(&[b"a"]), Some(image.as_slice()));
    }
}
