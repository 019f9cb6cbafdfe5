//! Faults that no rule of the format forbids.

use alloc::collections::{BTreeMap, BTreeSet};

use iotops_wire::{Finding, Input, Place, Rule};

use super::flow::{Event, Values, follow, value};
use super::open_within;
use crate::decode::{Limits, Member};
use crate::model::{Condition, Parameter, ParameterKey, Section, Text};
use crate::{Error, Manifest, rules};

/// The sections that make sure of an image before it is invoked.
const TRUSTED: [Section; 3] = [Section::Validate, Section::Load, Section::Invoke];

/// What a MUD URL begins with.
#[cfg(feature = "suit-mud-draft")]
const HTTPS: &str = "https://";

/// Tells what an author should look at again: rules named `LINT_…` in [`rules`], with their places
/// in the envelope, in the order of the places.
///
/// What was severed and is not in the envelope cannot be looked at. Where a section is missing so,
/// nothing is told that its commands could make good.
///
/// # Errors
/// The rule that the envelope or the manifest breaks.
pub fn lint(document: &[u8], found: &mut dyn FnMut(Finding)) -> Result<(), Error> {
    lint_within(document, Limits::default(), found)
}

/// The same for a device with these limits.
///
/// # Errors
/// The rule that the envelope or the manifest breaks.
pub fn lint_within(
    document: &[u8],
    limits: Limits,
    found: &mut dyn FnMut(Finding),
) -> Result<(), Error> {
    let manifest = open_within(document, limits)?;
    let mut lint = Lint { limits, ..Lint::default() };
    follow(&manifest, &mut |section, values, event| lint.note(section, values, event));
    lint.on_paths(&manifest);
    lint.identity(&manifest);
    lint.languages(&manifest);
    #[cfg(feature = "suit-mud-draft")]
    lint.mud(&manifest);
    for ((offset, _), rule) in lint.found {
        found(Finding::new(rule, Place::new(Input::Document, offset)));
    }
    Ok(())
}

/// What was seen on all paths. Offsets are those of commands, and of the keys of parameters.
#[derive(Default)]
struct Lint<'m> {
    limits: Limits,
    /// By their offsets, and the numbers of the rules.
    found: BTreeMap<(u32, u16), Rule>,
    reached: BTreeSet<u32>,
    missed: BTreeSet<u32>,
    assigned: BTreeSet<u32>,
    used: BTreeSet<u32>,
    /// Digests that set-parameters set, and for which component.
    digests_set: BTreeSet<(u32, u64)>,
    /// Fetches without a size, and for which component.
    sizeless: BTreeSet<(u32, u64)>,
    fetched: BTreeSet<(u32, u64)>,
    invoked: BTreeSet<(u32, u64)>,
    selected: BTreeSet<u64>,
    processed: BTreeSet<u64>,
    matched: BTreeSet<(Section, u64)>,
    /// Sources, and what was made of them.
    copied: BTreeSet<(u64, u64)>,
    uris: BTreeSet<(u32, &'m str)>,
    is_exhausted: bool,
}

impl<'m> Lint<'m> {
    fn tell(&mut self, rule: Rule, offset: u32) {
        self.found.insert((offset, rule.number()), rule);
    }

