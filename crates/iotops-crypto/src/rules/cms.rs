//! The rules of CMS (numbers 1080 to 1109).

iotops_wire::rules! {
    1080 CONTENT_INFO Structure "cms-content-info", "RFC 5652 §3", "the message must be signed data";
    1081 VERSION Unsupported "cms-version", "RFC 5652 §5.1", "signed data must have version 1 or 3";
    1082 SIGNER_VERSION Constraint "cms-signer-version", "RFC 5652 §5.3", "a signer must have version 1 if it is named by issuer and serial number, and 3 by key identifier";
    1083 SIGNERS Constraint "cms-signers", "RFC 5652 §5.1", "signed data must have at least one signer, and not more than this reader checks";
    1084 DIGEST_LISTED Constraint "cms-digest-listed", "RFC 5652 §5.1", "the digest algorithm of a signer must be in the list of the message";
    1085 ATTRIBUTES_MISSING Constraint "cms-attributes-missing", "RFC 5652 §5.3", "the signed attributes must be present";
    1086 ATTRIBUTE_VALUE Constraint "cms-attribute-value", "RFC 5652 §11", "a signed attribute of a known type must be there once, with one value of its type";
    1087 ATTRIBUTE_MISSING Constraint "cms-attribute-missing", "RFC 5652 §5.3", "the signed attributes must hold content type and message digest";
    1088 CONTENT_TYPE Constraint "cms-content-type", "RFC 5652 §11.1", "the signed content type must be that of the content";
    1089 MESSAGE_DIGEST Rejected "cms-message-digest", "RFC 5652 §5.6", "the signed message digest must be that of the content";
    1090 ALGORITHMS_DIFFER Constraint "cms-algorithms", "RFC 6211 §2", "signature and digest algorithm must fit, and be those that are signed";
    1091 CERTIFICATE_FORM Unsupported "cms-certificate-form", "RFC 5652 §10.2.2", "certificates must be X.509 certificates";
    1092 CONTENT_DETACHED Argument "cms-detached", "RFC 5652 §5.2", "the content is detached and must be given by the caller";
    1093 CONTENT_ATTACHED Argument "cms-attached", "RFC 5652 §5.2", "the content is attached, so none may be given beside it";
    1094 CONTENT_IS_ATTRIBUTES Rejected "cms-content-is-attributes", "draft-ietf-lamps-cms-euf-cma-signeddata", "content without signed attributes must not itself be encoded attributes";
    1095 NO_CERTIFICATE Rejected "cms-no-certificate", "RFC 5652 §5.3", "the certificate of the signer must be in the message or given by the caller";
    1096 ALGORITHM Unsupported "cms-algorithm", "RFC 5652 §10.1", "digest and signature algorithm must be known here";
}
