//! The report of a run as a file.

use iotops_crypto::key::SecretKey;
use iotops_wire::cbor::Encoder;
use suit_manifest::report::{NewCapabilities, NewReport};

use super::Arguments;
use crate::failure::Failure;
use crate::{files, key};

/// Where the report goes, and who signs it.
pub(super) struct Writer<'a> {
    file: Option<&'a str>,
    key: Option<SecretKey>,
    tells_capabilities: bool,
}

/// A folder has every component.
const EVERY: &[&[&[u8]]] = &[&[]];

impl<'a> Writer<'a> {
    /// Loads the key, so that nothing is run if it is not there.
    pub(super) fn new(arguments: &'a Arguments) -> Result<Self, Failure> {
        let load = |name: &String| {
            let failed = |error| Failure::unusable("report key", error);
            key::load(name)?.secret_key().map_err(failed)
        };
        Ok(Self {
            file: arguments.report.as_deref(),
            key: arguments.report_key.as_ref().map(load).transpose()?,
            tells_capabilities: arguments.report_capabilities,
        })
    }

    /// Writes the report, if it is wanted.
    pub(super) fn write(self, report: &NewReport<'_>) -> Result<(), Failure> {
        let Some(file) = self.file else { return Ok(()) };
        let capabilities = NewCapabilities::default().with_prefixes(EVERY);
        let report = match self.tells_capabilities {
            true => report.with_capabilities(&capabilities),
            false => *report,
        };
        let failed = |error| Failure::unusable("report", error);
        let mut bytes = Vec::new();
        report.encode(&mut Encoder::new(&mut bytes)).map_err(failed)?;
        if let Some(mut key) = self.key {
            let mut buffer = vec![0; bytes.len()];
            let unsigned = report.write(&mut buffer).map_err(failed)?;
            bytes.clear();
            unsigned.sign(&mut key, &mut Encoder::new(&mut bytes)).map_err(failed)?;
        }
        files::write_public(file, &bytes)
    }
}