    fn note(&mut self, section: Section, values: &Values<'m>, event: Event<'_>) {
        match event {
            Event::Reached(at) => drop(self.reached.insert(at)),
            Event::Missed(at) => drop(self.missed.insert(at)),
            Event::Selected(component) => drop(self.selected.insert(component)),
            Event::Assigned { key, component, code, is_set } => {
                self.assigned.insert(key);
                if is_set && code == ParameterKey::ImageDigest.code() {
                    self.digests_set.insert((key, component));
                }
            }
            Event::Used(key) => drop(self.used.insert(key)),
            Event::Unset(at) => self.tell(rules::LINT_UNSET, at),
            Event::Fetched { at, component, state } => {
                self.fetched.insert((at, component));
                if value(values, state, component, ParameterKey::ImageSize).is_none() {
                    self.sizeless.insert((at, component));
                }
                let key = state.parameters.get(&(component, ParameterKey::Uri.code()));
                if let Some((key, Parameter::Uri(uri))) =
                    key.and_then(|key| values.get_key_value(key))
                {
                    self.uris.insert((*key, uri));
                }
            }
            Event::Disordered(at) => self.tell(rules::LINT_ORDER, at),
            Event::Copied { at, component, source } => {
                if source == Some(component) {
                    self.tell(rules::LINT_SELF, at);
                }
                self.copied.extend(source.map(|source| (source, component)));
            }
            Event::Matched(component) => drop(self.matched.insert((section, component))),
            Event::Invoked { at, component } => drop(self.invoked.insert((at, component))),
            Event::Processed(component) => drop(self.processed.insert(component)),
            Event::Unchecked(at) => self.tell(rules::LINT_INTEGRITY, at),
            Event::NotDependency(at) => self.tell(rules::LINT_NOT_DEPENDENCY, at),
            Event::Exhausted => self.is_exhausted = true,
        }
    }

    fn on_paths(&mut self, manifest: &Manifest<'m>) {
        if self.is_exhausted {
            self.tell(rules::LINT_LIMIT, manifest.envelope().manifest().offset());
            return;
        }
        for at in self.missed.clone() {
            if !self.reached.contains(&at) {
                self.tell(rules::LINT_UNREACHABLE, at);
            }
        }
        self.images(manifest);
        let is_severed =
            |section: &Section| matches!(manifest.section(*section), Member::Severed(_));
        if !Section::ALL.iter().any(is_severed) {
            self.unused(manifest);
        }
    }

    /// What concerns images and where they come from.
    fn images(&mut self, manifest: &Manifest<'m>) {
        let dependencies: BTreeSet<u64> =
            manifest.dependencies().iter().map(|one| one.index).collect();
        let is_image = |(_, component): &&(u32, u64)| !dependencies.contains(component);
        let told: [(Rule, BTreeSet<(u32, u64)>); 2] = [
            (rules::LINT_DIGEST_SET, self.digests_set.iter().filter(is_image).copied().collect()),
            (rules::LINT_SIZE, self.sizeless.iter().filter(is_image).copied().collect()),
        ];
        for (rule, places) in told {
            places.into_iter().for_each(|(at, _)| self.tell(rule, at));
        }
        for (at, uri) in self.uris.clone() {
            if uri.starts_with('#') && manifest.integrated(uri).is_none() {
                self.tell(rules::LINT_FRAGMENT, at);
            }
        }
    }

    /// What nothing is done with. Severed sections may do it.
    fn unused(&mut self, manifest: &Manifest<'m>) {
        for key in self.assigned.difference(&self.used).copied().collect::<BTreeSet<_>>() {
            self.tell(rules::LINT_DEAD, key);
        }
        for (at, component) in self.fetched.clone() {
            if !self.is_matched(component, |_| true) {
                self.tell(rules::LINT_UNVERIFIED, at);
            }
        }
        for (at, component) in self.invoked.clone() {
            if !self.is_matched(component, |section| TRUSTED.contains(&section)) {
                self.tell(rules::LINT_INVOKED, at);
            }
        }
        for (offset, payload) in manifest.envelope().payloads() {
            if !self.uris.iter().any(|(_, uri)| *uri == payload.uri) {
                self.tell(rules::LINT_PAYLOAD, offset);
            }
        }
        self.components(manifest);
        self.sections(manifest);
    }

    /// What of the envelope is a dependency shows when it is read as one.
    fn sections(&mut self, manifest: &Manifest<'m>) {
        if manifest.dependencies().is_empty() {
            return;
        }
        for (offset, payload) in manifest.envelope().payloads() {
            let Ok(dependency) = open_within(payload.content, self.limits) else { continue };
            let has = |of: &Manifest<'_>, section| !matches!(of.section(section), Member::Absent);
            let is_missing = |section: &Section| {
                // What uninstalls a dependency is run when nothing refers to it any more.
                *section != Section::Uninstall
                    && has(&dependency, *section)
                    && !has(manifest, *section)
            };
            if Section::ALL.iter().any(is_missing) {
                self.tell(rules::LINT_SECTIONS, offset);
            }
        }
    }

