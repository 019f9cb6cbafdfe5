//! Signing, MACs and decryption by key handle in a token of `SoftHSM` 2.
//!
//! See `token/` for the module that is used.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may panic and index"
)]

mod token;

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use iotops_crypto::agreement::{Agreement as _, Curve, PublicKey};
use iotops_crypto::cipher::{Key, Unwrapper as _};
use iotops_crypto::cose::{
    Encrypt, Keyring, Mac0, NewRecipient, Payload, Plaintext, RecipientKey, Sign1, To, Unsealed,
    Unsigned,
};
use iotops_crypto::key::{Ed25519PublicKey, Es256PublicKey, HmacKey};
use iotops_crypto::wire::cbor::Encoder;
use iotops_crypto::wire::{Random, Rule, Unavailable};
use iotops_crypto::{Algorithm, Refused, Signer, Verifier, rules};
use iotops_pkcs11::{TokenAgreement, TokenMac, TokenSigner, TokenUnwrapper};

/// `secp256r1` and `edwards25519` as DER object identifier and printable string.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const ED25519: [u8; 14] = *b"\x13\x0cedwards25519";

/// The public point that the token tells, without the OCTET STRING around it.
fn point(session: &Session, public: ObjectHandle) -> Vec<u8> {
    let attributes = session.get_attributes(public, &[cryptoki::object::AttributeType::EcPoint]);
    match attributes.unwrap().first() {
        Some(Attribute::EcPoint(point)) => point[2..].to_vec(),
        _ => panic!("no point"),
    }
}

fn sign1(signer: &mut dyn Signer, payload: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    Unsigned::new(signer.algorithm())
        .unwrap()
        .sign(signer, Payload::Attached(payload), b"aad", &mut Encoder::new(&mut message))
        .unwrap();
    message
}

fn es256(session: &Session) {
    let public = [Attribute::EcParams(P256.to_vec()), Attribute::Verify(true)];
    let private =
        [Attribute::Sign(true), Attribute::Sensitive(true), Attribute::Extractable(false)];
    let (public, private) =
        session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private).unwrap();
    let key = Es256PublicKey::from_sec1(&point(session, public)).unwrap();
    let mut signer = TokenSigner::new(session, private, Algorithm::Esp256);
    let message = sign1(&mut signer, b"firmware");
    let verified = Sign1::decode(&message).unwrap().verify(b"aad", &[&key]).unwrap();
    assert_eq!(verified.payload(), b"firmware");
    let other = Sign1::decode(&message).unwrap().verify(b"other", &[&key]).unwrap_err();
    assert_eq!(other.rule(), rules::SIGNATURE);
    two_steps(session, private, &key);
}

/// The digest goes to the token alone; the message is finished later.
fn two_steps(session: &Session, private: ObjectHandle, key: &dyn Verifier) {
    let unsigned = Unsigned::new(Algorithm::Esp256).unwrap();
    let digest = unsigned.prehash(b"later", b"").unwrap();
    let signature = session.sign(&Mechanism::Ecdsa, private, digest.as_bytes()).unwrap();
    let mut message = Vec::new();
    let encoder = &mut Encoder::new(&mut message);
    unsigned.finish(Payload::Attached(b"later"), &signature, encoder).unwrap();
    assert!(Sign1::decode(&message).unwrap().verify(b"", &[key]).is_ok());
}

fn ed25519(session: &Session) {
    let public = [Attribute::EcParams(ED25519.to_vec()), Attribute::Verify(true)];
    let (public, private) = session
        .generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &[Attribute::Sign(true)])
        .unwrap();
    let key = Ed25519PublicKey::from_bytes(&point(session, public)).unwrap();
    let mut signer = TokenSigner::new(session, private, Algorithm::Ed25519);
    let message = sign1(&mut signer, b"voucher");
    assert!(Sign1::decode(&message).unwrap().verify(b"aad", &[&key]).is_ok());
}

