//! Rules: what was broken, as a stable number with a name, a section and a sentence.

use crate::Kind;

/// A rule of a specification, or of this project, that an input broke.
///
/// The number is stable and unique over all iotops crates; it is also the status code of the C
/// library. Names and sentences stand in the tables that [`rules!`](macro@crate::rules) makes, so that
/// firmware that never prints them does not link them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rule {
    number: u16,
    kind: Kind,
}

impl Rule {
    /// A rule with its number and the kind of failure that breaking it is.
    #[must_use]
    pub const fn new(number: u16, kind: Kind) -> Self {
        Self { number, kind }
    }

    /// The stable number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.number
    }

    /// The kind of failure that breaking this rule is.
    #[must_use]
    pub const fn kind(self) -> Kind {
        self.kind
    }
}

/// One row of a rule table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The rule.
    pub rule: Rule,
    /// Its name: lower-case words joined by hyphens.
    pub name: &'static str,
    /// Where it is written, such as "RFC 8949 §4.2.1".
    pub section: &'static str,
    /// What it says, as a sentence without a full stop.
    pub sentence: &'static str,
}

impl Row {
    /// A row; the [`rules!`](macro@crate::rules) macro calls this.
    #[must_use]
    pub const fn new(
        rule: Rule,
        name: &'static str,
        section: &'static str,
        sentence: &'static str,
    ) -> Self {
        Self { rule, name, section, sentence }
    }
}

/// The row of `rule` in `table`.
#[must_use]
pub fn find(table: &'static [Row], rule: Rule) -> Option<&'static Row> {
    table.iter().find(|row| row.rule == rule)
}

/// Makes constants and a table from rows of `NUMBER CONSTANT Kind "name", "section", "sentence";`.
#[macro_export]
macro_rules! rules {
    ($($number:literal $constant:ident $kind:ident $name:literal, $section:literal, $sentence:literal;)*) => {
        $(
            #[doc = concat!($sentence, " (", $section, ").")]
            pub const $constant: $crate::Rule = $crate::Rule::new($number, $crate::Kind::$kind);
        )*
        /// Every rule of this module, by number.
        pub const ROWS: &[$crate::Row] = &[
            $($crate::Row::new($constant, $name, $section, $sentence),)*
        ];
    };
}
