//! Known answers printed in RFCs.

#![cfg(all(feature = "es256", feature = "ed25519", feature = "alloc"))]
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

mod vectors;

use iotops_crypto::key::{Es256SecretKey, KeyType, SecretKey, VerifyingKey};
use iotops_crypto::{Signer, Verifier};
use iotops_wire::{Random, Unavailable};
use vectors::unhex;

fn sign(key: &mut SecretKey, message: &[u8]) -> Vec<u8> {
    let mut signature = [0; 128];
    let length = key.sign(&[message], &mut signature).unwrap();
    signature[..length].to_vec()
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

/// RFC 6979 §A.2.6, SHA-384.
#[cfg(feature = "es384")]
#[test]
fn ecdsa_p384_known_answers() {
    let x = "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8
             96D5724E4C70A825F872C9EA60D2EDF5";
    let public = "04
        EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64
        DEF8F0EA9055866064A254515480BC13
        8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1
        288B231C3AE0D4FE7344FD2533264720";
    let mut secret = SecretKey::from_raw(KeyType::Es384, &unhex(x)).unwrap();
    assert_eq!(secret.verifying_key().to_raw().as_bytes(), unhex(public));
    let sample = "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C
        81A648152E44ACF96E36DD1E80FABE46
        99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F
        A329C145786E679E7B82C71A38628AC8";
    let test = "8203B63D3C853E8D77227FB377BCF7B7B772E97892A80F36AB775D509D7A5FEB
        0542A7F0812998DA8F1DD3CA3CF023DB
        DDD0760448D42D8A43AF45AF836FCE4DE8BE06B485E9B61B827C2F13173923E0
        6A739F040649A667BF3B828246BAA5A5";
    assert_eq!(sign(&mut secret, b"sample"), unhex(sample));
    assert_eq!(sign(&mut secret, b"test"), unhex(test));
}

struct Counter(u8);

impl Random for Counter {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Unavailable> {
        self.0 += 1;
        buffer.fill(self.0);
        if self.0 == 3 { Err(Unavailable::new()) } else { Ok(()) }
    }
}

#[test]
fn hedged_signatures_differ_and_verify() {
    let mut key = Es256SecretKey::from_scalar(&[7; 32]).unwrap();
    let (mut random, mut made) = (Counter(0), [[0; 64]; 3]);
    key.sign(&[b"m"], &mut made[0]).unwrap();
    key.sign_hedged(&mut random, &[b"m"], &mut made[1]).unwrap();
    key.sign_hedged(&mut random, &[b"m"], &mut made[2]).unwrap();
    assert!(made[0] != made[1] && made[1] != made[2] && made[0] != made[2]);
    let verifying = VerifyingKey::Es256(key.public_key());
    assert!(made.iter().all(|signature| verifying.verify(&[b"m"], signature).is_ok()));
    assert!(key.sign_hedged(&mut random, &[b"m"], &mut made[0]).is_err());
}

/// RFC 4868 §2.7.2, test vectors AUTH256-1, AUTH384-1 and AUTH512-1, before truncation.
#[cfg(all(feature = "hmac", feature = "sha512"))]
#[test]
fn hmac_known_answers() {
    for (key_type, length, answer) in [
        (KeyType::Hmac, 32, "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"),
        (
            KeyType::Hmac384,
            48,
            "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee9737a959796489bddbc
             4c5df61d5b3297b4fb68dab9f1b582c2",
        ),
        (
            KeyType::Hmac512,
            64,
            "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8
             ac2878ebd5803f6f0b61dbce5e251ff8789a4722c1be65aea45fd464e89f8f5b",
        ),
    ] {
        let mut key = SecretKey::from_raw(key_type, &vec![0x0b; length]).unwrap();
        assert_eq!(sign(&mut key, b"Hi There"), unhex(answer));
    }
}
