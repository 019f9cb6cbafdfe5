//! Vouchers: all that can be asked for, and copies that say the same.

use brski_voucher::model::{Leaf, Profile};
use brski_voucher::{Contents, RequestBuilder, Role, Signed, VoucherBuilder};

use crate::Anyone;

/// Asks a signed document for all that it has.
pub fn signed(signed: &Signed<'_>) {
    let _ = format!("{signed:?}");
    let _ = signed.verify(&[&Anyone]);
    for signature in 0..signed.signatures() {
        for certificate in signed.certificates(signature) {
            let mut buffer = vec![0; certificate.length()];
            let bytes = certificate.read_into(&mut buffer).expect("it fits");
            assert!(certificate.is(bytes));
        }
        let _ = signed.verify_signature(signature, &[&Anyone]);
    }
    for role in [Role::Masa, Role::Pledge, Role::Registrar] {
        let _ = signed.check_headers(role);
    }
    contents(&signed.unverified());
}

/// Asks a voucher or request for all that it says, and writes it again.
pub fn contents(read: &Contents<'_>) {
    for role in [Role::Masa, Role::Pledge, Role::Registrar] {
        let _ = read.broken(role, Profile::Rfc8366).count();
    }
    let draft = match read {
        Contents::Voucher(voucher) => {
            let unknown = voucher.unknown_leaves().count();
            assert_eq!(unknown, voucher.unknown());
            VoucherBuilder::copy(voucher).expect("it was read").build(Profile::Rfc8366bis)
        }
        Contents::Request(request) => {
            assert_eq!(request.unknown_leaves().count(), request.unknown());
            RequestBuilder::copy(request).expect("it was read").build()
        }
        _ => return,
    };
    let Ok(draft) = draft else { return };
    if let Ok(cbor) = draft.to_cbor() {
        same(read, &Contents::decode_cbor(&cbor).expect("our own"));
    }
    if let Ok(json) = draft.to_json() {
        same(read, &Contents::decode_json(&json).expect("our own"));
    }
}

fn same(one: &Contents<'_>, other: &Contents<'_>) {
    for leaf in Leaf::ALL {
        assert_eq!(one.has(leaf), other.has(leaf), "{leaf:?}");
    }
    if let (Contents::Voucher(one), Contents::Voucher(other)) = (one, other) {
        assert_eq!(one.serial_number(), other.serial_number());
        assert_eq!(one.nonce(), other.nonce());
        assert_eq!(one.expires_on(), other.expires_on());
        assert_eq!(one.assertion(), other.assertion());
    }
}
