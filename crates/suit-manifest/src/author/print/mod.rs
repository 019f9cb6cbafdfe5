//! Manifest → template.

mod command;
mod parameter;

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use self::command::sequence;
use super::names;
use super::node::{Node, hex};
use super::open_within;
use crate::decode::{Limits, Member};
use crate::model::{ComponentIdentifier, Components, Element, Section, SuitDigest, Text};
use crate::shape::{COMPONENT_TEXT, LANGUAGE, MANIFEST};
use crate::{Error, Manifest};

/// Prints the manifest in an envelope as a [template](crate::author#templates), with what the
/// envelope carries.
///
/// [`super::compose`] makes the same manifest of it again, where its text and its software
/// identification are severed, and its digests of severed elements are SHA-256. Signatures are not
/// printed.
///
/// # Errors
/// The rule that the envelope or the manifest breaks.
pub fn decompose(document: &[u8]) -> Result<String, Error> {
    decompose_within(document, Limits::default())
}

/// The same of an envelope for a device with these limits.
///
/// # Errors
/// The rule that the envelope or the manifest breaks.
pub fn decompose_within(document: &[u8], limits: Limits) -> Result<String, Error> {
    Ok(tree(&open_within(document, limits)?, Node::bytes).pretty())
}

/// `payload` says what stands for an integrated payload.
pub(super) fn tree(manifest: &Manifest<'_>, payload: impl Fn(&[u8]) -> Node) -> Node {
    let mut members = Members(Vec::new());
    members.add("manifest-sequence-number", Node::Number(manifest.sequence_number().into()));
    members.maybe("reference-uri", manifest.reference_uri().map(Node::text));
    members.maybe("manifest-component-id", manifest.component_id().map(identifier));
    members.maybe("set-version", manifest.set_version().map(|version| numbers(version.numbers())));
    #[cfg(feature = "suit-mud-draft")]
    members.maybe("mud", manifest.mud().map(|link| mud(&link)));
    members.add("components", Node::Array(manifest.components().iter().map(identifier).collect()));
    members.maybe("dependencies", dependencies(manifest));
    members.maybe("shared-sequence", manifest.shared_sequence().map(sequence));
    for section in Section::ALL {
        let name = names::name(&MANIFEST, section.code());
        members.maybe(&name, member(manifest.section(*section), sequence));
    }
    members.maybe("severed", severed(manifest));
    members.maybe(
        "text",
        member(manifest.text(), |text| {
            let languages = text.languages();
            let components = manifest.components();
            Node::Object(
                languages.map(|(tag, text)| (tag.into(), language(text, &components))).collect(),
            )
        }),
    );
    members.maybe("coswid", member(manifest.coswid(), Node::hex));
    let payloads = manifest.integrated_payloads();
    let integrated: Vec<_> = payloads.map(|one| (one.uri.into(), payload(one.content))).collect();
    members.maybe("integrated", (!integrated.is_empty()).then_some(Node::Object(integrated)));
    Node::Object(members.0)
}

#[cfg(feature = "suit-mud-draft")]
fn mud(link: &crate::model::Mud<'_>) -> Node {
    let url = ("url".into(), Node::text(link.url()));
    Node::Object([url, ("thumbprint".into(), digest(&link.thumbprint()))].into())
}

struct Members(Vec<(String, Node)>);

impl Members {
    fn add(&mut self, name: &str, value: Node) {
        self.0.push((name.into(), value));
    }

    fn maybe(&mut self, name: &str, value: Option<Node>) {
        self.0.extend(value.map(|value| (name.into(), value)));
    }
}

fn member<T>(member: Member<'_, T>, print: impl FnOnce(T) -> Node) -> Option<Node> {
    match member {
        Member::Absent => None,
        Member::Present(value) => Some(print(value)),
        Member::Severed(digest) => Some(Node::only("severed", self::digest(&digest))),
    }
}

/// The sections that the manifest names by digest.
fn severed(manifest: &Manifest<'_>) -> Option<Node> {
    let carried = manifest.envelope().severed().map(|(element, _)| element);
    let is_section = |element: &Element| Section::from_code(element.code()).is_some();
    let name = |element: Element| Node::Text(names::name(&MANIFEST, element.code()));
    let names: Vec<Node> = carried.filter(is_section).map(name).collect();
    (!names.is_empty()).then_some(Node::Array(names))
}

fn dependencies(manifest: &Manifest<'_>) -> Option<Node> {
    let entry = |dependency: crate::model::Dependency<'_>| {
        let prefix =
            dependency.prefix.map(|prefix| ("dependency-prefix".into(), identifier(prefix)));
        (dependency.index.to_string(), Node::Object(prefix.into_iter().collect()))
    };
    let entries: Vec<_> = manifest.dependencies().iter().map(entry).collect();
    (!entries.is_empty()).then_some(Node::Object(entries))
}

fn language(text: Text<'_>, components: &Components<'_>) -> Node {
    let said = |table, (key, text): (i64, &str)| (names::name(table, key), Node::text(text));
    let mut members: Vec<_> = text.texts().iter().map(|one| said(&LANGUAGE, one)).collect();
    let of_component = |(component, texts): (ComponentIdentifier<'_>, crate::model::Texts<'_>)| {
        let index = components.iter().position(|one| one == component).unwrap_or_default();
        let texts = texts.iter().map(|one| said(&COMPONENT_TEXT, one)).collect();
        (index.to_string(), Node::Object(texts))
    };
    let of_components: Vec<_> = text.components().iter().map(of_component).collect();
    if !of_components.is_empty() {
        members.push(("components".into(), Node::Object(of_components)));
    }
    Node::Object(members)
}

fn identifier(identifier: ComponentIdentifier<'_>) -> Node {
    Node::Array(identifier.parts().map(Node::bytes).collect())
}

fn numbers(numbers: impl Iterator<Item = i64>) -> Node {
    Node::Array(numbers.map(|number| Node::Number(number.into())).collect())
}

fn digest(digest: &SuitDigest<'_>) -> Node {
    Node::only(digest.algorithm().name(), Node::Text(hex(digest.bytes())))
}
