//! The examples of the COSE working group, all 306 files.
//!
//! Each file says what it was made of, what was computed on the way, and the message. Files with
//! `"fail": true` must be refused, the others must give the plaintext and the values on the way.
//! The examples do not keep the order of map keys outside of byte strings, and so every message
//! is brought into the deterministic encoding first; how many needed that is counted.

#![cfg(all(feature = "ecdh", feature = "es256", feature = "ed25519", feature = "sha512"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::unwrap_in_result,
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod keys;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;

use iotops_crypto::agreement::{Agreement, KdfInfo, PublicKey};
use iotops_crypto::cipher::Key;
use iotops_crypto::cose::{
    Certificates, Encrypt, Encrypt0, Keyring, Mac, Mac0, Recipient, Recipients, Sign, Sign1, Target,
};
use iotops_crypto::key::VerifyingKey;
use iotops_crypto::wire::Rule;
use iotops_crypto::wire::cbor::lax;
use iotops_crypto::{Algorithm, Error, Refused, Verifier, rules};
use serde_json::Value;

use keys::{OwnKey, Unsent, hex, member, own_keys, verifying_key};

/// What a file came to.
enum Outcome {
    /// As the file says.
    Good,
    /// This build, or this library by choice, does not do it: the reason.
    Unsupported(String),
}

type Ran = Result<Outcome, Error>;

/// A verifier that keeps what it was asked to verify.
struct Recorder<'k>(&'k dyn Verifier, RefCell<Vec<u8>>);

impl Verifier for Recorder<'_> {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        self.0.accepts(algorithm)
    }

    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        *self.1.borrow_mut() = message.concat();
        self.0.verify(message, signature)
    }
}

/// Values on the way: how many were compared, and which are not those of the message.
#[derive(Default)]
struct Compared {
    count: usize,
    slips: Vec<String>,
}

impl Compared {
    fn check(&mut self, expected: &Value, made: &[u8], what: &str) {
        if let Some(expected) = expected.as_str() {
            if hex(expected) != made {
                self.slips.push(what.to_owned());
            }
            self.count += 1;
        }
    }
}

/// Messages that are good with the values that the standard gives, beside which the file says
/// others.
const SLIPS: &[&str] =
    &["chacha-poly-examples/chacha-poly-enc-01.json AAD", "countersign1/mac0-01.json countersign0"];

/// One file at work.
struct File<'v> {
    json: &'v Value,
    message: &'v Value,
    document: Vec<u8>,
    has_tag: bool,
    compared: Compared,
}

fn content_algorithm(number: Option<i64>) -> Option<Algorithm> {
    number.and_then(Algorithm::from_cose)
}

