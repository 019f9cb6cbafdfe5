//! What recipients must look like, and what may be in them.

use iotops_crypto::agreement::{Curve, PublicKey};
use iotops_crypto::cose::{Encrypt, Keyring, RecipientKey};
use iotops_crypto::rules::cipher as rules;
use iotops_crypto::wire::cbor::Encoder;
use iotops_crypto::{Algorithm, rules as common};

use super::{Receiver, key};

/// A COSE_Encrypt around one recipient of these bytes; the content is nothing but a tag.
fn around(recipients: &[u8]) -> Vec<u8> {
    let head = [0xd8, 0x60, 0x84, 0x43, 0xa1, 1, 1, 0xa1, 5, 0x4c];
    [&head[..], &[0; 12], &[0x50], &[0; 16], recipients].concat()
}

fn refused(recipients: &[u8]) -> iotops_crypto::wire::Rule {
    let own = Receiver::new(41);
    let content = key(Algorithm::A128Gcm);
    let sender = own.p256.public_key();
    let keys = [
        RecipientKey::Shared(&content),
        RecipientKey::Unwrap(&own.kek),
        RecipientKey::Shared(&own.secret),
        RecipientKey::Agree(&own.p256),
        RecipientKey::Agree(&own.x25519),
        RecipientKey::AgreeWith(&own.p256, &sender),
    ];
    let message = around(recipients);
    match Encrypt::decode(&message) {
        Ok(decoded) => decoded.decrypt(b"", &Keyring::new(&keys), &mut [0; 64]).unwrap_err().rule(),
        Err(error) => error.rule(),
    }
}

#[test]
fn recipients_must_have_the_form_of_their_class() {
    let direct = [0x83, 0x40, 0xa1, 1, 0x25, 0x40];
    assert_eq!(refused(&[&[0x81][..], &direct].concat()), rules::TAG, "the form is right");
    let cases: &[(&[u8], iotops_crypto::wire::Rule)] = &[
        (&[0x80], rules::RECIPIENTS),
        // direct: protected, with ciphertext, nested recipients.
        (&[0x81, 0x83, 0x43, 0xa1, 1, 0x25, 0xa0, 0x40], rules::PROTECTED_EMPTY),
        (&[0x81, 0x83, 0x40, 0xa1, 1, 0x25, 0x41, 0], rules::RECIPIENT_CIPHERTEXT),
        // A128KW: protected, without ciphertext.
        (&[0x81, 0x83, 0x43, 0xa1, 1, 0x22, 0xa0, 0x41, 0], rules::PROTECTED_EMPTY),
        (&[0x81, 0x83, 0x40, 0xa1, 1, 0x22, 0x40], rules::RECIPIENT_CIPHERTEXT),
        (&[0x81, 0x83, 0x40, 0xa1, 1, 0x22, 0x41, 0], rules::UNWRAP),
        // direct+HKDF-SHA-256 and ECDH-ES+HKDF-256, unprotected.
        (&[0x81, 0x83, 0x40, 0xa1, 1, 0x29, 0x40], rules::ALGORITHM_PLACE),
        (&[0x81, 0x83, 0x40, 0xa1, 1, 0x38, 0x18, 0x40], rules::ALGORITHM_PLACE),
        // ECDH-ES+HKDF-256 without a key, with a text, and with half a key.
        (&[0x81, 0x83, 0x44, 0xa1, 1, 0x38, 0x18, 0xa0, 0x40], rules::PEER_KEY),
        (
            &[0x81, 0x83, 0x44, 0xa1, 1, 0x38, 0x18, 0xa1, 0x20, 0xa2, 1, 2, 0x20, 1, 0x40],
            rules::PEER_KEY,
        ),
        // Two recipients of which one is direct.
        (
            &[0x82, 0x83, 0x40, 0xa1, 1, 0x25, 0x40, 0x83, 0x40, 0xa1, 1, 0x22, 0x41, 0],
            rules::DIRECT_ALONE,
        ),
        (
            &[0x81, 0x84, 0x40, 0xa1, 1, 0x25, 0x40, 0x81, 0x83, 0x40, 0xa1, 1, 0x25, 0x40],
            rules::DIRECT_ALONE,
        ),
        // Party U as a text, and its nonce as an integer, which is allowed.
        (&[0x81, 0x83, 0x43, 0xa1, 1, 0x29, 0xa1, 0x34, 0x61, 0x61, 0x40], common::HEADER_VALUE),
        (&[0x81, 0x83, 0x43, 0xa1, 1, 0x29, 0xa1, 0x35, 0x05, 0x40], rules::TAG),
        (&[0x81, 0x83, 0x40, 0xa0, 0x40], common::ALGORITHM_MISSING),
        (&[0x81, 0x83, 0x40, 0xa1, 1, 0x26, 0x40], common::ALGORITHM_PURPOSE),
        (&[0x81, 0x83, 0x40, 0xa1, 1, 0x39, 0x7f, 0x00, 0x40], common::ALGORITHM_UNKNOWN),
        (&[0x81, 0x82, 0x40, 0xa0], common::COSE_ITEMS),
    ];
    for (recipients, rule) in cases {
        assert_eq!(refused(recipients), *rule, "{recipients:02x?}");
    }
}

