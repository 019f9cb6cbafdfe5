//! The rules of certificates and paths (numbers 1020 to 1079).

iotops_wire::rules! {
    1020 ALGORITHM Unsupported "x509-algorithm", "RFC 5280 §4.1.1.2", "the algorithm is not one that is known here";
    1021 PARAMETERS Constraint "x509-algorithm-parameters", "RFC 5280 §4.1.1.2", "the parameters of an algorithm must be those that its specification asks for";
    1022 VERSION Unsupported "x509-version", "RFC 5280 §4.1.2.1", "a certificate must have version 1, 2 or 3, and 3 if it has extensions";
    1023 SERIAL_NUMBER Constraint "x509-serial-number", "RFC 5280 §4.1.2.2", "a serial number must be positive, but for that of an anchor, and take 20 bytes at the most";
    1024 ALGORITHMS_DIFFER Constraint "x509-algorithms-differ", "RFC 5280 §4.1.1.2", "the algorithm of the signature must be the one that is signed";
    1025 NAME Structure "x509-name", "RFC 5280 §4.1.2.4", "a name must be sets of attributes, none of them empty";
    1026 ISSUER_EMPTY Constraint "x509-issuer-empty", "RFC 5280 §4.1.2.4", "the issuer must not be empty, nor the subject of a certification authority";
    1027 VALIDITY Constraint "x509-validity", "RFC 5280 §4.1.2.5", "the validity must not end before it begins";
    1028 EXTENSION_TWICE Constraint "x509-extension-twice", "RFC 5280 §4.2", "an extension must not occur twice";
    1029 EXTENSION_COUNT Limit "x509-extension-count", "iotops", "a certificate must not have more extensions than this reader compares";
    1030 EXTENSION_VALUE Structure "x509-extension-value", "RFC 5280 §4.2", "an extension of a known type must hold a value of its type, and nothing else";
    1031 CRITICALITY Constraint "x509-criticality", "RFC 5280 §4.2", "an extension must be critical, or not, as its specification asks for";
    1032 CRITICAL_UNKNOWN Unsupported "x509-critical-unknown", "RFC 5280 §4.2", "a critical extension must be understood";
    1033 SIGNATURE_BITS Structure "x509-signature-bits", "RFC 5280 §4.1.1.3", "a signature must be of whole bytes";
    1034 GENERAL_NAME Structure "x509-general-name", "RFC 5280 §4.2.1.6", "a general name must be of a known form, and well formed";
    1035 NO_PATH Rejected "x509-no-path", "RFC 5280 §6.1", "a path must lead from the certificate to an anchor that was given";
    1036 BUDGET Limit "x509-budget", "iotops", "a path must be found within the number of signatures that are checked at the most";
    1037 SIGNATURE Rejected "x509-signature", "RFC 5280 §6.1.3 (a)(1)", "the signature of a certificate must verify with the key of its issuer";
    1038 NOT_YET_VALID Rejected "x509-not-yet-valid", "RFC 5280 §6.1.3 (a)(2)", "the validity of a certificate must have begun";
    1039 EXPIRED Rejected "x509-expired", "RFC 5280 §6.1.3 (a)(2)", "the validity of a certificate must not be over";
    1040 REVOKED Rejected "x509-revoked", "RFC 5280 §6.1.3 (a)(3)", "a certificate must not be revoked";
    1041 NOT_AUTHORITY Rejected "x509-not-authority", "RFC 5280 §6.1.4 (k)", "an issuer must be a certification authority, by version 3 and basic constraints";
    1042 PATH_LENGTH Rejected "x509-path-length", "RFC 5280 §6.1.4 (l)", "a path must not be longer than an issuer in it allows";
    1043 KEY_USAGE Rejected "x509-key-usage", "RFC 5280 §6.1.4 (n)", "the key usage of a certificate must allow what its key is used for";
    1044 NAME_CONSTRAINTS Rejected "x509-name-constraints", "RFC 5280 §6.1.3 (b)(c)", "the names of a certificate must lie within the constraints of its issuers";
    1045 PURPOSE Rejected "x509-purpose", "RFC 5280 §4.2.1.12", "the extended key usage must name the purpose that is asked for";
    1046 POLICY Rejected "x509-policy", "RFC 5280 §6.1.5 (g)", "the path must be valid under a policy that is asked for";
    1047 POLICY_UNSUPPORTED Unsupported "x509-policy-unsupported", "RFC 5280 §6.1", "critical policy extensions need the feature for policies";
    1048 REVOCATION_UNKNOWN Rejected "x509-revocation-unknown", "RFC 5280 §6.3", "a revocation list of the issuer must be there, valid and signed by it";
    1049 CRL Structure "x509-crl", "RFC 5280 §5.1", "a revocation list must be of version 2 and well formed";
    1050 SUBJECT_NAME Rejected "x509-subject-name", "RFC 9525 §6", "the certificate must be for the name that is asked for";
    1051 CLOCK_UNKNOWN Unavailable "x509-clock", "iotops", "the present time is not known, and validity was to be checked";
    1052 CONSTRAINTS_PLACE Constraint "x509-constraints-place", "RFC 5280 §4.2.1.10", "only a certification authority may have name constraints or keyCertSign";
    1053 KEY Unsupported "x509-key", "RFC 5280 §4.1.2.7", "the key of the issuer must be of a type that is built in";
}
