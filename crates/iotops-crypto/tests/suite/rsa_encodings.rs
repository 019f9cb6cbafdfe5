//! RSA signatures by OpenSSL (`testdata/crypto`): all hashes, odd sizes of moduli, other salts, and
//! bits that must be zero.

use iotops_crypto::Algorithm;
use iotops_crypto::key::{VerifyingKey, import};

use super::{Backend, Made};
use crate::vectors::{blocks, unhex, value, verdict};

fn verified(
    backend: &dyn Backend,
    block: &[(String, String)],
    algorithm: Algorithm,
    signature: &str,
) -> Option<bool> {
    let VerifyingKey::Rsa(key) = import(&unhex(value(block, "public"))).unwrap().verifying_key()
    else {
        panic!("no RSA key");
    };
    let key = VerifyingKey::Rsa(key.with_algorithm(algorithm).unwrap());
    let (message, signature) = (unhex(value(block, "message")), unhex(value(block, signature)));
    match backend.verifier(&key) {
        Made::Key(key) => Some(verdict(key.as_ref(), &message, &signature)),
        Made::Refused => Some(false),
        Made::Lacks => None,
    }
}

/// Gives how many signatures were looked at.
pub(crate) fn rsa_encodings(backends: &[&dyn Backend]) -> usize {
    let mut count = 0;
    for backend in backends {
        for block in blocks("generated-rsa.txt") {
            let name = value(&block, "name");
            let algorithm =
                Algorithm::ALL.iter().find(|algorithm| algorithm.name() == name).unwrap();
            let Some(accepted) = verified(*backend, &block, *algorithm, "signature") else {
                continue;
            };
            let digest = name[2..].parse::<usize>().unwrap() / 8;
            // RFC 8230 §2: the salt is as long as the hash.
            let expected = name.starts_with('R') || value(&block, "salt") == digest.to_string();
            let words = format!("{} {name} {:?}", backend.name(), &block[1..3]);
            assert_eq!(accepted, expected, "{words}");
            count += 1;
        }
        for block in blocks("generated-rsa-pss-refused.txt") {
            let by = |signature| verified(*backend, &block, Algorithm::Ps256, signature);
            let Some(accepted) = by("valid") else { continue };
            assert!(accepted, "{} {}", backend.name(), value(&block, "name"));
            assert_eq!(
                by("signature"),
                Some(false),
                "{} {}",
                backend.name(),
                value(&block, "name")
            );
            count += 2;
        }
    }
    count
}
