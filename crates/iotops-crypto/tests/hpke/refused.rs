//! Contexts and integrated encryption: there and back, and what must be refused.

use iotops_crypto::agreement::{Agreement, Curve, PublicKey, X25519SecretKey};
use iotops_crypto::cose::{Encrypt0, Label, Plaintext, UnsealedHpke};
use iotops_crypto::hpke::{Psk, ReceiverKey, Receiving, Sending, Suite};
use iotops_crypto::rules::cipher as rules;
use iotops_crypto::wire::cbor::Encoder;
use iotops_crypto::{Algorithm, Refused, rules as common};
use proptest::prelude::*;

use super::{Counter, Fixed, drawn, rule, suites};

const INTEGRATED: [(Algorithm, Curve); 4] = [
    (Algorithm::Hpke0, Curve::P256),
    (Algorithm::Hpke3, Curve::X25519),
    (Algorithm::Hpke4, Curve::X25519),
    (Algorithm::Hpke7, Curve::P256),
];

/// RFC 7748 §6.1 and after: points of small order, one of them not reduced.
const LOW_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    one(1),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ],
    prime(0xec),
    prime(0xed),
];

const fn one(first: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = first;
    bytes
}

/// 2^255 - 19 and what is near it.
const fn prime(first: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = first;
    bytes[31] = 0x7f;
    bytes
}

struct Away(Curve, Refused);

impl Agreement for Away {
    fn curve(&self) -> Curve {
        self.0
    }

    fn agree(&self, _peer: &[u8], _shared: &mut [u8]) -> Result<usize, Refused> {
        Err(self.1)
    }
}

/// A device that leaves the check for zeros to others.
struct Zeros;

impl Agreement for Zeros {
    fn curve(&self) -> Curve {
        Curve::X25519
    }

    fn agree(&self, _peer: &[u8], shared: &mut [u8]) -> Result<usize, Refused> {
        shared[..32].fill(0);
        Ok(32)
    }
}

fn written(unsealed: &UnsealedHpke<'_>, to: &PublicKey, text: &[u8], aad: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    let encoder = &mut Encoder::new(&mut message);
    unsealed.encrypt0(to, Plaintext::Attached(text), aad, &mut Counter(9), encoder).unwrap();
    message
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn content_comes_back(
        text in proptest::collection::vec(any::<u8>(), 0..600),
        aad in proptest::collection::vec(any::<u8>(), 0..40),
        info in proptest::collection::vec(any::<u8>(), 0..40),
        key_id in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..300)),
        psk in proptest::option::of((any::<[u8; 32]>(), any::<[u8; 30]>())),
        which in 0..4_usize,
    ) {
        let (algorithm, curve) = INTEGRATED[which];
        let (own, public) = drawn(curve, 3);
        let mut unsealed = UnsealedHpke::new(algorithm).unwrap().with_info(&info);
        let mut key = ReceiverKey::new(&*own, &public).unwrap();
        if let Some(key_id) = &key_id {
            unsealed = unsealed.with_key_id(key_id);
        }
        if let Some((psk, id)) = &psk {
            unsealed = unsealed.with_psk(Psk::new(psk, id).unwrap());
            key = key.with_psk(Psk::new(psk, id).unwrap());
        }
        let message = written(&unsealed, &public, &text, &aad);
        let decoded = Encrypt0::decode(&message).unwrap();
        prop_assert_eq!(decoded.headers().key_id(), key_id.as_deref());
        let mut space = vec![0; text.len()];
        let opened = decoded.decrypt_hpke(&aad, &[&key], &info, &mut space).unwrap();
        prop_assert_eq!(opened.plaintext(), &text);
        prop_assert_eq!((opened.algorithm(), opened.key()), (algorithm, 0));
    }
}

#[test]
fn every_bit_of_a_message_counts() {
    for (algorithm, curve) in INTEGRATED {
        let (own, public) = drawn(curve, 3);
        let key = ReceiverKey::new(&*own, &public).unwrap();
        let unsealed = UnsealedHpke::new(algorithm).unwrap().with_info(b"info");
        let message = written(&unsealed, &public, b"text", b"aad");
        let (mut refused, mut malleable) = (0, 0);
        for bit in 0..message.len() * 8 {
            let mut changed = message.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let Ok(decoded) = Encrypt0::decode(&changed) else {
                refused += 1;
                continue;
            };
            match decoded.decrypt_hpke(b"aad", &[&key], b"info", &mut [0; 64]) {
                Err(_) => refused += 1,
                Ok(_) => malleable += 1,
            }
        }
        assert_eq!((refused, malleable), (message.len() * 8, 0), "{algorithm:?}");
    }
}