impl File<'_> {
    fn plaintext(&self) -> Vec<u8> {
        member(&self.json["input"], "plaintext").unwrap()
    }

    fn aad(&self) -> Vec<u8> {
        self.message["external"].as_str().map(hex).unwrap_or_default()
    }

    /// The Base IV: the whole IV less the Partial IV.
    fn base_iv(&self) -> Option<Vec<u8>> {
        let mut whole = member(&self.message["unsent"], "IV")?;
        let partial = member(&self.message["unprotected"], "partialIV").unwrap_or_default();
        for (to, from) in whole.iter_mut().rev().zip(partial.iter().rev()) {
            *to ^= from;
        }
        Some(whole)
    }

    fn encrypted(&mut self) -> Ran {
        let document = self.document.clone();
        let message = if self.has_tag {
            Encrypt0::decode(&document)?
        } else {
            assert_eq!(Encrypt0::decode(&document).unwrap_err().rule(), wire::EXPECT_TAG);
            Encrypt0::decode_untagged(&document)?
        };
        let algorithm = content_algorithm(message.headers().algorithm());
        let keys = match own_keys(&self.message["recipients"], algorithm) {
            Ok(keys) => keys,
            Err(reason) => return Ok(Outcome::Unsupported(reason)),
        };
        let keys: Vec<&Key> = keys
            .iter()
            .map(|key| match key {
                OwnKey::Shared(key) => key,
                _ => panic!("COSE_Encrypt0 has no recipients"),
            })
            .collect();
        let mut buffer = vec![0; document.len()];
        let (aad, base) = (self.aad(), self.base_iv());
        let structure = message.enc_structure(&aad, |parts| parts.concat());
        let opened = message.decrypt(&aad, &keys, base.as_deref(), &mut buffer)?;
        assert_eq!(opened.plaintext(), self.plaintext());
        let expected = &self.json["intermediates"];
        self.compared.check(&expected["AAD_hex"], &structure, "AAD");
        self.compared.check(&expected["CEK_hex"], keys[0].as_bytes(), "CEK");
        let target = message.countersigned(None)?;
        self.countersignatures(&target, self.message, &self.json["intermediates"].clone(), &[])
    }

    fn enveloped(&mut self) -> Ran {
        let document = self.document.clone();
        let message = if self.has_tag {
            Encrypt::decode(&document)?
        } else {
            assert_eq!(Encrypt::decode(&document).unwrap_err().rule(), wire::EXPECT_TAG);
            Encrypt::decode_untagged(&document)?
        };
        let algorithm = content_algorithm(message.headers().algorithm());
        let own = match own_keys(&self.message["recipients"], algorithm) {
            Ok(keys) => keys,
            Err(reason) => return Ok(Outcome::Unsupported(reason)),
        };
        let lent: Vec<_> = own.iter().map(OwnKey::lend).collect();
        let (unsent, aad) = (Unsent::new(self.message), self.aad());
        let base = self.base_iv();
        let mut keyring = Keyring::new(&lent).with_info(unsent.info());
        if let Some(base) = &base {
            keyring = keyring.with_base_iv(base);
        }
        let mut buffer = vec![0; document.len()];
        let structure = message.enc_structure(&aad, |parts| parts.concat());
        let opened = message.decrypt(&aad, &keyring, &mut buffer)?;
        assert_eq!(opened.plaintext(), self.plaintext());
        let expected = self.json["intermediates"].clone();
        self.compared.check(&expected["AAD_hex"], &structure, "AAD");
        let cek = message.content_key(&keyring)?;
        self.compared.check(&expected["CEK_hex"], cek.as_bytes(), "CEK");
        let info = unsent.info();
        self.recipients(&message.recipients(), &expected, algorithm.unwrap(), &info, &own);
        let target = message.countersigned(None)?;
        let inner: Vec<Recipient<'_>> = message.recipients().iter().collect();
        self.countersignatures(&target, self.message, &expected, &inner)
    }

    fn mac(&mut self) -> Ran {
        let document = self.document.clone();
        let message = if self.has_tag {
            Mac::decode(&document)?
        } else {
            assert_eq!(Mac::decode(&document).unwrap_err().rule(), wire::EXPECT_TAG);
            Mac::decode_untagged(&document)?
        };
        let algorithm = content_algorithm(message.headers().algorithm());
        let own = match own_keys(&self.message["recipients"], algorithm) {
            Ok(keys) => keys,
            Err(reason) => return Ok(Outcome::Unsupported(reason)),
        };
        let lent: Vec<_> = own.iter().map(OwnKey::lend).collect();
        let (unsent, aad) = (Unsent::new(self.message), self.aad());
        let keyring = Keyring::new(&lent).with_info(unsent.info());
        let verified = message.verify(&aad, &keyring)?;
        assert_eq!(verified.payload(), self.plaintext());
        let expected = self.json["intermediates"].clone();
        let structure = message.mac_structure(verified.payload(), &aad, |parts| parts.concat());
        self.compared.check(&expected["ToMac_hex"], &structure, "ToMac");
        let key = message.mac_key(&keyring)?;
        self.compared.check(&expected["CEK_hex"], key.as_bytes(), "CEK");
        let info = unsent.info();
        self.recipients(&message.recipients(), &expected, algorithm.unwrap(), &info, &own);
        let target = message.countersigned(None)?;
        let inner: Vec<Recipient<'_>> = message.recipients().iter().collect();
        self.countersignatures(&target, self.message, &expected, &inner)
    }

    fn mac0(&mut self) -> Ran {
        let document = self.document.clone();
        let message = if self.has_tag {
            Mac0::decode(&document)?
        } else {
            assert_eq!(Mac0::decode(&document).unwrap_err().rule(), wire::EXPECT_TAG);
            Mac0::decode_untagged(&document)?
        };
        let algorithm = content_algorithm(message.headers().algorithm());
        let own = match own_keys(&self.message["recipients"], algorithm) {
            Ok(keys) => keys,
            Err(reason) => return Ok(Outcome::Unsupported(reason)),
        };
        let Some(OwnKey::Shared(key)) = own.first() else {
            // Without an algorithm there is no key; the message must refuse itself.
            let refused = message.verify(&self.aad(), &[]).map(drop);
            return refused.map(|()| Outcome::Good);
        };
        let recorder = Recorder(key, RefCell::default());
        let verified = message.verify(&self.aad(), &[&recorder])?;
        assert_eq!(verified.payload(), self.plaintext());
        let expected = self.json["intermediates"].clone();
        self.compared.check(&expected["ToMac_hex"], &recorder.1.borrow(), "ToMac");
        self.compared.check(&expected["CEK_hex"], key.as_bytes(), "CEK");
        let target = message.countersigned(None)?;
        self.countersignatures(&target, self.message, &expected, &[])
    }

    fn sign1(&mut self) -> Ran {
        let document = self.document.clone();
        let message = if self.has_tag {
            Sign1::decode(&document)?
        } else {
            assert_eq!(Sign1::decode(&document).unwrap_err().rule(), wire::EXPECT_TAG);
            Sign1::decode_untagged(&document)?
        };
        let key = match verifying_key(&self.message["key"]) {
            Ok(key) => key,
            Err(reason) => return Ok(Outcome::Unsupported(reason)),
        };
        let key = bound(key, message.headers().algorithm());
        if let Some(reason) = unusual_curve(&key, message.headers().algorithm()) {
            return Ok(Outcome::Unsupported(reason));
        }
        let recorder = Recorder(&key, RefCell::default());
        let verified = message.verify(&self.aad(), &[&recorder])?;
        assert_eq!(verified.payload(), self.plaintext());
        let expected = self.json["intermediates"].clone();
        self.compared.check(&expected["ToBeSign_hex"], &recorder.1.borrow(), "ToBeSign");
        let target = message.countersigned(None)?;
        self.countersignatures(&target, self.message, &expected, &[])
    }

    fn sign(&mut self) -> Ran {
        let document = self.document.clone();
        let message = if self.has_tag {
            Sign::decode(&document)?
        } else {
            assert_eq!(Sign::decode(&document).unwrap_err().rule(), wire::EXPECT_TAG);
            let mut cursor = iotops_crypto::wire::cbor::Cursor::new(&document)?;
            let message = Sign::read(&mut cursor)?;
            cursor.end()?;
            message
        };
        let payload = message.payload().unwrap();
        let signers = self.message["signers"].as_array().unwrap();
        assert_eq!(message.signatures().count(), signers.len());
        let expected = self.json["intermediates"].clone();
        for (at, (signature, signer)) in message.signatures().zip(signers).enumerate() {
            let key = match verifying_key(&signer["key"]) {
                Ok(key) => key,
                Err(reason) => return Ok(Outcome::Unsupported(reason)),
            };
            let key = bound(key, signature.headers().algorithm());
            if let Some(reason) = unusual_curve(&key, signature.headers().algorithm()) {
                return Ok(Outcome::Unsupported(reason));
            }
            let aad = signer["external"].as_str().map(hex).unwrap_or_default();
            let recorder = Recorder(&key, RefCell::default());
            let verified = message.verify(&signature, payload, &aad, &[&recorder])?;
            assert_eq!(verified.payload(), self.plaintext());
            let to_be_signed = &expected["signers"][at]["ToBeSign_hex"];
            self.compared.check(to_be_signed, &recorder.1.borrow(), "ToBeSign");
            self.certificates(&signature, &signer["unprotected"]);
            let target = signature.countersigned();
            let expected = &expected["signers"][at];
            match self.countersignatures(&target, signer, expected, &[])? {
                Outcome::Good => {}
                other => return Ok(other),
            }
        }
        let target = message.countersigned(None)?;
        self.countersignatures(&target, self.message, &expected, &[])
    }

    /// RFC 9360: what the headers carry is what the file says.
    fn certificates(&mut self, signature: &iotops_crypto::cose::Signature<'_>, headers: &Value) {
        let lists = [
            (signature.headers().x5bag().unwrap(), &headers["x5bag"]),
            (signature.headers().x5chain().unwrap(), &headers["x5chain"]),
        ];
        for (found, expected) in lists {
            let expected: Vec<Vec<u8>> = match expected {
                Value::Null => Vec::new(),
                Value::Array(list) => list.iter().map(|one| hex(one.as_str().unwrap())).collect(),
                one => vec![hex(one.as_str().unwrap())],
            };
            let found: Vec<&[u8]> = found.iter().flat_map(Certificates::iter).collect();
            assert_eq!(found, expected);
            self.compared.count += found.len();
        }
        if let Some(x5t) = signature.headers().x5t().unwrap() {
            assert_eq!(x5t.is_of(b"another certificate"), Some(false));
            assert_eq!(x5t.hash(), hex(headers["x5t"][1].as_str().unwrap()));
            assert_eq!(x5t.is_of(&the_certificate()), Some(true));
            self.compared.count += 1;
        }
    }

    /// The values on the way of each recipient.
    fn recipients(
        &mut self,
        recipients: &Recipients<'_>,
        expected: &Value,
        target: Algorithm,
        info: &KdfInfo<'_>,
        own: &[OwnKey],
    ) {
        for (at, recipient) in recipients.iter().enumerate() {
            let expected = &expected["recipients"][at];
            let target = match recipient.headers().algorithm().and_then(Algorithm::from_cose) {
                Some(Algorithm::EcdhEsA128Kw | Algorithm::EcdhSsA128Kw) => Algorithm::A128Kw,
                Some(Algorithm::EcdhEsA192Kw | Algorithm::EcdhSsA192Kw) => Algorithm::A192Kw,
                Some(Algorithm::EcdhEsA256Kw | Algorithm::EcdhSsA256Kw) => Algorithm::A256Kw,
                _ => target,
            };
            let context = recipient.kdf_context(target, info).lend(|parts| parts.concat());
            self.compared.check(&expected["Context_hex"], &context, "Context");
            if let (Some(secret), [own]) = (expected["Secret_hex"].as_str(), own) {
                self.secret(&recipient, own, &hex(secret));
            }
            if let Some(inner) = recipient.recipients() {
                let of = recipient.headers().algorithm().and_then(Algorithm::from_cose).unwrap();
                self.recipients(&inner, expected, of, info, own);
            }
        }
    }

    fn secret(&mut self, recipient: &Recipient<'_>, own: &OwnKey, expected: &[u8]) {
        use iotops_crypto::cose::Label;
        use iotops_crypto::wire::cbor::Cursor;
        let sent = recipient.headers().unprotected(Label::Number(-1));
        let sent =
            sent.map(|sent| PublicKey::read(&mut Cursor::new(sent).unwrap()).unwrap().unwrap());
        let (key, sender): (&dyn Agreement, _) = match own {
            OwnKey::P256(key, sender) => (key, sender.or(sent)),
            OwnKey::X25519(key, sender) => (key, sender.or(sent)),
            OwnKey::Shared(_) => return,
        };
        let mut secret = [0; 32];
        key.agree(sender.unwrap().as_bytes(), &mut secret).unwrap();
        assert_eq!(secret, expected);
        self.compared.count += 1;
    }

    /// Countersignatures on `target`, and on the recipients in it.
    fn countersignatures(
        &mut self,
        target: &Target<'_>,
        from: &Value,
        expected: &Value,
        inner: &[Recipient<'_>],
    ) -> Ran {
        for (at, recipient) in inner.iter().enumerate() {
            let from = &from["recipients"][at];
            let expected = &expected["recipients"][at];
            match self.countersignatures(&recipient.countersigned(), from, expected, &[])? {
                Outcome::Good => {}
                other => return Ok(other),
            }
        }
        let mut found = Vec::new();
        target.countersignatures(&mut |one| {
            found.push(one);
            Ok(())
        })?;
        let of = |name: &str| from[name]["signers"].as_array().cloned().unwrap_or_default();
        let signers: Vec<_> = [of("countersign"), of("countersign0")].concat();
        assert_eq!(found.len(), signers.len());
        for (at, (one, signer)) in found.iter().zip(&signers).enumerate() {
            let key = match verifying_key(&signer["key"]) {
                Ok(key) => key,
                Err(reason) => return Ok(Outcome::Unsupported(reason)),
            };
            let recorder = Recorder(&key, RefCell::default());
            let algorithm = one.headers().is_none().then_some(Algorithm::EdDsa);
            let verified = target.verify(one, algorithm, b"", &[&recorder]);
            verified?;
            let list = if one.headers().is_none() { "countersign0" } else { "countersigners" };
            let to_be_signed = &expected[list][at]["ToBeSign_hex"];
            self.compared.check(to_be_signed, &recorder.1.borrow(), list);
        }
        Ok(Outcome::Good)
    }

    fn run(&mut self, kind: &str) -> Ran {
        match kind {
            "encrypted" => self.encrypted(),
            "enveloped" => self.enveloped(),
            "mac" => self.mac(),
            "mac0" => self.mac0(),
            "sign0" => self.sign1(),
            _ => self.sign(),
        }
    }
}

