//! What a registrar does to a voucher in COSE before the device gets it (cBRSKI §6.8).

use iotops_crypto::cose::{Sign1, TAG_SIGN1};
use iotops_wire::cbor::{Cursor, Encoder, Output, Type};

use crate::Error;
use crate::decode::{BAG, CHAIN};

/// The items of a `COSE_Sign1` message.
const ITEMS: usize = 4;

/// Writes a document in COSE without the certificates in its unprotected header: "it MUST remove
/// any x5bag or x5chain". The signature holds as before, as that header is not signed; what is
/// signed keeps its bytes.
///
/// # Errors
/// The rules of COSE, and [`iotops_wire::rules::OUT_OF_SPACE`].
pub fn strip_certificates(document: &[u8], output: &mut dyn Output) -> Result<(), Error> {
    // Well formed as a whole, so that what follows only copies.
    Sign1::decode(document)?;
    let mut cursor = Cursor::new(document)?;
    cursor.tag()?;
    cursor.array()?;
    let mut encoder = Encoder::new(output);
    encoder.tag(TAG_SIGN1)?.array(ITEMS)?.bytes(cursor.bytes()?)?;
    let (start, mut kept) = (cursor, 0_usize);
    each_kept(&mut cursor, |_| {
        kept = kept.saturating_add(1);
        Ok(())
    })?;
    let mut map = encoder.map(kept)?;
    each_kept(&mut start.clone(), |entry| {
        map.entry()?.raw(entry)?;
        Ok(())
    })?;
    map.end()?;
    encoder.raw(cursor.rest())?;
    Ok(())
}

/// Walks over the unprotected header, and lends each entry that stays.
fn each_kept<'a>(
    cursor: &mut Cursor<'a>,
    mut keep: impl FnMut(&'a [u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let count = cursor.map()?;
    for _ in 0..count {
        let start = cursor.position();
        let is_certificates = match cursor.peek() {
            Some(Type::Unsigned) => matches!(cursor.integer()?, BAG | CHAIN),
            _ => cursor.skip().map(|()| false)?,
        };
        cursor.skip()?;
        if !is_certificates {
            keep(cursor.since(start))?;
        }
    }
    Ok(())
}
