//! Messages that this library encrypts and MACs, and what must be refused of them.

#![cfg(all(feature = "ecdh", feature = "es256", feature = "ed25519", feature = "sha512"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod recipients;

use iotops_crypto::agreement::{Agreement, Curve, KdfInfo, P256SecretKey, X25519SecretKey};
use iotops_crypto::cipher::{AeadParameters, Key, Unwrapper, unauthenticated};
use iotops_crypto::cose::{
    Encrypt, Encrypt0, Keyring, Mac, NewRecipient, NewSignature, Payload, Plaintext, RecipientKey,
    Sign, To, Unsealed, UnsealedUnauthenticated, sign,
};
use iotops_crypto::key::{Ed25519SecretKey, Es256SecretKey};
use iotops_crypto::rules::cipher as rules;
use iotops_crypto::wire::cbor::Encoder;
use iotops_crypto::wire::{Random, Unavailable};
use iotops_crypto::{Algorithm, Refused, rules as common};
use proptest::prelude::*;

/// Numbers that only look random, so that a failure comes again.
struct Counter(u8);

impl Random for Counter {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Unavailable> {
        for byte in buffer {
            self.0 = self.0.wrapping_mul(77).wrapping_add(91);
            *byte = self.0;
        }
        Ok(())
    }
}

struct Away;

impl Random for Away {
    fn fill(&mut self, _buffer: &mut [u8]) -> Result<(), Unavailable> {
        Err(Unavailable::new())
    }
}

impl Unwrapper for Away {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        algorithm == Algorithm::A128Kw
    }

    fn unwrap_key(&self, _wrapped: &[u8], _key: &mut [u8]) -> Result<usize, Refused> {
        Err(Refused::Unavailable)
    }
}

impl Agreement for Away {
    fn curve(&self) -> Curve {
        Curve::P256
    }

    fn agree(&self, _peer: &[u8], _shared: &mut [u8]) -> Result<usize, Refused> {
        Err(Refused::Unavailable)
    }
}

const TEXT: &[u8] = b"the content of this message, longer than one block of any cipher";

fn aeads() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL.iter().copied().filter(|algorithm| AeadParameters::of(*algorithm).is_some())
}

fn key(algorithm: Algorithm) -> Key {
    Key::generate(algorithm, &mut Counter(1)).unwrap()
}

fn encrypt0(key: &Key, text: &[u8], aad: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    let unsealed = Unsealed::new(key.algorithm()).unwrap().with_key_id(b"k");
    let plaintext = Plaintext::Attached(text);
    let encoder = &mut Encoder::new(&mut message);
    unsealed.encrypt0(key, plaintext, aad, &mut Counter(3), encoder).unwrap();
    message
}

#[test]
fn each_aead_opens_what_it_sealed_and_nothing_else() {
    assert_eq!(aeads().count(), 12);
    for algorithm in aeads() {
        let own = key(algorithm);
        let message = encrypt0(&own, TEXT, b"aad");
        let decoded = Encrypt0::decode(&message).unwrap();
        let mut buffer = vec![0; message.len()];
        let opened = decoded.decrypt(b"aad", &[&own], None, &mut buffer).unwrap();
        assert_eq!((opened.plaintext(), opened.algorithm(), opened.key()), (TEXT, algorithm, 0));
        let mut again = Vec::new();
        decoded.encode(&mut Encoder::new(&mut again)).unwrap();
        assert_eq!(again, message);

        let other = Key::generate(algorithm, &mut Counter(2)).unwrap();
        let mut buffer = vec![1; message.len()];
        let refused = decoded.decrypt(b"aad", &[&other], None, &mut buffer).unwrap_err();
        assert_eq!(refused.rule(), rules::TAG);
        assert!(!buffer.windows(8).any(|window| TEXT.windows(8).any(|text| text == window)));
        let refused = decoded.decrypt(b"AAD", &[&own], None, &mut buffer).unwrap_err();
        assert_eq!(refused.rule(), rules::TAG);
        let both = decoded.decrypt(b"aad", &[&other, &own], None, &mut buffer).unwrap();
        assert_eq!(both.key(), 1, "the second key is tried after the first");
        let mut short = vec![0; TEXT.len() - 1];
        let refused = decoded.decrypt(b"aad", &[&own], None, &mut short).unwrap_err();
        assert_eq!(refused.rule(), iotops_crypto::wire::rules::OUT_OF_SPACE);
    }
}

