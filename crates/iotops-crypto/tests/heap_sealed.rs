//! Decrypting, MACs for recipients and countersignatures take no heap; nor does writing to a slice.

#![cfg(all(feature = "ecdh", feature = "es256", feature = "sha512"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use iotops_crypto::agreement::{P256SecretKey, X25519SecretKey};
use iotops_crypto::cipher::Key;
use iotops_crypto::cose::{
    Encrypt, Keyring, Mac, NewRecipient, Payload, Plaintext, RecipientKey, To, Unsealed,
};
use iotops_crypto::wire::cbor::{Encoder, SliceOutput};
use iotops_crypto::wire::{Random, Unavailable};
use iotops_crypto::{Algorithm, Error};

#[global_allocator]
static ALLOCATOR: test_support::CountingAllocator = test_support::CountingAllocator;

struct Sevens;

impl Random for Sevens {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Unavailable> {
        buffer.fill(7);
        Ok(())
    }
}

fn write(algorithm: Algorithm, to: &mut [To<'_>], space: &mut [u8]) -> Result<usize, Error> {
    let mut output = SliceOutput::new(space);
    let encoder = &mut Encoder::new(&mut output);
    let unsealed = Unsealed::new(algorithm)?;
    if algorithm.purpose() == iotops_crypto::Purpose::Mac {
        unsealed.mac(to, Payload::Attached(b"text"), b"", &mut Sevens, encoder)?;
    } else {
        unsealed.encrypt(to, Plaintext::Attached(b"text"), b"", &mut Sevens, encoder)?;
    }
    Ok(output.written().len())
}

/// One test only: the counter counts the whole process.
#[test]
fn no_allocation_from_message_to_plaintext() {
    let mut kek = Key::new(Algorithm::A256Kw, &[1; 32]).unwrap();
    let p256 = P256SecretKey::from_scalar(&[2; 32]).unwrap();
    let x25519 = X25519SecretKey::from_bytes(&[3; 32]).unwrap();
    let (a, b, own) = (p256.public_key(), x25519.public_key(), kek.clone());
    let keys =
        [RecipientKey::Unwrap(&own), RecipientKey::Agree(&p256), RecipientKey::Agree(&x25519)];
    let keyring = Keyring::new(&keys);
    for algorithm in [Algorithm::A128Gcm, Algorithm::AesCcm16_64_128, Algorithm::Hmac256] {
        for way in 0..4 {
            let mut space = [0; 512];
            let (count, length) = test_support::allocations(|| {
                let how = match way {
                    0 => NewRecipient::Wrap(&mut kek),
                    1 => NewRecipient::Agree(Algorithm::EcdhEsHkdf256, &a),
                    2 => NewRecipient::Agree(Algorithm::EcdhEsA128Kw, &b),
                    _ => NewRecipient::Agree(Algorithm::EcdhEsHkdf512, &b),
                };
                write(algorithm, &mut [To::new(how).with_key_id(b"me")], &mut space).unwrap()
            });
            assert_eq!(count, 0, "writing");
            let message = &space[..length];
            let mut buffer = [0; 64];
            let (count, _) = test_support::allocations(|| {
                if algorithm == Algorithm::Hmac256 {
                    let decoded = Mac::decode(message).unwrap();
                    assert_eq!(decoded.verify(b"", &keyring).unwrap().payload(), b"text");
                } else {
                    let decoded = Encrypt::decode(message).unwrap();
                    let opened = decoded.decrypt(b"", &keyring, &mut buffer).unwrap();
                    assert_eq!(opened.plaintext(), b"text");
                }
            });
            assert_eq!(count, 0, "reading {algorithm:?} {way}");
        }
    }
    #[cfg(feature = "hpke-draft")]
    no_allocation_with_hpke(&p256, &x25519);
    let (count, _) = test_support::allocations(|| keys.to_vec());
    assert_eq!(count, 1, "the counter counts");
}

#[cfg(feature = "hpke-draft")]
fn no_allocation_with_hpke(p256: &P256SecretKey, x25519: &X25519SecretKey) {
    use iotops_crypto::agreement::{Agreement, PublicKey};
    use iotops_crypto::cose::{Encrypt0, UnsealedHpke};
    use iotops_crypto::hpke::{Psk, ReceiverKey};
    let psk = Psk::new(&[5; 32], b"psk").unwrap();
    let pairs: [(&dyn Agreement, PublicKey, [Algorithm; 2]); 2] = [
        (p256, p256.public_key(), [Algorithm::Hpke0Ke, Algorithm::Hpke7]),
        (x25519, x25519.public_key(), [Algorithm::Hpke4Ke, Algorithm::Hpke3]),
    ];
    for (own, public, [key_algorithm, algorithm]) in pairs {
        let key = ReceiverKey::new(own, &public).unwrap().with_psk(psk);
        let keys = [RecipientKey::Hpke(&key)];
        let (mut space, mut buffer) = ([0; 512], [0; 64]);
        let (count, ()) = test_support::allocations(|| {
            let to = To::new(NewRecipient::Hpke(key_algorithm, &public, Some(psk)));
            let length = write(Algorithm::A128Gcm, &mut [to.with_key_id(b"me")], &mut space);
            let message = Encrypt::decode(&space[..length.unwrap()]).unwrap();
            let opened = message.decrypt(b"", &Keyring::new(&keys), &mut buffer).unwrap();
            assert_eq!(opened.plaintext(), b"text");

            let mut output = SliceOutput::new(&mut space);
            let unsealed = UnsealedHpke::new(algorithm).unwrap().with_psk(psk);
            let encoder = &mut Encoder::new(&mut output);
            let text = Plaintext::Attached(b"text");
            unsealed.encrypt0(&public, text, b"", &mut Sevens, encoder).unwrap();
            let message = Encrypt0::decode(output.written()).unwrap();
            let opened = message.decrypt_hpke(b"", &[&key], b"", &mut buffer).unwrap();
            assert_eq!(opened.plaintext(), b"text");
        });
        assert_eq!(count, 0, "HPKE");
    }
}
