//! CoRE link-format (RFC 6690): how a server lists its catalogue and envelopes.

use core::fmt::Write;

use crate::{Error, rules};

/// `rt` of a catalogue. No value is registered: a deployment may agree on others.
pub const CATALOGUE: &str = "suit.catalogue";
/// `rt` of a SUIT envelope.
pub const ENVELOPE: &str = "suit.envelope";

/// One link: a target and its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link<'a> {
    target: &'a str,
    attributes: &'a str,
}

impl<'a> Link<'a> {
    /// What it points to: a URI or a reference, as written.
    #[must_use]
    pub const fn target(&self) -> &'a str {
        self.target
    }

    /// The value of the first attribute with this name, without the quotes around it; `""` for one
    /// without a value. Backslashes in it are not taken away.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut scanner = Scanner { rest: self.attributes };
        while let Some((found, value)) = scanner.attribute() {
            if found.eq_ignore_ascii_case(name) {
                return Some(value);
            }
        }
        None
    }

    /// Whether a resource type is among those of `rt`.
    #[must_use]
    pub fn has_type(&self, resource_type: &str) -> bool {
        self.attribute("rt")
            .is_some_and(|types| types.split(' ').any(|found| found == resource_type))
    }
}

/// The links of a document (RFC 6690 §2). After an error no more come.
#[must_use = "iterators do nothing unless consumed"]
pub fn links(document: &str) -> impl Iterator<Item = Result<Link<'_>, Error>> {
    let mut scanner = Scanner { rest: document };
    core::iter::from_fn(move || {
        if scanner.rest.is_empty() {
            return None;
        }
        let place = document.len().saturating_sub(scanner.rest.len());
        Some(scanner.link().ok_or_else(|| {
            scanner.rest = "";
            Error::new(rules::LINK, u32::try_from(place).unwrap_or(u32::MAX))
        }))
    })
}

struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    /// A link, and the comma behind it if another one follows.
    fn link(&mut self) -> Option<Link<'a>> {
        let (target, behind) = self.rest.strip_prefix('<')?.split_once('>')?;
        if target.is_empty() || !target.bytes().all(is_uri) {
            return None;
        }
        self.rest = behind;
        while self.attribute().is_some() {}
        let length = behind.len().checked_sub(self.rest.len())?;
        let attributes = behind.get(..length)?;
        match self.rest.strip_prefix(',') {
            Some("") => return None,
            Some(next) => self.rest = next,
            None if self.rest.is_empty() => {}
            None => return None,
        }
        Some(Link { target, attributes })
    }

    /// An attribute, with the semicolon before it; nothing is taken if there is none.
    fn attribute(&mut self) -> Option<(&'a str, &'a str)> {
        let body = self.rest.strip_prefix(';')?;
        let end = body.find(|c: char| !is_name(c)).unwrap_or(body.len());
        let (name, behind) = body.split_at_checked(end).filter(|(name, _)| !name.is_empty())?;
        let Some(value) = behind.strip_prefix('=') else {
            self.rest = behind;
            return Some((name, ""));
        };
        let (value, behind) = if let Some(quoted) = value.strip_prefix('"') {
            let end = end_of_quoted(quoted)?;
            (quoted.get(..end)?, quoted.get(end.checked_add(1)?..)?)
        } else {
            let end = value.find([';', ',']).unwrap_or(value.len());
            value.split_at_checked(end).filter(|(value, _)| is_token(value))?
        };
        self.rest = behind;
        Some((name, value))
    }
}

/// Where the quote at the end of a quoted string is; a backslash takes the next character along.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(place),
            0..0x20 | 0x7f => return None,
            _ => {}
        }
    }
    None
}

/// `parmname` of RFC 6690 §2, and the star of extended ones.
fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$&+-.^_`|~*".contains(c)
}

/// `ptoken` of RFC 6690 §2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !br#"",;\"#.contains(&byte))
}

/// The bytes of URIs (RFC 3986 §2).
fn is_uri(byte: u8) -> bool {
    byte.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&byte)
}

/// What is told of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "arguments by name")]
pub struct Advertised<'a> {
    /// Its path, or a URI.
    pub target: &'a str,
    /// Its `rt`: [`CATALOGUE`], [`ENVELOPE`] or what was agreed on.
    pub resource_type: &'a str,
    /// Its `ct`: the number of its content-format, where one was agreed on; none is registered.
    pub content_format: Option<u16>,
    /// Its `sz`: the estimated size in bytes.
    pub size: Option<u64>,
}

/// Writes links to resources, in order.
///
/// # Errors
/// [`rules::LINK`] for a target or resource type that a link cannot hold,
/// [`iotops_wire::rules::OUT_OF_SPACE`] if `out` fails.
pub fn write_links(resources: &[Advertised<'_>], out: &mut dyn Write) -> Result<(), Error> {
    for (place, one) in resources.iter().enumerate() {
        let is_type = is_token(one.resource_type);
        if one.target.is_empty() || !one.target.bytes().all(is_uri) || !is_type {
            return Err(Error::new(rules::LINK, u32::try_from(place).unwrap_or(u32::MAX)));
        }
        let written = write_link(one, place > 0, out);
        written.map_err(|_| Error::new(iotops_wire::rules::OUT_OF_SPACE, 0))?;
    }
    Ok(())
}

fn write_link(one: &Advertised<'_>, follows: bool, out: &mut dyn Write) -> core::fmt::Result {
    let comma = if follows { "," } else { "" };
    write!(out, "{comma}<{}>;rt=\"{}\"", one.target, one.resource_type)?;
    if let Some(format) = one.content_format {
        write!(out, ";ct={format}")?;
    }
    match one.size {
        Some(size) => write!(out, ";sz={size}"),
        None => Ok(()),
    }
}
