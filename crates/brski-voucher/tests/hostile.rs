//! Hostile input: every truncation and every single-bit flip of every vector. Nothing panics, what
//! is truncated is refused, and no flip leaves a signature good that covers what was flipped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    unreachable_pub,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod common;

use core::fmt::Write as _;

use brski_voucher::model::{Leaf, Profile};
use brski_voucher::{Container, Contents, Error, Role, Signed};
use iotops_crypto::{Algorithm, Refused, Verifier};

/// Takes every signature, so that what is behind it is reached.
struct Anyone;

impl Verifier for Anyone {
    fn accepts(&self, _: Algorithm) -> bool {
        true
    }

    fn verify(&self, _: &[&[u8]], _: &[u8]) -> Result<(), Refused> {
        Ok(())
    }
}

/// Counts what is written to it.
struct Sink(usize);

impl core::fmt::Write for Sink {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

fn documents() -> Vec<Vec<u8>> {
    let Some(folder) = test_support::vectors("brski") else { return Vec::new() };
    let mut found: Vec<_> =
        common::candidates(&folder).iter().map(|path| common::document(path)).collect();
    let generated = test_support::files(&folder.join("generated"), &[".vch", ".vcj"]);
    found.extend(generated.iter().map(|path| common::document(path)));
    found.retain(|one| one.len() < 4_200);
    found.sort();
    found.dedup();
    found
}

/// Asks for all that can be asked for.
fn touch(contents: &Contents<'_>) -> usize {
    let mut sink = Sink(0);
    let mut buffer = [0; 64];
    write!(sink, "{contents:?}").unwrap();
    for leaf in Leaf::ALL {
        sink.0 += usize::from(contents.has(leaf));
    }
    for role in [Role::Masa, Role::Pledge, Role::Registrar] {
        sink.0 += contents.broken(role, Profile::Rfc8366).count();
    }
    match contents {
        Contents::Voucher(voucher) => {
            write!(sink, "{:?}{:?}", voucher.assertion(), voucher.created_on()).unwrap();
            write!(sink, "{:?}{:?}", voucher.expires_on(), voucher.nonce()).unwrap();
            write!(sink, "{:?}", voucher.serial_number()).unwrap();
            let pin = voucher.pinned_domain_cert();
            sink.0 += pin.map_or(0, |pin| pin.length() + usize::from(pin.is(b"other")));
            let _ = voucher.nonce().map(|nonce| nonce.read_into(&mut buffer).map(<[u8]>::len));
            let lists = voucher.extensions().into_iter();
            sink.0 += lists.map(|one| one.texts().count() + one.numbers().count()).sum::<usize>();
            voucher.unknown_leaves().for_each(|one| write!(sink, "{one:?}").unwrap());
        }
        Contents::Request(request) => {
            write!(sink, "{:?}{:?}", request.assertion(), request.nonce()).unwrap();
            let prior = request.prior_signed_voucher_request();
            sink.0 += prior.map_or(0, |prior| prior.length());
            let certificates = request.agent_sign_certs().into_iter();
            sink.0 += certificates.map(|list| list.binaries().count()).sum::<usize>();
            request.unknown_leaves().for_each(|one| write!(sink, "{one:?}").unwrap());
        }
        other => panic!("{other:?}"),
    }
    sink.0
}

/// Reads it in every way, and says whether each reading took it.
fn read(document: &[u8], scratch: &mut [u8]) -> [bool; 4] {
    let mut told = 0;
    let mut tell = |_| told += 1;
    let strict = [
        Signed::decode_cose(document).map(|one| use_it(&one)).is_ok(),
        Signed::decode_cms(document).map(|one| use_it(&one)).is_ok(),
        Signed::decode_jws(document, scratch).map(|one| use_it(&one)).is_ok(),
    ];
    let lenient = [
        Signed::decode_cose_lenient(document, &mut tell).map(|one| use_it(&one)).is_ok(),
        Signed::decode_cms_lenient(document, &mut tell).map(|one| use_it(&one)).is_ok(),
        Signed::decode_jws_lenient(document, scratch, &mut tell).map(|one| use_it(&one)).is_ok(),
    ];
    // What strict reading takes, lenient reading takes.
    assert!(strict.iter().zip(lenient).all(|(strict, lenient)| lenient || !strict));
    let data = match document.first() {
        Some(b'{') => Contents::decode_json_lenient(document, &mut tell),
        _ => Contents::decode_cbor_lenient(document, &mut tell),
    };
    let is_data = data.map(|one| touch(&one)).is_ok();
    [lenient[0], lenient[1], lenient[2], is_data]
}

fn use_it(signed: &Signed<'_>) -> usize {
    let verified = signed.verify(&[&Anyone]).is_ok();
    let certificates: usize =
        (0..signed.signatures()).map(|one| signed.certificates(one).count()).sum();
    let _ = (signed.check_headers(Role::Masa), signed.check_forwarded());
    usize::from(verified) + certificates + touch(&signed.unverified())
}

#[test]
fn truncations_are_refused() {
    let mut count = 0;
    for document in documents() {
        let mut scratch = vec![0; document.len()];
        // White space behind a text may go.
        let end = document.trim_ascii_end().len();
        let is_compact = document.starts_with(b"ey");
        // One has a byte too many, and is whole without it.
        let is_readable = read(&document, &mut scratch) != [false; 4];
        let step = if document.len() < 800 { 1 } else { 5 };
        for length in (0..end).step_by(step) {
            let taken = read(&document[..length], &mut scratch);
            // The signature of a compact JWS may be cut to a shorter one, which does not verify.
            let is_cut_signature =
                is_compact && document[..length].split(|b| *b == b'.').count() == 3;
            assert!(!is_readable || is_cut_signature || taken == [false; 4], "{length} of {end}");
            count += 1;
        }
    }
    println!("{count} truncations");
    test_support::report("brski truncations", count);
}

#[test]
fn bit_flips_never_panic() {
    let (mut count, mut taken) = (0, 0);
    for mut document in documents() {
        let mut scratch = vec![0; document.len()];
        // Every bit of what is short, and one of each byte of what is long.
        let step = if document.len() < 800 { 1 } else { 31 };
        for bit in (0..document.len() * 8).step_by(step) {
            document[bit / 8] ^= 1 << (bit % 8);
            taken += usize::from(read(&document, &mut scratch) != [false; 4]);
            document[bit / 8] ^= 1 << (bit % 8);
            count += 1;
        }
    }
    println!("{count} flips, {taken} still well formed");
    test_support::report("brski flips", count);
}

fn verify(document: &[u8], scratch: &mut [u8], key: &dyn Verifier) -> Result<(), Error> {
    let signed = match Container::of_document(document) {
        Some(Container::Cms) => Signed::decode_cms(document)?,
        Some(Container::Jws) => Signed::decode_jws(document, scratch)?,
        _ => Signed::decode_cose(document)?,
    };
    signed.verify(&[key]).map(drop)
}

/// With the real key, no flip in a document without unsigned parts is taken.
#[test]
fn no_flip_leaves_a_signature_good() {
    let Some(folder) = test_support::vectors("brski") else { return };
    let key = common::certificate_key(&folder.join("cbrski/cose-examples/masa_ca.pem"));
    let mut count = 0;
    for name in ["ok_voucher_rpk.vch", "ok_voucher_rpk_sha256.vch"] {
        let mut document = common::document(&folder.join("generated").join(name));
        verify(&document, &mut [], &key).unwrap();
        for bit in 0..document.len() * 8 {
            document[bit / 8] ^= 1 << (bit % 8);
            assert!(verify(&document, &mut [], &key).is_err(), "{name} bit {bit}");
            document[bit / 8] ^= 1 << (bit % 8);
            count += 1;
        }
    }
    test_support::report("brski flips with a key", count);
}

/// Shapes that peers panic on: unknown identifiers, odd enumerations, deep nesting, huge counts.
#[test]
fn odd_shapes_are_refused_or_ignored() {
    let shapes: [&[u8]; 10] = [
        b"\xa1\x19\x09\x93\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xa1\x19\x09\x93\xa1\x3b\xff\xff\xff\xff\xff\xff\xff\xff\x00",
        b"\xa1\x19\x09\x93\xa1\x39\xff\xff\x00",
        b"\xa1\x19\x09\x93\xa1\xd8\x2f\x39\xff\xff\x00",
        b"\xa1\x19\x09\x93\xa2\x01\x18\xff\x0b\x61a",
        b"\xa1\x19\x09\x93\xa2\x01\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x0b\x61a",
        b"\xa1\x19\x09\x93\xa1\x0f\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xbf\x19\x09\x93\xbf\x0b\x61a\xff",
        b"\xbf\x19\x09\x93\xbf\x0b\x61a\x01\xff\xff",
        b"\xbf\xff",
    ];
    for shape in shapes {
        assert!(Contents::decode_cbor(shape).is_err(), "{shape:x?}");
        assert!(Contents::decode_cbor_lenient(shape, &mut |_| {}).is_err(), "{shape:x?}");
    }
    let far = b"\xa1\x19\x09\x93\xa2\x0b\x61a\x1b\x7f\xff\xff\xff\xff\xff\xff\x00\x00";
    let Contents::Voucher(voucher) = Contents::decode_cbor(far).unwrap() else { panic!() };
    assert_eq!(voucher.unknown(), 1);
    let mut many = b"\xa1\x19\x09\x93\xb8\x41".to_vec();
    many.extend((0_u8..65).flat_map(|one| [0x18, 100 + one, 0]));
    assert!(Contents::decode_cbor(&many).is_err());
}