/// The certificate that the thumbprint is of: the other examples carry it.
fn the_certificate() -> Vec<u8> {
    let folder = test_support::vectors("crypto").unwrap();
    let path = folder.join("cose-wg-examples/x509-examples/signed-01.json");
    let json: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    hex(json["input"]["sign"]["signers"][0]["unprotected"]["x5bag"].as_str().unwrap())
}

/// An RSA key is for no algorithm until its owner says which; here the example does.
fn bound(key: VerifyingKey, algorithm: Option<i64>) -> VerifyingKey {
    let algorithm = algorithm.and_then(Algorithm::from_cose);
    algorithm.and_then(|it| key.clone().with_algorithm(it).ok()).unwrap_or(key)
}

/// RFC 9053 §2.1 lets ES512 sign with any curve; here an algorithm has one.
fn unusual_curve(key: &VerifyingKey, algorithm: Option<i64>) -> Option<String> {
    let algorithm = algorithm.and_then(Algorithm::from_cose)?;
    let is_es512 = algorithm == Algorithm::Es512 && !key.accepts(algorithm);
    is_es512.then(|| "ES512 with a key that is not on P-521".to_owned())
}

mod wire {
    pub(crate) use iotops_crypto::wire::rules::{EXPECT_TAG, KEY_ORDER};
}

