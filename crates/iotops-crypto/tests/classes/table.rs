//! Which module is which class, with one test that accepts and one that refuses.

use std::fs;
use std::path::Path;

/// A class: its number, what went wrong elsewhere, the module, and two of its tests.
const TABLE: [(u8, &str, &str, &str, &str); 17] = [
    (
        1,
        "one algorithm taken for another",
        "classes/algorithms.rs",
        "every_key_accepts_the_algorithms_of_its_row_only",
        "macs_made_with_the_bytes_of_a_public_key_never_verify",
    ),
    (
        2,
        "no algorithm, or one that nobody protects",
        "messages.rs",
        "signatures_verify_attached_and_detached",
        "headers_are_checked",
    ),
    (
        3,
        "a key or certificate in the message trusted by itself",
        "classes/embedded.rs",
        "a_certificate_in_a_header_leads_to_an_anchor_of_the_caller",
        "a_certificate_in_a_header_is_no_key",
    ),
    (4, "labels or members twice", "messages.rs", "header_values_are_found", "headers_are_checked"),
    (
        5,
        "critical headers ignored",
        "messages.rs",
        "signatures_verify_attached_and_detached",
        "critical_headers_are_checked",
    ),
    (
        6,
        "lax encodings, and lengths that are believed",
        "messages.rs",
        "what_is_read_is_written_the_same",
        "encodings_are_checked",
    ),
    (
        7,
        "one context taken for another",
        "sealed/main.rs",
        "several_signers_sign_one_message",
        "contexts_do_not_stand_for_each_other",
    ),
    (
        8,
        "ECDSA outside of its range",
        "classes/ecdsa.rs",
        "both_values_of_s_verify",
        "r_and_s_must_be_in_range",
    ),
    (
        9,
        "Ed25519 that is not strict",
        "classes/ed25519.rs",
        "s_must_be_below_the_order",
        "points_of_small_order_are_neither_keys_nor_r",
    ),
    (
        10,
        "public keys that are none",
        "classes/public_keys.rs",
        "ed25519_keys_have_32_bytes",
        "points_must_be_on_the_curve",
    ),
    (
        11,
        "CMS: signed attributes and content",
        "cms.rs",
        "attached_and_detached_verify",
        "attributes_cannot_be_passed_off_as_content",
    ),
    (
        12,
        "X.509: paths that must not be found",
        "path.rs",
        "paths_are_found_and_told",
        "many_candidates_cost_little",
    ),
    (
        13,
        "AEAD: IVs and tags",
        "sealed/main.rs",
        "each_aead_opens_what_it_sealed_and_nothing_else",
        "no_tag_may_be_cut_and_no_iv_be_of_another_length",
    ),
    (
        14,
        "key agreement: contexts and points",
        "sealed/recipients.rs",
        "a_static_sender_is_whom_the_caller_knows",
        "points_off_the_curve_and_secrets_of_zeros_are_refused",
    ),
    (
        15,
        "JWS: lax forms",
        "jws.rs",
        "examples_of_the_rfcs_verify",
        "the_compact_form_has_three_parts_of_strict_base64url",
    ),
    (
        16,
        "HSS/LMS: types, levels and leaves",
        "hss_lms.rs",
        "examples_verify",
        "types_and_leaves_are_those_of_the_key",
    ),
    (
        17,
        "secrets that show",
        "classes/secrets.rs",
        "signing_is_deterministic_and_writes_all_or_nothing",
        "debug_shows_no_byte_of_a_secret",
    ),
];

#[test]
fn every_class_has_its_module() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for (index, (number, class, module, accepts, refuses)) in TABLE.iter().enumerate() {
        assert_eq!(usize::from(*number), index + 1);
        let source = fs::read_to_string(folder.join(module)).unwrap();
        for test in [accepts, refuses] {
            let is_there = source.contains(&format!("#[test]\nfn {test}() {{"));
            assert!(is_there, "class {number} ({class}): no test {test} in {module}");
        }
        println!("{number:2} {class}: {module}, {accepts}, {refuses}");
    }
}
