//! Keys: every form, both ways, and each rule broken.

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

use std::fs;

use iotops_crypto::key::{HmacKey, Imported, KeyType, SecretKey, import};
use iotops_crypto::{Algorithm, Error, Signer, Verifier, rules};
use iotops_wire::{Random, Rule, Unavailable};

/// The types that this build can sign with, and the algorithms of each.
const TYPES: &[(KeyType, &[Algorithm])] = &[
    (KeyType::Es256, &[Algorithm::Es256, Algorithm::Esp256]),
    #[cfg(feature = "es384")]
    (KeyType::Es384, &[Algorithm::Es384, Algorithm::Esp384]),
    (KeyType::Ed25519, &[Algorithm::EdDsa, Algorithm::Ed25519]),
    (KeyType::Hmac, &[Algorithm::Hmac256]),
    #[cfg(feature = "sha512")]
    (KeyType::Hmac384, &[Algorithm::Hmac384]),
    #[cfg(feature = "sha512")]
    (KeyType::Hmac512, &[Algorithm::Hmac512]),
];

fn types() -> impl Iterator<Item = KeyType> {
    TYPES.iter().map(|row| row.0)
}

fn is_mac(key_type: KeyType) -> bool {
    matches!(key_type, KeyType::Hmac | KeyType::Hmac384 | KeyType::Hmac512)
}

/// Bytes that are not random.
struct Fixed(u8);

impl Random for Fixed {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Unavailable> {
        buffer.fill(self.0);
        Ok(())
    }
}

fn key(key_type: KeyType) -> SecretKey {
    SecretKey::generate(key_type, &mut Fixed(7)).unwrap()
}

fn public(imported: &Imported) -> Vec<u8> {
    imported.verifying_key().to_raw().as_bytes().to_vec()
}

fn sign(key: &mut SecretKey, message: &[u8]) -> Vec<u8> {
    let mut signature = [0; 5000];
    let length = key.sign(&[message], &mut signature).unwrap();
    signature[..length].to_vec()
}

/// DER out of PEM.
fn der(pem: &str) -> Vec<u8> {
    pem_rfc7468::decode_vec(pem.as_bytes()).unwrap().1
}

#[test]
fn every_form_comes_back_as_the_same_key() {
    for key_type in types() {
        let secret = key(key_type);
        let verifying = secret.verifying_key();
        let raw = verifying.to_raw().as_bytes().to_vec();
        let mut forms = vec![
            secret.to_cose_key().unwrap().as_bytes().to_vec(),
            verifying.to_cose_key().unwrap().as_bytes().to_vec(),
        ];
        if is_mac(key_type) {
            assert_eq!(verifying.to_pem().unwrap_err().rule(), rules::KEY_FORM);
            assert_eq!(secret.to_pem().unwrap_err().rule(), rules::KEY_FORM);
        } else {
            let (private, public) = (secret.to_pem().unwrap(), verifying.to_pem().unwrap());
            forms.extend([private.as_str().as_bytes().to_vec(), public.as_bytes().to_vec()]);
            forms.extend([der(private.as_str()), der(&public), raw.clone()]);
        }
        for form in forms {
            let imported = import(&form).unwrap();
            assert_eq!(public(&imported), raw, "{key_type:?}");
            if let Ok(mut again) = imported.secret_key() {
                assert_eq!(sign(&mut again, b"m"), sign(&mut secret.clone(), b"m"));
            }
        }
    }
}

#[test]
fn keys_sign_what_they_verify_and_nothing_else() {
    for key_type in types() {
        let mut secret = key(key_type);
        let verifying = secret.verifying_key();
        let signature = sign(&mut secret, b"message");
        assert!(verifying.verify(&[b"mess", b"", b"age"], &signature).is_ok());
        assert!(verifying.verify(&[b"messagf"], &signature).is_err());
        assert!(verifying.verify(&[b"message"], &signature[1..]).is_err());
        assert!(verifying.verify(&[b"message"], &[]).is_err());
        assert!(secret.sign(&[b"message"], &mut [0; 31]).is_err());
        assert!(verifying.accepts(secret.algorithm()));
    }
}

#[test]
fn no_key_accepts_an_algorithm_of_another_type() {
    for (key_type, own) in TYPES {
        let verifying = key(*key_type).verifying_key();
        assert_eq!(verifying.key_type(), *key_type);
        assert_eq!(verifying.algorithm(), own.last().copied());
        for algorithm in Algorithm::ALL {
            assert_eq!(verifying.accepts(*algorithm), own.contains(algorithm), "{key_type:?}");
        }
    }
}