#[test]
fn detached_content_opens_whole_and_in_parts() {
    for (algorithm, curve) in INTEGRATED {
        let (own, public) = drawn(curve, 3);
        let key = ReceiverKey::new(&*own, &public).unwrap();
        let text: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let (mut message, mut ciphertext) = (Vec::new(), Vec::new());
        let plaintext = Plaintext::Detached(&text, &mut ciphertext);
        let unsealed = UnsealedHpke::new(algorithm).unwrap();
        let encoder = &mut Encoder::new(&mut message);
        unsealed.encrypt0(&public, plaintext, b"aad", &mut Counter(1), encoder).unwrap();
        let decoded = Encrypt0::decode(&message).unwrap();
        let mut space = [0; 1000];
        let whole = decoded.decrypt_hpke_detached(&ciphertext, b"aad", &[&key], b"", &mut space);
        assert_eq!(whole.unwrap().plaintext(), text);
        assert_eq!(
            rule(decoded.decrypt_hpke(b"aad", &[&key], b"", &mut space)),
            rules::CIPHERTEXT_DETACHED
        );
        let (content, tag) = ciphertext.split_at_mut(1000);
        let mut opening = decoded.opening_hpke(&key, b"", b"aad", 1000).unwrap();
        content.chunks_mut(77).for_each(|part| opening.update(part).unwrap());
        opening.finish(tag).unwrap();
        assert_eq!(content, text);
    }
}

#[test]
fn contexts_keep_the_order_and_their_inputs() {
    for suite in suites() {
        let (own, public) = drawn(suite.curve(), 3);
        let key = ReceiverKey::new(&*own, &public).unwrap();
        let (sent, mut sending) =
            Sending::new(suite, &public, None, &[b"info"], &mut Counter(1)).unwrap();
        let new = |info: &[u8]| Receiving::new(suite, sent.as_bytes(), &key, &[info]).unwrap();
        let mut seal = |text: &[u8]| {
            let (mut content, mut tag) = (text.to_vec(), [0; 16]);
            sending.seal(&[b"aad"], &mut content, &mut tag).unwrap();
            (content, tag)
        };
        let (first, second) = (seal(b"first"), seal(b"second"));
        let mut receiving = new(b"info");
        let mut open = |(content, tag): &(Vec<u8>, [u8; 16]), aad: &[u8]| {
            let mut content = content.clone();
            receiving.open(&[aad], &mut content, tag).map(|()| content)
        };
        // A message that is refused takes no number.
        assert_eq!(rule(open(&second, b"aad")), rules::TAG);
        assert_eq!(rule(open(&first, b"other")), rules::TAG);
        assert_eq!(open(&first, b"aad").unwrap(), b"first");
        assert_eq!(rule(open(&first, b"aad")), rules::TAG);
        assert_eq!(open(&second, b"aad").unwrap(), b"second");
        let (mut content, tag) = first;
        assert_eq!(rule(new(b"other").open(&[b"aad"], &mut content, &tag)), rules::TAG);
        assert_eq!(content, [0; 5]);
        assert_eq!(rule(new(b"info").export(b"", &mut [0; 255 * 32 + 1])), rules::EXPORT_LENGTH);
        new(b"info").export(b"", &mut [0; 255 * 32]).unwrap();
    }
}

