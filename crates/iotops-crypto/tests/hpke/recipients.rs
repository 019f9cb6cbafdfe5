//! Recipients whose key is encrypted with HPKE: there and back, and what must be refused.

use iotops_crypto::agreement::{Curve, PublicKey};
use iotops_crypto::cipher::Key;
use iotops_crypto::cose::{
    Binding, Encrypt, Keyring, Mac, NewRecipient, Payload, Plaintext, RecipientKey, To, Unsealed,
};
use iotops_crypto::hpke::{Psk, ReceiverKey};
use iotops_crypto::rules::cipher as rules;
use iotops_crypto::wire::cbor::Encoder;
use iotops_crypto::{Algorithm, Error, rules as common};
use proptest::prelude::*;

use super::{Counter, drawn, rule};

const ALGORITHMS: [(Algorithm, Curve); 4] = [
    (Algorithm::Hpke0Ke, Curve::P256),
    (Algorithm::Hpke3Ke, Curve::X25519),
    (Algorithm::Hpke4Ke, Curve::X25519),
    (Algorithm::Hpke7Ke, Curve::P256),
];
const CONTENTS: [Algorithm; 3] =
    [Algorithm::A128Gcm, Algorithm::ChaCha20Poly1305, Algorithm::AesCcm16_64_256];
const TEXT: &[u8] = b"the content of this message";

fn sealed(content: Algorithm, to: &mut [To<'_>], binding: Binding<'_>) -> Result<Vec<u8>, Error> {
    let mut message = Vec::new();
    let unsealed = Unsealed::new(content).unwrap().with_binding(binding);
    let encoder = &mut Encoder::new(&mut message);
    unsealed.encrypt(to, Plaintext::Attached(TEXT), b"aad", &mut Counter(9), encoder)?;
    Ok(message)
}

fn opened(message: &[u8], keyring: &Keyring<'_>) -> Result<Vec<u8>, Error> {
    let mut space = [0; 64];
    let decoded = Encrypt::decode(message)?;
    decoded.decrypt(b"aad", keyring, &mut space).map(|made| made.plaintext().to_vec())
}

fn hpke<'r>(algorithm: Algorithm, public: &'r PublicKey) -> NewRecipient<'r> {
    NewRecipient::Hpke(algorithm, public, None)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn keys_come_back(
        info in proptest::collection::vec(any::<u8>(), 0..40),
        aad in proptest::collection::vec(any::<u8>(), 0..40),
        key_id in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..300)),
        psk in proptest::option::of((any::<[u8; 32]>(), any::<[u8; 30]>())),
        which in 0..4_usize,
        content in 0..3_usize,
    ) {
        let (algorithm, curve) = ALGORITHMS[which];
        let (own, public) = drawn(curve, 3);
        let psk = psk.as_ref().map(|(key, id)| Psk::new(key, id).unwrap());
        let mut to = To::new(NewRecipient::Hpke(algorithm, &public, psk));
        if let Some(key_id) = &key_id {
            to = to.with_key_id(key_id);
        }
        let binding = Binding::new(&info).with_aad(&aad);
        let message = sealed(CONTENTS[content], &mut [to], binding).unwrap();
        let mut key = ReceiverKey::new(&*own, &public).unwrap();
        if let Some(psk) = psk {
            key = key.with_psk(psk);
        }
        let keys = [RecipientKey::Hpke(&key)];
        let keyring = Keyring::new(&keys);
        prop_assert_eq!(opened(&message, &keyring.with_binding(binding)).unwrap(), TEXT);
        let wrong = Binding::new(b"another protocol, which is longer than what is drawn").with_aad(&aad);
        prop_assert_eq!(rule(opened(&message, &keyring.with_binding(wrong))), rules::UNWRAP);
        let wrong = Binding::new(&info).with_aad(b"other data, which is longer than what is drawn above");
        prop_assert_eq!(rule(opened(&message, &keyring.with_binding(wrong))), rules::UNWRAP);
        // §3.3.2: the key identifier is recommended to be protected.
        let decoded = Encrypt::decode(&message).unwrap();
        let recipient = decoded.recipients().iter().next().unwrap();
        prop_assert_eq!(recipient.headers().key_id(), key_id.as_deref());
        let label = iotops_crypto::cose::Label::Number(4);
        prop_assert_eq!(recipient.headers().protected(label).is_some(), key_id.is_some());
    }
}

