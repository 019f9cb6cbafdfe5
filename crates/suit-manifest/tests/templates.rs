//! Templates: those of the drafts, those that are wrong, and back from manifests.

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
use std::path::PathBuf;

use common::{borrowed, decode, name, trusted, verify};
use iotops_crypto::key::{SecretKey, import};
use iotops_wire::json::pointer;
use iotops_wire::{Input, Rule};
use suit_manifest::author::{compose, decompose, lint};
use suit_manifest::{Draft, Error, rules};

fn folder() -> PathBuf {
    test_support::testdata().join("suit/templates")
}

fn templates() -> Vec<PathBuf> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().unwrap() == "json").collect();
    files.sort();
    files
}

fn build(template: &[u8]) -> Result<Draft, Error> {
    compose(template, &mut |name| fs::read(folder().join(name)).ok())
}

fn example_key() -> SecretKey {
    let pem = fs::read(test_support::testdata().join("keys/suit-example-p256-private.pem"));
    import(&pem.unwrap()).unwrap().secret_key().unwrap()
}

fn findings(envelope: &[u8]) -> Vec<&'static str> {
    let mut names = Vec::new();
    lint(envelope, &mut |finding| names.push(rules::row(finding.rule()).unwrap().name)).unwrap();
    names
}

/// The draft's own example fetches into a second component without saying how large that is.
const LISTED: [(&str, &str); 1] = [("example4.json", "lint-size")];

#[test]
fn templates_of_the_drafts_build_and_are_clean() {
    let templates = templates();
    for path in &templates {
        let draft = build(&fs::read(path).unwrap());
        let envelope =
            draft.unwrap_or_else(|error| panic!("{path:?}: {error}")).envelope().unwrap();
        let file = name(path);
        let listed = LISTED.iter().filter(|(of, _)| *of == file).map(|(_, finding)| *finding);
        assert_eq!(findings(&envelope), listed.collect::<Vec<_>>(), "{file}");
    }
    assert_eq!(templates.len(), 19);
}

#[test]
fn templates_rebuild_the_examples_of_the_draft() {
    for number in 0..6 {
        let template = fs::read(folder().join(format!("example{number}.json"))).unwrap();
        let mut draft = build(&template).unwrap();
        draft.sign(&mut example_key()).unwrap();
        let ours = draft.envelope().unwrap();
        let file = format!("suit/suit-manifest-37/example{number}-signed.suit");
        let original = fs::read(test_support::testdata().join(file)).unwrap();
        let digest = decode(&original).unwrap().claimed_digest();
        assert_eq!(decode(&ours).unwrap().claimed_digest(), digest, "example {number}");
        // Behind the signature, which ECDSA makes anew, every byte is the same.
        assert_eq!(ours.len(), original.len());
        let signature_end = 3 + 1 + 2 + 1 + 38 + 2 + 74;
        assert_eq!(ours[signature_end..], original[signature_end..], "example {number}");
    }
}

/// Why a manifest does not come back from what is printed of it.
fn is_excused(bytes: &[u8]) -> Option<&'static str> {
    let algorithm = decode(bytes).unwrap().claimed_digest().algorithm();
    (algorithm != iotops_crypto::Algorithm::Sha256).then_some("its own digest is not SHA-256")
}

#[test]
fn manifests_come_back_from_their_templates() {
    let keys = trusted();
    let keys = borrowed(&keys);
    let (mut equal, mut excused) = (0, Vec::new());
    let mut folders: Vec<PathBuf> = ["suit-manifest-37", "trust-domains-11", "generated-positive"]
        .map(|folder| test_support::testdata().join("suit").join(folder))
        .into();
    let vectors = test_support::vectors("suit");
    folders.extend(vectors.iter().flat_map(|suit| {
        ["libcsuit-1.0.2", "firmware-encryption-24", "teep", "generated-positive"]
            .map(|one| suit.join(one))
    }));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let bytes = fs::read(&path).unwrap();
        if verify(&bytes, &keys).is_err() {
            continue;
        }
        let printed = decompose(&bytes).unwrap();
        if let Some(reason) = is_excused(&bytes) {
            excused.push((name(&path), reason));
            continue;
        }
        let again =
            build(printed.as_bytes()).unwrap_or_else(|error| panic!("{path:?} {error}\n{printed}"));
        let again = again.envelope().unwrap();
        assert_eq!(
            decode(&again).unwrap().claimed_digest(),
            decode(&bytes).unwrap().claimed_digest(),
            "{path:?}"
        );
        assert_eq!(decompose(&again).unwrap(), printed);
        equal += 1;
    }
    println!("{excused:?}");
    assert!(equal >= 21 && excused.len() <= 4, "{equal} {excused:?}");
    test_support::report("suit manifests that come back from templates", equal);
}

