//! The engine: sections in order, a command at each step.

use super::access::{Wish, allows};
use super::failure::{Failure, Position};
use super::log::{Journal, Log, RunId};
use super::run::{Run, Stop};
use super::state::{Frame, GREATEST_OFFSET, Phase, Slot, State};
use super::{CHUNK, Call, Platform, Tree};
use crate::model::{Condition, Section};
use crate::{Manifest, rules};
use iotops_wire::Rule;

/// The identity conditions that the shared sequence must run.
const IDENTITIES: u32 =
    bit(Condition::VendorIdentifier.code()) | bit(Condition::ClassIdentifier.code());

/// What a manifest is run for (SUIT §8.4.6, SUIT TD §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Procedure {
    /// Fetches, installs and validates.
    Update,
    /// Fetches only: the first half of an update, where another trust domain installs.
    Staging,
    /// Installs and validates what was staged.
    Installation,
    /// Validates, loads and invokes what is installed.
    Invocation,
    /// Removes what the manifest installed.
    Uninstall,
    /// Runs the shared sequence alone, which changes nothing: whether the manifest is for this
    /// device.
    Identification,
}

impl Procedure {
    /// Its sections, in order.
    #[must_use]
    pub const fn sections(self) -> &'static [Section] {
        const UPDATE: &[Section] = &[
            Section::DependencyResolution,
            Section::PayloadFetch,
            Section::CandidateVerification,
            Section::Install,
            Section::Validate,
        ];
        match self {
            Self::Update => UPDATE,
            Self::Staging => &[Section::DependencyResolution, Section::PayloadFetch],
            Self::Installation => {
                &[Section::CandidateVerification, Section::Install, Section::Validate]
            }
            Self::Invocation => &[Section::Validate, Section::Load, Section::Invoke],
            Self::Uninstall => &[Section::Uninstall],
            Self::Identification => &[],
        }
    }

    /// Whether it ends with a new image on the device.
    const fn installs(self) -> bool {
        matches!(self, Self::Update | Self::Installation)
    }
}

/// How strict a run is, and how far it may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The most commands that the run may take, those of each component counted apart.
    pub fuel: u32,
    /// Whether a manifest with the stored sequence number is refused; a lower one always is.
    pub refuses_equal_number: bool,
    /// Whether the shared sequence must check vendor and class (SUIT §6.2: "SHOULD").
    pub needs_identity_checks: bool,
    /// Whether the sequence number is stored at the end of an update. A device that tries a new
    /// image before it trusts it must not let the number hold before it does, or it could not go
    /// back: the platform may keep it aside, as the storage of feature `flash` does, or the number
    /// is stored by the caller.
    pub stores_sequence_number: bool,
    /// Whether `process-dependency` makes the integrity check that the manifest left out, instead
    /// of refusing: the examples of SUIT TD leave it out.
    pub implicit_integrity: bool,
    /// Whether a manifest must have every section that its dependencies have (SUIT TD §5.1); the
    /// example of SUIT FE does not.
    pub needs_all_sections: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fuel: 4096,
            refuses_equal_number: false,
            needs_identity_checks: true,
            stores_sequence_number: true,
            implicit_integrity: false,
            needs_all_sections: true,
        }
    }
}

/// What a step gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Step {
    /// There is more to do: call again.
    More,
    /// The platform needs time: call again later.
    Pending,
    /// The procedure is complete.
    Done,
}

/// Executes manifests: plain data that borrows nothing, so that it can lie anywhere and wait.
///
/// `COMPONENTS` counts components and dependencies of all manifests of a tree, `DEPTH` the
/// sequences within each other (two more than try-each and run-sequence are nested).
#[derive(Clone, Debug)]
pub struct Engine<const COMPONENTS: usize, const DEPTH: usize> {
    state: State,
    slots: [Slot; COMPONENTS],
    frames: [Frame; DEPTH],
    /// A block on its way into a component.
    buffer: [u8; CHUNK],
}

impl<const COMPONENTS: usize, const DEPTH: usize> Default for Engine<COMPONENTS, DEPTH> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const COMPONENTS: usize, const DEPTH: usize> Engine<COMPONENTS, DEPTH> {
    /// An engine at rest.
    #[must_use]
    pub const fn new() -> Self {
        let (slots, frames) = ([Slot::EMPTY; COMPONENTS], [Frame::EMPTY; DEPTH]);
        Self { state: State::IDLE, slots, frames, buffer: [0; CHUNK] }
    }

