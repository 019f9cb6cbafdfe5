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

use iotops_crypto::key::{HmacKey, Imported, KeyType, SecretKey, VerifyingKey, import};
use iotops_crypto::{Algorithm, Error, Signer, Verifier, rules};
use iotops_wire::{Random, Rule, Unavailable};

const TYPES: [KeyType; 3] = [KeyType::Es256, KeyType::Ed25519, KeyType::Hmac];

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

fn unhex(text: &str) -> Vec<u8> {
    let text: String = text.split_whitespace().collect();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn sign(key: &mut SecretKey, message: &[u8]) -> Vec<u8> {
    let mut signature = [0; 64];
    let length = key.sign(&[message], &mut signature).unwrap();
    signature[..length].to_vec()
}

/// DER out of PEM.
fn der(pem: &str) -> Vec<u8> {
    pem_rfc7468::decode_vec(pem.as_bytes()).unwrap().1
}

#[test]
fn every_form_comes_back_as_the_same_key() {
    for key_type in TYPES {
        let secret = key(key_type);
        let verifying = secret.verifying_key();
        let raw = verifying.to_raw().as_bytes().to_vec();
        let mut forms = vec![
            secret.to_cose_key().unwrap().as_bytes().to_vec(),
            verifying.to_cose_key().unwrap().as_bytes().to_vec(),
        ];
        if key_type == KeyType::Hmac {
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
    for key_type in TYPES {
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
    let own = |key_type| match key_type {
        KeyType::Es256 => vec![Algorithm::Es256, Algorithm::Esp256],
        KeyType::Ed25519 => vec![Algorithm::EdDsa, Algorithm::Ed25519],
        _ => vec![Algorithm::Hmac256],
    };
    for key_type in TYPES {
        let verifying = key(key_type).verifying_key();
        for algorithm in Algorithm::ALL {
            assert_eq!(verifying.accepts(*algorithm), own(key_type).contains(algorithm));
        }
    }
}

#[test]
fn secrets_are_not_shown() {
    for key_type in TYPES {
        let secret = key(key_type);
        let shown = format!("{secret:?} {:?}", secret.to_raw());
        assert!(!shown.contains('7'), "{shown}");
    }
    let hmac = HmacKey::from_bytes(&[7; 32]).unwrap();
    assert_eq!(format!("{hmac:?}"), "HmacKey");
}

/// RFC 8032 §7.1, tests 1 to 3.
#[test]
fn ed25519_known_answers() {
    for (seed, public, message, signature) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e397\
             01cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f361\
             3d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f76\
             0984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ] {
        let mut secret = SecretKey::from_raw(KeyType::Ed25519, &unhex(seed)).unwrap();
        assert_eq!(secret.verifying_key().to_raw().as_bytes(), unhex(public));
        assert_eq!(sign(&mut secret, &unhex(message)), unhex(signature));
    }
}

/// RFC 6979 §A.2.5, SHA-256.
#[test]
fn ecdsa_known_answers() {
    let x = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
    let mut secret = SecretKey::from_raw(KeyType::Es256, &unhex(x)).unwrap();
    let sample = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
                  F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
    let test = "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367
                019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083";
    assert_eq!(sign(&mut secret, b"sample"), unhex(sample));
    assert_eq!(sign(&mut secret, b"test"), unhex(test));
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
    for key_type in TYPES {
        let secret = key(key_type);
        let cose = secret.to_cose_key().unwrap().as_bytes().to_vec();
        let mut forms = vec![cose];
        if key_type != KeyType::Hmac {
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
        &["ecparam", "-name", "prime256v1", "-genkey"],
        &["ecparam", "-name", "prime256v1", "-genkey", "-noout"],
    ] {
        let pem = run(arguments).unwrap().stdout;
        assert!(matches!(import(&pem), Ok(Imported::Secret(_))), "{arguments:?}");
    }
    for key_type in [KeyType::Es256, KeyType::Ed25519] {
        let secret = key(key_type);
        fs::write(folder.join("ours.pem"), secret.to_pem().unwrap().as_str()).unwrap();
        let public = run(&["pkey", "-in", "ours.pem", "-pubout"]).unwrap();
        let ours = secret.verifying_key().to_pem().unwrap();
        assert_eq!(String::from_utf8(public.stdout).unwrap().trim(), ours.trim());
    }
}

#[test]
fn a_verifying_key_of_each_type_says_so() {
    for key_type in TYPES {
        let verifying: VerifyingKey = key(key_type).verifying_key();
        assert_eq!(verifying.key_type(), key_type);
    }
}
