//! Ciphers as an enemy uses them: lengths that do not fit, parts out of order, padding that is
//! guessed, and what is left behind.

#![cfg(feature = "encrypt")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use iotops_crypto::cipher::{AeadParameters, Key, Opening, Sealing, unauthenticated};
use iotops_crypto::rules::cipher as rules;
use iotops_crypto::{Algorithm, Refused, Signer, Verifier};

fn aeads() -> impl Iterator<Item = (Algorithm, AeadParameters, Key)> {
    Algorithm::ALL.iter().filter_map(|algorithm| {
        let parameters = AeadParameters::of(*algorithm)?;
        Some((*algorithm, parameters, Key::new(*algorithm, &[7; 32][..parameters.key]).unwrap()))
    })
}

fn sealed(key: &Key, iv: &[u8], content: &mut [u8]) -> Vec<u8> {
    let mut tag = [0; 16];
    let length = key.seal(iv, &[b"aad"], content, &mut tag).unwrap();
    tag[..length].to_vec()
}

#[test]
fn lengths_of_ivs_and_tags_are_those_of_the_algorithm() {
    let mut count = 0;
    for (algorithm, parameters, key) in aeads() {
        for length in (0..=17).filter(|length| *length != parameters.iv) {
            let iv = &[1; 17][..length];
            let refused = Opening::new(&key, iv, &[], 0).unwrap_err();
            assert_eq!(refused.rule(), rules::IV_LENGTH, "{algorithm:?} {length}");
            let refused = Sealing::new(&key, iv, &[], 0).unwrap_err();
            assert_eq!(refused.rule(), rules::IV_LENGTH, "{algorithm:?} {length}");
        }
        let iv = &[1; 13][..parameters.iv];
        let mut content = *b"content";
        let mut tag = sealed(&key, iv, &mut content);
        assert_eq!(tag.len(), parameters.tag);
        tag.resize(17, 0);
        for length in 0..=17 {
            let mut copy = content;
            let opened = key.open(iv, &[b"aad"], &mut copy, &tag[..length]);
            if length == parameters.tag {
                assert_eq!((opened.is_ok(), &copy), (true, b"content"));
            } else {
                assert_eq!(opened.unwrap_err().rule(), rules::TAG, "{algorithm:?} {length}");
                assert_eq!(copy, [0; 7], "wiped");
            }
        }
        let mut sealing = Sealing::new(&key, iv, &[], 0).unwrap();
        assert_eq!(sealing.update(&mut [0]).unwrap_err().rule(), rules::CONTENT_LENGTH);
        let short = sealing.finish(&mut vec![0; parameters.tag - 1]).unwrap_err();
        assert_eq!(short.rule(), iotops_crypto::wire::rules::OUT_OF_SPACE);
        count += 1;
    }
    assert_eq!(count, 12);
}

