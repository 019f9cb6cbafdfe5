//! Whatever is signed verifies, comes back from its encoding the same, and verifies as nothing else.
//! Encryption has its property in `sealed`, and so have hybrid keys in `hpke`.

#![cfg(all(
    feature = "alloc",
    feature = "es256",
    feature = "ed25519",
    feature = "hmac",
    feature = "jws",
    feature = "cms",
    feature = "x509",
    feature = "key-id"
))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use iotops_crypto::cms::{Content, SignedData, SignerIdentifier, Unsigned as UnsignedCms};
use iotops_crypto::cose::{Mac0, Payload, Sign1, Unsigned};
use iotops_crypto::der::Oid;
use iotops_crypto::jws::{Jws, Payload as JwsPayload, Unsigned as UnsignedJws};
use iotops_crypto::key::{KeyType, SecretKey, VerifyingKey, import};
use iotops_crypto::wire::Time;
use iotops_crypto::wire::cbor::Encoder;
use iotops_crypto::x509::build::{Draft, name};
use iotops_crypto::x509::{Certificate, oids};
use iotops_crypto::{Signer as _, Verifier};
use proptest::prelude::*;

const VOUCHER: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x28]);

/// A key of any type that signs; its bytes are above 0 and below the order of the curve.
fn secrets() -> impl Strategy<Value = SecretKey> {
    let types = prop::sample::select(vec![KeyType::Es256, KeyType::Ed25519, KeyType::Hmac]);
    (types, 1_u8..0xff)
        .prop_map(|(key_type, byte)| SecretKey::from_raw(key_type, &[byte; 32]).unwrap())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..300)
}

/// The payload of a message, if the key verifies it.
fn cose(message: &[u8], aad: &[u8], key: &dyn Verifier) -> Option<Vec<u8>> {
    let keys = [key];
    let single =
        Sign1::decode(message).map(|one| one.verify(aad, &keys).map(|v| v.payload().to_vec()));
    let mac = Mac0::decode(message).map(|one| one.verify(aad, &keys).map(|v| v.payload().to_vec()));
    single.ok().and_then(Result::ok).or_else(|| mac.ok().and_then(Result::ok))
}

fn encoded(message: &[u8]) -> Vec<u8> {
    let mut again = Vec::new();
    let encoder = &mut Encoder::new(&mut again);
    match Sign1::decode(message) {
        Ok(one) => one.encode(encoder).unwrap(),
        Err(_) => Mac0::decode(message).unwrap().encode(encoder).unwrap(),
    }
    again
}

fn jws(text: &str, key: &dyn Verifier) -> Option<Vec<u8>> {
    let mut scratch = vec![0; text.len()];
    let message = Jws::decode_compact(text.as_bytes(), &mut scratch).ok()?;
    let verified = message.only().ok()?.verify(&[key]).ok()?;
    Some(verified.payload().to_vec())
}

fn cms(message: &[u8], key: &dyn Verifier) -> Option<Vec<u8>> {
    let decoded = SignedData::decode(message).ok()?;
    let verified = decoded.verify(&decoded.signer().ok()?, &[key]).ok()?;
    Some(verified.content().to_vec())
}

