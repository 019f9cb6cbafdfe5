//! RFC 9180 Appendix A: the suites that are built in, in base and PSK mode.

use iotops_crypto::Algorithm;
use iotops_crypto::agreement::{Curve, PublicKey};
use iotops_crypto::hpke::{Psk, ReceiverKey, Receiving, Sending, Suite};

use super::{Fixed, blocks, private, unhex, value};

struct Case {
    suite: Suite,
    block: Vec<(String, String)>,
}

impl Case {
    fn get(&self, name: &str) -> Vec<u8> {
        unhex(value(&self.block, name).unwrap_or_default())
    }

    /// Messages in order: number, plaintext, additional data, ciphertext.
    fn messages(&self) -> Vec<(u64, [Vec<u8>; 3])> {
        let chunks = self.block.windows(4).filter(|lines| lines[0].0 == "sequence");
        let parts = |lines: &[(String, String)]| {
            let [pt, aad, ct] = [&lines[1], &lines[2], &lines[3]];
            assert_eq!([&*pt.0, &*aad.0, &*ct.0], ["pt", "aad", "ct"]);
            [&pt.1, &aad.1, &ct.1].map(|text| unhex(text))
        };
        chunks.map(|lines| (lines[0].1.parse().unwrap(), parts(lines))).collect()
    }

    fn exports(&self) -> Vec<[Vec<u8>; 2]> {
        let pairs = self.block.windows(2).filter(|lines| lines[0].0 == "exporter_context");
        pairs.map(|lines| [&lines[0].1, &lines[1].1].map(|text| unhex(text))).collect()
    }
}

fn cases() -> Vec<Case> {
    let case = |block: Vec<(String, String)>| {
        let curve = match value(&block, "kem_id").unwrap() {
            "16" => Curve::P256,
            "32" => Curve::X25519,
            other => panic!("{other}"),
        };
        let aead = match value(&block, "aead_id").unwrap() {
            "1" => Algorithm::A128Gcm,
            "3" => Algorithm::ChaCha20Poly1305,
            other => panic!("{other}"),
        };
        Case { suite: Suite::new(curve, aead).unwrap(), block }
    };
    blocks("rfc9180-a.txt").into_iter().map(case).collect()
}

#[test]
fn the_examples_come_out_on_both_sides() {
    let (mut contexts, mut messages, mut exports) = (0, 0, 0);
    for case in cases() {
        let (psk, psk_id) = (case.get("psk"), case.get("psk_id"));
        let psk = (!psk.is_empty()).then(|| Psk::new(&psk, &psk_id).unwrap());
        let info = case.get("info");
        let (own, public) = private(case.suite.curve(), &case.get("skRm"));
        assert_eq!(public.as_bytes(), case.get("pkRm"));

        let random = &mut Fixed(case.get("skEm"));
        let (a, b) = info.split_at(3);
        let (sent, mut sending) =
            Sending::new(case.suite, &public, psk, &[a, &[], b], random).unwrap();
        assert_eq!(sent.as_bytes(), case.get("enc"));
        let mut key = ReceiverKey::new(&*own, &public).unwrap();
        if let Some(psk) = psk {
            key = key.with_psk(psk);
        }
        let mut receiving = Receiving::new(case.suite, sent.as_bytes(), &key, &[&info]).unwrap();
        messages += sequence(&case, &mut sending, &mut receiving);
        for [context, expected] in case.exports() {
            let (mut ours, mut theirs) = ([0; 32], [0; 32]);
            sending.export(&context, &mut ours).unwrap();
            receiving.export(&context, &mut theirs).unwrap();
            assert_eq!((&ours[..], &theirs[..]), (&expected[..], &expected[..]));
            exports += 1;
        }
        contexts += 1;
    }
    assert_eq!((contexts, messages, exports), (8, 48, 24));
}

/// Runs both sides up to the last number; what has no example is checked for being read again.
fn sequence(case: &Case, sending: &mut Sending, receiving: &mut Receiving) -> usize {
    let messages = case.messages();
    let mut checked = 0;
    for number in 0..=messages.last().unwrap().0 {
        let example = messages.iter().find(|(own, _)| *own == number).map(|(_, parts)| parts);
        let (plaintext, aad) = match example {
            Some([plaintext, aad, _]) => (plaintext.clone(), aad.clone()),
            None => (b"between".to_vec(), Vec::new()),
        };
        let (mut content, mut tag) = (plaintext.clone(), [0; 16]);
        assert_eq!(sending.seal(&[&aad], &mut content, &mut tag), Ok(16));
        if let Some([.., ciphertext]) = example {
            assert_eq!(&[&content[..], &tag].concat(), ciphertext, "message {number}");
            checked += 1;
        }
        receiving.open(&[&aad], &mut content, &tag).unwrap();
        assert_eq!(content, plaintext);
    }
    checked
}

#[test]
fn a_compressed_public_key_of_the_receiver_comes_to_the_same() {
    for case in cases().into_iter().filter(|case| case.suite.curve() == Curve::P256) {
        let whole = case.get("pkRm");
        let form = 2 + (whole[64] & 1);
        let short = PublicKey::new(Curve::P256, &[&[form], &whole[1..33]].concat()).unwrap();
        let random = &mut Fixed(case.get("skEm"));
        let (_, sending) = Sending::new(case.suite, &short, None, &[], random).unwrap();
        let (own, _) = private(Curve::P256, &case.get("skRm"));
        let key = ReceiverKey::new(&*own, &short).unwrap();
        let receiving = Receiving::new(case.suite, &case.get("enc"), &key, &[]).unwrap();
        let (mut ours, mut theirs) = ([0; 32], [1; 32]);
        sending.export(b"", &mut ours).unwrap();
        receiving.export(b"", &mut theirs).unwrap();
        assert_eq!(ours, theirs);
    }
}