#[test]
fn weak_and_wrong_points_are_refused() {
    let x25519 = Suite::new(Curve::X25519, Algorithm::A128Gcm).unwrap();
    let (own, public) = drawn(Curve::X25519, 3);
    let key = ReceiverKey::new(&*own, &public).unwrap();
    for point in LOW_ORDER {
        assert_eq!(rule(Receiving::new(x25519, &point, &key, &[])), rules::SHARED_SECRET);
        let to = PublicKey::new(Curve::X25519, &point).unwrap();
        let made = Sending::new(x25519, &to, None, &[], &mut Counter(1));
        assert_eq!(rule(made), rules::SHARED_SECRET);
    }
    let lax = ReceiverKey::new(&Zeros, &public).unwrap();
    let sent = drawn(Curve::X25519, 4).1;
    assert_eq!(rule(Receiving::new(x25519, sent.as_bytes(), &lax, &[])), rules::SHARED_SECRET);

    let p256 = Suite::new(Curve::P256, Algorithm::A128Gcm).unwrap();
    let (own, public) = drawn(Curve::P256, 3);
    let key = ReceiverKey::new(&*own, &public).unwrap();
    let sent = drawn(Curve::P256, 4).1;
    let mut off = sent.as_bytes().to_vec();
    off[64] ^= 1;
    assert_eq!(rule(Receiving::new(p256, &off, &key, &[])), rules::SHARED_SECRET);
    let short = [&[2 + (sent.as_bytes()[64] & 1)], &sent.as_bytes()[1..33]].concat();
    for form in [&short[..], &[0], &[], &sent.as_bytes()[..64], &[4; 66]] {
        assert_eq!(rule(Receiving::new(p256, form, &key, &[])), rules::ENCAPSULATED_KEY);
    }
    let off = PublicKey::new(Curve::P256, &off).unwrap();
    assert_eq!(rule(Sending::new(p256, &off, None, &[], &mut Counter(1))), rules::SHARED_SECRET);
    let none = PublicKey::new(Curve::P256, &[&[2][..], &[0xff; 32]].concat()).unwrap();
    assert_eq!(rule(ReceiverKey::new(&*own, &none)), rules::PEER_KEY);
    assert_eq!(rule(Sending::new(p256, &none, None, &[], &mut Counter(1))), rules::SHARED_SECRET);
}

#[test]
fn curves_keys_and_suites_must_fit() {
    let (own, public) = drawn(Curve::P256, 3);
    let (x_own, x_public) = drawn(Curve::X25519, 3);
    assert_eq!(rule(ReceiverKey::new(&*own, &x_public)), rules::PEER_KEY);
    let p256 = Suite::new(Curve::P256, Algorithm::A256Gcm).unwrap();
    let made = Sending::new(p256, &x_public, None, &[], &mut Counter(1));
    assert_eq!(rule(made), rules::PEER_KEY);
    let key = ReceiverKey::new(&*x_own, &x_public).unwrap();
    assert_eq!(rule(Receiving::new(p256, public.as_bytes(), &key, &[])), rules::PEER_KEY);
    for aead in [Algorithm::A192Gcm, Algorithm::AesCcm16_64_128, Algorithm::Es256] {
        assert_eq!(rule(Suite::new(Curve::P256, aead)), common::ALGORITHM_PURPOSE);
    }
    for (key, id) in [(&[7; 31][..], &b"id"[..]), (&[7; 32], b""), (b"", b"")] {
        assert_eq!(rule(Psk::new(key, id)), rules::PSK);
    }
    for algorithm in [Algorithm::Hpke0Ke, Algorithm::A128Gcm] {
        assert_eq!(rule(UnsealedHpke::new(algorithm)), common::ALGORITHM_PURPOSE);
    }
    let random = &mut Fixed(Vec::new());
    assert_eq!(rule(Sending::new(p256, &public, None, &[], random)), common::UNAVAILABLE);
}

#[test]
fn a_key_that_does_not_answer_decides_nothing() {
    let (own, public) = drawn(Curve::X25519, 3);
    let unsealed = UnsealedHpke::new(Algorithm::Hpke3).unwrap();
    let message = written(&unsealed, &public, b"text", b"");
    let decoded = Encrypt0::decode(&message).unwrap();
    let open = |keys: &[&ReceiverKey<'_>]| {
        let mut space = [0xaa; 8];
        let opened = decoded.decrypt_hpke(b"", keys, b"", &mut space).map(|made| made.key());
        (opened, space)
    };
    let (gone, bad) =
        (Away(Curve::X25519, Refused::Unavailable), Away(Curve::X25519, Refused::Invalid));
    let gone = ReceiverKey::new(&gone, &public).unwrap();
    let bad = ReceiverKey::new(&bad, &public).unwrap();
    let right = ReceiverKey::new(&*own, &public).unwrap();
    let other = X25519SecretKey::from_bytes(&[5; 32]).unwrap();
    let wrong = ReceiverKey::new(&other, &other.public_key()).unwrap();
    let (p_own, p_public) = drawn(Curve::P256, 3);
    let curve = ReceiverKey::new(&*p_own, &p_public).unwrap();
    for (keys, expected) in [
        (&[][..], common::NO_KEY),
        (&[&curve], common::NO_KEY),
        (&[&gone], common::UNAVAILABLE),
        (&[&gone, &wrong], common::UNAVAILABLE),
        (&[&wrong, &gone], common::UNAVAILABLE),
        (&[&bad], rules::SHARED_SECRET),
        (&[&wrong], rules::TAG),
    ] {
        let (opened, space) = open(keys);
        assert_eq!(rule(opened), expected);
        assert_eq!(space, [0, 0, 0, 0, 0xaa, 0xaa, 0xaa, 0xaa]);
    }
    assert_eq!(open(&[&gone, &curve, &wrong, &right]).0.unwrap(), 3);
    // A wrong public key beside the right private one.
    let mixed = ReceiverKey::new(&*own, &other.public_key()).unwrap();
    assert_eq!(rule(open(&[&mixed]).0), rules::TAG);
}

