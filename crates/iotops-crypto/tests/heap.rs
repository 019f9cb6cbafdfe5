//! Decoding, verifying and importing take no heap.

#![cfg(all(feature = "es256", feature = "ed25519", feature = "hmac", feature = "alloc"))]
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

#[cfg(feature = "hss-lms")]
mod vectors;

use std::fs;

use iotops_crypto::cose::Sign1;
use iotops_crypto::key::import;

#[global_allocator]
static ALLOCATOR: test_support::CountingAllocator = test_support::CountingAllocator;

/// One test only: the counter counts the whole process.
#[test]
fn no_allocation_from_bytes_to_proof() {
    let keys = test_support::testdata().join("keys");
    let mut checked = 0;
    for path in test_support::files(&keys, &[".pem", ".cbor", "-public.bin"]) {
        let bytes = fs::read(&path).unwrap();
        let (count, imported) = test_support::allocations(|| import(&bytes));
        assert!(imported.is_ok(), "{}", path.display());
        assert_eq!(count, 0, "{}", path.display());
        checked += 1;
    }
    assert!(checked >= 6);
    let key = import(&fs::read(keys.join("suit-example-p256-public.pem")).unwrap()).unwrap();
    let key = key.verifying_key();
    let message = [0xd2, 0x84, 0x43, 0xa1, 0x01, 0x28, 0xa0, 0x41, 0x00, 0x58, 0x40];
    let message = [&message[..], &[1; 64]].concat();
    let (count, refused) = test_support::allocations(|| {
        Sign1::decode(&message).and_then(|one| one.verify(b"", &[&key]).map(drop))
    });
    assert_eq!(count, 0);
    assert_eq!(refused.unwrap_err().rule(), iotops_crypto::rules::SIGNATURE);
    #[cfg(feature = "jws")]
    no_allocation_for_jws();
    #[cfg(feature = "ml-dsa")]
    {
        use iotops_crypto::Verifier as _;
        let key = iotops_crypto::key::MlDsa44PublicKey::from_bytes(&[1; 1312]).unwrap();
        let verify = || key.verify(&[b"m"], &[0; 2420]);
        assert_eq!(test_support::allocations(verify).0, 0);
    }
    #[cfg(feature = "hss-lms")]
    {
        use iotops_crypto::Verifier as _;
        let block = &vectors::blocks("rfc8554-test-case-1.txt")[0];
        let [key, message, signature] = ["public", "message", "signature"]
            .map(|name| vectors::unhex(vectors::value(block, name)));
        let (count, verified) = test_support::allocations(|| {
            let key = iotops_crypto::key::HssLmsPublicKey::from_bytes(&key).unwrap();
            key.verify(&[&message], &signature)
        });
        assert_eq!((count, verified), (0, Ok(())));
    }
    let (count, _) = test_support::allocations(|| message.clone());
    assert_eq!(count, 1, "the counter counts");
}

#[cfg(feature = "jws")]
fn no_allocation_for_jws() {
    use iotops_crypto::jws::Jws;
    let folder = test_support::testdata().join("jws");
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let key = read("rfc7515-a3.key.json");
    let (compact, json) = (read("rfc7515-a3.jws"), read("rfc7515-a6.json"));
    let mut scratch = [0; 1024];
    let (count, verified) = test_support::allocations(|| {
        let key = import(&key)?.verifying_key();
        let _ = key.jwk_thumbprint()?;
        Jws::decode_compact(&compact, &mut scratch)?.verify(&[&key])?;
        let message = Jws::decode_json(&json, &mut scratch)?;
        message.signatures().last().map(|one| one.verify(&[&key]).map(drop)).transpose()
    });
    assert_eq!((count, verified), (0, Ok(Some(()))));
}