    /// Begins a procedure, or goes on with it if the journal says that it was interrupted.
    ///
    /// # Errors
    /// A failure without position, if the manifest must not be run: [`rules::ROLLBACK`],
    /// [`rules::COMPONENT_UNSUPPORTED`], [`rules::IDENTITY_CHECKS`],
    /// [`rules::ENGINE_COMPONENTS`], [`rules::ENGINE_SIZE`], [`rules::SEQUENCE_NUMBER`] and
    /// [`rules::JOURNAL`].
    pub fn start<P: Platform + ?Sized, J: Journal + ?Sized>(
        &mut self,
        tree: &Tree<'_, '_>,
        procedure: Procedure,
        options: Options,
        platform: &mut P,
        journal: &mut J,
    ) -> Result<(), Failure> {
        self.state = State::IDLE;
        let begun = self.begin(tree, procedure, options, platform, journal);
        begun.map_err(|rule| {
            let failure = Failure::before(rule);
            self.state.phase = Phase::Failed(failure);
            failure
        })
    }

    fn begin<P: Platform + ?Sized, J: Journal + ?Sized>(
        &mut self,
        tree: &Tree<'_, '_>,
        procedure: Procedure,
        options: Options,
        platform: &mut P,
        journal: &mut J,
    ) -> Result<(), Rule> {
        let root = tree.root();
        check_size(root)?;
        check_place(tree)?;
        check_number(root, options, platform)?;
        self.state.slots = register(&mut self.slots, tree, platform)?;
        let manifest = bound(root);
        let sections = procedure.sections();
        let first = sections.first().map_or(0, |section| section.code());
        let run = RunId { manifest, procedure: u8::try_from(first).unwrap_or_default() };
        self.state.log = Log::begin(journal, &run).map_err(|_| rules::JOURNAL)?;
        self.state.present = root.elements().fold(0, |all, (element, _)| all | bit(element.code()));
        self.state.identities = if options.needs_identity_checks { IDENTITIES } else { 0 };
        self.state.bound = manifest;
        self.state.sections = sections;
        self.state.fuel = options.fuel;
        self.state.stores_number = options.stores_sequence_number && procedure.installs();
        self.state.implicit_integrity = options.implicit_integrity;
        self.state.needs_all_sections = options.needs_all_sections;
        if procedure == Procedure::Identification {
            self.identify(root)?;
        }
        self.state.phase = Phase::Running;
        Ok(())
    }

    /// Begins the shared sequence, with no section behind it.
    fn identify(&mut self, root: &Manifest<'_>) -> Result<(), Rule> {
        match (root.shared_sequence(), self.frames.first_mut()) {
            (Some(shared), Some(frame)) => {
                *frame = Frame::shared(shared);
                self.state.depth = 1;
                Ok(())
            }
            (None, _) if self.state.identities == 0 => Ok(()),
            (None, _) => Err(rules::IDENTITY_CHECKS),
            (_, None) => Err(rules::ENGINE_DEPTH),
        }
    }

    /// Runs one command for one component, or moves one block of data.
    ///
    /// The manifests are lent anew at each step, so that engine and manifests can be kept apart;
    /// they must be those that the run began with.
    ///
    /// # Errors
    /// Why the run ended, at this step or before; also [`rules::ENGINE_BINDING`] for another
    /// manifest, which ends nothing.
    pub fn step<P: Platform + ?Sized, J: Journal + ?Sized>(
        &mut self,
        tree: &mut Tree<'_, '_>,
        platform: &mut P,
        journal: &mut J,
    ) -> Result<Step, Failure> {
        self.proceed(tree, platform, journal, true)
    }

    fn check_binding(&self, tree: &Tree<'_, '_>) -> Result<(), Failure> {
        if self.state.phase == Phase::Running && bound(tree.root()) != self.state.bound {
            return Err(Failure::before(rules::ENGINE_BINDING));
        }
        Ok(())
    }

    /// One step, or all of them.
    #[inline]
    fn proceed<P: Platform + ?Sized, J: Journal + ?Sized>(
        &mut self,
        tree: &mut Tree<'_, '_>,
        platform: &mut P,
        journal: &mut J,
        is_single: bool,
    ) -> Result<Step, Failure> {
        self.check_binding(tree)?;
        match self.state.phase {
            Phase::Running => {}
            Phase::Idle => return Ok(Step::Done),
            Phase::Failed(failure) => return Err(failure),
        }
        let Self { state, slots, frames, buffer } = self;
        let mut run = Run {
            state,
            slots,
            frames,
            buffer,
            tree,
            platform,
            journal,
            #[cfg(feature = "report")]
            measured: None,
        };
        loop {
            match run.step() {
                Ok(Step::More) if !is_single => {}
                Ok(step) => return Ok(step),
                Err(Stop::Pending) => return Ok(Step::Pending),
                Err(Stop::Failed(rule)) => return Err(run.fail(rule)),
            }
        }
    }