#[test]
fn a_key_of_one_algorithm_opens_nothing_of_another() {
    for algorithm in aeads() {
        let message = encrypt0(&key(algorithm), TEXT, b"");
        for other in aeads().filter(|other| *other != algorithm) {
            let mut buffer = vec![0; message.len()];
            let decoded = Encrypt0::decode(&message).unwrap();
            let refused = decoded.decrypt(b"", &[&key(other)], None, &mut buffer).unwrap_err();
            assert_eq!(refused.rule(), common::NO_KEY);
        }
    }
}

#[test]
fn no_tag_may_be_cut_and_no_iv_be_of_another_length() {
    let own = key(Algorithm::A128Gcm);
    let message = encrypt0(&own, b"", b"");
    let start = message.len() - 16;
    for cut in 1..=16 {
        let mut shorter = message[..message.len() - cut].to_vec();
        shorter[start - 1] = 0x50 - cut as u8;
        let decoded = Encrypt0::decode(&shorter).unwrap();
        let refused = decoded.decrypt(b"", &[&own], None, &mut [0; 64]).unwrap_err();
        assert_eq!(refused.rule(), rules::TAG, "tag of {} bytes", 16 - cut);
    }
    // {1: 1}, {5: IV}, nothing in the content but the tag.
    for length in (0..23).filter(|length| *length != 12) {
        let iv = vec![7; length];
        let head = [0xd0, 0x83, 0x43, 0xa1, 1, 1, 0xa1, 5, 0x40 + length as u8];
        let message = [&head[..], &iv, &[0x50], &[0; 16]].concat();
        let decoded = Encrypt0::decode(&message).unwrap();
        let refused = decoded.decrypt(b"", &[&own], None, &mut [0; 64]).unwrap_err();
        assert_eq!(refused.rule(), rules::IV_LENGTH);
    }
}

#[test]
fn a_partial_iv_completes_a_base_iv_and_needs_one() {
    let own = key(Algorithm::A128Gcm);
    let mut content = TEXT.to_vec();
    let mut tag = [0; 16];
    let structure: &[u8] = &[b"\x83\x68Encrypt0\x43\xa1\x01\x01\x40".as_slice()].concat();
    let iv = [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9 ^ 0x61, 9 ^ 0xa7];
    own.seal(&iv, &[structure], &mut content, &mut tag).unwrap();
    let build = |headers: &[u8]| {
        let length = (content.len() + 16) as u8;
        let head = [0xd0, 0x83, 0x43, 0xa1, 1, 1];
        [&head[..], headers, &[0x58, length], &content, &tag].concat()
    };
    let message = build(&[0xa1, 6, 0x42, 0x61, 0xa7]);
    let decoded = Encrypt0::decode(&message).unwrap();
    let mut buffer = [0; 128];
    let opened = decoded.decrypt(b"", &[&own], Some(&[9; 12]), &mut buffer).unwrap();
    assert_eq!(opened.plaintext(), TEXT);
    let refused = decoded.decrypt(b"", &[&own], None, &mut buffer).unwrap_err();
    assert_eq!(refused.rule(), rules::IV_MISSING);
    let refused = decoded.decrypt(b"", &[&own], Some(&[9; 11]), &mut buffer).unwrap_err();
    assert_eq!(refused.rule(), rules::IV_LENGTH);
    let refused = decoded.decrypt(b"", &[&own], Some(&[8; 12]), &mut buffer).unwrap_err();
    assert_eq!(refused.rule(), rules::TAG);
    let longer = build(&[0xa1, 6, 0x4d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x61, 0xa7]);
    let decoded = Encrypt0::decode(&longer).unwrap();
    let refused = decoded.decrypt(b"", &[&own], Some(&[9; 12]), &mut buffer).unwrap_err();
    assert_eq!(refused.rule(), rules::IV_LENGTH);
    let both = build(&[0xa2, 5, 0x41, 0, 6, 0x41, 0]);
    assert_eq!(Encrypt0::decode(&both).unwrap_err().rule(), common::IV_TWICE);
}