fn mac(session: &Session) {
    let secret = [7; 32];
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::Value(secret.to_vec()),
        Attribute::Sign(true),
        Attribute::Verify(true),
    ];
    let key = session.create_object(&template).unwrap();
    let message = sign1(&mut TokenSigner::new(session, key, Algorithm::Hmac256), b"state");
    let own = HmacKey::from_bytes(&secret).unwrap();
    let in_token = TokenMac::new(session, key, Algorithm::Hmac256);
    let message = Mac0::decode(&message).unwrap();
    let keys: [&dyn Verifier; 2] = [&own, &in_token];
    for key in keys {
        assert!(message.verify(b"aad", &[key]).is_ok());
        assert_eq!(message.verify(b"", &[key]).unwrap_err().rule(), rules::MAC);
    }
}

/// Random bytes of the token.
struct TokenRandom<'s>(&'s Session);

impl Random for TokenRandom<'_> {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Unavailable> {
        self.0.generate_random_slice(buffer).map_err(|_| Unavailable::new())
    }
}

fn encrypt(session: &Session, how: NewRecipient<'_>) -> Vec<u8> {
    let mut message = Vec::new();
    Unsealed::new(Algorithm::A128Gcm)
        .unwrap()
        .encrypt(
            &mut [To::new(how)],
            Plaintext::Attached(b"firmware"),
            b"aad",
            &mut TokenRandom(session),
            &mut Encoder::new(&mut message),
        )
        .unwrap();
    message
}

/// The rule that keeps a message from being decrypted with this key; `None` if it is.
fn decrypt(message: &[u8], key: RecipientKey<'_>) -> Option<Rule> {
    let message = Encrypt::decode(message).unwrap();
    match message.decrypt(b"aad", &Keyring::new(&[key]), &mut [0; 64]) {
        Ok(opened) => {
            assert_eq!(opened.plaintext(), b"firmware");
            None
        }
        Err(error) => Some(error.rule()),
    }
}

fn wrapping_key(session: &Session, bytes: &[u8]) -> ObjectHandle {
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Value(bytes.to_vec()),
        Attribute::Unwrap(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
    ];
    session.create_object(&template).unwrap()
}

fn unwrapping(session: &Session) {
    for (algorithm, length) in [(Algorithm::A128Kw, 16), (Algorithm::A256Kw, 32)] {
        let bytes = &[9; 32][..length];
        let mut sender = Key::new(algorithm, bytes).unwrap();
        let message = encrypt(session, NewRecipient::Wrap(&mut sender));
        let handle = wrapping_key(session, bytes);
        let token = TokenUnwrapper::new(session, handle, algorithm);
        assert_eq!(decrypt(&message, RecipientKey::Unwrap(&token)), None);
        let other = wrapping_key(session, &[8; 32][..length]);
        let other = TokenUnwrapper::new(session, other, algorithm);
        // What no AES key wrap makes is refused before the token is asked.
        for length in [0, 8, 16, 23, 25, 80, 1 << 20] {
            let refused = token.unwrap_key(&vec![0; length], &mut [0; 64]);
            assert_eq!(refused, Err(Refused::Invalid), "{length}");
        }
        // This token answers a wrong key as any fault of its own (CKR_GENERAL_ERROR): it cannot tell.
        assert_eq!(decrypt(&message, RecipientKey::Unwrap(&other)), Some(rules::UNAVAILABLE));
        session.destroy_object(handle).unwrap();
        assert_eq!(decrypt(&message, RecipientKey::Unwrap(&token)), Some(rules::UNAVAILABLE));
    }
}