/// The rule that a file with `"fail": true` must break, by its name.
fn expected_rule(name: &str, kind: &str) -> Vec<Rule> {
    let authentic = match kind {
        "encrypted" | "enveloped" => rules::cipher::TAG,
        "mac" | "mac0" => rules::MAC,
        _ => rules::SIGNATURE,
    };
    match () {
        () if name.contains("fail-01") => vec![rules::COSE_TAG],
        () if name.contains("fail-03") || name.contains("fail-04") => {
            vec![rules::ALGORITHM_UNKNOWN]
        }
        () => vec![authentic],
    }
}

/// The x509 examples have a text for the key identifier, which is not signed: RFC 9052 §3.1 has
/// bytes. The message is refused as it stands, and then tried with bytes.
fn mend_key_id(name: &str, mut document: Vec<u8>) -> Vec<u8> {
    let text = b"\x04\x6eAlice Lovelace";
    let Some(at) = document.windows(text.len()).position(|window| window == text) else {
        return document;
    };
    assert!(name.starts_with("x509-examples/"));
    assert_eq!(Sign::decode(&document).unwrap_err().rule(), rules::HEADER_VALUE);
    document[at + 1] = 0x4e;
    document
}

fn is_tagged(document: &[u8]) -> bool {
    document[0] >> 5 == 6
}

