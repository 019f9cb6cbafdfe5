//! What one backend makes, every other takes, and nothing else.

use iotops_crypto::agreement::{Curve, P256SecretKey, PublicKey, X25519SecretKey};
use iotops_crypto::cipher::{AeadParameters, Key};
use iotops_crypto::cose::{Encrypt, Keyring, NewRecipient, Plaintext, RecipientKey, To, Unsealed};
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::wire::cbor::Encoder;
use iotops_crypto::wire::{Random, Rule, Unavailable};
use iotops_crypto::{Algorithm, Refused, Verifier as _, rules};

use super::{Backend, Made};

/// The types of keys that sign, and how long they and their signatures are.
const SIGNING: [(KeyType, usize, usize); 6] = [
    (KeyType::Es256, 32, 64),
    (KeyType::Es384, 48, 96),
    (KeyType::Ed25519, 32, 64),
    (KeyType::MlDsa44, 32, 2420),
    (KeyType::MlDsa65, 32, 3309),
    (KeyType::MlDsa87, 32, 4627),
];

/// What one signs, every other verifies. Gives how many pairs there were.
pub(crate) fn signatures(backends: &[&dyn Backend]) -> usize {
    let mut pairs = 0;
    for (key_type, secret, length) in SIGNING {
        let own = SecretKey::from_raw(key_type, &[7; 48][..secret]).unwrap();
        for signing in backends {
            let Some(mut signer) = signing.signer(&own) else { continue };
            let mut signature = vec![0; length];
            assert_eq!(signer.sign(&[b"a", b"", b"bc"], &mut signature), Ok(length));
            assert!(signer.sign(&[b"abc"], &mut signature.clone()[1..]).is_err());
            for backend in backends {
                let words = format!("{key_type:?}: {} by {}", signing.name(), backend.name());
                pairs +=
                    usize::from(verified(*backend, &own, signer.algorithm(), &signature, &words));
            }
        }
    }
    pairs
}

/// `false` if the backend has no keys that verify.
fn verified(
    backend: &dyn Backend,
    own: &SecretKey,
    algorithm: Algorithm,
    signature: &[u8],
    words: &str,
) -> bool {
    let public = own.verifying_key();
    let key = match backend.verifier(&public) {
        Made::Key(key) => key,
        Made::Refused => panic!("{words}: refused"),
        Made::Lacks => return false,
    };
    assert!(key.accepts(algorithm), "{words}");
    for other in Algorithm::ALL {
        assert_eq!(key.accepts(*other), public.accepts(*other), "{words}: {other:?}");
    }
    assert_eq!(key.verify(&[b"abc"], signature), Ok(()), "{words}");
    assert_eq!(key.verify(&[b"abd"], signature), Err(Refused::Invalid), "{words}");
    let long = [signature, &[0]].concat();
    for wrong in [&signature[1..], &signature[..signature.len() - 1], &long, &[]] {
        assert_eq!(key.verify(&[b"abc"], wrong), Err(Refused::Invalid), "{words}");
    }
    for place in 0..signature.len() {
        let mut wrong = signature.to_vec();
        wrong[place] ^= 1;
        assert_eq!(key.verify(&[b"abc"], &wrong), Err(Refused::Invalid), "{words}: {place}");
        if place > 200 {
            break; // The long signatures are slow, and these are enough of their bytes.
        }
    }
    true
}

const MACS: [(Algorithm, usize, usize); 7] = [
    (Algorithm::Hmac256, 32, 32),
    (Algorithm::Hmac384, 48, 48),
    (Algorithm::Hmac512, 64, 64),
    (Algorithm::AesMac128_64, 16, 8),
    (Algorithm::AesMac128_128, 16, 16),
    (Algorithm::AesMac256_64, 32, 8),
    (Algorithm::AesMac256_128, 32, 16),
];

