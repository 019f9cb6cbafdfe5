//! Object identifiers, as the content of their encodings.

/// `id-ce` (2.5.29), of two octets, before the last arc of most extensions.
pub(super) const CE: [u8; 2] = [0x55, 0x1d];
/// `id-pe` (1.3.6.1.5.5.7.1) before the last arc of private extensions.
pub(super) const PE: [u8; 7] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01];

/// Attribute `serialNumber`, 2.5.4.5.
pub const SERIAL_NUMBER: &[u8] = &[0x55, 0x04, 0x05];
/// Attribute `commonName`, 2.5.4.3.
pub const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// Attribute `emailAddress`, 1.2.840.113549.1.9.1.
pub const EMAIL_ADDRESS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01];
/// Other name `id-on-hardwareModuleName` (RFC 4108), 1.3.6.1.5.5.7.8.4.
pub const HARDWARE_MODULE_NAME: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x08, 0x04];
/// Policy `anyPolicy`, 2.5.29.32.0.
pub const ANY_POLICY: &[u8] = &[0x55, 0x1d, 0x20, 0x00];
/// Purpose `anyExtendedKeyUsage`, 2.5.29.37.0.
pub const ANY_PURPOSE: &[u8] = &[0x55, 0x1d, 0x25, 0x00];
/// Purpose `id-kp-serverAuth`, 1.3.6.1.5.5.7.3.1.
pub const SERVER_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
/// Purpose `id-kp-clientAuth`, 1.3.6.1.5.5.7.3.2.
pub const CLIENT_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
/// Purpose `id-kp-codeSigning`, 1.3.6.1.5.5.7.3.3.
pub const CODE_SIGNING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03];
/// Purpose `id-kp-cmcRA` (RFC 6402), 1.3.6.1.5.5.7.3.28.
pub const CMC_RA: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x1c];
/// Extension `id-pe-mud-url` (RFC 8520), 1.3.6.1.5.5.7.1.25.
pub const MUD_URL: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x19];
/// Extension `id-pe-mudsigner` (RFC 8520), 1.3.6.1.5.5.7.1.30.
pub const MUD_SIGNER: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x1e];
/// Extension `id-pe-masa-url` (RFC 8995), 1.3.6.1.5.5.7.1.32.
pub const MASA_URL: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x20];
