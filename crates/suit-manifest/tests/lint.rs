//! Lint: each planted fault is found in its place, and what is clean runs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::std_instead_of_alloc,
    unreachable_pub,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod common;

use std::fs;

use common::{borrowed, decode, name, trusted};
use iotops_wire::shape;
use suit_manifest::author::{compose, lint};
use suit_manifest::rules;
use suit_manifest::shape::ENVELOPE;

/// Names of findings, and where they are.
fn findings(envelope: &[u8]) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    lint(envelope, &mut |finding| {
        let row = rules::row(finding.rule()).unwrap();
        let path = shape::path(envelope, &ENVELOPE, finding.place().offset());
        found.push((row.name, path));
    })
    .unwrap();
    found
}

fn build(template: &str) -> Vec<u8> {
    let draft = compose(template.as_bytes(), &mut |_| None);
    draft.unwrap_or_else(|error| panic!("{error}\n{template}")).envelope().unwrap()
}

/// A manifest that is clean but for what is put into it.
fn with(validate: &str, install: &str, more: &str) -> Vec<u8> {
    build(&format!(
        r##"{{"manifest-sequence-number": 1, "components": [["a"], ["b"]],
        "shared-sequence": [{{"directive-set-component-index": true}},
            {{"directive-override-parameters": {{"vendor-identifier": "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe",
            "class-identifier": "1492af14-2569-5e48-bf42-9b2d51f2ab45", "image-size": 3,
            "image-digest": {{"SHA-256": "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}}}}}},
            "condition-vendor-identifier", "condition-class-identifier"],
        "validate": [{{"directive-set-component-index": [0, 1]}}, "condition-image-match"{validate}],
        "install": [{{"directive-set-component-index": 0}}{install}]{more}}}"##
    ))
}

const FETCH: &str =
    r#", {"directive-override-parameters": {"uri": "http://a"}}, "directive-fetch""#;

#[test]
fn what_is_clean_is_clean() {
    assert_eq!(findings(&with("", FETCH, "")), []);
}

/// Names of findings, and the ends of their paths.
type Expected = &'static [(&'static str, &'static str)];

/// What is planted into a clean manifest: in its validate and install sections, and behind them;
/// what is found, and the end of its path.
const PLANTED: &[(&str, &str, &str, Expected)] = &[
    // What does not go together with an order that is not strict; all of it does with one.
    (
        "",
        r#", {"directive-override-parameters": {"source-component": 1}}, "directive-copy", {"directive-set-component-index": 1}, {"directive-override-parameters": {"source-component": 0}}, "directive-copy""#,
        "",
        &[],
    ),
    (
        "",
        r#", {"directive-override-parameters": {"source-component": 1, "strict-order": false}}, "directive-copy", {"directive-set-component-index": 1}, {"directive-override-parameters": {"source-component": 0}}, "directive-copy""#,
        "",
        &[("lint-order", "install / [10] directive-copy")],
    ),
    (
        "",
        r#", {"directive-override-parameters": {"strict-order": false}}, {"directive-run-sequence": [{"directive-set-component-index": 1}, {"directive-set-component-index": 0}]}"#,
        "",
        &[("lint-order", "directive-run-sequence / [2] directive-set-component-index")],
    ),
    (
        "",
        r#", {"directive-set-component-index": [0]}, {"directive-override-parameters": {"source-component": 0}}, "directive-copy""#,
        "",
        &[("lint-self", "install / [6] directive-copy")],
    ),
    // Nothing sets the slot.
    (
        "",
        r#", "condition-component-slot""#,
        "",
        &[("lint-unset", "install / [2] condition-component-slot")],
    ),
    ("", r#", "directive-fetch""#, "", &[("lint-unset", "install / [2] directive-fetch")]),
    // Only one of two alternatives sets it.
    (
        "",
        r#", {"directive-try-each": [[{"directive-override-parameters": {"uri": "x"}}, "condition-image-match"], ["condition-image-match"]]}, {"directive-fetch": []}"#,
        "",
        &[],
    ),
    (
        "",
        r#", {"directive-try-each": [["condition-image-match", {"directive-override-parameters": {"uri": "x"}}], ["condition-image-match"]]}, "directive-fetch""#,
        "",
        &[("lint-unset", "install / [4] directive-fetch")],
    ),
    // Set again before anybody reads it; and never read.
    (
        "",
        r#", {"directive-override-parameters": {"uri": "x"}}, {"directive-override-parameters": {"uri": "y"}}, "directive-fetch""#,
        "",
        &[("lint-dead", "install / [2] directive-override-parameters / uri")],
    ),
    (
        r#", {"directive-override-parameters": {"use-before": 5}}"#,
        "",
        "",
        &[("lint-dead", "validate / [4] directive-override-parameters / use-before")],
    ),
    // Behind what always fails, or never does.
    (
        "",
        r#", "condition-abort", "condition-image-match""#,
        "",
        &[("lint-unreachable", "install / [4] condition-image-match")],
    ),
    (
        "",
        r#", {"directive-try-each": [[{"directive-set-component-index": 1}], ["condition-image-match"]]}"#,
        "",
        &[("lint-unreachable", "directive-try-each / [1] / [0] condition-image-match")],
    ),
    (
        "",
        r#", {"directive-run-sequence": ["condition-abort"]}, "condition-image-match""#,
        "",
        &[("lint-unreachable", "install / [4] condition-image-match")],
    ),
    (
        "",
        r#", {"directive-run-sequence": [{"directive-override-parameters": {"soft-failure": true}}, "condition-abort"]}, "condition-image-match""#,
        "",
        &[],
    ),
    (
        "",
        r#", "condition-is-dependency", "condition-image-match""#,
        "",
        &[("lint-unreachable", "install / [4] condition-image-match")],
    ),
    // A slot that was excluded before.
    (
        "",
        r#", {"directive-override-parameters": {"component-slot": 1}}, "condition-component-slot", {"directive-override-parameters": {"component-slot": 2}}, "condition-component-slot", "condition-image-match""#,
        "",
        &[("lint-unreachable", "install / [10] condition-image-match")],
    ),
    // A size that nothing says, on one of the paths.
    (
        "",
        r#", {"directive-set-component-index": 0}"#,
        r#", "load": [{"directive-set-component-index": 0}, "directive-invoke"]"#,
        &[],
    ),
    ("", "", r#", "integrated": {"x": ""}"#, &[("lint-payload", "envelope / \"x\"")]),
    (
        "",
        r##", {"directive-override-parameters": {"uri": "#x"}}, "directive-fetch""##,
        "",
        &[("lint-fragment", "directive-override-parameters / uri")],
    ),
    (
        "",
        r##", {"directive-override-parameters": {"uri": "#x"}}, "directive-fetch""##,
        r##", "integrated": {"#x": ""}"##,
        &[],
    ),
    (
        "",
        r#", {"directive-set-parameters": {"image-digest": {"SHA-256": "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}}}, "condition-image-match""#,
        "",
        &[("lint-dead", "image-digest"), ("lint-digest-set", "image-digest")],
    ),
    (
        "",
        r#", "condition-dependency-integrity""#,
        "",
        &[("lint-not-dependency", "install / [2] condition-dependency-integrity")],
    ),
    (
        "",
        r#", "directive-process-dependency""#,
        "",
        &[("lint-not-dependency", "install / [2] directive-process-dependency")],
    ),
    (
        "",
        "",
        r#", "text": {"en": {"update-description": "a", "manifest-description": "b"}, "de": {"update-description": "c"}}"#,
        &[("lint-languages", "envelope / text / \"de\"")],
    ),
    ("", "", r#", "dependencies": {"1": {}}"#, &[("lint-dependency", "")]),
    (
        "",
        r#", {"directive-set-component-index": 1}, "directive-process-dependency""#,
        r#", "dependencies": {"1": {}}"#,
        &[("lint-integrity", "install / [4] directive-process-dependency")],
    ),
    (
        "",
        r#", {"directive-set-component-index": 1}, "condition-dependency-integrity", "directive-fetch", "directive-process-dependency""#,
        r#", "dependencies": {"1": {}}"#,
        &[("lint-unset", "directive-fetch"), ("lint-integrity", "directive-process-dependency")],
    ),
];

#[test]
fn planted_faults_are_found_where_they_are() {
    for (validate, install, more, expected) in PLANTED {
        let install = if install.is_empty() { FETCH } else { install };
        let found = findings(&with(validate, install, more));
        let names = |list: &[(&'static str, String)]| {
            list.iter().map(|(name, _)| *name).collect::<Vec<_>>()
        };
        let mut wanted: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
        let mut got = names(&found);
        wanted.sort_unstable();
        got.sort_unstable();
        assert_eq!(got, wanted, "{validate} {install} {more}: {found:?}");
        for (name, path) in *expected {
            assert!(
                found.iter().any(|(one, at)| one == name && at.ends_with(path)),
                "{found:?} {path}"
            );
        }
    }
}

#[test]
fn what_is_missing_is_found() {
    let bare = build(
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "install": [
        {"directive-override-parameters": {"uri": "u"}}, "directive-fetch", "directive-invoke"]}"#,
    );
    let found: Vec<_> = findings(&bare).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        found,
        [
            "lint-vendor",
            "lint-class",
            "lint-validate",
            "lint-unverified",
            "lint-size",
            "lint-invoked"
        ]
    );
    // Matching in a section that runs at another time makes no invocation trusted.
    let late = build(
        r#"{"manifest-sequence-number": 1, "components": [["a"], ["b"], ["c"]], "install": [
        {"directive-set-component-index": 0}, {"directive-override-parameters":
        {"image-digest": {"SHA-256": "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}}},
        "condition-image-match"], "invoke": [{"directive-set-component-index": 0}, "directive-invoke",
        {"directive-set-component-index": 1}]}"#,
    );
    let found = findings(&late);
    let is_found =
        |name: &str, path: &str| found.iter().any(|(one, at)| *one == name && at.ends_with(path));
    assert!(is_found("lint-invoked", "invoke / [2] directive-invoke"), "{found:?}");
    assert!(is_found("lint-component", "components / [2]"), "{found:?}");
}

#[test]
fn a_dependency_in_the_envelope_is_read_too() {
    let folder = test_support::testdata().join("suit/templates");
    let template = fs::read_to_string(folder.join("integrated-dependency.json")).unwrap();
    let build = |template: &str| {
        let mut files = |name: &str| fs::read(folder.join(name)).ok();
        compose(template.as_bytes(), &mut files).unwrap().envelope().unwrap()
    };
    assert_eq!(findings(&build(&template)), []);
    // Another name for what the dependency calls install.
    let found = findings(&build(&template.replace("\"install\"", "\"payload-fetch\"")));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "lint-sections");
}

#[test]
fn too_many_paths_are_told_and_cost_no_more() {
    let custom = |code: i32| {
        format!(
            r#"{{"directive-try-each": [[{{"-{code}": null}}, {{"directive-override-parameters": {{"-{code}": 1}}}}], [{{"-{code}": null}}, {{"directive-override-parameters": {{"-{code}": 2}}}}]]}}"#
        )
    };
    let many: Vec<_> = (256..290).map(custom).collect();
    let found = findings(&with("", &format!(", {}", many.join(", ")), ""));
    assert!(found.iter().any(|(name, _)| *name == "lint-limit"), "{found:?}");
    assert!(!found.iter().any(|(name, _)| *name == "lint-dead"));
}

#[test]
fn what_is_severed_away_is_not_blamed() {
    let file = "suit/suit-manifest-37/example2-severed-signed.suit";
    let bytes = fs::read(test_support::testdata().join(file)).unwrap();
    assert_eq!(findings(&bytes), []);
}

/// What is found in published envelopes, by file: each is a decision of its author's.
const PUBLISHED: &[(&str, &[&str])] = &[
    ("example4-signed.suit", &["lint-size"]),
    ("example0_dependent.suit", &["lint-vendor", "lint-class", "lint-validate", "lint-invoked"]),
    ("example1_process.suit", &["lint-vendor", "lint-class", "lint-validate", "lint-invoked"]),
    (
        "example2_integrated.suit",
        &["lint-vendor", "lint-class", "lint-validate", "lint-invoked", "lint-integrity"],
    ),
];

#[test]
fn findings_in_the_examples_of_the_drafts_are_listed() {
    let keys = trusted();
    let mut checked = 0;
    for folder in ["suit-manifest-37", "trust-domains-11"] {
        for path in fs::read_dir(test_support::testdata().join("suit").join(folder)).unwrap() {
            let path = path.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            if decode(&bytes).unwrap().authenticate(&borrowed(&keys)).is_err() {
                continue;
            }
            let file = name(&path);
            let listed =
                PUBLISHED.iter().find(|(of, _)| *of == file).map_or(&[][..], |(_, names)| names);
            let found: Vec<_> = findings(&bytes).into_iter().map(|(name, _)| name).collect();
            assert_eq!(found, listed, "{file}");
            checked += 1;
        }
    }
    assert_eq!(checked, 10);
}

#[cfg(all(feature = "trust-domains", feature = "update-management"))]
mod clean {
    //! What lint has nothing to say about never lacks a parameter on a device.

    use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use proptest::prelude::*;
    use suit_manifest::process::{Engine, Options, Procedure, Tree};

    use super::*;
    use crate::common::Anyone;
    use crate::common::device::{Device, Memory};

    /// Rules that no run of a clean manifest breaks.
    const NEVER: [&str; 7] = [
        "index-range",
        "parameter-unset",
        "integrity-unchecked",
        "not-a-dependency",
        "source-self",
        "order-source",
        "order-index",
    ];
    /// Findings that foretell them.
    const FORETOLD: [&str; 6] = [
        "lint-unset",
        "lint-integrity",
        "lint-not-dependency",
        "lint-limit",
        "lint-self",
        "lint-order",
    ];

    fn command() -> impl Strategy<Value = String> {
        let plain = prop_oneof![
            Just("condition-image-match"),
            Just("condition-component-slot"),
            Just("condition-check-content"),
            Just("condition-use-before"),
            Just("condition-is-dependency"),
            Just("condition-device-identifier"),
            Just("directive-fetch"),
            Just("directive-copy"),
            Just("directive-write"),
            Just("directive-invoke"),
        ]
        .prop_map(|name| format!("\"{name}\""));
        let value = prop_oneof![
            Just(r#""uri": "http://a""#.to_owned()),
            Just(r#""content": "ok""#.to_owned()),
            any::<bool>().prop_map(|is_strict| format!(r#""strict-order": {is_strict}"#)),
            Just(r#""use-before": 99"#.to_owned()),
            (0..3).prop_map(|slot| format!(r#""component-slot": {slot}"#)),
            Just(r#""image-digest": {"SHA-256": "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}"#.to_owned()),
            Just(r#""device-identifier": "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe""#.to_owned()),
        ];
        let set = (prop_oneof![Just("override"), Just("set")], value)
            .prop_map(|(how, value)| format!(r#"{{"directive-{how}-parameters": {{{value}}}}}"#));
        let index = prop_oneof![Just("0"), Just("1")]
            .prop_map(|index| format!(r#"{{"directive-set-component-index": {index}}}"#));
        let source = Just(r#"{"directive-run-sequence": [{"directive-set-component-index": 1}, {"directive-override-parameters": {"source-component": 0}}]}"#.to_owned());
        let leaf = prop_oneof![4 => plain, 6 => set, 2 => index, 1 => source];
        leaf.prop_recursive(2, 12, 3, |inner| {
            let sequence = prop::collection::vec(inner, 1..3).prop_map(|list| format!("[{}]", list.join(", ")));
            let soft = Just(r#"[{"directive-override-parameters": {"soft-failure": true}}, "condition-image-match"]"#.to_owned());
            let sequence = prop_oneof![4 => sequence, 1 => soft].boxed();
            prop_oneof![
                (sequence.clone(), sequence.clone(), prop_oneof![Just(""), Just(", null")])
                    .prop_map(|(a, b, nil)| format!(r#"{{"directive-try-each": [{a}, {b}{nil}]}}"#)),
                sequence.prop_map(|one| format!(r#"{{"directive-run-sequence": {one}}}"#)),
            ]
        })
    }

    /// What the shared sequence sets: most of what is needed, so that some manifests are clean.
    fn shared() -> impl Strategy<Value = String> {
        let all = [
            r#""uri": "http://a""#,
            r#""content": "ok""#,
            r#""use-before": 99"#,
            r#""component-slot": 1"#,
            r#""image-digest": {"SHA-256": "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}"#,
            r#""device-identifier": "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe""#,
        ];
        let count = 3..=all.len();
        prop::sample::subsequence(all.to_vec(), count).prop_map(|set| set.join(", "))
    }

    fn sequence() -> impl Strategy<Value = String> {
        // Several components are selected in the section itself only: what becomes of a selection
        // that a nested sequence makes is another matter.
        let several = prop_oneof![Just("true"), Just("[1, 0]")]
            .prop_map(|index| format!(r#"{{"directive-set-component-index": {index}}}"#));
        let command = prop_oneof![8 => command(), 1 => several];
        prop::collection::vec(command, 1..7).prop_map(|list| list.join(", "))
    }

    /// The rule that ends a run, if one does.
    fn outcome(bytes: &[u8], slot: u64, procedure: Procedure) -> Option<String> {
        let manifest = decode(bytes).unwrap().authenticate(&[&Anyone]).unwrap().validate().unwrap();
        let mut device = Device { oracle: true, clock: Some(1), ..Device::default() };
        for component in manifest.components().iter() {
            let path: Vec<_> = component.parts().map(<[u8]>::to_vec).collect();
            device.slots.insert(path.clone(), slot);
            device.components.insert(path, b"ok".to_vec());
        }
        device.network.insert("http://a".into(), b"ok new".to_vec());
        let keys: Vec<_> = trusted();
        let keys = borrowed(&keys);
        let (mut loaded, mut arena) = ([None; 2], vec![0; 1024]);
        let mut tree = Tree::with_dependencies(
            manifest,
            &mut loaded,
            &mut arena,
            &keys,
            suit_manifest::Policy::Any,
        );
        let mut engine = Engine::<8, 16>::new();
        let mut journal = Memory::default();
        let mut options = Options::default();
        options.needs_identity_checks = false;
        let result = engine
            .start(&tree, procedure, options, &mut device, &mut journal)
            .and_then(|()| engine.run(&mut tree, &mut device, &mut journal));
        let failure = result.err()?;
        rules::row(failure.error().rule()).map(|row| row.name.to_owned())
    }

    /// Clean manifests that were run, and those that were not clean and did fail so.
    static RUN: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];

    #[test]
    fn enough_of_both_kinds_were_run() {
        what_is_clean_lacks_nothing();
        let [clean, failed] = RUN.each_ref().map(|count| count.load(Relaxed));
        assert!(clean > 200 && failed > 200, "{clean} {failed}");
        test_support::report("clean manifests run", clean);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        fn what_is_clean_lacks_nothing(install in sequence(), validate in sequence(), shared in shared(), slot in 0_u64..3) {
            let template = format!(
                r#"{{"manifest-sequence-number": 1, "components": [["a"], ["b"]],
                "shared-sequence": [{{"directive-set-component-index": true}},
                    {{"directive-override-parameters": {{{shared}}}}}],
                "install": [{{"directive-set-component-index": 0}}, {install}],
                "validate": [{{"directive-set-component-index": 1}}, {validate}]}}"#
            );
            // Such as a component that is its own source.
            let Ok(draft) = compose(template.as_bytes(), &mut |_| None) else { return Ok(()) };
            let mut draft = draft;
            let mut key = iotops_crypto::key::SecretKey::from_raw(iotops_crypto::key::KeyType::Ed25519, &[1; 32]).unwrap();
            draft.sign(&mut key).unwrap();
            let bytes = draft.envelope().unwrap();
            let found = findings(&bytes);
            let is_foretold = found.iter().any(|(name, _)| FORETOLD.contains(name));
            let outcomes = [Procedure::Update, Procedure::Invocation]
                .map(|procedure| outcome(&bytes, slot, procedure));
            let is_never = |rule: &String| NEVER.contains(&rule.as_str());
            if !is_foretold {
                RUN[0].fetch_add(1, Relaxed);
            } else if outcomes.iter().flatten().any(is_never) {
                RUN[1].fetch_add(1, Relaxed);
            }
            for rule in outcomes.iter().flatten() {
                prop_assert!(is_foretold || !is_never(rule), "{rule} {template} {found:?}");
            }
        }
    }
}