    /// Whether the image of a component is matched, or what it is made of, or what is made of it.
    fn is_matched(&self, component: u64, in_section: impl Fn(Section) -> bool) -> bool {
        let is =
            |one: u64| self.matched.iter().any(|(section, of)| *of == one && in_section(*section));
        let related = |(source, target): &(u64, u64)| {
            (*source == component && is(*target)) || (*target == component && is(*source))
        };
        is(component) || self.copied.iter().any(related)
    }

    fn components(&mut self, manifest: &Manifest<'m>) {
        let components = manifest.components();
        let dependencies = manifest.dependencies();
        for (index, component) in (0_u64..).zip(components.iter()) {
            let is_source = self.copied.iter().any(|(source, _)| *source == index);
            let is_only = components.len() == 1 && dependencies.is_empty();
            if !is_only && !is_source && !self.selected.contains(&index) {
                self.tell(rules::LINT_COMPONENT, component.offset());
            }
        }
        for dependency in dependencies.iter() {
            if !self.processed.contains(&dependency.index) {
                self.tell(rules::LINT_DEPENDENCY, dependencies.offset());
            }
        }
    }

    /// SUIT §6.2: the shared sequence should check vendor and class.
    fn identity(&mut self, manifest: &Manifest<'m>) {
        let start = manifest.envelope().manifest().offset();
        let shared = manifest.shared_sequence();
        let place = shared.map_or(start, |shared| shared.offset());
        let has = |condition| shared.is_some_and(|shared| shared.has(condition));
        if !has(Condition::VendorIdentifier) {
            self.tell(rules::LINT_VENDOR, place);
        }
        if !has(Condition::ClassIdentifier) {
            self.tell(rules::LINT_CLASS, place);
        }
        if matches!(manifest.section(Section::Validate), Member::Absent) {
            self.tell(rules::LINT_VALIDATE, start);
        }
    }

    /// RFC 8520: MUD URLs are fetched by `https` only; the thumbprint names the one key whose
    /// signature counts.
    #[cfg(feature = "suit-mud-draft")]
    fn mud(&mut self, manifest: &Manifest<'m>) {
        let Some((_, offset, mud)) = manifest.placed_mud() else { return };
        // Schemes are compared without case (RFC 3986 §3.1).
        let scheme = mud.url().split_at_checked(HTTPS.len());
        let host = scheme.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(HTTPS));
        if host.is_none_or(|(_, rest)| rest.is_empty() || rest.starts_with('/')) {
            self.tell(rules::LINT_MUD_SCHEME, offset);
        }
        if mud.thumbprint().bytes().iter().all(|byte| *byte == 0) {
            self.tell(rules::LINT_MUD_THUMBPRINT, offset);
        }
    }

    fn languages(&mut self, manifest: &Manifest<'m>) {
        let Some(text) = manifest.text().present() else { return };
        let all: BTreeSet<_> = text.placed().flat_map(|(_, _, text)| said(text)).collect();
        for (offset, _, text) in text.placed() {
            if said(text).count() < all.len() {
                self.tell(rules::LINT_LANGUAGES, offset);
            }
        }
    }
}

/// What is said: of the manifest, or of a component.
fn said<'a>(text: Text<'a>) -> impl Iterator<Item = (&'a [u8], i64)> + use<'a> {
    let of_manifest = text.texts().iter().map(|(key, _)| (&[][..], key));
    let of_components = text.components().iter().flat_map(|(component, texts)| {
        texts.iter().map(move |(key, _)| (component.as_encoded(), key))
    });
    of_manifest.chain(of_components)
}
