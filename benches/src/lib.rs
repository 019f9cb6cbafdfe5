//! The inputs and the operations that every benchmark here measures, ours and those of peers.
//!
//! Each operation is a function that is never inlined, so that criterion and the instruction
//! counter measure the same machine code.

pub mod minicbor_cose;
pub mod operations;
pub mod pki;
pub mod process;
pub mod voucher;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use iotops_crypto::cose::{Payload, Unsigned};
use iotops_crypto::key::{Es256SecretKey, VerifyingKey, import};
use iotops_crypto::{Algorithm, Refused, Signer as _, Verifier};
use iotops_wire::cbor::Encoder;

/// The seven signed examples of draft-ietf-suit-manifest.
pub const EXAMPLES: [&str; 7] = ["0", "1", "2", "2-severed", "3", "4", "5"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn testdata(path: &str) -> Vec<u8> {
    let path = repository().join("testdata").join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One signed example of the draft.
pub fn example(name: &str) -> Vec<u8> {
    testdata(&format!("suit/suit-manifest-37/example{name}-signed.suit"))
}

/// All of them.
pub fn examples() -> Vec<Vec<u8>> {
    EXAMPLES.iter().map(|name| example(name)).collect()
}

/// The public key that the draft prints, ready to verify.
pub fn draft_verifier() -> VerifyingKey {
    let pem = testdata("keys/suit-example-p256-public.pem");
    import(&pem).expect("a public key").verifying_key()
}

/// The raw public key of [`sign1`].
#[must_use]
pub fn raw_key() -> [u8; 65] {
    Es256SecretKey::from_scalar(&[7; 32]).expect("a scalar").public_key().to_sec1()
}

/// A `COSE_Sign1` of 336 bytes: ES256, a key identifier, 256 bytes of payload.
///
/// ECDSA is deterministic here, so it is the same in every run; where the folder of vectors is
/// at hand, it is compared with the message that the figures of other stacks were measured with.
pub fn sign1() -> Vec<u8> {
    let payload: Vec<u8> = (0..=255).collect();
    let mut key = Es256SecretKey::from_scalar(&[7; 32]).expect("a scalar");
    let unsigned = Unsigned::new(Algorithm::Es256).expect("a signature").with_key_id(b"11");
    let mut signature = [0; 64];
    let signed = unsigned.to_be_signed(&payload, b"", |parts| key.sign(parts, &mut signature));
    assert!(matches!(signed, Ok(Ok(64))));
    let mut message = Vec::new();
    unsigned
        .finish(Payload::Attached(&payload), &signature, &mut Encoder::new(&mut message))
        .expect("a vector has space");
    assert_eq!(message.len(), 336);
    if let Ok(vector) = fs::read(vectors().join("performance/sign1_es256.cbor")) {
        assert_eq!(message, vector, "the message of the vectors");
    }
    message
}

/// `$IOTOPS_VECTORS`, or `../shared/vectors` beside the checkout; it need not be there.
fn vectors() -> PathBuf {
    env::var_os("IOTOPS_VECTORS")
        .map_or_else(|| repository().join("../shared/vectors"), PathBuf::from)
}

/// Takes every signature at once: what is measured with it is all but the curve.
#[derive(Clone, Copy, Debug)]
pub struct Accept;

impl Verifier for Accept {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        matches!(algorithm, Algorithm::Es256 | Algorithm::Esp256)
    }

    #[inline(never)]
    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        std::hint::black_box((message, signature));
        Ok(())
    }
}
