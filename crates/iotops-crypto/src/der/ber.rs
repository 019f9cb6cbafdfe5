//! The lenient reader: BER rewritten as DER, with a list of what was tolerated.
//!
//! It undoes what senders of CMS still write: indefinite lengths, long lengths, and strings in
//! pieces. What it makes is then read by the strict reader, so nothing else gets through.

use alloc::vec::Vec;

use iotops_wire::{Finding, Input, Place, Rule};

use super::tag::{CONSTRUCTED, NUMBER};
use super::write::length_octets;
use crate::Error;
use crate::rules::der as rules;

/// The deepest nesting that is rewritten.
const DEPTH: usize = 24;
/// The class and constructed bits off.
const OCTET_STRING: u8 = 0x04;
const END_OF_CONTENTS: [u8; 2] = [0, 0];
const INDEFINITE: u8 = 0x80;

/// Rewrites one BER value, all of `input`, as DER. Each deviation goes to `report`.
///
/// # Errors
/// [`rules::TRUNCATED`], [`rules::DEPTH`], and the rules of what is not BER either.
pub fn to_der(input: &[u8], report: &mut dyn FnMut(Finding)) -> Result<Vec<u8>, Error> {
    let mut rewriter = Rewriter { input, position: 0, report };
    let mut output = Vec::new();
    rewriter.value(input.len(), DEPTH, &mut output)?;
    if rewriter.position < input.len() {
        return Err(rewriter.error(rules::TRAILING));
    }
    Ok(output)
}

struct Rewriter<'a, 'r> {
    input: &'a [u8],
    position: usize,
    report: &'r mut dyn FnMut(Finding),
}

impl<'a> Rewriter<'a, '_> {
    fn error(&self, rule: Rule) -> Error {
        Error::new(rule, u32::try_from(self.position).unwrap_or(u32::MAX))
    }

    fn tolerate(&mut self, rule: Rule, position: usize) {
        let offset = u32::try_from(position).unwrap_or(u32::MAX);
        (self.report)(Finding::new(rule, Place::new(Input::Document, offset)));
    }

    fn take(&mut self, count: usize, end: usize) -> Result<&'a [u8], Error> {
        let stop = self.position.saturating_add(count);
        match self.input.get(self.position..stop) {
            Some(bytes) if stop <= end => {
                self.position = stop;
                Ok(bytes)
            }
            _ => Err(self.error(rules::TRUNCATED)),
        }
    }

    fn byte(&mut self, end: usize) -> Result<u8, Error> {
        match self.take(1, end)? {
            [byte] => Ok(*byte),
            _ => Err(self.error(rules::TRUNCATED)),
        }
    }

    /// Rewrites one value that ends before `end`.
    fn value(&mut self, end: usize, depth: usize, output: &mut Vec<u8>) -> Result<(), Error> {
        let start = self.position;
        let tag = self.byte(end)?;
        if tag & NUMBER == NUMBER {
            return Err(Error::new(rules::HIGH_TAG, offset(start)));
        }
        let content_end = self.length(tag, end)?;
        if tag & CONSTRUCTED == 0 {
            let count = content_end.unwrap_or(end).saturating_sub(self.position);
            let content = self.take(count, end)?;
            write(tag, content, output);
            return Ok(());
        }
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.error(rules::DEPTH));
        };
        let mut content = Vec::new();
        if tag == OCTET_STRING | CONSTRUCTED {
            self.tolerate(rules::CONSTRUCTED_STRING, start);
            self.pieces(content_end, end, depth, &mut content)?;
            write(OCTET_STRING, &content, output);
        } else {
            self.values(content_end, end, depth, &mut content)?;
            write(tag, &content, output);
        }
        Ok(())
    }

    /// Rewrites values up to the end of their parent.
    fn values(
        &mut self,
        content_end: Option<usize>,
        end: usize,
        depth: usize,
        output: &mut Vec<u8>,
    ) -> Result<(), Error> {
        while !self.is_over(content_end)? {
            self.value(content_end.unwrap_or(end), depth, output)?;
        }
        Ok(())
    }

    /// Joins the pieces of a string, which may be in pieces themselves.
    fn pieces(
        &mut self,
        content_end: Option<usize>,
        end: usize,
        depth: usize,
        output: &mut Vec<u8>,
    ) -> Result<(), Error> {
        while !self.is_over(content_end)? {
            let start = self.position;
            let limit = content_end.unwrap_or(end);
            let tag = self.byte(limit)?;
            let piece_end = self.length(tag, limit)?;
            match (tag, piece_end, depth.checked_sub(1)) {
                (OCTET_STRING, Some(piece_end), _) => {
                    let count = piece_end.saturating_sub(self.position);
                    output.extend_from_slice(self.take(count, limit)?);
                }
                (0x24, _, Some(depth)) => self.pieces(piece_end, limit, depth, output)?,
                (0x24, _, None) => return Err(self.error(rules::DEPTH)),
                _ => return Err(Error::new(rules::TAG, offset(start))),
            }
        }
        Ok(())
    }

    /// Whether the content of a constructed value is over; steps over the end-of-contents mark.
    fn is_over(&mut self, content_end: Option<usize>) -> Result<bool, Error> {
        match content_end {
            Some(content_end) => Ok(self.position >= content_end),
            None if self
                .input
                .get(self.position..)
                .unwrap_or_default()
                .starts_with(&END_OF_CONTENTS) =>
            {
                self.take(END_OF_CONTENTS.len(), self.input.len())?;
                Ok(true)
            }
            None if self.position >= self.input.len() => Err(self.error(rules::TRUNCATED)),
            None => Ok(false),
        }
    }

    /// Reads a length; gives the end of the content, or `None` for an indefinite one.
    fn length(&mut self, tag: u8, end: usize) -> Result<Option<usize>, Error> {
        let start = self.position;
        let first = self.byte(end)?;
        if first == INDEFINITE {
            if tag & CONSTRUCTED == 0 {
                return Err(Error::new(rules::INDEFINITE, offset(start)));
            }
            self.tolerate(rules::INDEFINITE, start);
            return Ok(None);
        }
        let length = match first & 0x7f {
            _ if first < INDEFINITE => usize::from(first),
            count => self.long_length(usize::from(count), start, end)?,
        };
        match self.position.checked_add(length) {
            Some(content_end) if content_end <= end => Ok(Some(content_end)),
            _ => Err(Error::new(rules::TRUNCATED, offset(start))),
        }
    }

    fn long_length(&mut self, count: usize, start: usize, end: usize) -> Result<usize, Error> {
        let bytes = self.take(count, end)?;
        let significant = bytes.iter().skip_while(|byte| **byte == 0);
        let length = significant.clone().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        if significant.count() > size_of::<u32>() {
            return Err(Error::new(rules::TRUNCATED, offset(start)));
        }
        if length_octets(length).count() != bytes.len().saturating_add(1) {
            self.tolerate(rules::SHORTEST, start);
        }
        Ok(length)
    }
}

fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

fn write(tag: u8, content: &[u8], output: &mut Vec<u8>) {
    output.push(tag);
    output.extend(length_octets(content.len()));
    output.extend_from_slice(content);
}