/// A template with one fault, the rule that it breaks, and where.
const BAD: &[(&str, Rule, &str)] = &[
    ("[]", iotops_wire::rules::JSON_EXPECT_OBJECT, ""),
    ("{}", rules::TEMPLATE_REQUIRED, ""),
    (r#"{"components": [["a"]]}"#, rules::TEMPLATE_REQUIRED, ""),
    (
        r#"{"manifest-sequence-number": -1, "components": [["a"]]}"#,
        iotops_wire::rules::JSON_INTEGER,
        "/manifest-sequence-number",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "colour": 1}"#,
        rules::TEMPLATE_MEMBER,
        "/colour",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "common": 1}"#,
        rules::TEMPLATE_MEMBER,
        "/common",
    ),
    (r#"{"manifest-sequence-number": 1, "components": []}"#, rules::COMPONENTS, "/components"),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"], ["a"]]}"#,
        rules::COMPONENT_TWICE,
        "/components/1",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [[1]]}"#,
        rules::TEMPLATE_BYTES,
        "/components/0/0",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [[{"hex": "0"}]]}"#,
        rules::TEMPLATE_HEX,
        "/components/0/0/hex",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [[{"base64": ""}]]}"#,
        rules::TEMPLATE_BYTES,
        "/components/0/0/base64",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [[{"hex": "", "file": ""}]]}"#,
        rules::TEMPLATE_BYTES,
        "/components/0/0",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "severed": ["validate"], "validate": ["condition-abort"]}"#,
        rules::TEMPLATE_SEVERED,
        "/severed/0",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "severed": ["install"]}"#,
        rules::TEMPLATE_SEVERED,
        "/severed/0",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "dependencies": {"b": {}}}"#,
        rules::TEMPLATE_INDEX,
        "/dependencies/b",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "dependencies": {"00": {}}}"#,
        rules::TEMPLATE_INDEX,
        "/dependencies/00",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "dependencies": {"0": {"prefix": []}}}"#,
        rules::TEMPLATE_MEMBER,
        "/dependencies/0/prefix",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "text": {"en": {"title": "x"}}}"#,
        rules::TEMPLATE_NAME,
        "/text/en/title",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "text": {"en": {"components": {"1": {}}}}}"#,
        rules::TEXT_COMPONENT,
        "/text/en/components/1",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "text": {"e_n": {"update-description": "x"}}}"#,
        rules::TEXT_LANGUAGE,
        "/text",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "set-version": []}"#,
        rules::VERSION_NUMBERS,
        "/set-version",
    ),
    (
        r##"{"manifest-sequence-number": 1, "components": [["a"]], "integrated": {"#a": {"file": "none.bin"}}}"##,
        rules::TEMPLATE_FILE,
        "/integrated/#a/file",
    ),
    (
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "shared-sequence": ["directive-fetch"]}"#,
        rules::SHARED_COMMAND,
        "/shared-sequence/0",
    ),
];