/// A message of these buckets, with a ciphertext of 20 bytes.
fn of_buckets(protected: &[u8], unprotected: &[u8]) -> Vec<u8> {
    let head = u8::try_from(0x40 + protected.len()).unwrap();
    [&[0xd0, 0x83, head], protected, unprotected, &[0x54], &[0; 20]].concat()
}

#[test]
fn headers_stand_where_the_draft_wants_them() {
    let (own, public) = drawn(Curve::X25519, 3);
    let key = ReceiverKey::new(&*own, &public).unwrap();
    let ek = [&[0x23, 0x58, 0x20], drawn(Curve::X25519, 4).1.as_bytes()].concat();
    let ek_only = [&[0xa1][..], &ek].concat();
    let alg = [0xa1, 0x01, 0x18, 0x29];
    for (protected, unprotected, expected) in [
        (&alg[..], ek_only.clone(), rules::TAG),
        (&alg, vec![0xa0], rules::ENCAPSULATED_KEY),
        (&alg, vec![0xa1, 0x23, 0x01], rules::ENCAPSULATED_KEY),
        (&alg, vec![0xa1, 0x23, 0x41, 0x01], rules::ENCAPSULATED_KEY),
        (&alg, [&[0xa2][..], &ek, &[0x24, 0x41, 0x01]].concat(), rules::PSK_ID),
        (&[0xa2, 0x01, 0x18, 0x29, 0x24, 0x01], ek_only.clone(), rules::PSK_ID),
        (&[0xa2, 0x01, 0x18, 0x29, 0x24, 0x41, 0x01], ek_only.clone(), common::NO_KEY),
        (&[0xa2, 0x01, 0x18, 0x29, 0x23, 0x41, 0x01], vec![0xa0], rules::ENCAPSULATED_KEY),
        (&[], [&[0xa2, 0x01, 0x18, 0x29][..], &ek].concat(), common::ALGORITHM_UNPROTECTED),
        (&[], ek_only.clone(), common::ALGORITHM_MISSING),
        (&[0xa1, 0x01, 0x18, 0x31], ek_only.clone(), common::ALGORITHM_PURPOSE),
        (&[0xa1, 0x01, 0x01], ek_only.clone(), common::ALGORITHM_PURPOSE),
        (&[0xa1, 0x01, 0x18, 0x2b], ek_only.clone(), common::ALGORITHM_UNKNOWN),
        (
            &[0xa3, 0x01, 0x18, 0x29, 0x02, 0x81, 0x18, 0x63, 0x18, 0x63, 0x01],
            ek_only.clone(),
            common::CRITICAL_UNKNOWN,
        ),
    ] {
        let message = of_buckets(protected, &unprotected);
        let decoded = Encrypt0::decode(&message).unwrap();
        let opened = decoded.decrypt_hpke(b"", &[&key], b"", &mut [0; 64]).map(drop);
        assert_eq!(rule(opened), expected, "{protected:02x?} {unprotected:02x?}");
    }
    let message = of_buckets(&alg, &ek_only);
    let decoded = Encrypt0::decode(&message).unwrap();
    assert!(decoded.headers().unprotected(Label::Number(-4)).is_some());
    let opened = decoded.decrypt_hpke(b"", &[&key], b"", &mut [0; 3]).map(drop);
    assert_eq!(rule(opened), iotops_crypto::wire::rules::OUT_OF_SPACE);
}
