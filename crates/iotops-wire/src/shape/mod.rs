//! Names for the parts of a document, and printers that use them.
//!
//! A [`Shape`] is a constant table: which codes a document has, what they are called and what
//! stands behind them. One table gives four prints ([`edn`], [`hex`], [`outline`], [`json`]) and
//! the [`path`] of a byte offset for error messages.
//!
//! A shape only names. It checks nothing and hides nothing: where a document is of another form,
//! what is there is printed without names.
//!
//! The printers take any bytes. They read as strictly as [`Cursor`], print
//! what they could read, and tell the rule and place of what stopped them; map keys out of order
//! are told too, but stop nothing. Depth is bounded, and so is the number of byte strings inside
//! byte strings that are opened ([`LAYERS`]); time and output grow in proportion to the input.
//!
//! ```
//! use iotops_wire::shape::{Field, Shape, edn};
//!
//! static POINT: Shape = Shape::Map(&[
//!     Field::new(1, "x", &Shape::Any),
//!     Field::new(2, "unit", &Shape::Code(&[(0, "metre"), (1, "foot")])),
//! ]);
//! assert_eq!(
//!     edn(&[0xa2, 0x01, 0x05, 0x02, 0x00], &POINT),
//!     "{/ x / 1: 5, / unit / 2: 0 / metre /}"
//! );
//! ```

mod edn;
mod hex;
mod json;
mod outline;
mod path;
mod text;
mod tree;

pub use edn::edn;
pub use hex::hex;
pub use json::json;
pub use outline::outline;
pub use path::path;
pub use tree::LAYERS;

use core::fmt;

use crate::cbor::{Cursor, Item};

/// What a part of a document is, and how its own parts are called.
///
/// Recursive grammars are built of `static` tables that refer to each other.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Shape {
    /// Nothing is known.
    Any,
    /// A map with integer keys; others are printed as they are.
    Map(&'static [Field]),
    /// A map of which the values are of one shape.
    MapOf(&'static Self),
    /// A map with integer keys, and the shape of the values behind all other keys.
    MapAnd(&'static [Field], &'static Self),
    /// An array whose items are told by their position; the codes of the fields do not matter.
    Array(&'static [Field]),
    /// The same, and what all further items are.
    ArrayAnd(&'static [Field], &'static Field),
    /// An array of which the items are of one shape.
    List(&'static Self),
    /// A flat array of code, argument, code, argument: a command sequence of SUIT.
    Pairs(&'static [Field]),
    /// A byte string that holds CBOR. Left as bytes if it does not.
    Wrapped(&'static Self),
    /// A tag out of these.
    Tagged(&'static [TagName]),
    /// An integer with registered names.
    Code(&'static [(i64, &'static str)]),
    /// An integer that is a code of this map or these commands.
    CodeOf(&'static Self),
    /// An unsigned integer whose bits, by number, have names.
    Bits(&'static [(u8, &'static str)]),
    /// A byte string that is often readable.
    Utf8OrBytes,
    /// The first of these that has the type of what is found. For [`Shape::Wrapped`] around
    /// [`Shape::Tagged`] that means a byte string which begins with such a tag.
    Either(&'static [&'static Self]),
}

/// The name of a code, and the shape of what stands behind it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Field {
    /// The map key or command; for arrays it is not looked at.
    pub code: i64,
    /// The name: lower-case words joined by hyphens.
    pub name: &'static str,
    /// What the value is.
    pub shape: &'static Shape,
}

impl Field {
    /// A named code.
    #[must_use]
    pub const fn new(code: i64, name: &'static str, shape: &'static Shape) -> Self {
        Self { code, name, shape }
    }

    /// A named position of an array.
    #[must_use]
    pub const fn item(name: &'static str, shape: &'static Shape) -> Self {
        Self::new(0, name, shape)
    }
}

/// The name of a tag, and the shape of what is tagged.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct TagName {
    /// The tag number.
    pub number: u64,
    /// The name.
    pub name: &'static str,
    /// What the tagged item is.
    pub shape: &'static Shape,
}

impl TagName {
    /// A named tag.
    #[must_use]
    pub const fn new(number: u64, name: &'static str, shape: &'static Shape) -> Self {
        Self { number, name, shape }
    }
}

static ANY: Shape = Shape::Any;

/// A name, if there is one, and a shape.
type Named = (Option<&'static str>, &'static Shape);

impl Field {
    const fn named(&self) -> Named {
        (Some(self.name), self.shape)
    }
}

impl Shape {
    /// This shape, or the one of its alternatives that `item` has.
    fn resolve<'s>(&'s self, item: &Item<'_>) -> &'s Self {
        let Self::Either(shapes) = self else { return self };
        let found = shapes.iter().find(|shape| shape.fits(item));
        found.map_or(&ANY, |shape| shape.resolve(item))
    }

    fn fits(&self, item: &Item<'_>) -> bool {
        match (self, item) {
            (Self::Any, _)
            | (Self::Map(_) | Self::MapOf(_) | Self::MapAnd(..), Item::Map(_))
            | (
                Self::Array(_) | Self::ArrayAnd(..) | Self::List(_) | Self::Pairs(_),
                Item::Array(_),
            )
            | (Self::Code(_) | Self::CodeOf(_), Item::Unsigned(_) | Item::Negative(_))
            | (Self::Bits(_), Item::Unsigned(_))
            | (Self::Utf8OrBytes, Item::Bytes(_)) => true,
            (Self::Wrapped(Self::Tagged(tags)), Item::Bytes(content)) => {
                let tag = Cursor::new(content).and_then(|mut cursor| cursor.tag());
                tag.is_ok_and(|number| tags.iter().any(|tag| tag.number == number))
            }
            (Self::Wrapped(_), Item::Bytes(_)) => true,
            (Self::Tagged(_), Item::Tag(number)) => self.tag(*number).is_some(),
            (Self::Either(shapes), _) => shapes.iter().any(|shape| shape.fits(item)),
            _ => false,
        }
    }

    /// Name and shape of the value behind a map key or a command.
    fn behind(&self, code: Option<i64>) -> Named {
        let (fields, others): (&[Field], _) = match *self {
            Self::Map(fields) | Self::Pairs(fields) => (fields, &ANY),
            Self::MapAnd(fields, others) => (fields, others),
            Self::MapOf(shape) => (&[], shape),
            _ => (&[], &ANY),
        };
        let field = code.and_then(|code| fields.iter().find(|field| field.code == code));
        field.map_or((None, others), Field::named)
    }

    /// Name and shape of an item of an array.
    fn at(&self, position: usize) -> Named {
        match *self {
            Self::Array(fields) => fields.get(position).map_or((None, &ANY), Field::named),
            Self::ArrayAnd(fields, last) => fields.get(position).unwrap_or(last).named(),
            Self::List(shape) => (None, shape),
            _ => (None, &ANY),
        }
    }

    fn tag(&self, number: u64) -> Option<&'static TagName> {
        match *self {
            Self::Tagged(tags) => tags.iter().find(|tag| tag.number == number),
            _ => None,
        }
    }

    fn code(&self, code: i64) -> Option<&'static str> {
        match *self {
            Self::Code(names) => {
                names.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
            }
            Self::CodeOf(shape) => shape.behind(Some(code)).0,
            _ => None,
        }
    }
}

// Tables refer to each other in circles, so that a derived `Debug` would not end.
impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shape").finish_non_exhaustive()
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({}, {})", self.code, self.name)
    }
}

impl fmt::Debug for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TagName({}, {})", self.number, self.name)
    }
}
