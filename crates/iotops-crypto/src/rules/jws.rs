//! The rules of JWS and JWK (numbers 1110 to 1139).

iotops_wire::rules! {
    1110 JWS_COMPACT Structure "jws-compact", "RFC 7515 §7.1", "a compact JWS must have three parts with a period between them";
    1111 BASE64URL Malformed "base64url", "RFC 7515 §2", "base64url must have no padding, no other characters, and no bits set that belong to no byte";
    1112 JWS_SCRATCH OutOfSpace "jws-scratch", "iotops", "the scratch buffer is too small for what is decoded into it";
    1113 JWS_MEMBER Structure "jws-member", "RFC 7515 §7.2", "a JWS in JSON must have either signatures, or one signature with its headers";
    1114 JWS_SIGNERS Constraint "jws-signers", "RFC 7515 §7.2.1", "a JWS must have a signature, and not more of them than this reader checks";
    1115 JWS_SEVERAL Argument "jws-several", "iotops", "a JWS with several signatures must be verified one signature at a time";
    1116 JWS_ALGORITHM_MISSING Constraint "jws-alg-missing", "RFC 7515 §4.1.1", "the algorithm must be named in the protected header";
    1117 JWS_ALGORITHM_NONE Rejected "jws-alg-none", "RFC 7518 §3.6", "an unsecured JWS is never accepted";
    1118 JWS_ALGORITHM_UNKNOWN Unsupported "jws-alg-unknown", "IANA JOSE Algorithms", "the algorithm is not registered for signatures";
    1119 JWS_UNPROTECTED Constraint "jws-unprotected", "RFC 7515 §4.1.11, RFC 7797 §3", "alg, crit and b64 must be in the protected header";
    1120 JWS_HEADER_IN_BOTH Constraint "jws-header-in-both", "RFC 7515 §7.2.1", "a header parameter must not be in both headers";
    1121 JWS_HEADER_VALUE Structure "jws-header-value", "RFC 7515 §4.1", "a header parameter must have the type that is registered for it";
    1122 JWS_CRITICAL_LIST Constraint "jws-crit-list", "RFC 7515 §4.1.11", "crit must list at least one extension, each once, present, and not defined by JWS itself";
    1123 JWS_CRITICAL_COUNT Limit "jws-crit-count", "iotops", "crit must not list more extensions than this reader looks up";
    1124 JWS_CRITICAL_UNKNOWN Unsupported "jws-crit-unknown", "RFC 7515 §4.1.11", "an extension that crit lists must be understood";
    1125 JWS_B64 Constraint "jws-b64", "RFC 7797 §6", "b64 must be listed in crit, and be the same for all signatures";
    1126 JWS_UNENCODED Argument "jws-unencoded", "RFC 7797 §5", "an unencoded payload must be detached, and is verified only by the function for it";
    1127 JWS_DETACHED Argument "jws-detached", "RFC 7515 appendix F", "the payload is detached and must be given by the caller";
    1128 JWS_ATTACHED Argument "jws-attached", "RFC 7515 appendix F", "the payload is attached, so none may be given beside it";
    1129 JWS_NO_KEY Rejected "jws-no-key", "RFC 7515 §5.2", "no key that was given is for the algorithm of the signature";
    1130 JWS_SIGNATURE Rejected "jws-signature", "RFC 7515 §5.2", "the signature or MAC must verify with a key that was given";
    1131 JWK_MEMBER Structure "jwk-member", "RFC 7517 §4", "a member of the key is missing, or not of the type that is registered for it";
    1132 JWK_USE Constraint "jwk-use", "RFC 7517 §4.2, §4.3", "use and key_ops must allow signatures, and name no operation twice";
    1133 CERTIFICATE_BASE64 Malformed "x5c-base64", "RFC 7515 §4.1.6", "a certificate in x5c must be base64 with its padding";
}