/// What one MACs, every other takes.
pub(crate) fn macs(backends: &[&dyn Backend]) -> usize {
    let mut pairs = 0;
    for (algorithm, secret, length) in MACS {
        let own = Key::new(algorithm, &[7; 64][..secret]).unwrap();
        for making in backends {
            let Some((mut signer, _)) = making.mac(&own) else { continue };
            assert_eq!(signer.algorithm(), algorithm);
            let mut made = vec![0; length];
            assert_eq!(signer.sign(&[b"a", b"", b"bc"], &mut made), Ok(length));
            assert!(signer.sign(&[b"abc"], &mut made.clone()[1..]).is_err());
            for backend in backends {
                let Some((_, key)) = backend.mac(&own) else { continue };
                let words = format!("{algorithm:?}: {} by {}", making.name(), backend.name());
                for other in Algorithm::ALL {
                    assert_eq!(key.accepts(*other), *other == algorithm, "{words}: {other:?}");
                }
                assert_eq!(key.verify(&[b"abc"], &made), Ok(()), "{words}");
                assert_eq!(key.verify(&[b"abd"], &made), Err(Refused::Invalid), "{words}");
                let long = [&made[..], &[0]].concat();
                for wrong in [&made[1..], &made[..length - 1], &long, &[]] {
                    assert_eq!(key.verify(&[b"abc"], wrong), Err(Refused::Invalid), "{words}");
                }
                pairs += 1;
            }
        }
    }
    pairs
}

/// What one encrypts, every other decrypts; what was changed is refused, and wiped.
pub(crate) fn contents(backends: &[&dyn Backend]) -> usize {
    let mut pairs = 0;
    for algorithm in Algorithm::ALL {
        let Some(parameters) = AeadParameters::of(*algorithm) else { continue };
        let own = Key::new(*algorithm, &[7; 32][..parameters.key]).unwrap();
        let iv = &[1; 16][..parameters.iv];
        for (sealing, opening) in
            backends.iter().flat_map(|one| backends.iter().map(move |two| (one, two)))
        {
            let (Some(seals), Some(opens)) = (sealing.content(&own), opening.content(&own)) else {
                continue;
            };
            let words = format!("{algorithm:?}: {} by {}", sealing.name(), opening.name());
            let mut content = *b"firmware";
            let mut tag = [0; 16];
            let length = seals.seal(iv, &[b"a", b"", b"ad"], &mut content, &mut tag).unwrap();
            assert_eq!(length, parameters.tag, "{words}");
            let open = |iv: &[u8], aad: &[u8], tag: &[u8]| {
                let mut copy = content;
                (opens.open(iv, &[aad], &mut copy, tag).map_err(|error| error.rule()), copy)
            };
            let refused = |rule: Rule| (Err(rule), [0; 8]);
            assert_eq!(open(iv, b"aad", &tag[..length]), (Ok(()), *b"firmware"), "{words}");
            assert_eq!(open(iv, b"aae", &tag[..length]), refused(rules::cipher::TAG), "{words}");
            assert_eq!(open(iv, b"aad", &tag[1..length]), refused(rules::cipher::TAG), "{words}");
            assert_eq!(open(iv, b"aad", &[]), refused(rules::cipher::TAG), "{words}");
            let short = open(&iv[1..], b"aad", &tag[..length]);
            assert_eq!(short, refused(rules::cipher::IV_LENGTH), "{words}");
            let space = seals.seal(iv, &[], &mut [0; 8], &mut vec![0; length - 1]).unwrap_err();
            assert_eq!(space.rule(), iotops_crypto::wire::rules::OUT_OF_SPACE, "{words}");
            pairs += 1;
        }
    }
    pairs
}

const UNAUTHENTICATED: [(Algorithm, usize, usize); 6] = [
    (Algorithm::A128Ctr, 16, 100),
    (Algorithm::A192Ctr, 24, 100),
    (Algorithm::A256Ctr, 32, 100),
    (Algorithm::A128Cbc, 16, 112),
    (Algorithm::A192Cbc, 24, 112),
    (Algorithm::A256Cbc, 32, 112),
];