#[test]
fn every_example_of_the_working_group_has_its_result() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let folder = folder.join("cose-wg-examples");
    let files = test_support::files(&folder, &[".json"]);
    assert_eq!(files.len(), 306);
    let (mut accepted, mut refused, mut compared) = (0, 0, 0);
    let mut reordered = Vec::new();
    let mut slips = Vec::new();
    let mut unsupported: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files {
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        let json: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
        let input = json["input"].as_object().unwrap();
        let kinds = ["encrypted", "enveloped", "mac0", "mac", "sign0", "sign"];
        let kind = kinds.into_iter().find(|kind| input.contains_key(*kind)).unwrap();
        let original = hex(json["output"]["cbor"].as_str().unwrap());
        let mut is_reordered = false;
        let document = lax::rewrite(&original, &mut |_| is_reordered = true).unwrap();
        assert_eq!(document != original, is_reordered);
        let document = mend_key_id(&name, document);
        let must_fail = json["fail"] == true || json["input"]["fail"] == true;
        let has_tag = is_tagged(&document);
        let mut file = File {
            json: &json,
            message: &input[kind],
            document,
            has_tag,
            compared: Compared::default(),
        };
        match (file.run(kind), must_fail) {
            (Ok(Outcome::Unsupported(reason)), _) => {
                unsupported.entry(reason).or_default().push(name.clone());
                continue;
            }
            (Ok(Outcome::Good), false) => accepted += 1,
            (Err(error), true) => {
                let rules = expected_rule(&name, kind);
                assert!(rules.contains(&error.rule()), "{name}: {error}");
                refused += 1;
            }
            (Err(error), false) if error.rule() == wire::KEY_ORDER => {
                // Nobody may rewrite what is signed; this one would then break on its crit, too.
                let reason = "signed headers whose map is not in deterministic order".to_owned();
                unsupported.entry(reason).or_default().push(name.clone());
                continue;
            }
            (Err(error), false) if error.rule() == rules::ALGORITHM_UNPROTECTED => {
                // RFC 9052 §3.1: "MUST be authenticated where the ability to do so exists"; the
                // examples are from before, and this reader has no way around it.
                let reason = "refused by choice, as the algorithm is not protected".to_owned();
                unsupported.entry(reason).or_default().push(name.clone());
                continue;
            }
            (Ok(Outcome::Good), true) => panic!("{name} must be refused"),
            (Err(error), false) => panic!("{name}: {error}"),
        }
        compared += file.compared.count;
        slips.extend(file.compared.slips.iter().map(|slip| format!("{name} {slip}")));
        if is_reordered {
            reordered.push(name);
        }
    }
    let left = unsupported.values().map(Vec::len).sum::<usize>();
    for (reason, names) in &unsupported {
        println!("not run, {reason}: {} files: {}", names.len(), names.join(" "));
    }
    println!("accepted {accepted}, refused {refused}, not run {left}");
    println!("brought into order first, {}: {}", reordered.len(), reordered.join(" "));
    println!("values on the way that were compared: {compared}");
    assert!(accepted >= 205 && refused == 40, "more algorithms may accept more, and never fewer");
    assert_eq!(slips, SLIPS);
    assert_eq!(accepted + refused + left, 306);
    test_support::report("COSE working group", accepted + refused);
}
