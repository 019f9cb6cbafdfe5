//! Identifier octets (X.690 §8.1.2).

/// The identifier octet of an element: class, form and number in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u8);

const CONTEXT: u8 = 0x80;
pub(super) const CONSTRUCTED: u8 = 0x20;
/// These five bits hold the number; all of them set announce a longer tag.
pub(super) const NUMBER: u8 = 0x1f;

impl Tag {
    /// BOOLEAN.
    pub const BOOLEAN: Self = Self(0x01);
    /// INTEGER.
    pub const INTEGER: Self = Self(0x02);
    /// BIT STRING.
    pub const BIT_STRING: Self = Self(0x03);
    /// OCTET STRING.
    pub const OCTET_STRING: Self = Self(0x04);
    /// NULL.
    pub const NULL: Self = Self(0x05);
    /// OBJECT IDENTIFIER.
    pub const OID: Self = Self(0x06);
    /// ENUMERATED.
    pub const ENUMERATED: Self = Self(0x0a);
    /// `UTF8String`.
    pub const UTF8_STRING: Self = Self(0x0c);
    /// `NumericString`.
    pub const NUMERIC_STRING: Self = Self(0x12);
    /// `PrintableString`.
    pub const PRINTABLE_STRING: Self = Self(0x13);
    /// `TeletexString`.
    pub const TELETEX_STRING: Self = Self(0x14);
    /// `IA5String`.
    pub const IA5_STRING: Self = Self(0x16);
    /// `UTCTime`.
    pub const UTC_TIME: Self = Self(0x17);
    /// `GeneralizedTime`.
    pub const GENERALIZED_TIME: Self = Self(0x18);
    /// `VisibleString`.
    pub const VISIBLE_STRING: Self = Self(0x1a);
    /// `UniversalString`.
    pub const UNIVERSAL_STRING: Self = Self(0x1c);
    /// `BMPString`.
    pub const BMP_STRING: Self = Self(0x1e);
    /// SEQUENCE and SEQUENCE OF.
    pub const SEQUENCE: Self = Self(0x30);
    /// SET and SET OF.
    pub const SET: Self = Self(0x31);

    /// The tag with this identifier octet.
    #[must_use]
    pub const fn from_octet(octet: u8) -> Self {
        Self(octet)
    }

    /// `[number]` in primitive form: an IMPLICIT tag of a primitive type. Only five bits count.
    #[must_use]
    pub const fn context(number: u8) -> Self {
        Self(CONTEXT | number & NUMBER)
    }

    /// `[number]` in constructed form: an EXPLICIT tag, or an IMPLICIT one of a constructed type.
    #[must_use]
    pub const fn context_constructed(number: u8) -> Self {
        Self(CONTEXT | CONSTRUCTED | number & NUMBER)
    }

    /// The identifier octet.
    #[must_use]
    pub const fn octet(self) -> u8 {
        self.0
    }

    /// Whether more octets of the tag follow.
    pub(super) const fn is_high(self) -> bool {
        self.0 & NUMBER == NUMBER
    }
}