    /// Steps until the procedure is complete or the platform needs time.
    ///
    /// # Errors
    /// As [`Engine::step`].
    pub fn run<P: Platform + ?Sized, J: Journal + ?Sized>(
        &mut self,
        tree: &mut Tree<'_, '_>,
        platform: &mut P,
        journal: &mut J,
    ) -> Result<Step, Failure> {
        self.proceed(tree, platform, journal, false)
    }

    /// The command that is next, while a procedure is being run.
    #[must_use]
    pub fn position(&self, tree: &Tree<'_, '_>) -> Option<Position> {
        let position = super::run::position(tree, &self.state, &self.frames, 0)?;
        let command = tree.at(position.manifest, position.offset).integer().unwrap_or_default();
        Some(Position { command, ..position })
    }

    /// A call about the component at a position.
    #[cfg(feature = "report")]
    pub(crate) fn call<'c>(&'c self, tree: &'c Tree<'_, '_>, at: &Position) -> Option<Call<'c>> {
        let manifests = tree.view();
        let call = |slot| Call { manifests, slot, token: self.state.token };
        let wanted = Slot::new(at.manifest, at.component);
        let mut calls = self.slots.get(..usize::from(self.state.slots))?.iter().map(call);
        let is_it =
            |call: &Call<'_>| (call.slot.manifest, call.slot.index) == (at.manifest, at.component);
        calls.clone().find(is_it).or_else(|| {
            // Dependencies name a component by an index of their own.
            calls.find(|one| one.path().eq(Call { manifests, slot: &wanted, token: 0 }.path()))
        })
    }
}

/// The beginning of the digest of a manifest.
#[inline]
fn bound(root: &Manifest<'_>) -> [u8; 32] {
    root.digest().bytes().first_chunk().copied().unwrap_or_default()
}

fn check_size(root: &Manifest<'_>) -> Result<(), Rule> {
    match u32::try_from(root.envelope().document().len()) {
        Ok(..=GREATEST_OFFSET) => Ok(()),
        _ => Err(rules::ENGINE_SIZE),
    }
}

/// SUIT TD §10: "When identifying a Root Manifest's correct storage location, the Component
/// Identifier MUST be evaluated vs. the access priviliges of an Author."
fn check_place(tree: &Tree<'_, '_>) -> Result<(), Rule> {
    let root = tree.root();
    let Some(place) = root.component_id() else {
        return Ok(());
    };
    let is_allowed = allows(tree.grants(), root.signers(), place.parts(), Wish::Store);
    if is_allowed { Ok(()) } else { Err(rules::UNAUTHORISED) }
}

/// SUIT §6.1: "extract the manifest sequence number and perform a rollback check".
fn check_number<P: Platform + ?Sized>(
    root: &Manifest<'_>,
    options: Options,
    platform: &mut P,
) -> Result<(), Rule> {
    let stored = platform.sequence_number(root.component_id());
    let Some(stored) = stored.map_err(|_| rules::SEQUENCE_NUMBER)? else {
        return Ok(());
    };
    let number = root.sequence_number();
    if number < stored || number == stored && options.refuses_equal_number {
        return Err(rules::ROLLBACK);
    }
    Ok(())
}

/// The bit of an element in a set of them.
pub(super) const fn bit(code: i64) -> u32 {
    1 << (code & 31)
}

/// Gives every component and dependency of the root a place, and clears their parameters.
fn register<P: Platform + ?Sized>(
    slots: &mut [Slot],
    tree: &Tree<'_, '_>,
    platform: &mut P,
) -> Result<u8, Rule> {
    slots.fill(Slot::EMPTY);
    let mut places = slots.iter_mut();
    let mut count = 0_u8;
    for index in tree.root().indices() {
        let slot = places.next().ok_or(rules::ENGINE_COMPONENTS)?;
        slot.index = index;
        let call = Call { manifests: tree.view(), slot, token: 0 };
        // SUIT §6.1: "Unsupported Component Identifier encountered".
        if call.component().is_none() || !platform.has(&call) {
            return Err(rules::COMPONENT_UNSUPPORTED);
        }
        count = count.checked_add(1).ok_or(rules::ENGINE_COMPONENTS)?;
    }
    Ok(count)
}