/// The same for ciphers that do not authenticate. The counter runs over the end of its block.
pub(crate) fn unauthenticated(backends: &[&dyn Backend]) -> usize {
    use iotops_crypto::cipher::unauthenticated::{decrypt, encrypt};
    let mut pairs = 0;
    for (algorithm, secret, length) in UNAUTHENTICATED {
        let own = Key::new(algorithm, &[7; 32][..secret]).unwrap();
        for (one, two) in backends.iter().flat_map(|one| backends.iter().map(move |two| (one, two)))
        {
            let (Some(encrypts), Some(decrypts)) = (one.content(&own), two.content(&own)) else {
                continue;
            };
            let words = format!("{algorithm:?}: {} by {}", one.name(), two.name());
            let mut buffer = [5; 112];
            assert_eq!(
                encrypt(&encrypts, &[0xff; 16], &mut buffer, 100).unwrap(),
                length,
                "{words}"
            );
            assert_ne!(buffer[..100], [5; 100], "{words}");
            let space = encrypt(&encrypts, &[0xff; 16], &mut [0; 99], 100).unwrap_err();
            assert_eq!(space.rule(), iotops_crypto::wire::rules::OUT_OF_SPACE, "{words}");
            let mut refused = buffer;
            let error = decrypt(&decrypts, &[0xff; 15], &mut refused).unwrap_err();
            assert_eq!((error.rule(), refused), (rules::cipher::IV_LENGTH, [0; 112]), "{words}");
            let plain = decrypt(&decrypts, &[0xff; 16], &mut buffer[..length]).unwrap();
            assert_eq!((plain, &buffer[..100]), (100, &[5; 100][..]), "{words}");
            pairs += 1;
        }
    }
    pairs
}

const WRAPPING: [(Algorithm, usize); 3] =
    [(Algorithm::A128Kw, 16), (Algorithm::A192Kw, 24), (Algorithm::A256Kw, 32)];

/// What one wraps, every other unwraps.
pub(crate) fn wrapped(backends: &[&dyn Backend]) -> usize {
    let mut pairs = 0;
    for (algorithm, secret) in WRAPPING {
        let own = Key::new(algorithm, &[7; 32][..secret]).unwrap();
        for (wrapping, backend) in
            backends.iter().flat_map(|one| backends.iter().map(move |two| (one, two)))
        {
            let (Some(mut wrapper), Some(key)) = (wrapping.wrapper(&own), backend.unwrapper(&own))
            else {
                continue;
            };
            let words = format!("{algorithm:?}: {} by {}", wrapping.name(), backend.name());
            for length in [16, 24, 32, 64] {
                let (mut made, mut again) = ([0; 72], [0; 64]);
                let content = &[5; 64][..length];
                assert_eq!(wrapper.wrap_key(content, &mut made), Ok(length + 8), "{words}");
                assert!(wrapper.wrap_key(content, &mut [0; 72][..length + 7]).is_err(), "{words}");
                assert_eq!(key.unwrap_key(&made[..length + 8], &mut again), Ok(length), "{words}");
                assert_eq!(&again[..length], content, "{words}");
                for wrong in [&made[1..length + 8], &made[..length], &made[8..length + 8], &[]] {
                    let mut space = [0; 64];
                    let refused = key.unwrap_key(wrong, &mut space).unwrap_err();
                    assert!(refused == Refused::Invalid || !backend.tells_faults_apart());
                    assert_eq!(space, [0; 64], "{words}: nothing is released");
                }
            }
            for wrong in [0, 8, 15, 17, 23] {
                assert!(wrapper.wrap_key(&[5; 64][..wrong], &mut [0; 72]).is_err(), "{words}");
            }
            for other in Algorithm::ALL {
                assert_eq!(key.accepts(*other), *other == algorithm, "{words}: {other:?}");
            }
            pairs += 1;
        }
    }
    pairs
}

