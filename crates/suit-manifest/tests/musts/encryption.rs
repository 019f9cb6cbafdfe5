//! SUIT FE: what a payload and its keys are bound to.

use iotops_crypto::agreement::{Agreement, Kdf, KdfContext, KdfInfo, P256SecretKey, derive};
use iotops_crypto::cipher::Key;
use iotops_crypto::cose::{
    NewRecipient, Plaintext, RecipientKey, To, Unsealed, UnsealedUnauthenticated,
};
use iotops_crypto::{Algorithm, digest};
use iotops_wire::cbor::Encoder;
use iotops_wire::{Random, Rule, Unavailable};
use suit_manifest::model::{Action, EncryptionInfo, Parameter};
use suit_manifest::process::{Procedure, Tree};
use suit_manifest::rules;

use super::common::run::{lenient, run_tree, signed};
use super::common::{borrowed, trusted, verify};
use super::{NONE, builder, holding, parameters, sequence, set};

const PROTOCOL: &[u8] = b"SUIT Payload Encryption";
const IMAGE: &[u8] = b"the image";

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

fn wrapping() -> Key {
    Key::new(Algorithm::A128Kw, &[1; 16]).unwrap()
}

/// Encryption info and ciphertext of an AEAD.
fn encrypt(
    how: NewRecipient<'_>,
    protocol: &[u8],
    additional: &[u8],
    random: &mut Counting,
) -> (Vec<u8>, Vec<u8>) {
    let (mut info, mut ciphertext) = (Vec::new(), Vec::new());
    let context = KdfInfo::default().with_public(protocol);
    let message = Unsealed::new(Algorithm::A128Gcm).unwrap().with_info(context);
    let plaintext = Plaintext::Detached(IMAGE, &mut ciphertext);
    let encoder = &mut Encoder::new(&mut info);
    message.encrypt(&mut [To::new(how)], plaintext, additional, random, encoder).unwrap();
    (info, ciphertext)
}

/// What is in component "a" when it was copied from "b" and decrypted.
fn decrypted(
    info: &[u8],
    ciphertext: &[u8],
    key: RecipientKey<'_>,
    overrides: bool,
) -> Result<Vec<u8>, Rule> {
    let named = digest(Algorithm::Sha256, &[ciphertext]).unwrap();
    let named = parameters().image_digest(named.as_bytes().try_into().unwrap());
    let info = set(&Parameter::EncryptionInfo(EncryptionInfo::from_encoded(info)));
    let info = info.source_component(1);
    let begin = sequence().set_component(1).override_parameters(&named).set_component(0);
    let begin =
        if overrides { begin.override_parameters(&info) } else { begin.set_parameters(&info) };
    let install = begin.action(Action::Copy, NONE);
    let document = signed(builder(&install).component(&[b"b"]));
    let (keys, mut device) = (trusted(), holding(&[(b"b", ciphertext)]));
    let manifest = verify(&document, &borrowed(&keys)).unwrap();
    let secrets = [key];
    let tree = Tree::new(manifest).with_recipient_keys(&secrets);
    let ended = run_tree(tree, Procedure::Update, lenient(), &mut device, &mut ());
    ended.map_err(|failure| failure.error().rule())?;
    Ok(device.content(&[b"a"]).unwrap().to_vec())
}

/// SUIT FE §4: "MUST be included in either the suit-directive-override-parameters or the
/// suit-directive-set-parameters. An implementation [...] MUST support both".
#[test]
fn encryption_info_is_taken_from_both_directives() {
    let key = wrapping();
    let how = NewRecipient::Wrap(&mut key.clone());
    let (info, ciphertext) = encrypt(how, PROTOCOL, b"", &mut Counting(7));
    for overrides in [true, false] {
        let image = decrypted(&info, &ciphertext, RecipientKey::Unwrap(&key), overrides);
        assert_eq!(image.as_deref(), Ok(IMAGE));
    }
}

/// SUIT FE §6: "The value of `external_aad` MUST be set to a zero-length byte string".
#[test]
fn additional_data_are_empty() {
    let key = wrapping();
    let how = NewRecipient::Wrap(&mut key.clone());
    let (info, ciphertext) = encrypt(how, PROTOCOL, b"x", &mut Counting(7));
    let image = decrypted(&info, &ciphertext, RecipientKey::Unwrap(&key), true);
    assert_eq!(image, Err(rules::CIPHERTEXT));
}

/// SUIT FE §5.2.4: "It MUST be set to the constant string", and the algorithm is that of the
/// message: what was derived for another purpose opens nothing.
#[test]
fn key_derivation_is_bound_to_its_context() {
    let secret = P256SecretKey::generate(&mut Counting(99)).unwrap();
    let public = secret.public_key();
    let opened = |algorithm, protocol: &[u8], change: fn(&mut Vec<u8>)| {
        let how = NewRecipient::Agree(algorithm, &public);
        let (mut info, ciphertext) = encrypt(how, protocol, b"", &mut Counting(7));
        change(&mut info);
        decrypted(&info, &ciphertext, RecipientKey::Agree(&secret), true)
    };
    for algorithm in [Algorithm::EcdhEsA128Kw, Algorithm::EcdhEsA256Kw] {
        assert_eq!(opened(algorithm, PROTOCOL, |_| ()).as_deref(), Ok(IMAGE), "{algorithm:?}");
    }
    for other in [&b""[..], b"SUIT Payload encryption", b"SUIT Payload Encryption "] {
        let opened = opened(Algorithm::EcdhEsA128Kw, other, |_| ());
        assert_eq!(opened, Err(rules::CONTENT_KEY), "{other:?}");
    }
    // The protected header of the recipient names another algorithm than the one derived for.
    let renamed = |info: &mut Vec<u8>| {
        let at = info.windows(5).position(|five| five == [0x44, 0xa1, 1, 0x38, 28]).unwrap();
        info[at + 4] = 30;
    };
    assert_eq!(opened(Algorithm::EcdhEsA128Kw, PROTOCOL, renamed), Err(rules::CONTENT_KEY));
}

