//! Whether a device can process a manifest, by its capability report (SUIT R §6).

use iotops_wire::{Finding, Input, Place};

use super::Capabilities;
use super::capabilities::{ALGORITHMS, COMMANDS, COMMON, ENVELOPE, MANIFEST, PARAMETERS};
use crate::decode::Block;
use crate::model::{Command, Parameter, Parameters, Section, Sequence};
use crate::{Manifest, rules};

/// "it is OPTIONAL to report capabilities that are declared mandatory by the SUIT Manifest" (SUIT R
/// §6): for each list, what SUIT App. C requires of every recipient.
const MANDATORY: &[(i64, &[i64])] = &[
    (COMMANDS, &[1, 2, 3, 12, 20]),
    (PARAMETERS, &[1, 2, 3, 14]),
    (ENVELOPE, &[2, 3]),
    (MANIFEST, &[1, 2, 3, 7]),
    (COMMON, &[2, 4]),
];

/// The key of dependencies in common.
const DEPENDENCIES: i64 = 1;

impl Capabilities<'_> {
    /// Tells what the device lacks to process a manifest: [`rules::CAPABILITY`] with the place in
    /// the envelope of each component, command, parameter, algorithm or element that it does not
    /// list. Optional lists that it leaves out are not looked at, and neither is encryption info.
    pub fn check(&self, manifest: &Manifest<'_>, found: &mut dyn FnMut(Finding)) {
        let mut check = Check { capabilities: self, found };
        check.components(manifest);
        check.elements(manifest);
        check.algorithms(manifest);
        let sections = Section::ALL.iter().filter_map(|one| manifest.section(*one).present());
        manifest.shared_sequence().into_iter().chain(sections).for_each(|one| check.sequence(one));
    }
}

struct Check<'c, 'f> {
    capabilities: &'c Capabilities<'c>,
    found: &'f mut dyn FnMut(Finding),
}

impl Check<'_, '_> {
    fn tell(&mut self, offset: u32) {
        (self.found)(Finding::new(rules::CAPABILITY, Place::new(Input::Document, offset)));
    }

    /// `code`, at `offset`, must be in the list, if there is one.
    fn need(&mut self, list: i64, code: i64, offset: u32) {
        let mandatory = MANDATORY.iter().find(|(key, _)| *key == list);
        if mandatory.is_some_and(|(_, codes)| codes.contains(&code)) {
            return;
        }
        let listed = self.capabilities.list(list);
        if listed.is_some_and(|listed| !listed.iter().any(|one| one == code)) {
            self.tell(offset);
        }
    }

    fn components(&mut self, manifest: &Manifest<'_>) {
        for component in manifest.components().iter() {
            if !self.capabilities.components().any(|one| one.covers(component.parts())) {
                self.tell(component.offset());
            }
        }
    }

    fn elements(&mut self, manifest: &Manifest<'_>) {
        for (element, value) in manifest.elements() {
            self.need(MANIFEST, element.code(), value.offset());
        }
        for (element, value) in manifest.envelope().severed() {
            self.need(ENVELOPE, element.code(), value.offset());
        }
        if !manifest.dependencies().is_empty() {
            self.need(COMMON, DEPENDENCIES, manifest.dependencies().offset());
        }
    }

    /// Those of the digest, and of the signatures: one that the device knows is enough.
    fn algorithms(&mut self, manifest: &Manifest<'_>) {
        let envelope = manifest.envelope();
        let offset = envelope.blocks_offset();
        self.need(ALGORITHMS, manifest.digest().algorithm().to_cose(), offset);
        let listed = self.capabilities.list(ALGORITHMS);
        let knows = |number: Option<i64>| {
            listed.is_some_and(|listed| listed.iter().any(|one| Some(one) == number))
        };
        let is_known = envelope.blocks().flatten().any(|block| match block {
            Block::Sign1(message) => knows(message.headers().algorithm()),
            Block::Mac0(message) => knows(message.headers().algorithm()),
            Block::Sign(message) => {
                message.signatures().any(|one| knows(one.headers().algorithm()))
            }
        });
        if !is_known {
            self.tell(offset);
        }
    }

    /// Sequences are nested as deep as validation allowed.
    fn sequence(&mut self, sequence: Sequence<'_>) {
        for (offset, command) in sequence.placed() {
            self.need(COMMANDS, command.code(), offset);
            match command {
                Command::RunSequence(inner) => self.sequence(inner),
                Command::TryEach(inner) => inner.sequences().for_each(|one| self.sequence(one)),
                Command::SetParameters(parameters) | Command::OverrideParameters(parameters) => {
                    self.parameters(&parameters);
                }
                Command::OverrideMultiple(several) => {
                    several.iter().for_each(|one| self.parameters(&one.parameters));
                }
                Command::CopyParameters(copies) => copies.iter().for_each(|(_, codes)| {
                    codes.iter().for_each(|code| self.need(PARAMETERS, code, offset));
                }),
                _ => {}
            }
        }
    }

    fn parameters(&mut self, parameters: &Parameters<'_>) {
        for (offset, parameter) in parameters.placed() {
            self.need(PARAMETERS, parameter.code(), offset);
            if let Parameter::ImageDigest(digest) = parameter {
                self.need(ALGORITHMS, digest.algorithm().to_cose(), offset);
            }
        }
    }
}