#[test]
fn every_bit_of_a_message_counts() {
    for (algorithm, curve) in ALGORITHMS {
        let (own, public) = drawn(curve, 3);
        let key = ReceiverKey::new(&*own, &public).unwrap();
        let keys = [RecipientKey::Hpke(&key)];
        let mut to = [To::new(hpke(algorithm, &public)).with_key_id(b"bob")];
        let message = sealed(Algorithm::A128Gcm, &mut to, Binding::default()).unwrap();
        assert_eq!(opened(&message, &Keyring::new(&keys)).unwrap(), TEXT);
        for bit in 0..message.len() * 8 {
            let mut changed = message.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(opened(&changed, &Keyring::new(&keys)).is_err(), "{algorithm:?} bit {bit}");
        }
    }
}

#[test]
fn the_key_is_for_the_algorithm_of_the_content_and_no_other() {
    let (own, public) = drawn(Curve::X25519, 3);
    let key = ReceiverKey::new(&*own, &public).unwrap();
    let keys = [RecipientKey::Hpke(&key)];
    let mut to = [To::new(hpke(Algorithm::Hpke3Ke, &public))];
    let mut message = sealed(Algorithm::A128Gcm, &mut to, Binding::default()).unwrap();
    // {1: 1} to {1: 30}: AES-CCM has keys of the same length. The IV is wrong then, the key first.
    assert_eq!(message[4..7], [0xa1, 0x01, 0x01]);
    message.splice(3..7, [0x44, 0xa1, 0x01, 0x18, 30]);
    let refused = Encrypt::decode(&message).unwrap().content_key(&Keyring::new(&keys));
    assert_eq!(rule(refused), rules::UNWRAP);
}

#[test]
fn many_recipients_of_all_kinds_open_the_same_message() {
    let receivers: Vec<_> = ALGORITHMS.iter().map(|(_, curve)| drawn(*curve, 3)).collect();
    let mut kek = Key::new(Algorithm::A128Kw, &[7; 16]).unwrap();
    let unwrap = kek.clone();
    let mut to: Vec<To<'_>> = ALGORITHMS
        .iter()
        .zip(&receivers)
        .map(|((algorithm, _), (_, public))| To::new(hpke(*algorithm, public)))
        .collect();
    to.push(To::new(NewRecipient::Wrap(&mut kek)));
    let es = &receivers[0].1;
    to.push(To::new(NewRecipient::Agree(Algorithm::EcdhEsA128Kw, es)));
    let message = sealed(Algorithm::A128Gcm, &mut to, Binding::default()).unwrap();
    for (own, public) in &receivers {
        let key = ReceiverKey::new(&**own, public).unwrap();
        let keys = [RecipientKey::Hpke(&key)];
        assert_eq!(opened(&message, &Keyring::new(&keys)).unwrap(), TEXT);
    }
    let keys = [RecipientKey::Unwrap(&unwrap)];
    assert_eq!(opened(&message, &Keyring::new(&keys)).unwrap(), TEXT);
    let keys = [RecipientKey::Agree(&*receivers[0].0)];
    assert_eq!(opened(&message, &Keyring::new(&keys)).unwrap(), TEXT);
    let (own, public) = drawn(Curve::P256, 99);
    let key = ReceiverKey::new(&*own, &public).unwrap();
    let keys = [RecipientKey::Hpke(&key)];
    assert_eq!(rule(opened(&message, &Keyring::new(&keys))), rules::UNWRAP);
}

#[test]
fn a_message_that_is_maced_has_such_recipients_too() {
    let (own, public) = drawn(Curve::X25519, 3);
    let mut message = Vec::new();
    let mut to = [To::new(hpke(Algorithm::Hpke4Ke, &public))];
    let unsealed = Unsealed::new(Algorithm::Hmac256).unwrap();
    let encoder = &mut Encoder::new(&mut message);
    unsealed.mac(&mut to, Payload::Attached(TEXT), b"", &mut Counter(9), encoder).unwrap();
    let key = ReceiverKey::new(&*own, &public).unwrap();
    let keys = [RecipientKey::Hpke(&key)];
    let verified = Mac::decode(&message).unwrap().verify(b"", &Keyring::new(&keys)).unwrap();
    assert_eq!(verified.payload(), TEXT);
}