fn agreement(session: &Session) {
    let public = [Attribute::EcParams(P256.to_vec())];
    let private =
        [Attribute::Derive(true), Attribute::Sensitive(true), Attribute::Extractable(false)];
    let pair = || session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private).unwrap();
    let ((public, private), (_, other)) = (pair(), pair());
    let receiver = PublicKey::new(Curve::P256, &point(session, public)).unwrap();
    for algorithm in [Algorithm::EcdhEsA128Kw, Algorithm::EcdhEsHkdf256] {
        let message = encrypt(session, NewRecipient::Agree(algorithm, &receiver));
        let (own, other) =
            (TokenAgreement::new(session, private), TokenAgreement::new(session, other));
        assert_eq!(decrypt(&message, RecipientKey::Agree(&own)), None);
        assert!(decrypt(&message, RecipientKey::Agree(&other)).is_some());
    }
    other_forms(session, private, receiver.as_bytes());
    let message = encrypt(session, NewRecipient::Agree(Algorithm::EcdhEsA128Kw, &receiver));
    session.destroy_object(private).unwrap();
    let gone = TokenAgreement::new(session, private);
    assert_eq!(decrypt(&message, RecipientKey::Agree(&gone)), Some(rules::UNAVAILABLE));
}

/// SEC 1 has more forms of a point than the wire, and PKCS#11 wraps one in an OCTET STRING.
fn other_forms(session: &Session, private: ObjectHandle, point: &[u8]) {
    let token = TokenAgreement::new(session, private);
    let mut secret = [0; 32];
    assert_eq!(token.agree(point, &mut secret), Ok(32));
    let hybrid = [&[6 | (point[64] & 1)], &point[1..]].concat();
    let wrapped = [&[4, 65], point].concat();
    for form in [&hybrid, &wrapped, &point[..64], &[0], &[]] {
        let mut secret = [0; 32];
        assert_eq!(token.agree(form, &mut secret), Err(Refused::Invalid));
        assert_eq!(secret, [0; 32]);
    }
}

/// Nobody is logged in any more, as when a token was pulled out: no verdict on anything.
fn away(session: &Session) {
    let message = b"message";
    let template = [Attribute::EcParams(P256.to_vec()), Attribute::Verify(true)];
    let private = [Attribute::Sign(true), Attribute::Derive(true), Attribute::Private(true)];
    let (public, private) =
        session.generate_key_pair(&Mechanism::EccKeyPairGen, &template, &private).unwrap();
    let point = point(session, public);
    let receiver = PublicKey::new(Curve::P256, &point).unwrap();
    let mut sender = Key::new(Algorithm::A128Kw, &[9; 16]).unwrap();
    let wrapped = encrypt(session, NewRecipient::Wrap(&mut sender));
    let agreed = encrypt(session, NewRecipient::Agree(Algorithm::EcdhEsA128Kw, &receiver));
    let unwrapper = wrapping_key(session, &[9; 16]);
    let unwrapper = TokenUnwrapper::new(session, unwrapper, Algorithm::A128Kw);
    let agreement = TokenAgreement::new(session, private);
    let mac = session
        .create_object(&[
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::GENERIC_SECRET),
            Attribute::Value(vec![7; 32]),
            Attribute::Sign(true),
            Attribute::Verify(true),
        ])
        .unwrap();
    let (mut signer, mac) = (
        TokenSigner::new(session, private, Algorithm::Esp256),
        TokenMac::new(session, mac, Algorithm::Hmac256),
    );
    assert_eq!(signer.sign(&[message], &mut [0; 64]), Ok(64));
    assert_eq!(mac.verify(&[message], &[0; 32]), Err(Refused::Invalid));
    assert_eq!(decrypt(&wrapped, RecipientKey::Unwrap(&unwrapper)), None);
    assert_eq!(decrypt(&agreed, RecipientKey::Agree(&agreement)), None);
    session.logout().unwrap();
    assert!(signer.sign(&[message], &mut [0; 64]).is_err());
    assert_eq!(mac.verify(&[message], &[0; 32]), Err(Refused::Unavailable));
    let away = Some(rules::UNAVAILABLE);
    assert_eq!(decrypt(&wrapped, RecipientKey::Unwrap(&unwrapper)), away);
    assert_eq!(decrypt(&agreed, RecipientKey::Agree(&agreement)), away);
}

#[test]
fn keys_in_a_token_sign_mac_and_decrypt() {
    token::with_session(|session| {
        es256(session);
        ed25519(session);
        mac(session);
        unwrapping(session);
        agreement(session);
        away(session);
    });
}