/// The two sides of an agreement come to the same, whoever computes.
pub(crate) fn agreements(backends: &[&dyn Backend]) -> usize {
    let publics = |curve, bytes: &[u8]| match curve {
        Curve::P256 => P256SecretKey::from_scalar(bytes).unwrap().public_key(),
        _ => X25519SecretKey::from_bytes(bytes).unwrap().public_key(),
    };
    let mut pairs = 0;
    for curve in [Curve::P256, Curve::X25519] {
        let (own, other) = ([7; 32], [8; 32]);
        for (one, two) in backends.iter().flat_map(|one| backends.iter().map(move |two| (one, two)))
        {
            let (Some(first), Some(second)) =
                (one.agreement(curve, &own), two.agreement(curve, &other))
            else {
                continue;
            };
            assert_eq!((first.curve(), second.curve()), (curve, curve));
            let (mut left, mut right) = ([0; 32], [0; 32]);
            assert_eq!(first.agree(publics(curve, &other).as_bytes(), &mut left), Ok(32));
            assert_eq!(second.agree(publics(curve, &own).as_bytes(), &mut right), Ok(32));
            assert_eq!(left, right, "{curve:?}: {} and {}", one.name(), two.name());
            assert_ne!(left, [0; 32]);
            pairs += 1;
        }
    }
    pairs
}

/// Bytes that need not be random here.
struct Counting(u8);

impl Random for Counting {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Unavailable> {
        for byte in buffer {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

fn encrypt(how: NewRecipient<'_>) -> Vec<u8> {
    let mut message = Vec::new();
    let (unsealed, content) = (Unsealed::new(Algorithm::A128Gcm), Plaintext::Attached(b"firmware"));
    let (to, encoder) = (&mut [To::new(how)], &mut Encoder::new(&mut message));
    unsealed.unwrap().encrypt(to, content, b"aad", &mut Counting(0), encoder).unwrap();
    message
}

/// The rule that keeps a message from being decrypted with this key; `None` if it is.
fn decrypt(message: &[u8], aad: &[u8], key: RecipientKey<'_>) -> Option<Rule> {
    let mut space = [0; 64];
    match Encrypt::decode(message).unwrap().decrypt(aad, &Keyring::new(&[key]), &mut space) {
        Ok(opened) => {
            assert_eq!(opened.plaintext(), b"firmware");
            None
        }
        Err(error) => {
            assert_eq!(space, [0; 64], "nothing is released");
            Some(error.rule())
        }
    }
}

/// Whole messages, to keys of every backend.
pub(crate) fn messages(backends: &[&dyn Backend]) -> usize {
    let mut count = 0;
    for backend in backends {
        let told = |rule| if backend.tells_faults_apart() { rule } else { rules::UNAVAILABLE };
        for (algorithm, secret) in WRAPPING {
            let [own, other] =
                [7, 8].map(|byte| Key::new(algorithm, &[byte; 32][..secret]).unwrap());
            let (Some(key), Some(wrong)) = (backend.unwrapper(&own), backend.unwrapper(&other))
            else {
                continue;
            };
            let message = encrypt(NewRecipient::Wrap(&mut own.clone()));
            let by = |key| decrypt(&message, b"aad", RecipientKey::Unwrap(key));
            assert_eq!(by(&*key), None, "{}", backend.name());
            assert_eq!(by(&*wrong), Some(told(rules::cipher::UNWRAP)), "{}", backend.name());
            let aad = decrypt(&message, b"aae", RecipientKey::Unwrap(&*key));
            assert_eq!(aad, Some(rules::cipher::TAG), "{}", backend.name());
            count += 1;
        }
        for algorithm in [Algorithm::EcdhEsA128Kw, Algorithm::EcdhEsHkdf256] {
            let Some(key) = backend.agreement(Curve::P256, &[7; 32]) else { continue };
            let Some(wrong) = backend.agreement(Curve::P256, &[8; 32]) else { continue };
            let public = P256SecretKey::from_scalar(&[7; 32]).unwrap().public_key();
            let receiver = PublicKey::new(Curve::P256, public.as_bytes()).unwrap();
            let message = encrypt(NewRecipient::Agree(algorithm, &receiver));
            let by = |key| decrypt(&message, b"aad", RecipientKey::Agree(key));
            let is_wrapped = algorithm == Algorithm::EcdhEsA128Kw;
            let rule = if is_wrapped { rules::cipher::UNWRAP } else { rules::cipher::TAG };
            assert_eq!((by(&*key), by(&*wrong)), (None, Some(rule)), "{}", backend.name());
            count += 1;
        }
    }
    count
}
