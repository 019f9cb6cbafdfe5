//! A model of CBOR for the tests: values, their one deterministic encoding, and many others.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::std_instead_of_alloc,
    clippy::use_self,
    reason = "each test file uses a part of this"
)]

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use proptest::prelude::*;

pub mod edn;

pub fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[derive(Clone, Debug)]
pub enum Value {
    Unsigned(u64),
    Negative(u64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
    Tag(u64, Box<Value>),
    Simple(u8),
    Float(f64),
}

/// All halves by the bits of the equal single.
static HALVES: LazyLock<HashMap<u32, u16>> = LazyLock::new(|| {
    (0..=u16::MAX)
        .filter(|half| !half_value(*half).is_nan())
        .map(|h| (half_value(h).to_bits(), h))
        .collect()
});

/// The value of a half, by the formula of RFC 8949, Appendix D.
pub fn half_value(half: u16) -> f32 {
    let (exponent, mantissa) = (i32::from(half >> 10 & 0x1f), f32::from(half & 0x3ff));
    let value = match exponent {
        0 => mantissa * 2f32.powi(-24),
        31 if mantissa == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (mantissa + 1024.0) * 2f32.powi(exponent - 25),
    };
    if half & 0x8000 == 0 { value } else { -value }
}

/// The shortest encoding of a number.
pub fn float(number: f64) -> Vec<u8> {
    if number.is_nan() {
        return vec![0xf9, 0x7e, 0x00];
    }
    let single = number as f32;
    if f64::from(single).to_bits() != number.to_bits() {
        return [&[0xfb][..], &number.to_be_bytes()].concat();
    }
    match HALVES.get(&single.to_bits()) {
        Some(half) => [&[0xf9][..], &half.to_be_bytes()].concat(),
        None => [&[0xfa][..], &single.to_be_bytes()].concat(),
    }
}

/// How an encoder deviates: zeros for not at all.
pub struct Wild {
    seed: u64,
    tame: bool,
}

impl Wild {
    pub fn new(seed: u64) -> Self {
        Self { seed: seed | 1, tame: false }
    }

    fn pick(&mut self, choices: u64) -> u64 {
        if self.tame {
            return 0;
        }
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed % choices
    }

    fn head(&mut self, out: &mut Vec<u8>, major: u8, argument: u64) {
        let least = match argument {
            0..24 => 0,
            24..0x100 => 1,
            0x100..0x1_0000 => 2,
            0x1_0000..0x1_0000_0000 => 3,
            _ => 4,
        };
        match least + self.pick(5 - least) {
            0 => out.push(major << 5 | argument as u8),
            1 => out.extend([major << 5 | 24, argument as u8]),
            2 => out.extend([&[major << 5 | 25][..], &(argument as u16).to_be_bytes()].concat()),
            3 => out.extend([&[major << 5 | 26][..], &(argument as u32).to_be_bytes()].concat()),
            _ => out.extend([&[major << 5 | 27][..], &argument.to_be_bytes()].concat()),
        }
    }

    fn string(&mut self, out: &mut Vec<u8>, major: u8, chunks: &[&[u8]]) {
        let whole = chunks.concat();
        if self.pick(2) == 0 {
            self.head(out, major, whole.len() as u64);
            return out.extend(whole);
        }
        out.push(major << 5 | 31);
        for chunk in chunks {
            self.head(out, major, chunk.len() as u64);
            out.extend(*chunk);
        }
        out.push(0xff);
    }

    fn container(&mut self, out: &mut Vec<u8>, major: u8, items: &[Vec<u8>]) {
        let is_indefinite = self.pick(2) == 1;
        if is_indefinite {
            out.push(major << 5 | 31);
        } else {
            self.head(out, major, items.len() as u64);
        }
        out.extend(items.concat());
        if is_indefinite {
            out.push(0xff);
        }
    }

    fn float(&mut self, out: &mut Vec<u8>, number: f64) {
        let shortest = float(number);
        let single = number as f32;
        let is_single = f64::from(single).to_bits() == number.to_bits() || number.is_nan();
        match self.pick(3) {
            1 if is_single => out.extend([&[0xfa][..], &single.to_be_bytes()].concat()),
            1 | 2 => out.extend([&[0xfb][..], &number.to_be_bytes()].concat()),
            _ => out.extend(shortest),
        }
    }

    pub fn encode(&mut self, value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        match value {
            Value::Unsigned(number) => self.head(&mut out, 0, *number),
            Value::Negative(argument) => self.head(&mut out, 1, *argument),
            Value::Bytes(bytes) => {
                let chunks: Vec<_> = bytes.chunks(3).collect();
                self.string(&mut out, 2, &chunks);
            }
            Value::Text(text) => {
                let chunks: Vec<_> = text.split_inclusive('a').map(str::as_bytes).collect();
                self.string(&mut out, 3, &chunks);
            }
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| self.encode(item)).collect();
                self.container(&mut out, 4, &items);
            }
            Value::Map(entries) => {
                let items = self.entries(entries);
                self.container(&mut out, 5, &items);
            }
            Value::Tag(number, item) => {
                self.head(&mut out, 6, *number);
                out.extend(self.encode(item));
            }
            Value::Simple(number @ 0..24) => out.push(0xe0 | number),
            Value::Simple(number) => out.extend([0xf8, *number]),
            Value::Float(number) => self.float(&mut out, *number),
        }
        out
    }

    fn entries(&mut self, entries: &[(Value, Value)]) -> Vec<Vec<u8>> {
        // The deterministic encoding of the key decides about order and uniqueness.
        let sorted: BTreeMap<_, _> =
            entries.iter().map(|(key, value)| (canonical(key), (key, value))).collect();
        let mut items: Vec<_> = sorted
            .values()
            .map(|(key, value)| [self.encode(key), self.encode(value)].concat())
            .collect();
        for last in (1..items.len()).rev() {
            let with = if self.tame { last } else { self.pick(last as u64 + 1) as usize };
            items.swap(last, with);
        }
        items
    }
}

pub fn canonical(value: &Value) -> Vec<u8> {
    Wild { seed: 1, tame: true }.encode(value)
}

/// Values of bounded depth.
pub fn values() -> impl Strategy<Value = Value> {
    let argument = prop_oneof![0..30u64, any::<u64>(), any::<u32>().prop_map(u64::from)];
    let leaf = prop_oneof![
        argument.clone().prop_map(Value::Unsigned),
        argument.clone().prop_map(Value::Negative),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        "[a-f\u{0}-\u{10ffff}]{0,12}".prop_map(Value::Text),
        prop_oneof![0..24u8, 32..=255u8].prop_map(Value::Simple),
        prop_oneof![
            any::<f64>(),
            any::<f32>().prop_map(f64::from),
            any::<u16>().prop_map(|h| f64::from(half_value(h)))
        ]
        .prop_map(Value::Float),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((inner.clone(), inner.clone()), 0..6).prop_map(Value::Map),
            (argument.clone(), inner).prop_map(|(number, item)| Value::Tag(number, item.into())),
        ]
    })
}