#[test]
fn secrets_are_not_shown() {
    for key_type in types() {
        let secret = key(key_type);
        let shown = format!("{secret:?} {:?}", secret.to_raw());
        assert!(!shown.contains('7'), "{shown}");
    }
    let hmac = HmacKey::from_bytes(&[7; 32]).unwrap();
    assert_eq!(format!("{hmac:?}"), "HmacKey");
}

fn rule(bytes: &[u8]) -> Rule {
    import(bytes).map(drop).map_err(|error: Error| error.rule()).unwrap_err()
}

/// A COSE_Key of these labels and encoded values.
fn cose(entries: &[(i64, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = iotops_wire::cbor::Encoder::new(&mut bytes);
    let mut map = encoder.map(entries.len()).unwrap();
    for (label, value) in entries {
        map.key(*label).unwrap().raw(value).unwrap();
    }
    map.end().unwrap();
    bytes
}

fn bstr(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    iotops_wire::cbor::Encoder::new(&mut encoded).bytes(bytes).unwrap();
    encoded
}

#[test]
fn cose_keys_are_read_strictly() {
    let p256 = key(KeyType::Es256).verifying_key().to_raw().as_bytes().to_vec();
    let (x, y) = (bstr(&p256[1..33]), bstr(&p256[33..]));
    let sign_bit: &[u8] = if p256[64] & 1 == 1 { &[0xf5] } else { &[0xf4] };
    let ec = |more: &[(i64, &[u8])]| {
        let mut all = vec![(1, &[2][..])];
        all.extend(more.iter().filter(|(label, _)| *label > 0));
        all.extend([(-1, &[1][..]), (-2, &x[..]), (-3, &y[..])]);
        all.extend(more.iter().filter(|(label, _)| *label < -3));
        cose(&all)
    };
    assert_eq!(public(&import(&ec(&[])).unwrap()), p256);
    let compressed = cose(&[(1, &[2]), (-1, &[1]), (-2, &x), (-3, sign_bit)]);
    assert_eq!(public(&import(&compressed).unwrap()), p256);
    // alg and key_ops restrict the key.
    assert!(import(&ec(&[(3, &[0x26])])).is_ok());
    assert!(import(&ec(&[(3, &[0x28])])).is_ok());
    assert_eq!(rule(&ec(&[(3, &[0x27])])), rules::KEY_ALGORITHM);
    assert_eq!(rule(&ec(&[(3, &[0x38, 0x1c])])), rules::KEY_ALGORITHM);
    assert!(import(&ec(&[(4, &[0x81, 0x02])])).is_ok());
    assert_eq!(rule(&ec(&[(4, &[0x81, 0x07])])), rules::KEY_OPERATIONS);
    // A private key that may only verify is imported without its private part.
    let d = bstr(&[7; 32]);
    let with = |operations: &[u8]| import(&ec(&[(4, operations), (-4, &d)]));
    assert!(matches!(with(&[0x81, 1]), Ok(Imported::Secret(_))));
    assert!(matches!(with(&[0x81, 2]), Ok(Imported::Verifying(_))));
    assert_eq!(rule(&ec(&[(4, &[0x81, 9]), (-4, &d)])), rules::KEY_OPERATIONS);
    assert_eq!(rule(&ec(&[(4, &[0x81, 1])])), rules::KEY_OPERATIONS);
    let mac = |operations: &[u8]| cose(&[(1, &[4]), (3, &[5]), (4, operations), (-1, &d)]);
    assert!(matches!(import(&mac(&[0x82, 9, 10])), Ok(Imported::Secret(_))));
    assert!(matches!(import(&mac(&[0x81, 10])), Ok(Imported::Verifying(_))));
    assert_eq!(rule(&mac(&[0x81, 9])), rules::KEY_OPERATIONS);
    // Another private key beside it; one that belongs to it.
    assert_eq!(rule(&ec(&[(-4, &bstr(&[1; 32]))])), rules::KEY_PAIR);
    assert!(matches!(import(&ec(&[(-4, &bstr(&[7; 32]))])), Ok(Imported::Secret(_))));
    // Types, curves, missing and wrong parameters.
    assert_eq!(rule(&cose(&[(1, &[6])])), rules::KEY_TYPE);
    assert_eq!(rule(&cose(&[(1, &[3])])), rules::KEY_PARAMETER);
    assert_eq!(rule(&cose(&[(1, &[2]), (-1, &[3]), (-2, &x), (-3, &y)])), rules::KEY_TYPE);
    assert_eq!(rule(&cose(&[(1, &[2]), (-1, &[1]), (-2, &x)])), rules::KEY_PARAMETER);
    assert_eq!(rule(&cose(&[(1, &[2]), (-1, &[1])])), rules::KEY_PARAMETER);
    assert_eq!(rule(&cose(&[(1, &[2]), (2, &[1]), (-1, &[1])])), rules::KEY_PARAMETER);
    assert_eq!(rule(&cose(&[(1, &[2]), (-1, &[1]), (-2, &x), (-3, &x)])), rules::KEY_POINT);
    assert_eq!(rule(&cose(&[(1, &[1]), (-1, &[6]), (-2, &bstr(&[0; 32]))])), rules::KEY_POINT);
    // A symmetric key must say what it is for, and be long enough.
    assert_eq!(rule(&cose(&[(1, &[4]), (-1, &bstr(&[7; 32]))])), rules::KEY_ALGORITHM);
    assert_eq!(rule(&cose(&[(1, &[4]), (3, &[5]), (-1, &bstr(&[7; 31]))])), rules::KEY_SHORT);
    assert!(import(&cose(&[(1, &[4]), (3, &[5]), (-1, &bstr(&[7; 32]))])).is_ok());
    // Deterministic CBOR, and nothing behind it.
    let mut trailing = ec(&[]);
    trailing.push(0);
    assert_eq!(rule(&trailing), iotops_wire::rules::TRAILING);
}

#[test]
fn der_and_pem_are_read_strictly() {
    let secret = key(KeyType::Es256);
    let private = secret.to_pem().unwrap();
    let public = secret.verifying_key().to_pem().unwrap();
    let spki = der(&public);
    assert_eq!(rule(&[&spki[..], &[0]].concat()), rules::KEY_ENCODING);
    assert_eq!(rule(&spki[..spki.len() - 1]), rules::KEY_ENCODING);
    let mut other_curve = spki.clone();
    let position = spki.windows(2).position(|pair| pair == [0x01, 0x07]).unwrap();
    other_curve[position + 1] = 0x01;
    assert_eq!(rule(&other_curve), rules::KEY_TYPE);
    let mut off_curve = spki.clone();
    *off_curve.last_mut().unwrap() ^= 1;
    assert_eq!(rule(&off_curve), rules::KEY_POINT);
    // PKCS#8 with a public key of another private key inside.
    let mut pkcs8 = der(private.as_str());
    let scalar = pkcs8.windows(32).position(|bytes| bytes == [7; 32]).unwrap();
    pkcs8[scalar] = 8;
    assert_eq!(rule(&pkcs8), rules::KEY_PAIR);
    let mut zero = der(private.as_str());
    zero[scalar..scalar + 32].fill(0);
    assert_eq!(rule(&zero), rules::KEY_SCALAR);
    assert_eq!(rule(public.replace("PUBLIC", "PUBLISHED").as_bytes()), rules::KEY_FORM);
    assert_eq!(rule(public.replace('\n', "").as_bytes()), rules::PEM);
    assert_eq!(rule(format!("{public}{public}").as_bytes()), rules::PEM);
    assert_eq!(rule(format!("{public}junk").as_bytes()), rules::PEM);
    assert!(import(format!("\n {public}\n\n").as_bytes()).is_ok());
    let windows = public.replace('\n', "\r\n");
    assert!(import(windows.as_bytes()).is_ok());
}

#[test]
fn raw_forms_are_told_by_length() {
    let point = key(KeyType::Es256).verifying_key().to_raw().as_bytes().to_vec();
    assert!(import(&point).is_ok());
    let mut compressed = point[..33].to_vec();
    compressed[0] = 2 + (point[64] & 1);
    assert_eq!(public(&import(&compressed).unwrap()), point);
    for tag in [0, 1, 5, 6, 7] {
        let mut hybrid = point.clone();
        hybrid[0] = tag;
        assert_eq!(rule(&hybrid), rules::KEY_POINT);
    }
    for length in [0, 1, 31, 34, 64, 66, 1000] {
        assert_eq!(rule(&vec![0xff; length]), rules::KEY_FORM);
    }
    // An Ed25519 key may begin like DER or CBOR: among these seeds are keys that do.
    let mut seen = 0;
    for seed in 0..=255 {
        let secret = SecretKey::from_raw(KeyType::Ed25519, &[seed; 32]).unwrap();
        let raw = secret.verifying_key().to_raw().as_bytes().to_vec();
        assert_eq!(public(&import(&raw).unwrap()), raw, "{seed}");
        seen += usize::from(matches!(raw[0], 0x30 | 0xa1..=0xb7));
    }
    assert!(seen > 0);
    // A y that is not below p = 2^255 - 19: another encoding of a point that has one.
    for low in 0xed..=0xff {
        let mut not_reduced = [0xff; 32];
        (not_reduced[0], not_reduced[31]) = (low, 0x7f);
        assert_eq!(rule(&not_reduced), rules::KEY_POINT, "{low}");
    }
    // SEC 1 by itself must name its curve.
    let unnamed = [&[0x30, 0x25, 2, 1, 1, 4, 0x20][..], &[7; 32]].concat();
    assert_eq!(rule(&unnamed), rules::KEY_TYPE);
    // Small order, and no point at all.
    assert_eq!(rule(&[0; 32]), rules::KEY_POINT);
    assert_eq!(import(&point).unwrap().secret_key().unwrap_err().rule(), rules::KEY_SECRET);
    assert_eq!(HmacKey::from_bytes(&[0; 31]).unwrap_err().rule(), rules::KEY_SHORT);
    assert_eq!(HmacKey::from_bytes(&[0; 65]).unwrap_err().rule(), rules::KEY_FORM);
}

/// Whatever is cut or flipped: no panic, and no other key where the bytes of the key are whole.
#[test]
fn truncations_and_flips_never_give_another_key_silently() {
    for key_type in types() {
        let secret = key(key_type);
        let cose = secret.to_cose_key().unwrap().as_bytes().to_vec();
        let mut forms = vec![cose];
        if !is_mac(key_type) {
            forms.push(der(secret.to_pem().unwrap().as_str()));
            forms.push(der(&secret.verifying_key().to_pem().unwrap()));
        }
        for mut form in forms {
            let whole = public(&import(&form).unwrap());
            // 32 bytes are a raw Ed25519 key, whatever they were cut from: half of them are one.
            for length in (0..form.len()).filter(|length| *length != 32) {
                assert!(import(&form[..length]).is_err(), "{key_type:?} {length}");
            }
            for bit in 0..form.len() * 8 {
                form[bit / 8] ^= 1 << (bit % 8);
                if let Ok(imported) = import(&form)
                    && public(&imported) != whole
                {
                    // Then the flip was in the key itself, which stands there as it was read.
                    let raw = imported.clone().secret_key().map_or_else(
                        |_| public(&imported),
                        |secret| secret.to_raw().as_bytes().to_vec(),
                    );
                    let part = raw.get(1..33).unwrap_or(&raw);
                    assert!(
                        form.windows(part.len()).any(|bytes| bytes == part),
                        "{key_type:?} {bit}"
                    );
                }
                form[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}

#[test]
fn keys_of_the_suit_vectors_import_or_tell_why_not() {
    let Some(folder) = test_support::vectors("suit") else { return };
    let mut checked = 0;
    for path in test_support::files(&folder.join("keys"), &[".cbor", ".pem"]) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let result = import(&fs::read(&path).unwrap());
        if name.contains("esdh") || name.contains("a128") {
            // The key for AES also has a length in two bytes that fits into one.
            let not_shortest = iotops_wire::rules::SHORTEST;
            let expected = if name.contains("a128") { not_shortest } else { rules::KEY_ALGORITHM };
            assert_eq!(result.map(drop).unwrap_err().rule(), expected, "{name}");
        } else {
            let imported = result.unwrap_or_else(|error| panic!("{name}: {error}"));
            let is_secret = name.contains("private") || name.contains("secret");
            assert_eq!(matches!(imported, Imported::Secret(_)), is_secret, "{name}");
        }
        checked += 1;
    }
    test_support::report("suit keys", checked);
}

/// Both ways with OpenSSL, where it is installed.
#[test]
fn openssl_reads_our_keys_and_we_read_its() {
    use std::process::Command;
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let run = |arguments: &[&str]| {
        Command::new("openssl").args(arguments).current_dir(folder).output().ok()
    };
    if run(&["version"]).is_none() {
        println!("openssl is not installed: nothing was checked");
        return;
    }
    for arguments in [
        &["genpkey", "-algorithm", "ed25519"][..],
        &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        #[cfg(feature = "es384")]
        &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        #[cfg(feature = "es384")]
        &["ecparam", "-name", "secp384r1", "-genkey"],
        &["ecparam", "-name", "prime256v1", "-genkey"],
        &["ecparam", "-name", "prime256v1", "-genkey", "-noout"],
    ] {
        let pem = run(arguments).unwrap().stdout;
        assert!(matches!(import(&pem), Ok(Imported::Secret(_))), "{arguments:?}");
    }
    for key_type in types().filter(|key_type| !is_mac(*key_type)) {
        let secret = key(key_type);
        fs::write(folder.join("ours.pem"), secret.to_pem().unwrap().as_str()).unwrap();
        let public = run(&["pkey", "-in", "ours.pem", "-pubout"]).unwrap();
        let ours = secret.verifying_key().to_pem().unwrap();
        assert_eq!(String::from_utf8(public.stdout).unwrap().trim(), ours.trim());
    }
}
