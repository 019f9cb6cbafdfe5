//! COSE messages with recipients and countersignatures: whatever comes, no panic; and what is
//! decoded is encoded again byte for byte.

#![no_main]

use iotops_crypto::Algorithm;
use iotops_crypto::agreement::{P256SecretKey, X25519SecretKey};
use iotops_crypto::cipher::Key;
use iotops_crypto::cose::{Encrypt, Encrypt0, Headers, Keyring, Mac, RecipientKey, Target};
use iotops_crypto::hpke::ReceiverKey;
use iotops_fuzz::Anyone;
use iotops_wire::cbor::Encoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let key = |algorithm, length| Key::new(algorithm, &[7; 32][..length]).expect("a length");
    let (gcm, ccm) = (key(Algorithm::A128Gcm, 16), key(Algorithm::AesCcm16_64_128, 16));
    let (kw, hkdf) = (key(Algorithm::A128Kw, 16), key(Algorithm::DirectHkdfSha256, 32));
    let p256 = P256SecretKey::from_scalar(&[7; 32]).expect("a scalar");
    let x25519 = X25519SecretKey::from_bytes(&[7; 32]).expect("a key");
    let (a, b) = (p256.public_key(), x25519.public_key());
    let hpke = [ReceiverKey::new(&p256, &a), ReceiverKey::new(&x25519, &b)];
    let [hpke_p256, hpke_x25519] = hpke.map(|key| key.expect("a pair"));
    let keys = [
        RecipientKey::Shared(&gcm),
        RecipientKey::Shared(&hkdf),
        RecipientKey::Unwrap(&kw),
        RecipientKey::Agree(&p256),
        RecipientKey::Agree(&x25519),
        RecipientKey::Hpke(&hpke_p256),
        RecipientKey::Hpke(&hpke_x25519),
    ];
    let keyring = Keyring::new(&keys);
    let mut plaintext = vec![0; input.len()];
    if let Ok(message) = Encrypt0::decode(input) {
        assert_eq!(encoded(|encoder| message.encode(encoder)), input);
        let _ = message.decrypt(b"", &[&gcm, &ccm], None, &mut plaintext);
        let _ = message.decrypt_hpke(b"", &[&hpke_p256, &hpke_x25519], b"", &mut plaintext);
        headers(message.headers());
        let _ = message.countersigned(None).map(|target| countersignatures(&target));
    }
    if let Ok(message) = Encrypt::decode(input) {
        assert_eq!(encoded(|encoder| message.encode(encoder)), input);
        let _ = message.decrypt(b"", &keyring, &mut plaintext);
        let _ = message.decrypt_unauthenticated(&keyring, &mut plaintext);
        headers(message.headers());
        message.recipients().iter().for_each(|one| countersignatures(&one.countersigned()));
    }
    if let Ok(message) = Mac::decode(input) {
        assert_eq!(encoded(|encoder| message.encode(encoder)), input);
        let _ = message.verify(b"", &keyring);
        let _ = message.countersigned(None).map(|target| countersignatures(&target));
    }
});

fn encoded(encode: impl FnOnce(&mut Encoder<'_>) -> Result<(), iotops_crypto::Error>) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(&mut Encoder::new(&mut bytes)).expect("a vector has space");
    bytes
}

fn headers(headers: &Headers<'_>) {
    let _ = headers.x5chain().map(|list| list.map(|list| list.iter().count()));
    let _ = headers.x5bag().map(|list| list.map(|list| list.iter().count()));
    let _ = headers.x5t().map(|one| one.map(|one| one.is_of(b"")));
}

fn countersignatures(target: &Target<'_>) {
    let _ = target.countersignatures(&mut |one| {
        let _ = target.verify(&one, Some(Algorithm::EdDsa), b"", &[&Anyone]);
        Ok(())
    });
}
