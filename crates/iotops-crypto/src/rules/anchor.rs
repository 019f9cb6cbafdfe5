//! The rules of key identifiers and trust anchors (numbers 1170 to 1199).

iotops_wire::rules! {
    1170 KEY_ID Limit "key-id", "iotops", "a key identifier must have 1 to 64 bytes";
    1171 FORMAT Unsupported "anchor-format", "iotops", "the format of a set of anchors, or of an update, must be version 1";
    1172 FIELD Structure "anchor-field", "iotops", "a field of a set of anchors, or of an update, is missing or unknown";
    1173 COUNT Limit "anchor-count", "iotops", "a set must have 1 to 16 anchors, 8 of a purpose at the most, and an update 1 to 16 changes";
    1174 ORDER Constraint "anchor-order", "iotops", "the anchors of a set must ascend by their identifiers, each once";
    1175 ID Constraint "anchor-id", "iotops", "the identifier of an anchor must be the digest of its material";
    1176 MATERIAL Structure "anchor-material", "iotops", "an anchor must be a public key, the SHA-256 of an SPKI, a certificate, or a name and an SPKI";
    1177 PURPOSE Unsupported "anchor-purpose", "iotops", "a purpose must be known: a set of anchors is understood as a whole or not at all";
    1178 NO_PURPOSE Constraint "anchor-without-purpose", "iotops", "an anchor must have a purpose or a right";
    1179 PREFIX Constraint "anchor-prefix", "iotops", "an anchor may have 1 to 8 component prefixes, ascending, and only if it is for SUIT authors";
    1180 RIGHT Constraint "anchor-right", "iotops", "only a key without a last sequence number may hold rights, and a right to recover goes with the purpose recovery";
    1181 VALIDITY Constraint "anchor-validity", "iotops", "the first sequence number or moment of an anchor must not be behind the last";
    1182 UPDATE_SET Rejected "update-set", "iotops", "an update must be for the set that it is applied to";
    1183 UPDATE_NUMBER Rejected "update-number", "iotops", "an update must have the number that follows that of the set";
    1184 UPDATE_BEFORE Rejected "update-before", "iotops", "an update must name the digest of the set before it";
    1185 NO_RIGHT Rejected "update-right", "iotops", "who signs an update must hold the right over all that the changed anchor is for";
    1186 RECOVERY_ONLY Rejected "recovery-only", "iotops", "with a right to recover, a lost key may only be replaced by one with the same purposes and rights, for no more sequence numbers";
    1187 UNKNOWN_ANCHOR Rejected "unknown-anchor", "iotops", "an anchor that is to be changed must be in the set";
    1188 KNOWN_ANCHOR Rejected "known-anchor", "iotops", "an anchor that is to be added must not be in the set yet";
    1189 LAST_ANCHOR Rejected "last-anchor", "iotops", "the last anchor of a purpose must not be taken away";
    1190 UNCONFIRMED Rejected "unconfirmed-successor", "iotops", "a key must not take itself away before its successor has verified something";
    1191 WIDENED Rejected "limit-widens", "iotops", "a limit must not admit sequence numbers that the anchor did not admit";
    1192 NO_STATE Rejected "no-stored-state", "iotops", "one of the two slots must hold a whole record";
    1193 ROLLED_BACK Rejected "stored-state-rolled-back", "iotops", "the stored record must not be older than the least that the caller accepts";
    1194 STORAGE Unavailable "storage", "iotops", "the storage did not answer, or did not keep what was written";
    1195 CONFIRMED Constraint "confirmed", "iotops", "only anchors of the set may be confirmed";
}
