//! Names ↔ codes, by the tables that printing uses: what `inspect` prints is what a template says.

use alloc::string::{String, ToString as _};

use iotops_wire::shape::{Field, Shape};

use crate::model::GREATEST_CUSTOM;

/// What is printed in the place of all four bits of a reporting policy.
pub(super) const ALL: &str = "all";

const fn fields(shape: &Shape) -> &'static [Field] {
    match shape {
        Shape::Map(fields) | Shape::MapAnd(fields, _) | Shape::Pairs(fields) => fields,
        _ => &[],
    }
}

/// The code of a name of this table. No name is that of code 0, which nothing has in a manifest.
pub(super) fn code(table: &Shape, name: &str) -> Option<i64> {
    let of_table = fields(table).iter().find(|field| field.code != 0 && field.name == name);
    of_table.map(|field| field.code)
}

/// The same, or a custom code, which is its own name.
pub(super) fn code_or_custom(table: &Shape, name: &str) -> Option<i64> {
    code(table, name).or_else(|| custom(name).filter(|code| *code <= GREATEST_CUSTOM))
}

/// A negative code that is its own name.
pub(super) fn custom(name: &str) -> Option<i64> {
    name.parse().ok().filter(|code: &i64| *code < 0 && code.to_string() == *name)
}

/// The name of a code.
pub(super) fn name(table: &Shape, code: i64) -> String {
    let found = fields(table).iter().find(|field| field.code == code);
    found.map_or_else(|| code.to_string(), |field| field.name.into())
}

/// The value of a name.
pub(super) fn value(table: &Shape, name: &str) -> Option<i64> {
    let Shape::Code(codes) = table else { return None };
    codes.iter().find(|(_, found)| *found == name).map(|(code, _)| *code)
}

/// The name of a value.
pub(super) fn name_of_value(table: &Shape, code: i64) -> String {
    let Shape::Code(codes) = table else { return code.to_string() };
    let found = codes.iter().find(|(found, _)| *found == code);
    found.map_or_else(|| code.to_string(), |(_, name)| (*name).into())
}

/// The names of bits, with the bits.
pub(super) fn bits(table: &Shape) -> impl Iterator<Item = (u64, &'static str)> + use<> {
    let names: &[(u8, &str)] = match table {
        Shape::Bits(names) => names,
        _ => &[],
    };
    names.iter().map(|(bit, name)| (1_u64.checked_shl(u32::from(*bit)).unwrap_or(0), *name))
}
