//! How documents are signed, and what their formats are called in transfer.

/// How a document is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Container {
    /// JSON in CMS (RFC 8366).
    Cms,
    /// JSON in JWS (draft-ietf-anima-jws-voucher).
    Jws,
    /// CBOR in COSE (draft-ietf-anima-constrained-voucher).
    Cose,
}

struct Row {
    container: Container,
    media_type: &'static str,
    /// Names that peers send instead.
    aliases: &'static [&'static str],
    content_format: Option<u16>,
    suffix: &'static str,
}

/// bis §7, cBRSKI §16, JWS-V §7.
const TABLE: [Row; 3] = [
    Row {
        container: Container::Cms,
        media_type: "application/voucher-cms+json",
        aliases: &["application/pkcs7-mime"],
        content_format: None,
        suffix: "vcj",
    },
    Row {
        container: Container::Jws,
        media_type: "application/voucher-jws+json",
        aliases: &[],
        content_format: None,
        suffix: "vjj",
    },
    Row {
        container: Container::Cose,
        media_type: "application/voucher+cose",
        aliases: &["application/voucher-cose+cbor", "application/cose"],
        content_format: Some(836),
        suffix: "vch",
    },
];

impl Container {
    const fn row(self) -> &'static Row {
        let [cms, jws, cose] = &TABLE;
        match self {
            Self::Cms => cms,
            Self::Jws => jws,
            Self::Cose => cose,
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        self.row().media_type
    }

    /// The content format in CoAP; `None` where none is registered.
    #[must_use]
    pub const fn content_format(self) -> Option<u16> {
        self.row().content_format
    }

    /// The usual ending of file names.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        self.row().suffix
    }

    /// What a media type names, its parameters not looked at, and whether it is the registered name:
    /// peers also send others.
    #[must_use]
    pub fn of_media_type(text: &str) -> Option<(Self, bool)> {
        let name = text.split(';').next().unwrap_or_default().trim_ascii();
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        TABLE.iter().find_map(|row| {
            let is_registered = is(row.media_type);
            let is_known = is_registered || row.aliases.iter().any(|alias| is(alias));
            is_known.then_some((row.container, is_registered))
        })
    }

    /// What a content format of CoAP names.
    #[must_use]
    pub fn of_content_format(number: u16) -> Option<Self> {
        TABLE.iter().find(|row| row.content_format == Some(number)).map(|row| row.container)
    }

    /// What the ending of a file name says, without its dot.
    #[must_use]
    pub fn of_suffix(suffix: &str) -> Option<Self> {
        let row = TABLE.iter().find(|row| row.suffix.eq_ignore_ascii_case(suffix))?;
        Some(row.container)
    }

    /// What the first bytes of a document look like: DER, JSON or base64url, CBOR.
    #[must_use]
    pub fn of_document(document: &[u8]) -> Option<Self> {
        match document.trim_ascii_start().first()? {
            0x30 => Some(Self::Cms),
            b'{' | b'e' => Some(Self::Jws),
            0xd2 | 0x84 => Some(Self::Cose),
            _ => None,
        }
    }
}