/// SUIT FE §5.2.4: "the receiver MUST be capable of processing it and MUST pass it into the key
/// derivation function".
#[test]
fn a_salt_goes_into_the_derivation() {
    let secret = P256SecretKey::generate(&mut Counting(99)).unwrap();
    let ephemeral = P256SecretKey::generate(&mut Counting(55)).unwrap();
    let mut shared = [0; 32];
    let length = ephemeral.agree(secret.public_key().as_bytes(), &mut shared).unwrap();
    let protected = [0xa1, 1, 0x38, 28];
    let context = KdfInfo::default().with_public(PROTOCOL);
    let context = KdfContext::new(Algorithm::A128Kw, 128, &protected, &context);
    let salt = b"a salt";
    let mut public = Vec::new();
    ephemeral.public_key().encode(&mut Encoder::new(&mut public)).unwrap();
    let opened = |derived: Option<&[u8]>, sent: Option<&[u8]>| {
        let mut key = derive(Kdf::HkdfSha256, &shared[..length], derived, &context).unwrap();
        let how = NewRecipient::Wrap(&mut key);
        let (info, ciphertext) = encrypt(how, PROTOCOL, b"", &mut Counting(7));
        // The recipient of the wrapped key becomes one of an agreement.
        let wrapped = [0x83, 0x40, 0xa1, 1, 0x22];
        let at = info.windows(5).position(|five| five == wrapped).unwrap();
        let count = if sent.is_some() { 0xa2 } else { 0xa1 };
        let header = [&[0x83, 0x44][..], &protected, &[count, 0x20], &public].concat();
        let sent =
            sent.map_or(Vec::new(), |salt| [&[0x33, 0x40 | salt.len() as u8][..], salt].concat());
        let info = [&info[..at], &header, &sent, &info[at + 5..]].concat();
        decrypted(&info, &ciphertext, RecipientKey::Agree(&secret), true)
    };
    assert_eq!(opened(None, None).as_deref(), Ok(IMAGE));
    assert_eq!(opened(Some(salt), Some(salt)).as_deref(), Ok(IMAGE));
    assert_eq!(opened(None, Some(salt)), Err(rules::CONTENT_KEY));
    assert_eq!(opened(Some(salt), None), Err(rules::CONTENT_KEY));
    assert_eq!(opened(Some(salt), Some(b"a sale")), Err(rules::CONTENT_KEY));
}

/// SUIT FE §6: for ciphers without tag "the protected header in the `SUIT_Encryption_Info` structure
/// MUST be a zero-length byte string".
#[test]
fn ciphers_without_tag_have_no_protected_header() {
    let key = wrapping();
    let (mut info, mut ciphertext) = (Vec::new(), Vec::new());
    let message = UnsealedUnauthenticated::new(Algorithm::A128Ctr).unwrap();
    let how = &mut key.clone();
    let to = &mut [To::new(NewRecipient::Wrap(how))];
    let plaintext = Plaintext::Detached(IMAGE, &mut ciphertext);
    message.encrypt(to, plaintext, &mut Counting(7), &mut Encoder::new(&mut info)).unwrap();
    let opened = |info: &[u8]| decrypted(info, &ciphertext, RecipientKey::Unwrap(&key), true);
    assert_eq!(opened(&info).as_deref(), Ok(IMAGE));
    assert_eq!(info[..4], [0xd8, 0x60, 0x84, 0x40], "as it is written");
    let protected = [&[0xd8, 0x60, 0x84, 0x43, 0xa1, 3, 0][..], &info[4..]].concat();
    assert_eq!(opened(&protected), Err(rules::CIPHERTEXT));
}

/// SUIT FE §5: "Both content key distribution methods require the CEKs to be randomly generated",
/// §8: "A random CEK MUST be used with every plaintexts", §11: "The same combination of IV and AES
/// key MUST NOT be reused."
#[test]
fn content_keys_are_drawn_for_each_plaintext() {
    let (key, random) = (wrapping(), &mut Counting(7));
    let secret = P256SecretKey::generate(&mut Counting(99)).unwrap();
    let public = secret.public_key();
    let (mut messages, mut wrap) = (Vec::new(), key.clone());
    for _ in 0..2 {
        let how = NewRecipient::Wrap(&mut wrap);
        messages.push((encrypt(how, PROTOCOL, b"", random), RecipientKey::Unwrap(&key)));
        let how = NewRecipient::Agree(Algorithm::EcdhEsA128Kw, &public);
        messages.push((encrypt(how, PROTOCOL, b"", random), RecipientKey::Agree(&secret)));
    }
    for (at, ((info, ciphertext), _)) in messages.iter().enumerate() {
        for ((other_info, other), _) in &messages[at + 1..] {
            assert_ne!(ciphertext, other);
            assert_ne!(info, other_info);
        }
    }
    for ((info, ciphertext), key) in messages {
        assert_eq!(decrypted(&info, &ciphertext, key, true).as_deref(), Ok(IMAGE));
    }
    // The same numbers give the same message: there is no other source of keys.
    let twice = [0, 1]
        .map(|_| encrypt(NewRecipient::Wrap(&mut key.clone()), PROTOCOL, b"", &mut Counting(7)));
    assert_eq!(twice[0], twice[1]);
    let other = encrypt(NewRecipient::Wrap(&mut key.clone()), PROTOCOL, b"", &mut Counting(8));
    assert_ne!(twice[0].1, other.1);
}
