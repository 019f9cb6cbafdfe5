//! The suite of `suite/` over the backends of this crate. Keys in a token of PKCS#11 are behind the
//! same seams; the package `examples/pkcs11` runs the same suite over them.

#![cfg(all(
    feature = "aws-lc-rs",
    feature = "ecdh",
    feature = "ed25519",
    feature = "ml-dsa",
    feature = "rsa"
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod suite;
mod vectors;

use iotops_crypto::backend::aws_lc;
use iotops_crypto::cipher::{Key, Unwrapper, Wrapper};
use iotops_crypto::key::{RsaPublicKey, SecretKey, VerifyingKey};
use iotops_crypto::{Algorithm, Refused, Signer, Verifier};
use suite::{Backend, BuiltIn, Made};

struct AwsLc;

impl Backend for AwsLc {
    fn name(&self) -> &'static str {
        "aws-lc-rs"
    }

    fn verifier(&self, key: &VerifyingKey) -> Made<Box<dyn Verifier + '_>> {
        match aws_lc::PublicKey::new(key.clone()) {
            Ok(key) => Made::Key(Box::new(key)),
            Err(_) => Made::Refused,
        }
    }

    fn signer(&self, key: &SecretKey) -> Option<Box<dyn Signer + '_>> {
        Some(Box::new(aws_lc::PrivateKey::new(key.clone()).unwrap()))
    }

    fn unwrapper(&self, key: &Key) -> Option<Box<dyn Unwrapper + '_>> {
        Some(Box::new(aws_lc::WrappingKey::new(key.clone())))
    }

    fn wrapper(&self, key: &Key) -> Option<Box<dyn Wrapper + '_>> {
        Some(Box::new(aws_lc::WrappingKey::new(key.clone())))
    }

    fn content(&self, key: &Key) -> Option<Key> {
        Some(aws_lc::content_key(key.clone()))
    }
}

const BACKENDS: &[&dyn Backend] = &[&BuiltIn, &AwsLc];

/// A pair is a backend that makes something and one that takes it.
#[test]
fn what_one_makes_every_other_takes() {
    assert_eq!(suite::signatures(BACKENDS), 6 * 4);
    assert_eq!(suite::macs(BACKENDS), 7);
    assert_eq!(suite::contents(BACKENDS), 12 * 4);
    assert_eq!(suite::unauthenticated(BACKENDS), 6 * 4);
    assert_eq!(suite::wrapped(BACKENDS), 3 * 4);
    assert_eq!(suite::agreements(BACKENDS), 2);
    assert_eq!(suite::messages(BACKENDS), 3 * 2 + 2);
}

#[test]
fn verdicts_on_signatures_are_those_of_wycheproof() {
    suite::ecdsa(BACKENDS);
    suite::ed25519(BACKENDS);
    suite::rsa(BACKENDS);
    assert_eq!(suite::rsa_encodings(BACKENDS), 2 * (15 + 3 * 2));
    suite::ml_dsa(BACKENDS);
}

#[test]
fn verdicts_on_secrets_are_those_of_wycheproof() {
    suite::hmac(BACKENDS);
    suite::aeads(BACKENDS);
    suite::key_wrap(BACKENDS);
    suite::agreed(BACKENDS);
}

/// Odd numbers of so many bits: the built-in code takes them, or says why not. What it takes, the
/// other takes too.
#[test]
fn rsa_keys_are_taken_alike() {
    let longest = (1_u64 << 33) - 1;
    let exponents = [(1, false), (2, false), (3, true), (17, true), (65537, true), (longest, true)];
    for bits in
        [1024, 2047, 2048, 2049, 2055, 2056, 3072, 4095, 4096, 8191, 8192, 8193, 16384_usize]
    {
        for (exponent, is_exponent) in exponents.into_iter().chain([(longest + 2, false)]) {
            let mut modulus = vec![0; bits.div_ceil(8)];
            modulus[0] = 1 << ((bits - 1) % 8);
            *modulus.last_mut().unwrap() |= 1;
            let exponent: Vec<u8> =
                exponent.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            let taken = RsaPublicKey::new(&modulus, &exponent);
            let is_taken = is_exponent && (2048..=8192).contains(&bits);
            assert_eq!(taken.is_ok(), is_taken, "{bits} {exponent:?}");
            let Ok(key) = taken else { continue };
            for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
                let key = key.clone().with_algorithm(algorithm).unwrap();
                let other = aws_lc::PublicKey::new(VerifyingKey::Rsa(key.clone())).unwrap();
                for signature in [vec![0; modulus.len()], modulus.clone(), vec![1; modulus.len()]] {
                    assert_eq!(key.verify(&[b"m"], &signature), Err(Refused::Invalid));
                    assert_eq!(other.verify(&[b"m"], &signature), Err(Refused::Invalid));
                }
            }
        }
    }
}
