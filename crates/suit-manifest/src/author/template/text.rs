//! The text of a template.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use iotops_wire::json::{Text, Value};
use iotops_wire::shape::Shape;

use super::borrowed;
use super::value::{index, text};
use crate::author::names;
use crate::shape::{COMPONENT_TEXT, LANGUAGE};
use crate::{Error, TextBuilder, rules};

/// What is said in one language.
pub(super) fn text_in(value: Value<'_>, components: &[Vec<Vec<u8>>]) -> Result<TextBuilder, Error> {
    let mut builder = TextBuilder::new();
    for (name, value) in value.members()? {
        if name == *"components" {
            builder = of_components(builder, value, components)?;
        } else {
            builder = builder.text(key(&LANGUAGE, name)?, &text(value)?);
        }
    }
    Ok(builder)
}

fn of_components(
    mut builder: TextBuilder,
    value: Value<'_>,
    components: &[Vec<Vec<u8>>],
) -> Result<TextBuilder, Error> {
    for (name, texts) in value.members()? {
        let listed = usize::try_from(index(name)?).ok().and_then(|index| components.get(index));
        let identifier = listed.ok_or_else(|| Error::from(name.error(rules::TEXT_COMPONENT)))?;
        let entry =
            |(name, value): (Text<'_>, Value<'_>)| Ok((key(&COMPONENT_TEXT, name)?, text(value)?));
        let texts: Vec<(i64, String)> =
            texts.members()?.map(entry).collect::<Result<_, Error>>()?;
        let texts: Vec<(i64, &str)> =
            texts.iter().map(|(key, text)| (*key, text.as_str())).collect();
        builder = builder.component(&borrowed(identifier), &texts);
    }
    Ok(builder)
}

/// A registered key, or one of the application's own: a negative number.
fn key(table: &Shape, name: Text<'_>) -> Result<i64, Error> {
    let text = name.to_string();
    let key = names::code(table, &text).or_else(|| names::custom(&text));
    key.ok_or_else(|| name.error(rules::TEMPLATE_NAME).into())
}
