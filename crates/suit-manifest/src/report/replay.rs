//! The server's side: a manifest run again, by what a report says of the run (SUIT R §5).

use iotops_wire::{Finding, Input, Place};

use super::oracle::{Oracle, Script};
use super::story::{Here, Story};
use super::{Report, VerifiedReport};
use crate::process::{Engine, Options, Procedure, Step, Tree};
use crate::{Error, rules};

/// The most commands of a replay, those of each component counted apart.
const FUEL: u32 = 1 << 16;

/// How a manifest is run again.
///
/// The engine that runs manifests does it, on a device that does nothing: each condition gives what
/// the report says of it, or else it holds, and each directive succeeds, but the one that ended the
/// run. A report that is true never contradicts its manifest; one that does is of a device that
/// "is not trustworthy" (SUIT R §5), or of another manifest or procedure.
#[derive(Clone, Copy, Debug)]
pub struct Replay<'e> {
    procedure: Procedure,
    envelopes: &'e [&'e [u8]],
}

impl<'e> Replay<'e> {
    /// A replay of this procedure: the report does not tell which one it was.
    #[must_use]
    pub const fn new(procedure: Procedure) -> Self {
        Self { procedure, envelopes: &[] }
    }

    /// With the envelopes of dependencies that the device fetched; those that the root manifest's
    /// envelope carries are known. They must be signed as the [`Tree`] asks.
    #[must_use]
    pub const fn with_envelopes(self, envelopes: &'e [&'e [u8]]) -> Self {
        Self { envelopes, ..self }
    }

    /// Runs the manifest again, and tells what contradicts it: rules named `REPLAY_…` in
    /// [`rules`], with their places in the report. Of several contradictions in the order of
    /// records, the first is told; what is behind it has no place in the run.
    ///
    /// `COMPONENTS` and `DEPTH` are those of an [`Engine`] that can run the manifest. Where the
    /// device had no room for all records, the replay ends with the last one.
    ///
    /// # Errors
    /// [`rules::REPLAY_DEPENDENCY`] if a dependency or severed section is not here, and the rules
    /// of the engine's bounds.
    pub fn run<const COMPONENTS: usize, const DEPTH: usize>(
        &self,
        report: &VerifiedReport<'_>,
        tree: &mut Tree<'_, '_>,
        found: &mut dyn FnMut(Finding),
    ) -> Result<(), Error> {
        let report = report.report();
        if !check_reference(report, tree, found) {
            return Ok(());
        }
        let mut story = Story::new(report, tree.root(), found);
        let mut engine = Engine::<COMPONENTS, DEPTH>::new();
        let mut oracle = Oracle { root: *tree.root(), envelopes: self.envelopes, told: None };
        let mut script = Script::default();
        let begun = engine.start(tree, self.procedure, options(), &mut oracle, &mut script);
        begun.map_err(|failure| failure.error())?;
        loop {
            let here = engine.position(tree).map(|position| Here::new(position, tree));
            if story.ends(here.as_ref(), tree) {
                return Ok(());
            }
            if let Some(here) = &here {
                let call = engine.call(tree, &here.position);
                script.has_result = here.has_result();
                script.is_ok = story.succeeds(here, call.as_ref());
                script.token = call.map_or(script.token, |call| call.token());
            }
            let step = engine.step(tree, &mut oracle, &mut script);
            if let (Some(here), Some(record)) = (&here, oracle.told.take()) {
                story.take(here, &record);
                story.compare(here, engine.call(tree, &here.position).as_ref(), &record);
            }
            match step {
                Ok(Step::Done) => {
                    story.done();
                    return Ok(());
                }
                Ok(_) => {}
                Err(failure) => return story.failed(&failure, tree),
            }
        }
    }

    /// The contradictions as a list.
    ///
    /// # Errors
    /// As [`Replay::run`].
    #[cfg(feature = "alloc")]
    pub fn findings<const COMPONENTS: usize, const DEPTH: usize>(
        &self,
        report: &VerifiedReport<'_>,
        tree: &mut Tree<'_, '_>,
    ) -> Result<alloc::vec::Vec<Finding>, Error> {
        let mut findings = alloc::vec::Vec::new();
        self.run::<COMPONENTS, DEPTH>(report, tree, &mut |finding| findings.push(finding))?;
        Ok(findings)
    }
}

/// What the device took is not known, so all is taken that can be.
fn options() -> Options {
    Options {
        fuel: FUEL,
        refuses_equal_number: false,
        needs_identity_checks: false,
        stores_sequence_number: false,
        implicit_integrity: true,
        needs_all_sections: false,
    }
}

/// SUIT R §5: "Hash of `SUIT_Manifest` at suit-report-manifest-uri does not match
/// suit-report-manifest-digest". Of another manifest there is nothing more to tell.
fn check_reference(
    report: &Report<'_>,
    tree: &Tree<'_, '_>,
    found: &mut dyn FnMut(Finding),
) -> bool {
    let (reference, root) = (report.reference(), tree.root());
    let is_same = reference.digest == root.digest();
    // "The URI MUST exactly match the suit-reference-uri" (SUIT R §4).
    if !is_same || reference.uri != root.reference_uri().unwrap_or_default() {
        let place = Place::new(Input::Document, report.reference_offset());
        found(Finding::new(rules::REPLAY_REFERENCE, place));
    }
    is_same
}