#[test]
fn authors_are_refused_what_does_not_fit() {
    let (_, public) = drawn(Curve::P256, 3);
    for (algorithm, expected) in [
        (Algorithm::Hpke0, common::ALGORITHM_PURPOSE),
        (Algorithm::A128Kw, common::ALGORITHM_PURPOSE),
        (Algorithm::Hpke3Ke, rules::PEER_KEY),
    ] {
        let mut to = [To::new(hpke(algorithm, &public))];
        let made = sealed(Algorithm::A128Gcm, &mut to, Binding::default());
        assert_eq!(rule(made), expected, "{algorithm:?}");
    }
    assert_eq!(rule(Unsealed::new(Algorithm::Hpke0)), common::ALGORITHM_PURPOSE);
    assert_eq!(rule(Unsealed::new(Algorithm::Hpke0Ke)), common::ALGORITHM_PURPOSE);
}

/// A message with one recipient, of these buckets and this ciphertext.
fn of_recipient(protected: &[u8], unprotected: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let mut message = vec![0xd8, 0x60, 0x84, 0x43, 0xa1, 0x01, 0x01, 0xa1, 0x05, 0x4c];
    message.extend([0; 12]);
    message.push(0x54);
    message.extend([0; 20]);
    message.extend([0x81, 0x83]);
    let mut encoder = Encoder::new(&mut message);
    encoder.bytes(protected).unwrap().raw(unprotected).unwrap().bytes(ciphertext).unwrap();
    message
}

#[test]
fn headers_of_recipients_stand_where_the_draft_wants_them() {
    let (own, public) = drawn(Curve::X25519, 3);
    let key = ReceiverKey::new(&*own, &public).unwrap();
    let keys = [RecipientKey::Hpke(&key)];
    let ek = [&[0x23, 0x58, 0x20], drawn(Curve::X25519, 4).1.as_bytes()].concat();
    let ek_only = [&[0xa1][..], &ek].concat();
    let alg = [0xa1, 0x01, 0x18, 0x31];
    let (whole, long) = ([0; 32], [0; 64 + 17]);
    for (protected, unprotected, ciphertext, expected) in [
        (&alg[..], ek_only.clone(), &whole[..], rules::UNWRAP),
        (&alg, vec![0xa0], &whole, rules::ENCAPSULATED_KEY),
        (&alg, vec![0xa1, 0x23, 0xa0], &whole, rules::ENCAPSULATED_KEY),
        (&alg, [&[0xa2][..], &ek, &[0x24, 0x41, 0x01]].concat(), &whole, rules::PSK_ID),
        (&[0xa2, 0x01, 0x18, 0x31, 0x24, 0x41, 0x01], ek_only.clone(), &whole, rules::NO_RECIPIENT),
        (&[], [&[0xa2, 0x01, 0x18, 0x31][..], &ek].concat(), &whole, rules::ALGORITHM_PLACE),
        (&[0xa1, 0x01, 0x18, 0x29], ek_only.clone(), &whole, common::ALGORITHM_PURPOSE),
        (&[0xa1, 0x01, 0x18, 0x33], ek_only.clone(), &whole, common::ALGORITHM_UNKNOWN),
        (&[0xa1, 0x01, 0x18, 0x2e], ek_only.clone(), &whole, rules::NO_RECIPIENT),
        (&alg, ek_only.clone(), &[], rules::RECIPIENT_CIPHERTEXT),
        (&alg, ek_only.clone(), &whole[..15], rules::UNWRAP),
        (&alg, ek_only.clone(), &long, rules::KEY_LENGTH),
    ] {
        let message = of_recipient(protected, &unprotected, ciphertext);
        let refused = opened(&message, &Keyring::new(&keys));
        assert_eq!(rule(refused), expected, "{protected:02x?} {unprotected:02x?}");
    }
}
