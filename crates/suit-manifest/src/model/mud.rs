//! The link from a manifest to a MUD file (draft-ietf-suit-mud-09, expired).

use iotops_wire::cbor::{Ascending, Cursor, Encoder, Type};

use super::{Element, SuitDigest};
use crate::{Error, rules};

/// The tag of a URI (RFC 8949 §3.4.5.3).
const TAG_URI: u64 = 32;
/// URL and thumbprint.
const ENTRIES: usize = 2;

/// The codes of `suit-manifest-mud` and of what is in it.
///
/// Nobody has allocated any: the draft names them and gives no numbers. So there are no defaults;
/// author and device must agree on these, and without them the element is refused as unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct MudCodes {
    /// `suit-manifest-mud`, among the elements of the manifest.
    pub element: i64,
    /// `suit-mud-url`, in the container.
    pub url: i64,
    /// `suit-mud-ski`, in the container.
    pub thumbprint: i64,
}

impl MudCodes {
    /// The codes of the element, and of URL and thumbprint in its container.
    #[must_use]
    pub const fn new(element: i64, url: i64, thumbprint: i64) -> Self {
        Self { element, url, thumbprint }
    }

    /// Whether nothing else is meant by them.
    pub(crate) const fn are_free(self) -> bool {
        Element::from_code(self.element).is_none() && self.url != self.thumbprint
    }
}

/// Where the MUD file of the software is, and whose signature it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mud<'a> {
    url: &'a str,
    thumbprint: SuitDigest<'a>,
}

impl<'a> Mud<'a> {
    /// A link to the MUD file at `url`, signed by the key with this COSE key thumbprint (RFC 9679).
    #[must_use]
    pub const fn new(url: &'a str, thumbprint: SuitDigest<'a>) -> Self {
        Self { url, thumbprint }
    }

    /// The MUD URL (RFC 8520). It is not empty; that it is of the scheme `https` is for whoever fetches
    /// from it to see, and for the author's lint.
    #[must_use]
    pub const fn url(&self) -> &'a str {
        self.url
    }

    /// The COSE key thumbprint of the key that must have signed the MUD file.
    #[must_use]
    pub const fn thumbprint(&self) -> SuitDigest<'a> {
        self.thumbprint
    }

    /// Reads the container.
    pub(crate) fn read(cursor: &mut Cursor<'a>, codes: MudCodes) -> Result<Self, Error> {
        let start = cursor.position();
        let count = cursor.map()?;
        let (mut url, mut thumbprint) = (None, None);
        let mut order = Ascending::new();
        for _ in 0..count {
            let key = cursor.position();
            match order.key(cursor)? {
                code if code == codes.url => url = Some(read_url(cursor)?),
                code if code == codes.thumbprint => thumbprint = Some(SuitDigest::read(cursor)?),
                _ => return Err(cursor.error_at(key, rules::MUD_MEMBER).into()),
            }
        }
        match (url, thumbprint) {
            (Some(url), Some(thumbprint)) => Ok(Self { url, thumbprint }),
            _ => Err(cursor.error_at(start, rules::MUD_REQUIRED).into()),
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>, codes: MudCodes) -> Result<(), Error> {
        let mut map = encoder.map(ENTRIES)?;
        // "The keys in every map must be sorted" (RFC 8949 §4.2.1): negative ones come last.
        let rank = |code: i64| (code < 0, code.unsigned_abs());
        let url_first = rank(codes.url) < rank(codes.thumbprint);
        if url_first {
            map.key(codes.url)?.tag(TAG_URI)?.text(self.url)?;
        }
        self.thumbprint.encode(&mut map.key(codes.thumbprint)?)?;
        if !url_first {
            map.key(codes.url)?.tag(TAG_URI)?.text(self.url)?;
        }
        Ok(map.end()?)
    }
}

fn read_url<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, Error> {
    let start = cursor.position();
    if cursor.peek() != Some(Type::Tag) || cursor.tag()? != TAG_URI {
        return Err(cursor.error_at(start, rules::MUD_URL).into());
    }
    match cursor.text()? {
        "" => Err(cursor.error_at(start, rules::MUD_URL).into()),
        url => Ok(url),
    }
}
