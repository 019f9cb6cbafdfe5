//! Verification that is computed twice: a single fault does not pass.

#![cfg(all(feature = "hardened", feature = "es256"))]
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

use core::cell::Cell;

use iotops_crypto::cose::{Payload, Sign1, Unsigned};
use iotops_crypto::hardened::{Hardened, verify};
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::{Algorithm, Refused, Verifier, rules};
use iotops_wire::cbor::{Encoder, SliceOutput};

type Answer = Result<(), Refused>;

/// Gives one answer after the other, and counts the questions.
struct Script(&'static [Answer], Cell<usize>);

impl Verifier for Script {
    fn accepts(&self, _: Algorithm) -> bool {
        true
    }

    fn verify(&self, _: &[&[u8]], _: &[u8]) -> Result<(), Refused> {
        let asked = self.1.replace(self.1.get() + 1);
        self.0[asked]
    }
}

const OK: Answer = Ok(());
const INVALID: Answer = Err(Refused::Invalid);
const AWAY: Answer = Err(Refused::Unavailable);

#[test]
fn only_two_equal_answers_count() {
    let cases: [(&'static [Answer; 2], Answer); 9] = [
        (&[OK, OK], OK),
        (&[OK, INVALID], INVALID),
        (&[INVALID, OK], INVALID),
        (&[INVALID, INVALID], INVALID),
        (&[OK, AWAY], INVALID),
        (&[AWAY, OK], INVALID),
        (&[AWAY, INVALID], INVALID),
        (&[INVALID, AWAY], INVALID),
        (&[AWAY, AWAY], AWAY),
    ];
    for (script, expected) in cases {
        let verifier = Script(script, Cell::new(0));
        assert_eq!(verify(&verifier, &[b"m"], b"s").accept(), expected, "{script:?}");
        assert_eq!(verifier.1.get(), 2, "both are always computed");
        let verifier = Script(script, Cell::new(0));
        let erased: &dyn Verifier = &verifier;
        assert_eq!(Hardened::new(erased).verify(&[b"m"], b"s"), expected, "{script:?}");
    }
}

#[test]
fn it_stands_wherever_a_verifier_stands() {
    let mut secret = SecretKey::from_raw(KeyType::Es256, &[7; 32]).unwrap();
    let public = secret.verifying_key();
    let mut buffer = [0; 128];
    let mut output = SliceOutput::new(&mut buffer);
    let unsigned = Unsigned::new(Algorithm::Esp256).unwrap();
    let payload = Payload::Attached(b"payload");
    unsigned.sign(&mut secret, payload, b"", &mut Encoder::new(&mut output)).unwrap();
    let mut message = output.written().to_vec();
    let key = Hardened::new(&public);
    assert!(Sign1::decode(&message).unwrap().verify(b"", &[&key]).is_ok());
    *message.last_mut().unwrap() ^= 1;
    let error = Sign1::decode(&message).unwrap().verify(b"", &[&key]).unwrap_err();
    assert_eq!(error.rule(), rules::SIGNATURE);
    assert!(!key.accepts(Algorithm::Ed25519));
}
