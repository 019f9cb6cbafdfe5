//! What a derived key is bound to: `COSE_KDF_Context` (RFC 9053 §5.2).

use iotops_wire::cbor::{Encoder, Head, SliceOutput};

use crate::Algorithm;

/// What is known of one party. What is `None` is taken from the message, or else is null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Party<'a> {
    /// Its name.
    pub identity: Option<&'a [u8]>,
    /// Its nonce.
    pub nonce: Option<&'a [u8]>,
    /// What else its protocol defines.
    pub other: Option<&'a [u8]>,
}

/// What the protocol around a message adds to the context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KdfInfo<'a> {
    /// The one who made the message.
    pub party_u: Party<'a>,
    /// The one who receives it.
    pub party_v: Party<'a>,
    /// Public information: `other` of `SuppPubInfo`.
    pub public: Option<&'a [u8]>,
    /// A further secret of both sides: `SuppPrivInfo`.
    pub private: Option<&'a [u8]>,
}

impl<'a> KdfInfo<'a> {
    /// With public information.
    #[must_use]
    pub const fn with_public(self, public: &'a [u8]) -> Self {
        Self { public: Some(public), ..self }
    }

    /// With a further secret of both sides.
    #[must_use]
    pub const fn with_private(self, private: &'a [u8]) -> Self {
        Self { private: Some(private), ..self }
    }

    /// With the names of the one who made the message and the one who receives it.
    #[must_use]
    pub const fn with_identities(self, u: &'a [u8], v: &'a [u8]) -> Self {
        let party_u = Party { identity: Some(u), ..self.party_u };
        let party_v = Party { identity: Some(v), ..self.party_v };
        Self { party_u, party_v, ..self }
    }
}

/// A field of the context: nothing, bytes, or an item that is encoded already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    Absent,
    Null,
    Bytes(&'a [u8]),
    Encoded(&'a [u8]),
}

impl<'a> Field<'a> {
    pub(crate) fn bytes_or(bytes: Option<&'a [u8]>, other: Self) -> Self {
        bytes.map_or(other, Self::Bytes)
    }

    fn parts(self) -> (Option<Head>, &'a [u8]) {
        match self {
            Self::Absent => (None, &[]),
            Self::Null => (None, &[0xf6]),
            Self::Bytes(bytes) => (Some(Head::of_bytes(bytes.len())), bytes),
            Self::Encoded(encoded) => (None, encoded),
        }
    }
}

/// What the caller knows, else what the message says, else null.
pub(crate) fn context_field<'a>(known: Option<&'a [u8]>, sent: Option<&'a [u8]>) -> Field<'a> {
    Field::bytes_or(known, sent.map_or(Field::Null, Field::Encoded))
}

/// The context of one derivation; it is lent in parts and never built.
#[derive(Clone, Copy, Debug)]
pub struct KdfContext<'a> {
    pub(crate) algorithm: Algorithm,
    /// Bits of the key.
    pub(crate) bits: u64,
    /// Identity, nonce and other of party U, then of party V.
    pub(crate) parties: [Field<'a>; 6],
    pub(crate) protected: &'a [u8],
    pub(crate) public: Field<'a>,
    pub(crate) private: Field<'a>,
}

/// The head of an integer takes nine bytes at the most.
pub(crate) const INTEGER: usize = 9;

impl<'a> KdfContext<'a> {
    /// The context of a key for `algorithm` of `bits` bits; `protected` is the protected bucket of
    /// the recipient, as it enters signed structures.
    #[must_use]
    pub fn new(algorithm: Algorithm, bits: u64, protected: &'a [u8], info: &KdfInfo<'a>) -> Self {
        let field = |bytes| Field::bytes_or(bytes, Field::Null);
        let (u, v) = (info.party_u, info.party_v);
        Self {
            algorithm,
            bits,
            parties: [u.identity, u.nonce, u.other, v.identity, v.nonce, v.other].map(field),
            protected,
            public: Field::bytes_or(info.public, Field::Absent),
            private: Field::bytes_or(info.private, Field::Absent),
        }
    }

    /// Lends the encoded context, in parts.
    pub fn lend<R>(&self, read: impl FnOnce(&[&[u8]]) -> R) -> R {
        let (mut id, mut bits) = ([0; INTEGER], [0; INTEGER]);
        let id = integer(&mut id, self.algorithm.to_cose());
        let bits = integer(&mut bits, i64::try_from(self.bits).unwrap_or(i64::MAX));
        let fields = self.parties.map(Field::parts);
        let [a, b, c, d, e, f] = &fields;
        let protected = Field::Bytes(self.protected).parts();
        let (public, private) = (self.public.parts(), self.private.parts());
        let count = |field, short, long| if field == Field::Absent { short } else { long };
        let outer: &[u8] = count(self.private, b"\x84", b"\x85");
        let inner: &[u8] = count(self.public, b"\x82", b"\x83");
        read(&[
            outer,
            id,
            b"\x83",
            head(a),
            a.1,
            head(b),
            b.1,
            head(c),
            c.1,
            b"\x83",
            head(d),
            d.1,
            head(e),
            e.1,
            head(f),
            f.1,
            inner,
            bits,
            head(&protected),
            protected.1,
            head(&public),
            public.1,
            head(&private),
            private.1,
        ])
    }
}

fn head<'h>(field: &'h (Option<Head>, &[u8])) -> &'h [u8] {
    field.0.as_ref().map_or(&[], Head::as_bytes)
}

/// Writes an integer.
pub(crate) fn integer(buffer: &mut [u8; INTEGER], value: i64) -> &[u8] {
    let mut output = SliceOutput::new(buffer);
    let written = Encoder::new(&mut output).integer(value).is_ok();
    let length = iotops_wire::cbor::Output::position(&output);
    buffer.get(..length).filter(|_| written).unwrap_or_default()
}