#[test]
fn recipients_are_bounded_in_number_and_depth() {
    let one = [0x83, 0x40, 0xa1, 1, 0x22, 0x41, 0];
    let list = |count: usize| [vec![0x80 | count as u8], one.repeat(count)].concat();
    assert_eq!(refused(&list(16)), rules::UNWRAP);
    assert_eq!(refused(&[vec![0x91], one.repeat(17)].concat()), rules::RECIPIENT_COUNT);
    let nest = |inner: &[u8]| [&[0x81, 0x84, 0x40, 0xa1, 1, 0x22, 0x41, 0], inner].concat();
    assert_eq!(refused(&nest(&list(1))), rules::UNWRAP);
    assert_eq!(refused(&nest(&list(15))), rules::UNWRAP);
    assert_eq!(refused(&nest(&[vec![0x90], one.repeat(16)].concat())), rules::RECIPIENT_COUNT);
    assert_eq!(refused(&nest(&nest(&list(1)))), rules::RECIPIENT_DEPTH);
    let mut deep = list(1);
    (0..500).for_each(|_| deep = nest(&deep));
    assert_eq!(refused(&deep), rules::RECIPIENT_DEPTH);
}

#[test]
fn what_is_nested_as_deep_as_may_be_is_written_again() {
    let mut deepest = 0;
    for depth in 0..80 {
        // A header 7 that is this many arrays of one item, in each other.
        let nested = [vec![0x81; depth], vec![0x00]].concat();
        let message =
            around(&[&[0x81, 0x83, 0x40, 0xa2, 1, 0x25, 7], &nested[..], &[0x40]].concat());
        let Ok(decoded) = Encrypt::decode(&message) else { continue };
        let mut again = Vec::new();
        decoded.encode(&mut Encoder::new(&mut again)).unwrap();
        assert_eq!(again, message);
        deepest = depth;
    }
    assert!(deepest > 8, "{deepest}");
}

/// A recipient with ECDH-ES+HKDF-256 and this encoded `COSE_Key`.
fn with_ephemeral(cose_key: &[u8]) -> Vec<u8> {
    let head = [0x81, 0x83, 0x44, 0xa1, 1, 0x38, 0x18, 0xa1, 0x20];
    [&head[..], cose_key, &[0x40]].concat()
}

#[test]
fn points_off_the_curve_and_secrets_of_zeros_are_refused() {
    let x25519 = |x: [u8; 32]| [&[0xa3, 1, 1, 0x20, 4, 0x21, 0x58, 0x20][..], &x].concat();
    let mut one = [0; 32];
    one[0] = 1;
    let mut p = [0xff; 32];
    (p[0], p[31]) = (0xed, 0x7f);
    for small in [[0; 32], one, p] {
        assert_eq!(refused(&with_ephemeral(&x25519(small))), rules::SHARED_SECRET);
    }
    assert_eq!(refused(&with_ephemeral(&x25519([9; 32]))), rules::TAG);
    let p256 = |x: [u8; 32], y: [u8; 32]| {
        let head = [0xa4, 1, 2, 0x20, 1, 0x21, 0x58, 0x20];
        [&head[..], &x, &[0x22, 0x58, 0x20], &y].concat()
    };
    assert_eq!(refused(&with_ephemeral(&p256([1; 32], [1; 32]))), rules::SHARED_SECRET);
    assert_eq!(refused(&with_ephemeral(&p256([0; 32], [0; 32]))), rules::SHARED_SECRET);
    // A private key in the header, and a curve of another type of key.
    let head = [0xa4, 1, 1, 0x20, 4, 0x21, 0x58, 0x20];
    let with_private = [&head[..], &[9; 32], &[0x23, 0x41, 0]].concat();
    assert_eq!(refused(&with_ephemeral(&with_private)), rules::PEER_KEY);
    let unknown = [&[0xa3, 1, 1, 0x20, 5, 0x21, 0x41][..], &[0]].concat();
    assert_eq!(refused(&with_ephemeral(&unknown)), rules::NO_RECIPIENT);
}

#[test]
fn a_static_sender_is_whom_the_caller_knows() {
    // ECDH-SS+HKDF-256 (-27) with the static key (-2) of somebody else.
    let other = Receiver::new(77).p256.public_key();
    let mut encoded = Vec::new();
    other.encode(&mut Encoder::new(&mut encoded)).unwrap();
    let head = [0x81, 0x83, 0x44, 0xa1, 1, 0x38, 0x1a, 0xa1, 0x21];
    assert_eq!(refused(&[&head[..], &encoded, &[0x40]].concat()), rules::SENDER_KEY);
    let read = PublicKey::new(Curve::P256, other.as_bytes()).unwrap();
    assert_eq!(read, other);
}
