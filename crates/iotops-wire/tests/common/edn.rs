//! A small reader of diagnostic notation, to check that the printer's text means the same bytes.

use super::{Value, canonical, unhex};

pub struct Parser<'t> {
    rest: &'t str,
}

/// The deterministic encoding of what the text says.
pub fn parse(text: &str) -> Vec<u8> {
    let mut parser = Parser { rest: text };
    let value = parser.value();
    parser.blank();
    assert_eq!(parser.rest, "", "nothing follows");
    canonical(&value)
}

impl Parser<'_> {
    /// Steps over white space and comments.
    fn blank(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let Some(comment) = self.rest.strip_prefix('/') else { return };
            self.rest = comment.split_once('/').expect("comment ends").1;
        }
    }

    fn has(&mut self, token: &str) -> bool {
        self.blank();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn until(&mut self, end: char) -> String {
        let (content, rest) = self.rest.split_once(end).expect("string ends");
        self.rest = rest;
        content.into()
    }

    fn value(&mut self) -> Value {
        self.blank();
        if self.has("<<") {
            let inner = canonical(&self.value());
            assert!(self.has(">>"));
            Value::Bytes(inner)
        } else if self.has("h'") {
            Value::Bytes(unhex(&self.until('\'')))
        } else if self.has("'") {
            Value::Bytes(self.until('\'').into_bytes())
        } else if self.has("[") {
            Value::Array(self.list("]", Self::value))
        } else if self.has("{") {
            Value::Map(self.list("}", |parser| {
                let key = parser.value();
                assert!(parser.has(":"));
                (key, parser.value())
            }))
        } else if self.rest.starts_with('"') {
            self.text()
        } else {
            self.word()
        }
    }

    fn list<T>(&mut self, end: &str, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut items = Vec::new();
        while !self.has(end) {
            items.push(item(self));
            let _ = self.has(",");
        }
        items
    }

    /// The escapes are those of JSON.
    fn text(&mut self) -> Value {
        let mut stream = serde_json::Deserializer::from_str(self.rest).into_iter::<String>();
        let text = stream.next().unwrap().unwrap();
        let length = stream.byte_offset();
        self.rest = &self.rest[length..];
        Value::Text(text)
    }

    fn word(&mut self) -> Value {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '+' | '.');
        let length = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        match word {
            "false" => Value::Simple(20),
            "true" => Value::Simple(21),
            "null" => Value::Simple(22),
            "undefined" => Value::Simple(23),
            "NaN" => Value::Float(f64::NAN),
            "Infinity" => Value::Float(f64::INFINITY),
            "-Infinity" => Value::Float(f64::NEG_INFINITY),
            "simple" => {
                assert!(self.has("("));
                Value::Simple(self.until(')').parse().unwrap())
            }
            _ if word.contains(['.', 'e']) => Value::Float(word.parse().unwrap()),
            _ => self.integer(word.parse().unwrap_or_else(|_| panic!("word {word:?}"))),
        }
    }

    fn integer(&mut self, number: i128) -> Value {
        if self.rest.starts_with('(') {
            assert!(self.has("("));
            let inner = self.value();
            assert!(self.has(")"));
            return Value::Tag(number as u64, inner.into());
        }
        if number < 0 { Value::Negative(!number as u64) } else { Value::Unsigned(number as u64) }
    }
}
