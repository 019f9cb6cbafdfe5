//! The rules of encryption and key management (numbers 1140 to 1169).

iotops_wire::rules! {
    1140 KEY_LENGTH Constraint "key-length", "RFC 9053 §4", "a key must have the length that its algorithm gives it";
    1141 IV_MISSING Constraint "iv-missing", "RFC 9052 §5", "the message must carry an IV, or complete one that the caller gives";
    1142 IV_LENGTH Constraint "iv-length", "RFC 9053 §4", "an IV must have the length that its algorithm gives it, and a Partial IV must not be longer";
    1143 TAG Rejected "aead-tag", "RFC 9052 §5.3", "the content must authenticate with a key that was given";
    1144 CONTENT_LENGTH Constraint "content-length", "RFC 9053 §4", "the content must have the declared length, and one that its algorithm can process";
    1145 PADDING Rejected "padding", "RFC 9459 §5", "the content must be whole blocks and end with its padding";
    1146 UNAUTHENTICATED Constraint "unauthenticated", "RFC 9459 §6", "encryption without authentication must be asked for by name, and only there";
    1147 UNWRAP Rejected "key-unwrap", "RFC 3394 §2.2.3", "a wrapped key must unwrap with a key that was given";
    1148 RECIPIENTS Constraint "recipients", "RFC 9052 §5.1", "the recipients must be at least one";
    1149 RECIPIENT_COUNT Limit "recipient-count", "iotops", "a message must not have more recipients than this reader tries";
    1150 RECIPIENT_DEPTH Limit "recipient-depth", "iotops", "recipients must not be nested deeper than two levels";
    1151 ALGORITHM_PLACE Constraint "algorithm-place", "RFC 9052 §8.5, RFC 9459 §4", "the algorithm must be in the bucket that its class asks for";
    1152 PROTECTED_EMPTY Constraint "protected-empty", "RFC 9052 §8.5, RFC 9459 §4", "nothing may be in a protected bucket that the algorithm cannot protect";
    1153 RECIPIENT_CIPHERTEXT Constraint "recipient-ciphertext", "RFC 9052 §8.5", "a recipient must carry a wrapped key if its algorithm wraps one, and else nothing";
    1154 DIRECT_ALONE Constraint "direct-alone", "RFC 9052 §8.5.1", "a message whose key is agreed on directly must have one recipient, and none below it";
    1155 SHARED_SECRET Rejected "shared-secret", "RFC 7748 §6.1", "the public key of the sender must be a point of the curve that does not lead to a secret of zeros";
    1156 PEER_KEY Constraint "peer-key", "RFC 9053 §6.3.1", "the public key of the sender must be a COSE_Key with a point of the curve";
    1157 SENDER_KEY Constraint "sender-key", "RFC 9053 §6.3.1", "a static key of the sender must be one that the caller gives";
    1158 CIPHERTEXT_DETACHED Argument "ciphertext-detached", "RFC 9052 §5", "the ciphertext is detached and must be given by the caller";
    1159 CIPHERTEXT_ATTACHED Argument "ciphertext-attached", "RFC 9052 §5", "the ciphertext is attached, so none may be given beside it";
    1160 NO_RECIPIENT Rejected "no-recipient", "RFC 9052 §5.3", "no key that was given is for a recipient of the message";
    1161 ENCAPSULATED_KEY Constraint "encapsulated-key", "RFC 9180 §7.1.1, draft-ietf-cose-hpke-27 §3.1", "an encapsulated key must be a byte string in the unprotected bucket: an uncompressed point of P-256, or 32 bytes for X25519";
    1162 PSK_ID Constraint "psk-id", "draft-ietf-cose-hpke-27 §7.3.2", "the identifier of a pre-shared key must be a byte string in the protected bucket";
    1163 PSK Argument "psk", "RFC 9180 §5.1", "a pre-shared key must have at least 32 bytes, and an identifier of at least one";
    1164 SEQUENCE Limit "sequence", "RFC 9180 §5.2", "a context must not be used for more messages than it can number";
    1165 EXPORT_LENGTH Argument "export-length", "RFC 9180 §5.3", "an exported secret must not be longer than 255 hashes";
}
