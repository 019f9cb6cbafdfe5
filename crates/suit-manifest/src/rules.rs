//! The rules of this crate: numbers 300 to 399 and 1300 to 1399. Lower ones are those of
//! [`iotops_crypto::rules`] and [`iotops_wire::rules`](mod@iotops_wire::rules).
//!
//! Sections named "SUIT" are of draft-ietf-suit-manifest-37, "SUIT TD" of
//! draft-ietf-suit-trust-domains-12, "SUIT UM" of draft-ietf-suit-update-management-14, "SUIT FE"
//! of draft-ietf-suit-firmware-encryption-24, "SUIT R" of draft-ietf-suit-report-18.

use iotops_wire::{Row, Rule, rule};

iotops_wire::rules! {
    300 ENVELOPE_TAG Structure "envelope-tag", "SUIT §8.2, App. A", "an envelope must carry tag 107 (untagged ones have an entry of their own)";
    301 ENVELOPE_ELEMENT Unsupported "envelope-element", "SUIT §8.2", "an envelope element must be registered and supported";
    302 WRAPPER_MISSING Constraint "authentication-wrapper", "SUIT §8.3", "an envelope must have an authentication wrapper before its manifest";
    303 MANIFEST_MISSING Constraint "manifest", "SUIT §8.2", "an envelope must have a manifest";
    304 WRAPPER_EMPTY Structure "wrapper-items", "SUIT §8.3", "the authentication wrapper must be an array that begins with the manifest digest";
    305 BLOCK_TAG Unsupported "block-tag", "SUIT §8.3", "an authentication block must be a tagged COSE_Sign1, COSE_Sign or COSE_Mac0";
    306 BLOCK_ATTACHED Constraint "block-payload", "SUIT §8.3", "an authentication block must have a detached payload";
    307 BLOCK_LIMIT Limit "block-limit", "iotops", "an envelope must not have more authentication blocks than this reader checks";
    308 DIGEST_ITEMS Structure "digest-items", "SUIT §10", "a digest must be an array of an algorithm and a byte string";
    309 DIGEST_ALGORITHM Unsupported "digest-algorithm", "SUIT §10", "a digest algorithm must be one that SUIT names";
    310 DIGEST_LENGTH Constraint "digest-length", "RFC 9054", "a digest must have the length of its algorithm";
    311 NOT_AUTHENTICATED Rejected "no-authentication", "SUIT §6.2", "a manifest without an authentication block must not be processed";
    312 MANIFEST_DIGEST Rejected "manifest-digest", "SUIT §8.3", "the digest in the authentication wrapper must be that of the manifest";
    313 THRESHOLD Rejected "signature-threshold", "SUIT §8.3", "as many keys as the policy asks for must have signed the manifest";
    314 POLICY Argument "policy", "iotops", "a policy must ask for at least one key, and at most 64 keys can be given";
    315 NOT_SEVERED Constraint "not-severed", "SUIT §8.6", "an envelope may carry only those elements that the manifest names by a digest";
    316 SEVERED_DIGEST Rejected "severed-digest", "SUIT §8.6", "a severed element must have the digest that stands in the manifest";
    320 VERSION Unsupported "manifest-version", "SUIT §8.4.1", "the manifest version must be 1";
    321 ELEMENT Unsupported "manifest-element", "SUIT §6.1", "a manifest element must be registered and supported";
    322 REQUIRED Constraint "manifest-required", "SUIT §8.4", "a manifest must have version, sequence number and common";
    323 COMMON_ELEMENT Unsupported "common-element", "SUIT §8.4.5", "an element of common must be registered and supported";
    324 COMPONENTS Constraint "components", "SUIT §8.4.5", "a manifest must list at least one component";
    325 COMPONENT_LIMIT Limit "component-limit", "SUIT §6.2", "the manifest must not list more components than the recipient has";
    326 COMPONENT_TWICE Constraint "component-twice", "iotops", "a component must not be listed twice";
    328 DEPENDENCY_ELEMENT Unsupported "dependency-element", "SUIT TD §5.2.2", "dependency metadata must be registered and supported";
    329 DEPENDENCIES Structure "dependencies", "SUIT TD §5.2.2", "the map of dependencies must not be empty";
    330 SEQUENCE_EMPTY Structure "sequence-empty", "SUIT §8.4.6", "a command sequence must hold at least one command";
    331 SEQUENCE_ODD Structure "sequence-pairs", "SUIT §8.4.6", "a command sequence must be pairs of command and argument";
    332 COMMAND Unsupported "command", "SUIT §6.1", "a command must be registered and supported";
    333 POLICY_BITS Structure "reporting-policy", "SUIT §8.4.7", "a reporting policy must have no bits but the four that are defined";
    334 SHARED_COMMAND Constraint "shared-command", "SUIT §8.4.5, App. A", "the shared sequence must hold only conditions and the directives that are allowed there";
    335 SEQUENCE_DEPTH Limit "sequence-depth", "iotops", "command sequences are nested deeper than this reader follows";
    336 FIRST_INDEX Constraint "first-set-index", "SUIT §6.2", "with more than one component each command sequence must begin with set-component-index";
    337 INDEX_FORM Structure "index-form", "SUIT §6.5", "a component index must be an unsigned integer, true, or a non-empty array of integers";
    338 INDEX_RANGE Constraint "index-range", "SUIT §8.4.10.1", "a component index must be below the number of components";
    339 TRY_EACH Structure "try-each", "SUIT §8.4.10.2", "try-each must have two or more sequences, and nil only behind them";
    340 CUSTOM_ARGUMENT Structure "custom-argument", "SUIT §8.4.11", "the argument of a custom command must be a byte string, text, integer or nil";
    341 SOFT_FAILURE Constraint "soft-failure-place", "SUIT §8.4.8.15", "soft-failure must not be set outside of try-each and run-sequence";
    342 PARAMETERS_EMPTY Structure "parameters-empty", "SUIT §8.4.10.3", "a map of parameters must not be empty";
    343 PARAMETER Unsupported "parameter", "SUIT §6.1", "a parameter must be registered and supported";
    344 PARAMETER_SHARED Constraint "shared-custom-parameter", "SUIT §8.4.8.16", "a custom parameter must not be used in the shared sequence";
    345 UUID Structure "uuid", "SUIT §8.4.8.3", "an identifier must be a UUID of 16 bytes (a vendor identifier may be a tagged PEN)";
    346 SOURCE_RANGE Constraint "source-range", "SUIT §8.4.8.11", "a source component must be below the number of components";
    347 SOURCE_SELF Constraint "source-self", "iotops", "a component must not be its own source";
    348 ENCRYPTION_INFO Structure "encryption-info", "SUIT FE App. A", "encryption-info must be a tagged COSE_Encrypt";
    349 VERSION_MATCH Structure "version-match", "SUIT UM §4.4", "a version match must be a comparison from 1 to 5 and a non-empty array of integers";
    350 WAIT_EVENT Structure "wait-event", "SUIT UM §4.5", "wait information must be a non-empty map of registered events";
    351 METADATA Structure "component-metadata", "SUIT UM §4.6", "component metadata must be registered entries of their types";
    352 CUSTOM_PARAMETER Structure "custom-parameter", "SUIT §8.4.8.16", "a custom parameter must be an integer, boolean, text or byte string";
    353 COPY_PARAMETERS Structure "copy-parameters", "SUIT UM §5.8", "copy-params must be a non-empty map from components to non-empty arrays of parameters";
    354 VERSION_NUMBERS Structure "version-numbers", "SUIT UM §3.1", "a version must be a non-empty array of integers";
    360 TEXT_LANGUAGE Constraint "text-language", "SUIT §8.4.4", "a text map must have language tags as keys";
    361 TEXT_KEY Unsupported "text-key", "SUIT §8.4.4", "a text key must be registered or negative";
    362 TEXT_COMPONENT Constraint "text-component", "SUIT §8.4.4", "a component in a text map must be listed in common";
    363 TEXT_EMPTY Structure "text-empty", "SUIT §8.4.4", "a text map must have at least one language";
    370 BUILDER Argument "builder", "iotops", "a builder must be given each element at most once";
    371 ROLLBACK Rejected "rollback", "SUIT §6.1", "a manifest must not be older than the one that was installed";
    372 COMPONENT_UNSUPPORTED Unsupported "component-unsupported", "SUIT §6.1", "every component of the manifest must be one of the device";
    373 IDENTITY_CHECKS Constraint "identity-checks", "SUIT §6.2", "the shared sequence must check vendor and class identifier";
    374 ENGINE_COMPONENTS Limit "engine-components", "iotops", "the manifests must not have more components than the engine was built for";
    375 ENGINE_DEPTH Limit "engine-depth", "iotops", "sequences must not be nested deeper than the engine was built for";
    376 ENGINE_FUEL Limit "engine-fuel", "iotops", "a run must not take more commands than it was allowed";
    377 ENGINE_BINDING Argument "engine-binding", "iotops", "an engine must be given the manifest that its run began with";
    378 ENGINE_SIZE Limit "engine-size", "iotops", "an envelope must be shorter than 256 MiB";
    379 JOURNAL Unavailable "journal", "iotops", "the journal must be readable and writable, and of this run";
    380 SEVERED_ABSENT Constraint "severed-absent", "SUIT §8.6", "a section that was severed must be in the envelope when it is run";
    381 CONDITION Rejected "condition-failed", "SUIT §6.4", "a condition of the manifest must hold";
    382 PARAMETER_UNSET Rejected "parameter-unset", "SUIT §8.4.9", "a parameter that a command needs must have been set";
    383 PARAMETER_PLACES Limit "parameter-places", "iotops", "a component must not have more custom parameters than the engine keeps";
    384 DIRECTIVE Rejected "directive-failed", "SUIT §8.4.10", "a directive must succeed";
    385 DIRECTIVE_UNSUPPORTED Unsupported "directive-unsupported", "SUIT §6.1", "a command must be one that the device can do";
    386 UNAUTHORISED Rejected "unauthorised", "SUIT §9", "the signer must have the right to what the command does";
    387 SOURCE_ABSENT Rejected "source-absent", "SUIT §8.4.10.5", "what a directive reads must be there";
    388 IMAGE_SIZE Rejected "image-size", "SUIT §8.4.8.7", "a payload must not be longer than the image size";
    389 ORDER_SOURCE Constraint "order-source", "SUIT §6.7", "a component must not be both target and source where the order is not strict";
    390 ORDER_INDEX Constraint "order-index", "SUIT §6.7", "set-component-index must not occur again in a sequence that may run out of order";
    391 ENCRYPTED Unsupported "encrypted", "SUIT FE §6", "a payload must be encrypted in a way that the device can undo";
    392 SEQUENCE_NUMBER Unavailable "sequence-number", "SUIT §6.1", "the stored sequence number must be readable and writable";
    393 NOT_DEPENDENCY Constraint "not-a-dependency", "SUIT TD §5.4", "only a dependency can be processed, or checked for integrity";
    394 INTEGRITY_UNCHECKED Constraint "integrity-unchecked", "SUIT TD §5.4", "a dependency must be checked for integrity before it is processed";
    395 INTEGRITY Rejected "dependency-integrity", "SUIT TD §5.6.4", "a dependency must be signed, and be the one that its digest names";
    396 SECTION_MISSING Constraint "section-missing", "SUIT TD §5.1", "a manifest must have every section that its dependencies have";
    397 ARENA OutOfSpace "arena", "iotops", "dependencies must fit into the memory that was given for them";
    398 PROCESS_SHARED Constraint "process-shared", "SUIT TD §5.6.2", "a dependency must not be processed in the shared sequence";
    399 REFERENCED Rejected "referenced", "SUIT TD §5.6.5", "a component that is still referred to must not be changed";
    1300 SECTION_UNPROCESSED Constraint "section-unprocessed", "SUIT TD §5.1", "a section of a dependency must be run by the same section of its dependent";
    1301 CIPHERTEXT Rejected "ciphertext", "SUIT FE §7", "an encrypted payload must be what its sender made";
    1302 CIPHERTEXT_DIGEST Rejected "ciphertext-digest", "RFC 9459 §8", "a ciphertext that has no tag must have a digest, which is checked before it is decrypted";
    1303 CONTENT_KEY Rejected "content-key", "SUIT FE §5", "a payload must be encrypted for a key of this device";
    1304 CONTENT_KEY_UNAVAILABLE Unavailable "content-key-unavailable", "iotops", "the device that holds the key did not answer, so nothing was decrypted";
    1310 TEMPLATE_MEMBER Structure "template-member", "iotops", "a template must have no members but those that are described";
    1311 TEMPLATE_REQUIRED Structure "template-required", "SUIT §8.4", "a template must have manifest-sequence-number and components";
    1312 TEMPLATE_COMMAND Structure "template-command", "iotops", "a command must be a name, or an object of one name and its argument";
    1313 TEMPLATE_NAME Unsupported "template-name", "SUIT §11", "a name in a template must be registered in its place, or be a custom code of -256 or below";
    1314 TEMPLATE_BYTES Structure "template-bytes", "iotops", "bytes must be text, or an object of hex or file";
    1315 TEMPLATE_HEX Malformed "template-hex", "iotops", "hexadecimal digits must come in pairs";
    1316 TEMPLATE_UUID Malformed "template-uuid", "RFC 9562 §4", "a UUID must be 32 hexadecimal digits, in groups of 8, 4, 4, 4 and 12 or without hyphens";
    1317 TEMPLATE_DIGEST Structure "template-digest", "iotops", "a digest must be an object of one algorithm, and hex, a file or an envelope for it";
    1318 TEMPLATE_FILE Unavailable "template-file", "iotops", "a file that a template names must be given";
    1319 TEMPLATE_INDEX Structure "template-index", "iotops", "a component must be named by its index";
    1320 TEMPLATE_SEVERED Constraint "template-severed", "SUIT §8.6", "what is listed as severed must be a section of the template that can be severed";
    1321 TEMPLATE_VALUE Structure "template-value", "iotops", "a value must be of the form that its name asks for";
    1330 LINT_VENDOR Constraint "lint-vendor", "SUIT §7.1", "the shared sequence should check the vendor identifier";
    1331 LINT_CLASS Constraint "lint-class", "SUIT §7.1", "the shared sequence should check the class identifier";
    1332 LINT_UNSET Constraint "lint-unset", "SUIT §7", "a parameter should be set, on every path, before a command consumes it";
    1333 LINT_DEAD Constraint "lint-dead", "iotops", "a parameter should be consumed by a command before it is set again";
    1334 LINT_UNREACHABLE Constraint "lint-unreachable", "iotops", "a command should be reached on some path";
    1335 LINT_UNVERIFIED Constraint "lint-unverified", "SUIT §7.3", "an image that is fetched should be matched with its digest";
    1336 LINT_INVOKED Constraint "lint-invoked", "SUIT §7.2", "an image that is invoked should be matched with its digest before";
    1337 LINT_DIGEST_SET Constraint "lint-digest-set", "SUIT §7", "the digest of an image should be set by override-parameters";
    1338 LINT_SIZE Constraint "lint-size", "SUIT §7.3", "the size of an image that is fetched should be set";
    1339 LINT_COMPONENT Constraint "lint-component", "iotops", "a component should be used by some command";
    1340 LINT_PAYLOAD Constraint "lint-payload", "SUIT §7.5", "an integrated payload should be fetched by some command";
    1341 LINT_FRAGMENT Constraint "lint-fragment", "SUIT §7.5", "a URI that is only a fragment should name an integrated payload";
    1342 LINT_DEPENDENCY Constraint "lint-dependency", "SUIT TD §8.1", "a dependency should be processed by some command";
    1343 LINT_INTEGRITY Constraint "lint-integrity", "SUIT TD §5.4", "a dependency should be checked for integrity in the section that processes it";
    1344 LINT_VALIDATE Constraint "lint-validate", "SUIT §8.4.6", "a manifest should have a validate section";
    1345 LINT_LANGUAGES Constraint "lint-languages", "SUIT §8.4.4", "what is said in one language should be said in all";
    1346 LINT_LIMIT Limit "lint-limit", "iotops", "a manifest should have no more paths than can be followed";
    1347 LINT_NOT_DEPENDENCY Constraint "lint-not-dependency", "SUIT TD §5.6", "only a dependency should be processed, or checked for integrity";
    1348 LINT_SECTIONS Constraint "lint-sections", "SUIT TD §5.1", "a manifest should have every section that a dependency in its envelope has";
    1349 LINT_SELF Constraint "lint-self", "iotops", "a component should not be its own source";
    1350 LINT_ORDER Constraint "lint-order", "SUIT §6.7", "where the order is not strict, a component should not be both target and source, and a sequence that is run should not choose another component";
    1360 DISTRIBUTE_ABSENT Argument "distribute-absent", "iotops", "what is taken out of an envelope must be in it";
    1361 DISTRIBUTE_TWICE Argument "distribute-twice", "iotops", "an envelope must not be given what it carries";
    1362 PAYLOAD_DIGEST Rejected "payload-digest", "SUIT §7.5", "a payload must have the digest and size that the manifest gives for its URI";
    1363 PAYLOAD_UNKNOWN Argument "payload-unknown", "SUIT §7.5", "a payload must be integrated under a URI that the manifest fetches from";
    1364 WRAP_MAC Argument "wrap-mac", "SUIT §4.2", "an envelope must be wrapped again with a MAC";
    1370 REPORT_CONTAINER Structure "report-container", "SUIT R §8", "a protected report must be a COSE_Sign1 or COSE_Mac0 that carries it";
    1371 REPORT_ENCRYPTED Unsupported "report-encrypted", "SUIT R §8", "a report inside of its container must not be encrypted";
    1372 REPORT_ELEMENT Unsupported "report-element", "SUIT R §4", "an element of a report must be registered";
    1373 REPORT_REQUIRED Constraint "report-required", "SUIT R §4", "a report must have a reference, records and a result";
    1374 REPORT_REFERENCE Structure "report-reference", "SUIT R §4", "the reference of a report must be an array of a URI and a digest";
    1375 REPORT_RECORD Structure "report-record", "SUIT R §3", "a record must be an array of manifest, section, offset, component and properties";
    1376 REPORT_CLAIMS Structure "report-claims", "SUIT R §4.1", "claims must be a map of a component identifier and at least one parameter";
    1377 REPORT_RESULT Structure "report-result", "SUIT R §4.2", "a result must be true, or a map of a code, a record and a reason";
    1378 REPORT_REASON Unsupported "report-reason", "SUIT R §4.2", "the reason of a failure must be registered";
    1379 CAPABILITIES Structure "capabilities", "SUIT R §6", "a capability report must have the four lists that are required, and no empty one";
    1380 CAPABILITY Unsupported "capability", "SUIT R §6", "what a manifest needs must be among the capabilities of the device";
    1381 REPLAY_REFERENCE Rejected "replay-reference", "SUIT R §5", "a report must have the digest and the URI of the manifest";
    1382 REPLAY_COMMAND Rejected "replay-command", "SUIT R §5", "a record must stand at a command and a component of the manifest";
    1383 REPLAY_POLICY Rejected "replay-policy", "SUIT R §5", "only a condition, or a command whose reporting policy asks for it, may have a record";
    1384 REPLAY_ORDER Rejected "replay-order", "SUIT R §4.1", "records must come in the order in which the manifest runs its commands";
    1385 REPLAY_MISSING Rejected "replay-missing", "SUIT §8.4.7", "a command whose reporting policy asks for a record must have one";
    1386 REPLAY_CLAIM Rejected "replay-claim", "SUIT R §4.1", "a property that is claimed must be one by which its condition held";
    1387 REPLAY_RESULT Rejected "replay-result", "SUIT R §4.2", "a run must end where and how the manifest ends it";
    1388 REPLAY_DEPENDENCY Argument "replay-dependency", "iotops", "what a replay reads of the manifest and its dependencies must be given";
}

/// The row of a rule of this crate or of a lower one.
#[must_use]
pub fn row(of: Rule) -> Option<&'static Row> {
    rule::find(ROWS, of).or_else(|| iotops_crypto::rules::row(of))
}
