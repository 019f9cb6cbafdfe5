//! Recipients of a message (RFC 9052 §5.1), read and bounded.

use iotops_wire::cbor::{Cursor, Encoder};

use super::Headers;
use super::headers::Place;
use crate::agreement::{KdfContext, KdfInfo, context_field};
use crate::cipher::derived_length;
use crate::rules::cipher as rules;
use crate::{Algorithm, Error, rules as common};

/// The most recipients that a message may have, nested ones counted: each may cost a public-key
/// operation per key.
pub const RECIPIENTS: usize = 16;

/// Recipients of the content, and recipients of their keys.
const LEVELS: u8 = 2;

/// Identity, nonce and other of party U, then of party V (RFC 9053 table 10).
pub(super) const PARTIES: [i64; 6] = [-21, -22, -23, -24, -25, -26];

const ITEMS: usize = 3;
const ITEMS_NESTED: usize = 4;

/// The recipients at one level.
#[derive(Clone, Copy, Debug)]
pub struct Recipients<'a> {
    /// Over these recipients and nothing behind them.
    cursor: Cursor<'a>,
    count: usize,
}

/// One recipient: how one holder of a key comes to the key of the content.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    headers: Headers<'a>,
    ciphertext: &'a [u8],
    recipients: Option<Recipients<'a>>,
    offset: u32,
}

impl<'a> Recipients<'a> {
    /// Reads all the recipients of a message.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let mut left = RECIPIENTS;
        Self::read_level(cursor, LEVELS, &mut left)
    }

    fn read_level(cursor: &mut Cursor<'a>, levels: u8, left: &mut usize) -> Result<Self, Error> {
        let start = cursor.position();
        let Some(levels) = levels.checked_sub(1) else {
            return Err(cursor.error_at(start, rules::RECIPIENT_DEPTH).into());
        };
        let count = cursor.array()?;
        if count == 0 {
            return Err(cursor.error_at(start, rules::RECIPIENTS).into());
        }
        match left.checked_sub(count) {
            Some(rest) => *left = rest,
            None => return Err(cursor.error_at(start, rules::RECIPIENT_COUNT).into()),
        }
        let mut recipients = *cursor;
        for _ in 0..count {
            Recipient::read(cursor, levels, left)?;
        }
        recipients.cut_before(cursor);
        Ok(Self { cursor: recipients, count })
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The recipients, in order.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn iter(&self) -> impl Iterator<Item = Recipient<'a>> + use<'a> {
        let mut cursor = self.cursor;
        (0..self.count)
            .map_while(move |_| Recipient::read(&mut cursor, LEVELS, &mut { RECIPIENTS }).ok())
    }

    pub(super) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        // Written as they were read: stepping over a whole recipient again would count the nesting
        // of its headers from further outside than reading did.
        encoder.array(self.count)?.raw(self.cursor.rest())?;
        Ok(())
    }
}

impl<'a> Recipient<'a> {
    fn read(cursor: &mut Cursor<'a>, levels: u8, left: &mut usize) -> Result<Self, Error> {
        let (start, offset) = (cursor.position(), cursor.offset());
        let items = cursor.array()?;
        if !(ITEMS..=ITEMS_NESTED).contains(&items) {
            return Err(cursor.error_at(start, common::COSE_ITEMS).into());
        }
        let headers = Headers::read_with(cursor, Place::Either)?;
        let ciphertext = if cursor.null_if_next() { &[] } else { cursor.bytes()? };
        let recipients = match items {
            ITEMS => None,
            _ => Some(Recipients::read_level(cursor, levels, left)?),
        };
        Ok(Self { headers, ciphertext, recipients, offset })
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &Headers<'a> {
        &self.headers
    }

    /// The wrapped key; empty where the key is agreed on.
    #[must_use]
    pub const fn ciphertext(&self) -> &'a [u8] {
        self.ciphertext
    }

    /// The recipients of the key that this one is wrapped with.
    #[must_use]
    pub const fn recipients(&self) -> Option<Recipients<'a>> {
        self.recipients
    }

    /// The context of a key for `target` that is derived for this recipient: what the caller
    /// knows of the parties, else what the headers say (RFC 9053 §5.2).
    #[must_use]
    pub fn kdf_context<'c>(&self, target: Algorithm, info: &KdfInfo<'c>) -> KdfContext<'c>
    where
        'a: 'c,
    {
        let bits = u64::try_from(derived_length(target)).unwrap_or(0).saturating_mul(8);
        let mut context = KdfContext::new(target, bits, self.headers.protected_bytes(), info);
        let (u, v) = (info.party_u, info.party_v);
        let known = [u.identity, u.nonce, u.other, v.identity, v.nonce, v.other];
        for ((field, known), label) in context.parties.iter_mut().zip(known).zip(PARTIES) {
            let sent = self.headers.find(label).map(|value| value.rest());
            *field = context_field(known, sent);
        }
        context
    }

    pub(super) const fn offset(&self) -> u32 {
        self.offset
    }
}
