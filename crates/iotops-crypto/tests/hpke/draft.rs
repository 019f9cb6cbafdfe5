//! draft-ietf-cose-hpke-27 §5 and Appendix C.

use iotops_crypto::agreement::{Agreement, Curve, PublicKey};
use iotops_crypto::cose::{Binding, Encrypt, Encrypt0, Keyring, RecipientKey};
use iotops_crypto::hpke::{Psk, ReceiverKey};
use iotops_crypto::rules::cipher as rules;
use iotops_crypto::wire::cbor::Cursor;
use iotops_crypto::{Algorithm, rules as common};

use super::{blocks, private, rule, unhex, value};

/// Appendix C: the inputs of all examples there.
const PLAINTEXT: &[u8] = b"hpke test payload";
const AAD: &[u8] = b"external-aad";
const INFO: &[u8] = b"external-info";
const HPKE_AAD: &[u8] = b"external-hpke-aad";
const PSK: &str = "0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82";
const PSK_ID: &[u8] = b"Ennyn Durin aran Moria";
/// §5; the draft does not mention that the line ends.
const PLAINTEXT_5: &[u8] = b"This is the content.\n";

struct Case {
    name: String,
    own: Box<dyn Agreement>,
    public: PublicKey,
    message: Vec<u8>,
    external: String,
}

impl Case {
    fn external(&self, name: &str, value: &'static [u8]) -> &'static [u8] {
        if self.external.split(' ').any(|own| own == name) { value } else { &[] }
    }

    fn plaintext(&self) -> &'static [u8] {
        if self.name.starts_with('5') { PLAINTEXT_5 } else { PLAINTEXT }
    }

    fn is_psk(&self) -> bool {
        !self.external("psk", PSK_ID).is_empty()
    }

    fn is_key_encryption(&self) -> bool {
        self.message.starts_with(&[0xd8, 0x60])
    }
}

/// The private key of a `COSE_Key`, which must belong to the public one beside it.
fn cose_key(bytes: &[u8]) -> (Box<dyn Agreement>, PublicKey) {
    let mut cursor = Cursor::new(bytes).unwrap();
    let (mut curve, mut x, mut d) = (0, Vec::new(), Vec::new());
    for _ in 0..cursor.map().unwrap() {
        match cursor.integer().unwrap() {
            -1 => curve = cursor.integer().unwrap(),
            -2 => x = cursor.bytes().unwrap().to_vec(),
            -4 => d = cursor.bytes().unwrap().to_vec(),
            _ => cursor.skip().unwrap(),
        }
    }
    let curve = if curve == 1 { Curve::P256 } else { Curve::X25519 };
    let made = private(curve, &d);
    let public = made.1.as_bytes();
    let own = if curve == Curve::P256 { &public[1..33] } else { public };
    assert_eq!(own, x);
    made
}

fn cases() -> Vec<Case> {
    let case = |block: Vec<(String, String)>| {
        let (own, public) = cose_key(&unhex(value(&block, "key").unwrap()));
        Case {
            name: value(&block, "name").unwrap().to_owned(),
            own,
            public,
            message: unhex(value(&block, "message").unwrap()),
            external: value(&block, "external").unwrap().to_owned(),
        }
    };
    blocks("cose-hpke-27.txt").into_iter().map(case).collect()
}

#[test]
fn the_examples_open() {
    let (mut integrated, mut keys, mut contents) = (0, 0, 0);
    let psk = unhex(PSK);
    let psk = Psk::new(&psk, PSK_ID).unwrap();
    for case in cases() {
        let mut key = ReceiverKey::new(&*case.own, &case.public).unwrap();
        if case.is_psk() {
            key = key.with_psk(psk);
        }
        if case.is_key_encryption() {
            keys += 1;
            contents += usize::from(open_key(&case, &key));
        } else {
            open_content(&case, &key);
            integrated += 1;
        }
    }
    assert_eq!((integrated, keys, contents), (15, 13, 9));
}

fn open_content(case: &Case, key: &ReceiverKey<'_>) {
    let message = Encrypt0::decode(&case.message).unwrap();
    let (aad, info) = (case.external("aad", AAD), case.external("info", INFO));
    let mut space = [0; 64];
    let opened = message.decrypt_hpke(aad, &[key], info, &mut space).unwrap();
    assert_eq!(opened.plaintext(), case.plaintext(), "{}", case.name);
    for (aad, info) in [(&b"other"[..], info), (aad, b"other")] {
        let refused = message.decrypt_hpke(aad, &[key], info, &mut space);
        assert_eq!(rule(refused), rules::TAG);
        assert_eq!(space[..case.plaintext().len()], [0; 64][..case.plaintext().len()]);
    }
    // RFC 9052 has no key for it.
    let refused = message.decrypt(aad, &[], None, &mut space);
    assert_eq!(rule(refused), common::ALGORITHM_PURPOSE);
}

/// Whether the content could be opened too: some examples have an IV as long as the key, which
/// RFC 9053 §4.1 does not: "AES-GCM: the nonce is 96 bits".
fn open_key(case: &Case, key: &ReceiverKey<'_>) -> bool {
    let message = Encrypt::decode(&case.message).unwrap();
    let aad = case.external("aad", AAD);
    let binding =
        Binding::new(case.external("info", INFO)).with_aad(case.external("hpke_aad", HPKE_AAD));
    let keys = [RecipientKey::Hpke(key)];
    let keyring = Keyring::new(&keys).with_binding(binding);
    let content = message.content_key(&keyring).unwrap();
    let algorithm = Algorithm::from_cose(message.headers().algorithm().unwrap()).unwrap();
    assert_eq!(content.algorithm(), algorithm);
    for wrong in [binding.with_aad(b"other"), Binding::new(b"other").with_aad(binding.aad)] {
        let refused = message.content_key(&keyring.with_binding(wrong));
        assert_eq!(rule(refused), rules::UNWRAP, "{}", case.name);
    }
    let mut space = [0; 64];
    match message.decrypt(aad, &keyring, &mut space) {
        Ok(opened) => {
            assert_eq!(opened.plaintext(), case.plaintext(), "{}", case.name);
            true
        }
        Err(error) => {
            assert_eq!(error.rule(), rules::IV_LENGTH, "{}", case.name);
            false
        }
    }
}

#[test]
fn the_mode_is_that_of_the_key() {
    let psk = unhex(PSK);
    let psk = Psk::new(&psk, PSK_ID).unwrap();
    let other = Psk::new(&[7; 32], PSK_ID).unwrap();
    let elsewhere = Psk::new(&[7; 32], b"other").unwrap();
    let (mut with, mut without) = (0, 0);
    for case in cases().iter().filter(|case| !case.is_key_encryption()) {
        let message = Encrypt0::decode(&case.message).unwrap();
        let (aad, info) = (case.external("aad", AAD), case.external("info", INFO));
        let plain = ReceiverKey::new(&*case.own, &case.public).unwrap();
        let mut space = [0; 64];
        let mut open =
            |key: &ReceiverKey<'_>| message.decrypt_hpke(aad, &[key], info, &mut space).map(drop);
        assert_eq!(rule(open(&plain.with_psk(elsewhere))), common::NO_KEY);
        if case.is_psk() {
            assert_eq!(rule(open(&plain)), common::NO_KEY);
            assert_eq!(rule(open(&plain.with_psk(other))), rules::TAG);
            with += 1;
        } else {
            assert_eq!(rule(open(&plain.with_psk(psk))), common::NO_KEY);
            without += 1;
        }
    }
    assert_eq!((with, without), (4, 11));
}