#[test]
fn every_changed_bit_is_refused() {
    for (algorithm, parameters, key) in aeads() {
        let iv = &[1; 13][..parameters.iv];
        let mut content = *b"sixteen bytes, 3";
        let tag = sealed(&key, iv, &mut content);
        let mut whole = [content.to_vec(), tag].concat();
        for bit in 0..whole.len() * 8 {
            whole[bit / 8] ^= 1 << (bit % 8);
            let (content, tag) = whole.split_at_mut(16);
            let kept = content.to_vec();
            let refused = key.open(iv, &[b"aad"], content, tag).unwrap_err();
            assert_eq!(refused.rule(), rules::TAG, "{algorithm:?} {bit}");
            content.copy_from_slice(&kept);
            whole[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// What is only authenticated moves the key stream on as well.
#[test]
fn parts_that_are_only_authenticated_do_not_shift_the_rest() {
    for (algorithm, parameters, key) in aeads() {
        let iv = &[1; 13][..parameters.iv];
        let plaintext: Vec<u8> = (0..200).collect();
        let mut content = plaintext.clone();
        let tag = sealed(&key, iv, &mut content);
        for (first, second) in [(0, 1), (1, 64), (16, 17), (63, 130), (100, 200)] {
            let mut opening = Opening::new(&key, iv, &[b"aad"], 200).unwrap();
            let mut copy = content.clone();
            opening.update(&mut copy[..first]).unwrap();
            opening.authenticate(&copy[first..second]).unwrap();
            opening.update(&mut copy[second..]).unwrap();
            opening.finish(&tag).unwrap();
            let words = format!("{algorithm:?} {first} {second}");
            assert_eq!(copy[..first], plaintext[..first], "{words}");
            assert_eq!(copy[second..], plaintext[second..], "{words}");
        }
    }
}

/// RFC 3610 written down once more, with the CBC-MAC and the counter that stand by themselves: long
/// associated data is told in other ways than short.
#[test]
fn ccm_is_a_cbc_mac_beside_a_counter() {
    let by_key = |bytes: &[u8]| match bytes.len() {
        16 => (Algorithm::AesMac128_128, Algorithm::A128Ctr),
        _ => (Algorithm::AesMac256_128, Algorithm::A256Ctr),
    };
    let ccm = |algorithm: &Algorithm| algorithm.name().starts_with("AES-CCM");
    for (algorithm, parameters, key) in aeads().filter(|one| ccm(&one.0)) {
        let iv = &[1; 13][..parameters.iv];
        for length in [1, 13, 14, 15, 0xfeff, 0xff00, 0xff01, 0x1_0000_usize] {
            let aad: Vec<u8> = (0..=255).cycle().take(length).collect();
            let mut content = (0..40).collect::<Vec<u8>>();
            let width = 15 - iv.len();
            let flags = 0x40 | ((parameters.tag - 2) / 2) << 3 | (width - 1);
            let mut input = vec![u8::try_from(flags).unwrap()];
            input.extend_from_slice(iv);
            input.extend_from_slice(&40_u64.to_be_bytes()[8 - width..]);
            match u16::try_from(length).ok().filter(|length| *length < 0xff00) {
                Some(short) => input.extend_from_slice(&short.to_be_bytes()),
                None => {
                    input.extend_from_slice(&[0xff, 0xfe]);
                    input.extend_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
                }
            }
            for part in [&aad, &content] {
                input.extend_from_slice(part);
                input.resize(input.len().next_multiple_of(16), 0);
            }
            let (mac, counter) = by_key(key.as_bytes());
            let mut tag = [0; 16];
            let mut mac = Key::new(mac, key.as_bytes()).unwrap();
            mac.sign(&[&input], &mut tag).unwrap();
            let mut first = vec![u8::try_from(width - 1).unwrap()];
            first.extend_from_slice(iv);
            first.resize(16, 0);
            let mut stream = [tag.to_vec(), content.clone()].concat();
            let counter = Key::new(counter, key.as_bytes()).unwrap();
            unauthenticated::encrypt(&counter, &first, &mut stream, 56).unwrap();
            let mut made = [0; 16];
            let tag = key.seal(iv, &[&aad], &mut content, &mut made).unwrap();
            assert_eq!(content, stream[16..], "{algorithm:?} {length}");
            assert_eq!(made[..tag], stream[..tag], "{algorithm:?} {length}");
        }
    }
}

/// A CBC-MAC over no block at all would be the same for every key, so that everybody could make it.
#[test]
fn the_mac_of_nothing_needs_the_key() {
    let macs = [
        (Algorithm::AesMac128_64, 16, 8),
        (Algorithm::AesMac128_128, 16, 16),
        (Algorithm::AesMac256_64, 32, 8),
        (Algorithm::AesMac256_128, 32, 16),
    ];
    for (algorithm, length, tag) in macs {
        let mut key = Key::new(algorithm, &[7; 32][..length]).unwrap();
        let zeros = &[0; 16][..tag];
        for nothing in [&[][..], &[&b""[..], &b""[..]][..]] {
            assert_eq!(key.verify(nothing, zeros), Err(Refused::Invalid), "{algorithm:?}");
            let mut made = vec![0; tag];
            assert_eq!(key.sign(nothing, &mut made), Ok(tag));
            assert_eq!(key.verify(nothing, &made), Ok(()));
            let other = Key::new(algorithm, &[8; 32][..length]).unwrap();
            assert_eq!(other.verify(nothing, &made), Err(Refused::Invalid), "{algorithm:?}");
        }
    }
}

/// Every last block: how a guess is wrong does not show, and nothing of the plaintext is left.
#[test]
fn wrong_padding_is_one_answer() {
    let key = Key::new(Algorithm::A128Cbc, &[7; 16]).unwrap();
    let iv = [1; 16];
    let mut right = 0;
    for last in 0..=255_u8 {
        for wrong in 0..16_usize {
            // The block before is the IV of the last: so any last block can be made.
            let mut block = [last; 16];
            block[wrong] ^= 0x80;
            let mut ciphertext = [block.to_vec(), vec![16; 16]].concat();
            // Encrypted as content; its own padding is cut off again.
            ciphertext.truncate(16);
            ciphertext.resize(32, 0);
            unauthenticated::encrypt(&key, &iv, &mut ciphertext, 16).unwrap();
            ciphertext.truncate(16);
            let expected = (1..=16).contains(&block[15])
                && block[16 - usize::from(block[15])..].iter().all(|byte| *byte == block[15]);
            match unauthenticated::decrypt(&key, &iv, &mut ciphertext) {
                Ok(length) => assert_eq!(length, 16 - usize::from(block[15])),
                Err(error) => {
                    assert_eq!(error.rule(), rules::PADDING);
                    assert_eq!(ciphertext, [0; 16], "wiped");
                    assert!(!expected, "{block:?}");
                    continue;
                }
            }
            assert!(expected, "{block:?}");
            right += 1;
        }
    }
    // A changed byte before the padding leaves it right: 15 for 1, 14 for 2, and so on; and where
    // the last byte itself is changed, 0x81 becomes 1.
    assert_eq!(right, (0..=15).sum::<usize>() + 1);
    for length in [0, 1, 15, 17] {
        let refused = unauthenticated::decrypt(&key, &iv, &mut vec![1; length]).unwrap_err();
        assert_eq!(refused.rule(), rules::PADDING, "{length}");
    }
}

/// Whatever keeps content from being decrypted, it is wiped, as the functions say.
#[test]
fn content_that_is_not_decrypted_is_wiped() {
    let aead = Key::new(Algorithm::A128Gcm, &[7; 16]).unwrap();
    for algorithm in [Algorithm::A128Ctr, Algorithm::A128Cbc] {
        let key = Key::new(algorithm, &[7; 16]).unwrap();
        for (key, iv, rule) in
            [(&key, &[1; 15][..], rules::IV_LENGTH), (&aead, &[1; 16][..], rules::UNAUTHENTICATED)]
        {
            let mut content = [1; 32];
            let refused = unauthenticated::decrypt(key, iv, &mut content).unwrap_err();
            assert_eq!((refused.rule(), content), (rule, [0; 32]), "{algorithm:?}");
        }
        let mut content = [1; 32];
        let refused = key.open(&[1; 16], &[], &mut content, &[0; 16]).unwrap_err();
        assert_eq!((refused.rule(), content), (rules::UNAUTHENTICATED, [0; 32]));
    }
}