/// The same with one bit changed, somewhere.
fn flipped(message: &[u8], place: prop::sample::Index) -> Vec<u8> {
    let mut message = message.to_vec();
    let bit = place.index(message.len() * 8);
    message[bit / 8] ^= 1 << (bit % 8);
    message
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cose_messages_verify_and_come_back(
        mut secret in secrets(),
        payload in bytes(),
        aad in bytes(),
        key_id in bytes(),
        place in any::<prop::sample::Index>(),
    ) {
        let mut message = Vec::new();
        let unsigned = Unsigned::new(secret.algorithm()).unwrap().with_key_id(&key_id);
        let encoder = &mut Encoder::new(&mut message);
        unsigned.sign(&mut secret, Payload::Attached(&payload), &aad, encoder).unwrap();
        let key = secret.verifying_key();
        prop_assert_eq!(cose(&message, &aad, &key), Some(payload.clone()));
        prop_assert_eq!(encoded(&message), message.clone());
        // The key identifier is not signed; nothing else may change.
        let changed = cose(&flipped(&message, place), &aad, &key);
        prop_assert!(changed.is_none_or(|found| found == payload));
        prop_assert_eq!(cose(&message, &[&aad[..], b"x"].concat(), &key), None);
    }

    #[test]
    fn jws_verify_and_stay_the_same(
        mut secret in secrets(),
        payload in bytes(),
        key_id in "[ -~]{0,20}",
        place in any::<prop::sample::Index>(),
    ) {
        let unsigned = UnsignedJws::new(secret.algorithm()).unwrap().with_key_id(&key_id);
        let signed = unsigned.sign(&mut secret, &payload).unwrap();
        let text = signed.to_compact(JwsPayload::Attached(&payload)).unwrap();
        let key = secret.verifying_key();
        prop_assert_eq!(jws(&text, &key), Some(payload));
        if let Ok(changed) = String::from_utf8(flipped(text.as_bytes(), place)) {
            prop_assert_eq!(jws(&changed, &key), None);
        }
    }

    #[test]
    fn cms_verify_and_are_nothing_else(
        mut secret in secrets().prop_filter("a MAC is no signature", |one| {
            !matches!(one, SecretKey::Hmac(_))
        }),
        content in bytes(),
        time in 0_u64..4_000_000_000,
        place in any::<prop::sample::Index>(),
    ) {
        let signer = SignerIdentifier::SubjectKeyIdentifier(b"key");
        let unsigned = UnsignedCms::new(secret.algorithm(), VOUCHER, signer).unwrap();
        let unsigned = unsigned.with_signing_time(Time::from_unix(time));
        let message = unsigned.sign(&mut secret, Content::Attached(&content)).unwrap();
        let key = secret.verifying_key();
        prop_assert_eq!(cms(&message, &key), Some(content.clone()));
        // The name of the signer only selects.
        prop_assert!(cms(&flipped(&message, place), &key).is_none_or(|found| found == content));
    }

    #[test]
    fn keys_come_back_from_every_form(secret in secrets()) {
        let raw = |key: &SecretKey| key.to_raw().as_bytes().to_vec();
        let forms = [
            secret.to_cose_key().unwrap().as_bytes().to_vec(),
            secret.to_jwk().unwrap().as_str().as_bytes().to_vec(),
        ];
        for form in &forms {
            let again = import(form).unwrap().secret_key().unwrap();
            prop_assert_eq!(raw(&again), raw(&secret));
        }
        let public: VerifyingKey = secret.verifying_key();
        let again = import(public.to_cose_key().unwrap().as_bytes()).unwrap().verifying_key();
        let (again, public) = (again.to_raw(), public.to_raw());
        prop_assert_eq!(again.as_bytes(), public.as_bytes());
    }

    #[test]
    fn certificates_are_read_as_they_were_built(
        mut secret in secrets().prop_filter("it signs certificates", |one| {
            !matches!(one, SecretKey::Hmac(_))
        }),
        common_name in "[ -~]{1,40}",
        serial in prop::collection::vec(1_u8..0x7f, 1..20),
        from in 0_u64..4_000_000_000,
        length in 0_u64..1_000_000_000,
    ) {
        let subject = name(&[(oids::COMMON_NAME, &common_name)]);
        let spki = secret.verifying_key().to_spki_der().unwrap();
        let (from, to) = (Time::from_unix(from), Time::from_unix(from + length));
        let draft = Draft::new(&subject, &subject, &spki, &serial, from, to).authority(Some(3));
        let built = draft.sign(&mut secret).unwrap();
        let certificate = Certificate::decode(&built).unwrap();
        prop_assert_eq!(certificate.public_key(), &spki[..]);
        prop_assert_eq!(certificate.serial(), &serial[..]);
        prop_assert_eq!(certificate.subject().encoding(), &subject[..]);
        prop_assert_eq!((certificate.not_before(), certificate.not_after()), (from, to));
    }
}
