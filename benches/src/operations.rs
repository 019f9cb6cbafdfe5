//! The operations. All of them panic if what they measure fails: a refused input is fast.

use std::hint::black_box;

use coset::{CoseSign1, TaggedCborSerializable as _};
use iotops_crypto::cose::Sign1;
use iotops_crypto::key::Es256PublicKey;
use iotops_crypto::{Verifier, digest};
use iotops_wire::cbor::Cursor;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use suit_manifest::Envelope;
use suit_validator::SuitError;
use suit_validator::crypto::SuitCrypto;
use suit_validator::handler::GenericStartHandler;

use crate::minicbor_cose;

/// Ours: over every item, with every check of the deterministic encoding.
#[inline(never)]
pub fn walk_ours(documents: &[Vec<u8>]) {
    for document in documents {
        let mut cursor = Cursor::new(black_box(document)).expect("short");
        cursor.skip().expect("strict");
        black_box(cursor.position());
    }
}

/// `minicbor`: over every item; neither shortest heads nor key order nor depth are checked.
#[inline(never)]
pub fn walk_minicbor(documents: &[Vec<u8>]) {
    for document in documents {
        let mut decoder = minicbor::Decoder::new(black_box(document));
        decoder.skip().expect("well formed");
        black_box(decoder.position());
    }
}

/// Ours: borrowed, every check of the encoding and of the headers.
#[inline(never)]
pub fn cose_ours(message: &[u8]) {
    let decoded = Sign1::decode(black_box(message)).expect("strict");
    black_box((decoded.headers().algorithm(), decoded.payload(), decoded.signature()));
}

/// Ours: decoded and verified, with a key that is raw bytes at first.
#[inline(never)]
pub fn cose_es256(message: &[u8], key: &[u8]) {
    let key = Es256PublicKey::from_sec1(black_box(key)).expect("a point");
    let verified = Sign1::decode(black_box(message)).expect("strict").verify(b"", &[&key]);
    black_box(verified.expect("verified").payload());
}

/// `coset`: an owned tree of values, then the typed message; encoding and order are not checked.
#[inline(never)]
pub fn cose_coset(message: &[u8]) {
    black_box(CoseSign1::from_tagged_slice(black_box(message)).expect("well formed"));
}

/// The same decoding as ours written over `minicbor::Decoder`, with the same checks.
#[inline(never)]
pub fn cose_minicbor_strict(message: &[u8]) {
    black_box(minicbor_cose::strict(black_box(message)).expect("strict"));
}

/// The least that one would write over `minicbor::Decoder`: types, and nothing else.
#[inline(never)]
pub fn cose_minicbor_plain(message: &[u8]) {
    black_box(minicbor_cose::plain(black_box(message)).expect("well formed"));
}

/// Ours: envelope, digest, COSE, signature by `key`, and every static rule of the manifest.
#[inline(never)]
pub fn suit_ours(envelope: &[u8], key: &dyn Verifier) {
    let manifest = Envelope::decode(black_box(envelope))
        .and_then(|envelope| envelope.authenticate(&[key]))
        .and_then(|authenticated| authenticated.validate())
        .expect("valid");
    black_box(manifest.sequence_number());
}

/// `dress-up`: finds wrapper and manifest and compares the digest. It decodes no COSE (that is the
/// callback's, which says yes here), and looks at no byte of the manifest but to hash it.
#[inline(never)]
pub fn suit_dress_up(envelope: &[u8]) {
    let bytes = black_box(envelope);
    let authenticated = dress_up::SuitManifest::from_bytes(&bytes)
        .authenticate(|cose, payload| {
            black_box((cose, payload));
            Ok(true)
        })
        .expect("authentic");
    black_box(authenticated.envelope().is_ok());
}

struct NoCose;

impl SuitCrypto for NoCose {
    fn verify_cose(&self, block: &[u8], digest: &[u8]) -> Result<(), SuitError> {
        black_box((block, digest));
        Ok(())
    }
}

/// `suit_validator`: decodes envelope, digest and the maps of the manifest. It decodes no COSE
/// (mocked here), and leaves the content of command sequences for later.
#[inline(never)]
pub fn suit_validator(envelope: &[u8]) -> bool {
    let mut handler = GenericStartHandler {
        on_envelope: |envelope: &suit_validator::suit_manifest::SuitEnvelope<'_>| {
            black_box(envelope);
        },
        on_manifest: |_: &suit_validator::suit_manifest::SuitManifest<'_>| {},
    };
    suit_validator::suit_decode(black_box(envelope), &mut handler, &mut NoCose).is_ok()
}

/// SHA-256 alone, of the bytes whose digest is signed.
#[inline(never)]
pub fn sha256(bytes: &[u8]) {
    black_box(digest(iotops_crypto::Algorithm::Sha256, &[black_box(bytes)]));
}

/// What is signed in an envelope, split into what the curve alone needs.
pub struct Bare {
    key: VerifyingKey,
    prehash: [u8; 32],
    signature: Signature,
}

impl Bare {
    /// Takes them from an envelope of which the first block is a `COSE_Sign1` by ES256.
    pub fn of(envelope: &[u8], key: &iotops_crypto::key::VerifyingKey) -> Self {
        let asked = Recorder::of(envelope);
        Self {
            key: VerifyingKey::from_sec1_bytes(key.to_raw().as_bytes()).expect("a point"),
            prehash: asked.prehash,
            signature: Signature::from_slice(&asked.signature).expect("64 bytes"),
        }
    }

    /// `p256` alone: the signature over a digest that is there already.
    #[inline(never)]
    pub fn verify(&self) {
        black_box(self).key.verify_prehash(&self.prehash, &self.signature).expect("valid");
    }
}

/// Keeps what a verifier is asked.
struct Recorder {
    prehash: [u8; 32],
    signature: Vec<u8>,
}

impl Recorder {
    fn of(envelope: &[u8]) -> Self {
        let asked = Asked::default();
        Envelope::decode(envelope)
            .and_then(|envelope| envelope.authenticate(&[&asked]))
            .expect("authentic");
        asked.0.into_inner().expect("asked once")
    }
}

#[derive(Default)]
struct Asked(std::cell::RefCell<Option<Recorder>>);

impl Verifier for Asked {
    fn accepts(&self, _: iotops_crypto::Algorithm) -> bool {
        true
    }

    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), iotops_crypto::Refused> {
        let digest = digest(iotops_crypto::Algorithm::Sha256, message).expect("built in");
        let prehash = digest.as_bytes().try_into().expect("32 bytes");
        *self.0.borrow_mut() = Some(Recorder { prehash, signature: signature.to_vec() });
        Ok(())
    }
}