/// The same for a command of the validate section, the place from there on.
const BAD_COMMANDS: &[(&str, Rule, &str)] = &[
    (r#"1"#, rules::TEMPLATE_COMMAND, "/0"),
    (r#"{}"#, rules::TEMPLATE_COMMAND, "/0"),
    (r#"{"condition-abort": [], "condition-image-match": []}"#, rules::TEMPLATE_COMMAND, "/0"),
    (r#""image-match""#, rules::TEMPLATE_NAME, "/0"),
    (r#"{"-255": null}"#, rules::TEMPLATE_NAME, "/0/-255"),
    (r#"{"-0256": null}"#, rules::TEMPLATE_NAME, "/0/-0256"),
    (r#"{"-256": true}"#, rules::TEMPLATE_VALUE, "/0/-256"),
    (r#""directive-try-each""#, rules::TEMPLATE_COMMAND, "/0"),
    (r#"{"condition-abort": "some"}"#, rules::TEMPLATE_NAME, "/0/condition-abort"),
    (r#"{"condition-abort": ["never"]}"#, rules::TEMPLATE_NAME, "/0/condition-abort/0"),
    (r#"{"condition-abort": 15}"#, iotops_wire::rules::JSON_EXPECT_ARRAY, "/0/condition-abort"),
    (
        r#"{"directive-set-component-index": false}"#,
        rules::TEMPLATE_VALUE,
        "/0/directive-set-component-index",
    ),
    (
        r#"{"directive-set-component-index": 1}"#,
        rules::INDEX_RANGE,
        "/0/directive-set-component-index",
    ),
    (
        r#"{"directive-set-component-index": []}"#,
        rules::INDEX_FORM,
        "/0/directive-set-component-index",
    ),
    (r#"{"directive-run-sequence": []}"#, rules::SEQUENCE_EMPTY, "/0/directive-run-sequence"),
    (
        r#"{"directive-run-sequence": ["condition-abort", {"directive-set-component-index": 1}]}"#,
        rules::INDEX_RANGE,
        "/0/directive-run-sequence/1/directive-set-component-index",
    ),
    (r#"{"directive-try-each": [["condition-abort"]]}"#, rules::TRY_EACH, "/0/directive-try-each"),
    (
        r#"{"directive-try-each": [["condition-abort"], null, ["condition-abort"]]}"#,
        rules::TRY_EACH,
        "/0/directive-try-each/1",
    ),
    (
        r#"{"directive-try-each": [["condition-abort"], [{"directive-set-component-index": 9}]]}"#,
        rules::INDEX_RANGE,
        "/0/directive-try-each/1/0/directive-set-component-index",
    ),
    (
        r#"{"directive-override-parameters": {}}"#,
        rules::PARAMETERS_EMPTY,
        "/0/directive-override-parameters",
    ),
    (
        r#"{"directive-override-parameters": {"digest": 1}}"#,
        rules::TEMPLATE_NAME,
        "/0/directive-override-parameters/digest",
    ),
    (
        r#"{"directive-override-parameters": {"system-component-id": 1}}"#,
        rules::TEMPLATE_NAME,
        "/0/directive-override-parameters/system-component-id",
    ),
    (
        r#"{"directive-override-parameters": {"class-identifier": "fa6b4a53d5ad5fdfbe9de663e4d41f"}}"#,
        rules::TEMPLATE_UUID,
        "/0/directive-override-parameters/class-identifier",
    ),
    (
        r#"{"directive-override-parameters": {"class-identifier": "fa6b4a53-d5ad-5fdfbe9d-e663e4d41ffe"}}"#,
        rules::TEMPLATE_UUID,
        "/0/directive-override-parameters/class-identifier",
    ),
    (
        r#"{"directive-override-parameters": {"vendor-identifier": {"oid": ""}}}"#,
        rules::TEMPLATE_VALUE,
        "/0/directive-override-parameters/vendor-identifier/oid",
    ),
    (
        r#"{"directive-override-parameters": {"image-digest": "00"}}"#,
        rules::TEMPLATE_DIGEST,
        "/0/directive-override-parameters/image-digest",
    ),
    (
        r#"{"directive-override-parameters": {"image-digest": {"MD5": "00"}}}"#,
        rules::TEMPLATE_DIGEST,
        "/0/directive-override-parameters/image-digest/MD5",
    ),
    (
        r#"{"directive-override-parameters": {"image-digest": {"ES256": "00"}}}"#,
        rules::DIGEST_ALGORITHM,
        "/0/directive-override-parameters/image-digest/ES256",
    ),
    (
        r#"{"directive-override-parameters": {"image-digest": {"SHA-256": "00"}}}"#,
        rules::DIGEST_LENGTH,
        "/0/directive-override-parameters/image-digest/SHA-256",
    ),
    (
        r#"{"directive-override-parameters": {"image-digest": {"SHA-256": {"envelope": "file.bin"}}}}"#,
        rules::ENVELOPE_TAG,
        "/0/directive-override-parameters/image-digest/SHA-256/envelope",
    ),
    (
        r#"{"directive-override-parameters": {"image-size": {"hex": "00"}}}"#,
        rules::TEMPLATE_VALUE,
        "/0/directive-override-parameters/image-size/hex",
    ),
    (
        r#"{"directive-override-parameters": {"image-size": 1.5}}"#,
        iotops_wire::rules::JSON_INTEGER,
        "/0/directive-override-parameters/image-size",
    ),
    (
        r#"{"directive-override-parameters": {"source-component": 7}}"#,
        rules::SOURCE_RANGE,
        "/0/directive-override-parameters/source-component",
    ),
    (
        r#"{"directive-override-parameters": {"image-size": 1, "source-component": 0}}"#,
        rules::SOURCE_SELF,
        "/0/directive-override-parameters/source-component",
    ),
    (
        r#"{"directive-override-parameters": {"soft-failure": true}}"#,
        rules::SOFT_FAILURE,
        "/0/directive-override-parameters/soft-failure",
    ),
    (
        r#"{"directive-override-parameters": {"encryption-info": {"hex": "00"}}}"#,
        iotops_wire::rules::EXPECT_TAG,
        "/0/directive-override-parameters/encryption-info",
    ),
    (
        r#"{"directive-override-parameters": {"version": {"comparison": "newer", "version": [1]}}}"#,
        rules::TEMPLATE_NAME,
        "/0/directive-override-parameters/version/comparison",
    ),
    (
        r#"{"directive-override-parameters": {"version": {"comparison": "equal"}}}"#,
        rules::TEMPLATE_VALUE,
        "/0/directive-override-parameters/version",
    ),
    (
        r#"{"directive-override-parameters": {"version": {"comparison": "equal", "version": []}}}"#,
        rules::VERSION_NUMBERS,
        "/0/directive-override-parameters/version",
    ),
    (
        r#"{"directive-override-parameters": {"wait-info": {"weather": 1}}}"#,
        rules::TEMPLATE_NAME,
        "/0/directive-override-parameters/wait-info/weather",
    ),
    (
        r#"{"directive-override-parameters": {"wait-info": {}}}"#,
        rules::WAIT_EVENT,
        "/0/directive-override-parameters/wait-info",
    ),
    (
        r#"{"directive-override-parameters": {"component-metadata": {"file-type": "fifo"}}}"#,
        rules::TEMPLATE_NAME,
        "/0/directive-override-parameters/component-metadata/file-type",
    ),
    (
        r#"{"directive-override-parameters": {"component-metadata": {"user-permissions": [{"actor": 1, "permissions": []}, {"actor": 1, "permissions": []}]}}}"#,
        rules::BUILDER,
        "/0/directive-override-parameters/component-metadata/user-permissions/1/actor",
    ),
    (
        r#"{"directive-override-parameters": {"-256": null}}"#,
        rules::TEMPLATE_VALUE,
        "/0/directive-override-parameters/-256",
    ),
    (
        r#"{"directive-override-multiple": {"a": {"uri": "x"}}}"#,
        rules::TEMPLATE_INDEX,
        "/0/directive-override-multiple/a",
    ),
    (
        r#"{"directive-copy-params": {"0": ["url"]}}"#,
        rules::TEMPLATE_NAME,
        "/0/directive-copy-params/0/0",
    ),
];

fn assert_bad(template: &str, rule: Rule, place: &str) {
    let error = build(template.as_bytes()).expect_err(template);
    assert_eq!(error.rule(), rule, "{template}: {error}");
    assert_eq!(error.place().input(), Input::Document, "{template}");
    assert_eq!(pointer(template.as_bytes(), error.place().offset()), place, "{template}");
}

#[test]
fn every_fault_of_a_template_is_told_with_its_place() {
    for (template, rule, place) in BAD {
        assert_bad(template, *rule, place);
    }
    for (command, rule, place) in BAD_COMMANDS {
        let template = format!(
            r#"{{"manifest-sequence-number": 1, "components": [["a"]], "validate": [{command}]}}"#
        );
        assert_bad(&template, *rule, &format!("/validate{place}"));
        // The same in a severed section.
        let template = template.replace("\"validate\"", "\"severed\": [\"install\"], \"install\"");
        assert_bad(&template, *rule, &format!("/install{place}"));
    }
}

#[test]
fn all_that_a_template_can_say_comes_back() {
    let template = br##"{
  "manifest-sequence-number": 18446744073709551615,
  "reference-uri": "coap://[2001:db8::1]/m",
  "manifest-component-id": ["root", {"hex": "00ff"}],
  "set-version": [1, 2, -1],
  "components": [["a"], [], ["b", ""]],
  "dependencies": {"1": {}, "2": {"dependency-prefix": ["p"]}},
  "shared-sequence": [{"directive-set-component-index": true}, "condition-is-dependency"],
  "validate": [{"directive-set-component-index": [0, 2]}, {"-256": null}, {"-257": -5}, {"-258": "t"},
    {"-259": {"hex": ""}}, {"directive-copy-params": {"2": ["uri", "-300"]}},
    {"directive-override-multiple": {"0": {"uri": "x"}, "2": {"uri": "y", "-256": true}}},
    {"directive-run-sequence": [{"directive-set-parameters": {"soft-failure": false}}]}],
  "install": [{"directive-set-component-index": 0}, {"directive-override-parameters": {
    "vendor-identifier": {"pen": "2b06010401"}, "device-identifier": "FA6B4A53D5AD5FDFBE9DE663E4D41FFE",
    "image-digest": {"SHA-512": {"file": "file.bin"}}, "use-before": 1, "component-slot": 2,
    "strict-order": true, "content": {"hex": "00"}, "encryption-info": {"file": "encryption-info.cbor"},
    "source-component": 2, "invoke-args": "a", "fetch-arguments": "", "minimum-battery": 9,
    "update-priority": -3, "version": {"comparison": "lesser-equal", "version": [2, -3]},
    "wait-info": {"authorization": -1, "time-of-day-utc": 7, "other-device-version":
      {"device": "d", "versions": [{"comparison": "greater", "version": [1]}]}},
    "component-metadata": {"default-permissions": ["read_attr"], "user-permissions":
      [{"actor": 7, "permissions": ["delete", "sync"]}, {"actor": "root", "permissions": []},
       {"actor": {"hex": "00"}, "permissions": []}],
      "file-type": "symlink", "creation-time": 5, "creator": {"uuid": "00"}},
    "-256": "v", "-257": {"hex": "01"}, "-258": 4}}],
  "severed": ["install"],
  "text": {"de": {"update-description": "\u00dcber", "-1": "x", "components": {"2": {"vendor-name": "V"}}},
    "en": {"manifest-json-source": "{}"}},
  "coswid": {"hex": "a0"},
  "integrated": {"#a": "", "b": {"hex": "00"}}
}"##;
    let envelope = build(template).unwrap().envelope().unwrap();
    let printed = decompose(&envelope).unwrap();
    assert_eq!(build(printed.as_bytes()).unwrap().envelope().unwrap(), envelope);
    for text in [
        "\"\u{dc}ber\"",
        "[\"sync\"",
        "\"-258\": \"t\"",
        "18446744073709551615",
        "\"creator\": {\"uuid\": \"00\"}",
    ] {
        let found =
            printed.contains(text) || printed.contains(&text.replace("[\"sync\"", "\"sync\""));
        assert!(found, "{text}\n{printed}");
    }
}