/// Everything that one receiver may hold.
struct Receiver {
    kek: Key,
    secret: Key,
    p256: P256SecretKey,
    x25519: X25519SecretKey,
}

impl Receiver {
    fn new(seed: u8) -> Self {
        let random = &mut Counter(seed);
        Self {
            kek: Key::generate(Algorithm::A128Kw, random).unwrap(),
            secret: Key::new(Algorithm::DirectHkdfSha256, &[seed; 32]).unwrap(),
            p256: P256SecretKey::generate(random).unwrap(),
            x25519: X25519SecretKey::generate(random).unwrap(),
        }
    }

    fn keys(&self) -> [RecipientKey<'_>; 4] {
        [
            RecipientKey::Unwrap(&self.kek),
            RecipientKey::Shared(&self.secret),
            RecipientKey::Agree(&self.p256),
            RecipientKey::Agree(&self.x25519),
        ]
    }
}

const WAYS: usize = 8;

/// One way to each class of recipient, to this receiver.
fn with_way<R>(way: usize, to: &Receiver, then: impl FnOnce(&mut [To<'_>]) -> R) -> R {
    let mut kek = to.kek.clone();
    let (p256, x25519) = (to.p256.public_key(), to.x25519.public_key());
    let how = match way {
        0 => NewRecipient::Wrap(&mut kek),
        1 => NewRecipient::Derive(&to.secret),
        2 => NewRecipient::Agree(Algorithm::EcdhEsHkdf256, &p256),
        3 => NewRecipient::Agree(Algorithm::EcdhEsHkdf512, &x25519),
        4 => NewRecipient::Agree(Algorithm::EcdhEsA128Kw, &p256),
        5 => NewRecipient::Agree(Algorithm::EcdhEsA192Kw, &x25519),
        6 => NewRecipient::Agree(Algorithm::EcdhEsA256Kw, &x25519),
        _ => {
            let other = Receiver::new(99);
            let (mut first, public) = (other.kek.clone(), p256);
            return then(&mut [
                To::new(NewRecipient::Wrap(&mut first)).with_key_id(b"another"),
                To::new(NewRecipient::Agree(Algorithm::EcdhEsA128Kw, &public)),
            ]);
        }
    };
    then(&mut [To::new(how).with_key_id(b"me")])
}

fn sealed(way: usize, to: &Receiver, aad: &[u8], info: KdfInfo<'_>) -> Vec<u8> {
    let mut message = Vec::new();
    with_way(way, to, |to| {
        let unsealed = Unsealed::new(Algorithm::A256Gcm).unwrap().with_info(info);
        let encoder = &mut Encoder::new(&mut message);
        unsealed.encrypt(to, Plaintext::Attached(TEXT), aad, &mut Counter(7), encoder).unwrap();
    });
    message
}

#[test]
fn each_way_to_a_recipient_opens_for_that_one_alone() {
    let (own, other) = (Receiver::new(11), Receiver::new(12));
    let info = KdfInfo::default().with_public(b"p").with_private(b"s").with_identities(b"u", b"v");
    for way in 0..WAYS {
        let message = sealed(way, &own, b"aad", info);
        let decoded = Encrypt::decode(&message).unwrap();
        let mut buffer = vec![0; message.len()];
        let (keys, wrong) = (own.keys(), other.keys());
        let keyring = Keyring::new(&keys).with_info(info);
        let opened = decoded.decrypt(b"aad", &keyring, &mut buffer).unwrap();
        assert_eq!(opened.plaintext(), TEXT, "way {way}");
        let mut again = Vec::new();
        decoded.encode(&mut Encoder::new(&mut again)).unwrap();
        assert_eq!(again, message);

        let wraps = ![1, 2, 3].contains(&way);
        let expected = if wraps { rules::UNWRAP } else { rules::TAG };
        let keyring_wrong = Keyring::new(&wrong).with_info(info);
        let refused = decoded.decrypt(b"aad", &keyring_wrong, &mut buffer).unwrap_err();
        assert_eq!(refused.rule(), expected, "way {way}");
        let refused = decoded.decrypt(b"AAD", &keyring, &mut buffer).unwrap_err();
        assert_eq!(refused.rule(), rules::TAG, "way {way}");
        let refused = decoded.decrypt(b"aad", &Keyring::new(&[]), &mut buffer).unwrap_err();
        assert_eq!(refused.rule(), rules::NO_RECIPIENT);
        if way != 0 {
            let none = Keyring::new(&keys);
            let refused = decoded.decrypt(b"aad", &none, &mut buffer).unwrap_err();
            assert_eq!(refused.rule(), expected, "way {way}: another context, another key");
        }
    }
}

#[test]
fn macs_for_recipients_verify_with_every_algorithm() {
    let own = Receiver::new(21);
    let keys = own.keys();
    let macs =
        Algorithm::ALL.iter().copied().filter(|one| Key::generate(*one, &mut Counter(1)).is_ok());
    let macs = macs.filter(|one| one.purpose() == iotops_crypto::Purpose::Mac);
    let mut count = 0;
    for (algorithm, way) in macs.flat_map(|one| (0..WAYS).map(move |way| (one, way))) {
        let mut message = Vec::new();
        with_way(way, &own, |to| {
            let unsealed = Unsealed::new(algorithm).unwrap();
            let encoder = &mut Encoder::new(&mut message);
            unsealed.mac(to, Payload::Attached(TEXT), b"a", &mut Counter(9), encoder).unwrap();
        });
        let decoded = Mac::decode(&message).unwrap();
        let verified = decoded.verify(b"a", &Keyring::new(&keys)).unwrap();
        assert_eq!((verified.payload(), verified.algorithm()), (TEXT, algorithm));
        let refused = decoded.verify(b"b", &Keyring::new(&keys)).unwrap_err();
        assert_eq!(refused.rule(), common::MAC);
        count += 1;
    }
    assert_eq!(count, 8 * WAYS);
}

#[test]
fn an_hsm_that_is_away_is_no_verdict() {
    let own = Receiver::new(31);
    let keys = [RecipientKey::Unwrap(&Away), RecipientKey::Agree(&Away)];
    for way in [0, 2, 4] {
        let message = sealed(way, &own, b"", KdfInfo::default());
        let decoded = Encrypt::decode(&message).unwrap();
        let refused = decoded.decrypt(b"", &Keyring::new(&keys), &mut [0; 256]).unwrap_err();
        assert_eq!(refused.rule(), common::UNAVAILABLE);
    }
    let unsealed = Unsealed::new(Algorithm::A128Gcm).unwrap();
    let own = key(Algorithm::A128Gcm);
    let mut message = Vec::new();
    let encoder = &mut Encoder::new(&mut message);
    let refused = unsealed.encrypt0(&own, Plaintext::Attached(b""), b"", &mut Away, encoder);
    assert_eq!(refused.unwrap_err().rule(), common::UNAVAILABLE);
}

#[test]
fn unauthenticated_encryption_is_apart() {
    let ctr = key(Algorithm::A128Ctr);
    // Algorithm -65534 in the unprotected bucket, as RFC 9459 asks, and an IV of 16 bytes.
    let algorithm = [1, 0x39, 0xff, 0xfd];
    let mut content = TEXT.to_vec();
    let length = unauthenticated::encrypt(&ctr, &[3; 16], &mut content, TEXT.len()).unwrap();
    let iv = [&[5, 0x50][..], &[3; 16]].concat();
    let body = [&[0x58, length as u8][..], &content].concat();
    let good = [&[0xd0, 0x83, 0x40, 0xa2][..], &algorithm, &iv, &body].concat();
    let decoded = Encrypt0::decode(&good).unwrap();
    let mut buffer = [0; 128];
    assert_eq!(decoded.decrypt_unauthenticated(&ctr, None, &mut buffer).unwrap(), TEXT.len());
    assert_eq!(&buffer[..TEXT.len()], TEXT);
    let refused = decoded.decrypt(b"", &[&ctr], None, &mut buffer).unwrap_err();
    assert_eq!(refused.rule(), rules::UNAUTHENTICATED);
    let protected = [&[0xd0, 0x83, 0x45, 0xa1][..], &algorithm, &[0xa1], &iv, &body].concat();
    let decoded = Encrypt0::decode(&protected).unwrap();
    let refused = decoded.decrypt_unauthenticated(&ctr, None, &mut buffer).unwrap_err();
    assert_eq!(refused.rule(), rules::ALGORITHM_PLACE);
    let other = [&[0xd0, 0x83, 0x43, 0xa1, 3, 0, 0xa2][..], &algorithm, &iv, &body].concat();
    let decoded = Encrypt0::decode(&other).unwrap();
    let refused = decoded.decrypt_unauthenticated(&ctr, None, &mut buffer).unwrap_err();
    assert_eq!(refused.rule(), rules::PROTECTED_EMPTY);
    // And the other way round: no AEAD there, and its algorithm must be protected.
    let gcm = key(Algorithm::A128Gcm);
    let message = encrypt0(&gcm, TEXT, b"");
    let decoded = Encrypt0::decode(&message).unwrap();
    let refused = decoded.decrypt_unauthenticated(&gcm, None, &mut buffer).unwrap_err();
    assert_eq!(refused.rule(), rules::UNAUTHENTICATED);
    let head = [0xd0, 0x83, 0x40, 0xa2, 1, 1, 5, 0x4c];
    let unprotected = [&head[..], &[0; 12], &[0x50], &[0; 16]].concat();
    let decoded = Encrypt0::decode(&unprotected).unwrap();
    let refused = decoded.decrypt(b"", &[&gcm], None, &mut buffer).unwrap_err();
    assert_eq!(refused.rule(), common::ALGORITHM_UNPROTECTED);
    assert_eq!(
        Unsealed::new(Algorithm::A128Ctr).unwrap_err().rule(),
        rules::UNAUTHENTICATED,
        "nor is it written by mistake"
    );
}

#[test]
fn what_is_written_without_authentication_says_so_and_comes_back() {
    let unauthenticated = [
        Algorithm::A128Ctr,
        Algorithm::A192Ctr,
        Algorithm::A256Ctr,
        Algorithm::A128Cbc,
        Algorithm::A192Cbc,
        Algorithm::A256Cbc,
    ];
    let to = Receiver::new(71);
    let keys = to.keys();
    let keyring = Keyring::new(&keys);
    for algorithm in unauthenticated {
        for length in [0, 1, 15, 16, 17, 255, 256, 257, 600] {
            let text = vec![b'x'; length];
            let (mut message, mut ciphertext) = (Vec::new(), Vec::new());
            with_way(4, &to, |to| {
                let unsealed = UnsealedUnauthenticated::new(algorithm).unwrap();
                let plaintext = Plaintext::Detached(&text, &mut ciphertext);
                let encoder = &mut Encoder::new(&mut message);
                unsealed.encrypt(to, plaintext, &mut Counter(9), encoder).unwrap();
            });
            let decoded = Encrypt::decode(&message).unwrap();
            let mut decrypting = decoded.decrypting_unauthenticated(&keyring).unwrap();
            ciphertext.chunks_mut(32).for_each(|part| decrypting.update(part).unwrap());
            let padding = decrypting.finish().unwrap();
            assert_eq!(ciphertext[..ciphertext.len() - padding], text, "{algorithm:?} {length}");
            let own = key(algorithm);
            let mut message = Vec::new();
            let unsealed = UnsealedUnauthenticated::new(algorithm).unwrap();
            let encoder = &mut Encoder::new(&mut message);
            let plaintext = Plaintext::Attached(&text);
            unsealed.encrypt0(&own, plaintext, &mut Counter(3), encoder).unwrap();
            let decoded = Encrypt0::decode(&message).unwrap();
            let mut buffer = vec![0; message.len()];
            let read = decoded.decrypt_unauthenticated(&own, None, &mut buffer).unwrap();
            assert_eq!(buffer[..read], text);
        }
    }
    let refused = UnsealedUnauthenticated::new(Algorithm::A128Gcm).unwrap_err();
    assert_eq!(refused.rule(), rules::UNAUTHENTICATED);
}

#[test]
fn contexts_do_not_stand_for_each_other() {
    // The same content and key, taken for the other kind of message.
    let own = key(Algorithm::A128Gcm);
    let message = encrypt0(&own, TEXT, b"");
    let without_tag = &message[2..];
    let direct = [0x81, 0x83, 0x40, 0xa1, 1, 0x25, 0x40];
    let moved = [&[0xd8, 0x60, 0x84][..], without_tag, &direct].concat();
    let keys = [RecipientKey::Shared(&own)];
    let decoded = Encrypt::decode(&moved).unwrap();
    let refused = decoded.decrypt(b"", &Keyring::new(&keys), &mut [0; 128]).unwrap_err();
    assert_eq!(refused.rule(), rules::TAG);
    for tag in [16_u8, 17, 18] {
        let mut other = message.clone();
        other[0] = 0xc0 | tag;
        assert_eq!(Encrypt0::decode(&other).is_ok(), tag == 16);
    }
    // A MAC0 is no MAC.
    let mac = key(Algorithm::Hmac256);
    let mut mac0 = Vec::new();
    let unsigned = iotops_crypto::cose::Unsigned::new(Algorithm::Hmac256).unwrap();
    let encoder = &mut Encoder::new(&mut mac0);
    unsigned.sign(&mut mac.clone(), Payload::Attached(TEXT), b"", encoder).unwrap();
    let moved = [&[0xd8, 0x61, 0x85][..], &mac0[2..], &direct].concat();
    let keys = [RecipientKey::Shared(&mac)];
    let refused = Mac::decode(&moved).unwrap().verify(b"", &Keyring::new(&keys)).unwrap_err();
    assert_eq!(refused.rule(), common::MAC);
}

#[test]
fn several_signers_sign_one_message() {
    let mut first = Es256SecretKey::from_scalar(&[1; 32]).unwrap();
    let mut second = Ed25519SecretKey::from_seed(&[2; 32]).unwrap();
    let (a, b) = (first.public_key(), second.public_key());
    for payload in [Payload::Attached(TEXT), Payload::Detached(TEXT)] {
        let mut message = Vec::new();
        let signers =
            &mut [NewSignature::new(&mut first).with_key_id(b"a"), NewSignature::new(&mut second)];
        sign(signers, payload, b"aad", &mut Encoder::new(&mut message)).unwrap();
        let decoded = Sign::decode(&message).unwrap();
        for (at, signature) in decoded.signatures().enumerate() {
            let verified = decoded.verify(&signature, TEXT, b"aad", &[&a, &b]).unwrap();
            assert_eq!(verified.key(), at);
            let refused = decoded.verify(&signature, TEXT, b"", &[&a, &b]).unwrap_err();
            assert_eq!(refused.rule(), common::SIGNATURE);
        }
    }
    let refused = sign(&mut [], Payload::Attached(TEXT), b"", &mut Encoder::new(&mut Vec::new()));
    assert_eq!(refused.unwrap_err().rule(), common::SIGNERS);
}

#[test]
fn detached_ciphertext_goes_elsewhere() {
    let own = key(Algorithm::A256Gcm);
    let (mut message, mut ciphertext) = (Vec::new(), Vec::new());
    let unsealed = Unsealed::new(Algorithm::A256Gcm).unwrap();
    let text: Vec<u8> = (0..1000_u32).map(|byte| byte as u8).collect();
    let plaintext = Plaintext::Detached(&text, &mut ciphertext);
    let encoder = &mut Encoder::new(&mut message);
    unsealed.encrypt0(&own, plaintext, b"x", &mut Counter(5), encoder).unwrap();
    let decoded = Encrypt0::decode(&message).unwrap();
    let mut buffer = vec![0; 1000];
    let opened = decoded.decrypt_detached(&ciphertext, b"x", &[&own], None, &mut buffer).unwrap();
    assert_eq!(opened.plaintext(), text);
    let refused = decoded.decrypt(b"x", &[&own], None, &mut buffer).unwrap_err();
    assert_eq!(refused.rule(), rules::CIPHERTEXT_DETACHED);
    let mut opening = decoded.opening(&own, None, b"x", 1000).unwrap();
    let refused = opening.update(&mut [0; 1001]).unwrap_err();
    assert_eq!(refused.rule(), rules::CONTENT_LENGTH);
    let refused = opening.finish(&ciphertext[1000..]).unwrap_err();
    assert_eq!(refused.rule(), rules::CONTENT_LENGTH, "not all came");
    let message = encrypt0(&own, TEXT, b"");
    let attached = Encrypt0::decode(&message).unwrap();
    let refused = attached.decrypt_detached(&ciphertext, b"", &[&own], None, &mut buffer);
    assert_eq!(refused.unwrap_err().rule(), rules::CIPHERTEXT_ATTACHED);
}

#[test]
fn secrets_are_not_shown() {
    let own = Key::new(Algorithm::A128Gcm, &[0xab; 16]).unwrap();
    let shown = format!("{own:?} {:?}", RecipientKey::Shared(&own));
    assert!(!shown.contains("171") && !shown.to_lowercase().contains("ab, "), "{shown}");
    assert_eq!(format!("{:?}", Receiver::new(1).p256), "P256SecretKey");
    assert_eq!(format!("{:?}", Receiver::new(1).x25519), "X25519SecretKey");
    for length in (0..=65).filter(|length| *length != 16) {
        let refused = Key::new(Algorithm::A128Gcm, &vec![0; length]).unwrap_err();
        assert_eq!(refused.rule(), rules::KEY_LENGTH);
    }
}

/// Nothing that is cut or flipped may panic, or open to something else.
fn mangled(message: &[u8], open: &dyn Fn(&[u8]) -> Option<Vec<u8>>) {
    assert_eq!(open(message).as_deref(), Some(TEXT));
    for end in 0..message.len() {
        assert_eq!(open(&message[..end]), None);
    }
    for bit in 0..message.len() * 8 {
        let mut flipped = message.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let opened = open(&flipped);
        assert!(opened.is_none() || opened.as_deref() == Some(TEXT), "bit {bit}");
    }
}

#[test]
fn no_truncation_and_no_flipped_bit_opens_to_anything_else() {
    for algorithm in aeads() {
        let own = key(algorithm);
        mangled(&encrypt0(&own, TEXT, b""), &|message| {
            let mut buffer = vec![0; message.len()];
            let decoded = Encrypt0::decode(message).ok()?;
            let opened = decoded.decrypt(b"", &[&own], None, &mut buffer).ok()?;
            Some(opened.plaintext().to_vec())
        });
    }
    let own = Receiver::new(51);
    let keys = own.keys();
    for way in [0, 1, 3, 6] {
        mangled(&sealed(way, &own, b"", KdfInfo::default()), &|message| {
            let mut buffer = vec![0; message.len()];
            let decoded = Encrypt::decode(message).ok()?;
            let opened = decoded.decrypt(b"", &Keyring::new(&keys), &mut buffer).ok()?;
            Some(opened.plaintext().to_vec())
        });
    }
}

proptest! {
    #[test]
    fn what_is_sealed_opens(
        text in prop::collection::vec(any::<u8>(), 0..700),
        aad in prop::collection::vec(any::<u8>(), 0..300),
        at in 0..12_usize,
    ) {
        let own = key(aeads().nth(at).unwrap());
        let message = encrypt0(&own, &text, &aad);
        let decoded = Encrypt0::decode(&message).unwrap();
        let mut buffer = vec![0; text.len()];
        let opened = decoded.decrypt(&aad, &[&own], None, &mut buffer).unwrap();
        prop_assert_eq!(opened.plaintext(), text.as_slice());
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let own = Receiver::new(61);
        let keys = own.keys();
        let mut buffer = [0; 300];
        for head in [&[][..], &[0xd0, 0x83], &[0xd8, 0x60, 0x84], &[0xd8, 0x61, 0x85]] {
            let message = [head, &bytes].concat();
            if let Ok(decoded) = Encrypt::decode(&message) {
                let _ = decoded.decrypt(b"", &Keyring::new(&keys), &mut buffer);
            }
            if let Ok(decoded) = Encrypt0::decode(&message) {
                let _ = decoded.decrypt(b"", &[&own.kek], None, &mut buffer);
            }
            if let Ok(decoded) = Mac::decode(&message) {
                let _ = decoded.verify(b"", &Keyring::new(&keys));
            }
        }
    }
}
