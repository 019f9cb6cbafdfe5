//! base64 (RFC 4648 §4): as it is mostly written, in one pass; and character by character, as JSON
//! may write any of them as an escape.

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    /// How many bytes it means.
    pub(crate) length: usize,
    /// Whether it is the one form that RFC 7951 §6.6 allows.
    pub(crate) is_standard: bool,
}

/// The bits of a class: of base64url only, of none.
const URL: u8 = 1;
const FOREIGN: u8 = 2;

/// The class of a byte. It has no branch, so that many are classed at once.
const fn class(byte: u8) -> u8 {
    let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let is_digit = byte.wrapping_sub(b'0') < 10;
    let is_url = (byte == b'-') | (byte == b'_');
    let is_known = is_letter | is_digit | is_url | (byte == b'+') | (byte == b'/');
    (if is_url { URL } else { 0 }) | (if is_known { 0 } else { FOREIGN })
}

/// Checks a text without escapes, of both alphabets, with padding or without; `None` for what is
/// neither. It looks at every character and decodes none.
pub(crate) fn check(text: &[u8]) -> Option<Read> {
    let (body, padding) = match text {
        [body @ .., b'=', b'='] => (body, 2),
        [body @ .., b'='] => (body, 1),
        body => (body, 0),
    };
    let found = body.iter().fold(0, |found, byte| found | class(*byte));
    let (wanted, unused) = match body.len() & 3 {
        0 => (0, 0),
        2 => (2, 15),
        3 => (1, 3),
        _ => return None,
    };
    // The bits that no byte takes are zero in the standard form.
    let left = body.last().and_then(|last| sextet(char::from(*last))).unwrap_or(0) & unused;
    if found & FOREIGN != 0 || (padding != 0 && padding != wanted) {
        return None;
    }
    let length = body.len().wrapping_shr(2).wrapping_mul(3);
    let length = length.wrapping_add((body.len() & 3).saturating_sub(1));
    Some(Read { length, is_standard: found == 0 && left == 0 && padding == wanted })
}

/// Decodes both alphabets, with padding or without, and with line ends; `None` for what is neither.
pub(crate) fn decode(
    characters: impl Iterator<Item = char>,
    mut sink: impl FnMut(u8),
) -> Option<Read> {
    let (mut bits, mut held, mut length) = (0_u32, 0_u32, 0_usize);
    let (mut padding, mut is_standard) = (0_u32, true);
    for character in characters {
        if character.is_ascii_whitespace() {
            is_standard = false;
            continue;
        }
        if character == '=' {
            padding = padding.saturating_add(1);
            continue;
        }
        if padding > 0 {
            return None;
        }
        is_standard &= !matches!(character, '-' | '_');
        bits = bits.wrapping_shl(6) | sextet(character)?;
        held = held.saturating_add(6);
        if held >= 8 {
            held = held.saturating_sub(8);
            let [.., byte] = bits.wrapping_shr(held).to_be_bytes();
            sink(byte);
            length = length.saturating_add(1);
        }
    }
    let left = bits & 1_u32.wrapping_shl(held).wrapping_sub(1);
    let wanted = match held {
        0 => 0,
        2 => 1,
        4 => 2,
        _ => return None,
    };
    let is_whole = padding == 0 || padding == wanted;
    let is_standard = is_standard && left == 0 && padding == wanted;
    is_whole.then_some(Read { length, is_standard })
}

/// The bytes of a text that was checked: what is not of the alphabets is skipped.
pub(crate) fn bytes(characters: impl Iterator<Item = char>) -> impl Iterator<Item = u8> {
    let (mut sextets, mut bits, mut held) = (characters.filter_map(sextet), 0_u32, 0_u32);
    core::iter::from_fn(move || {
        while held < 8 {
            bits = bits.wrapping_shl(6) | sextets.next()?;
            held = held.saturating_add(6);
        }
        held = held.saturating_sub(8);
        let [.., byte] = bits.wrapping_shr(held).to_be_bytes();
        Some(byte)
    })
}

fn sextet(character: char) -> Option<u32> {
    let from =
        |first: char, at: u32| u32::from(character).checked_sub(u32::from(first))?.checked_add(at);
    match character {
        'A'..='Z' => from('A', 0),
        'a'..='z' => from('a', 26),
        '0'..='9' => from('0', 52),
        '+' | '-' => Some(62),
        '/' | '_' => Some(63),
        _ => None,
    }
}

#[cfg(feature = "alloc")]
const ALPHABET: [char; 64] = {
    let mut table = ['A'; 64];
    let mut rest: &mut [char] = &mut table;
    let mut text: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    while let ([one, next @ ..], [byte, more @ ..]) = (rest, text) {
        *one = byte_to_char(*byte);
        (rest, text) = (next, more);
    }
    table
};

#[cfg(feature = "alloc")]
const fn byte_to_char(byte: u8) -> char {
    match char::from_u32(u32::from_be_bytes([0, 0, 0, byte])) {
        Some(character) => character,
        None => '=',
    }
}

/// The text of `bytes`, in the standard form.
#[cfg(feature = "alloc")]
pub(crate) fn encode(bytes: &[u8]) -> alloc::string::String {
    let mut text = alloc::string::String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0; 4];
        for (to, from) in group.iter_mut().skip(1).zip(chunk) {
            *to = *from;
        }
        let bits = u32::from_be_bytes(group);
        let used = chunk.len().saturating_add(1);
        for (place, shift) in [18_u32, 12, 6, 0].into_iter().enumerate() {
            let at = usize::try_from(bits.wrapping_shr(shift) & 63).unwrap_or(0);
            let one = ALPHABET.get(at).copied().unwrap_or('=');
            text.push(if place < used { one } else { '=' });
        }
    }
    text
}
