//! The rules of certificates and paths (numbers 1020 to 1079).

iotops_wire::rules! {
    1020 VERSION Structure "certificate-version", "RFC 5280 §4.1.2.1", "a certificate must be of version 1, 2 or 3, and a CRL of version 2";
    1021 SERIAL Constraint "serial-number", "RFC 5280 §4.1.2.2", "a serial number must not be negative, nor longer than 20 octets";
    1022 ALGORITHMS_DIFFER Constraint "signature-algorithms", "RFC 5280 §4.1.1.2", "both signature algorithms must be equal";
    1023 NAME Malformed "distinguished-name", "RFC 5280 §4.1.2.4", "a name must be a sequence of non-empty sets of attributes";
    1024 EXTENSION_TWICE Constraint "extension-twice", "RFC 5280 §4.2", "an extension must not occur twice";
    1025 EXTENSIONS Structure "extensions", "RFC 5280 §4.1.2.9", "extensions must not be an empty list, and only version 3 has them";
    1026 EXTENSION_VALUE Malformed "extension-value", "RFC 5280 §4.2", "the value of a known extension must have its type";
    1027 EXTENSION_LIMIT Limit "extension-limit", "iotops", "no more than 64 extensions are read";
    1028 SIGNATURE_ENCODING Malformed "signature-encoding", "RFC 5280 §4.1.1.3", "a signature must have the encoding of its algorithm";
    1029 VALIDITY Constraint "validity", "RFC 5280 §4.1.2.5", "a validity must not end before it begins";
    1030 GENERAL_NAME Malformed "general-name", "RFC 5280 §4.2.1.6", "a general name must have the form of its kind";
    1031 PATH_LENGTH_WITHOUT_CA Constraint "path-length-without-ca", "RFC 5280 §4.2.1.9", "only a CA has a path length";
    1032 SUBTREE Unsupported "subtree", "RFC 5280 §4.2.1.10", "a subtree must begin at 0 and have no maximum";
    1033 ATTRIBUTE_LIMIT Limit "attribute-limit", "iotops", "no set of a name may have more than 32 attributes";
    1040 NO_PATH Rejected "no-path", "RFC 5280 §6", "the certificates must form a path from an anchor";
    1041 NOT_YET_VALID Rejected "not-yet-valid", "RFC 5280 §6.1.3", "a certificate must have become valid";
    1042 EXPIRED Rejected "expired", "RFC 5280 §6.1.3", "a certificate must not have expired";
    1043 NOT_CA Rejected "not-a-ca", "RFC 5280 §6.1.4", "the issuer of a certificate must be a CA by its basic constraints";
    1044 NO_CERT_SIGN Rejected "key-cert-sign", "RFC 5280 §6.1.4", "the key of an issuer must be for signing certificates";
    1045 PATH_LENGTH Rejected "path-length", "RFC 5280 §6.1.4", "a path must not be longer than its CAs allow";
    1046 CRITICAL_UNKNOWN Unsupported "critical-extension", "RFC 5280 §6.1.5", "a critical extension must be understood";
    1047 NAME_EXCLUDED Rejected "name-excluded", "RFC 5280 §6.1.3", "a name must not be in an excluded subtree";
    1048 NAME_NOT_PERMITTED Rejected "name-not-permitted", "RFC 5280 §6.1.3", "a name must be in a permitted subtree, if there are any of its kind";
    1049 NAME_FORM Unsupported "name-form", "RFC 5280 §4.2.1.10", "a name of a kind that is constrained must be one that can be compared";
    1050 PURPOSE Rejected "purpose", "RFC 5280 §4.2.1.12", "a certificate must be for the purpose that it is used for";
    1051 SIGNATURE Rejected "certificate-signature", "RFC 5280 §6.1.3", "the issuer must have signed the certificate";
    1052 ALGORITHM Unsupported "certificate-algorithm", "RFC 5280 §4.1.1.2", "the signature algorithm must be built in, and fit the key of the issuer";
    1053 KEY Unsupported "certificate-key", "RFC 5280 §4.1.2.7", "the public key must be well-formed, and of a type that is built in";
    1054 DEPTH Limit "path-depth", "iotops", "a path is deeper than allowed";
    1055 BUDGET Limit "path-budget", "iotops", "finding a path takes more work than allowed";
    1056 UNAVAILABLE Unavailable "certificate-unavailable", "iotops", "a signature could not be checked";
    1057 POLICY Rejected "certificate-policy", "RFC 5280 §6.1.5", "the certificates must be issued under an acceptable policy";
    1058 POLICY_MAPPING Rejected "policy-mapping", "RFC 5280 §6.1.4", "the special policy must not be mapped";
    1059 POLICY_LIMIT Limit "policy-limit", "iotops", "no more than 32 policies are followed";
    1060 POLICY_UNSUPPORTED Unsupported "policy-unsupported", "RFC 5280 §6.1", "policies are not built in, and so nothing may depend on them";
    1061 REVOKED Rejected "revoked", "RFC 5280 §6.3", "a certificate must not be revoked";
    1062 CRL_MISSING Rejected "crl-missing", "RFC 5280 §6.3", "a current CRL of its issuer must cover the certificate";
    1063 CRL_SIGN Rejected "crl-sign", "RFC 5280 §6.3.3", "the key that signs a CRL must be for it";
    1064 CRL_NUMBER Constraint "crl-number", "RFC 5280 §5.2.3", "a CRL must have a number, which is not critical";
    1065 CRL_SCOPE Unsupported "crl-scope", "RFC 5280 §5.2", "partial, indirect and delta CRLs and unknown critical extensions of CRLs are not processed";
    1070 PROFILE_KEY_ID Constraint "profile-key-id", "RFC 5280 §4.2.1.1", "a certificate must identify the key of its issuer, and a CA its own";
    1071 PROFILE_CRITICAL Constraint "profile-critical", "RFC 5280 §4.2", "an extension must be critical or not as the profile says";
    1072 PROFILE_CA Constraint "profile-ca", "RFC 5280 §4.2.1", "basic constraints, key usage and name constraints must agree";
    1073 PROFILE_NAME Constraint "profile-name", "RFC 5280 §4.1.2", "issuers must have names, and alternative names must be of the preferred syntax";
    1074 PROFILE_SERIAL Constraint "profile-serial", "RFC 5280 §4.1.2.2", "a serial number must be positive";
}
