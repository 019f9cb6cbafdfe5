//! The rules of this crate: numbers 1200 to 1299. Lower ones are those of
//! [`iotops_wire::rules`](mod@iotops_wire::rules).

use iotops_wire::{Row, Rule, rule};

iotops_wire::rules! {
    1200 GEOMETRY Argument "flash-geometry", "iotops", "a journal needs three areas of whole erase pages, and writes of 1, 2, 4, 8, 16, 32 or 64 bytes";
    1201 STORAGE Unavailable "flash-answer", "iotops", "the flash must do what it is asked to, and give back what was written";
    1202 NO_JOURNAL Structure "no-journal", "iotops", "one area of the flash must hold a whole journal";
    1203 FULL OutOfSpace "journal-full", "iotops", "an area must have space for the newest value of every key and the new record";
    1204 DAMAGED Malformed "record-damaged", "iotops", "a record must read as it was written";
    1205 NUMBER Structure "record-number", "iotops", "the record of a number must have eight bytes";
    1206 LOWERED Rejected "number-lowered", "iotops", "a number that only rises must not be lowered";
    1207 BLOCK Argument "block-index", "iotops", "a block must be one of those that the bitmap was made for";
    1208 BITMAP Structure "bitmap-record", "iotops", "the record of a bitmap must fit the region and the number of blocks";
}

/// The row of a rule of this crate or of a lower one.
#[must_use]
pub fn row(of: Rule) -> Option<&'static Row> {
    rule::find(ROWS, of).or_else(|| iotops_wire::rules::row(of))
}
