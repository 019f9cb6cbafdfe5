//! What a device tells of a voucher and of its enrolment (RFC 8995 §5.7, §5.9.4).

use iotops_wire::cbor::{Encoder, Output, SliceOutput};
use iotops_wire::json::Writer;

use crate::Error;

/// How it went: `status`, and why it did not go well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Telemetry<'t> {
    is_good: bool,
    reason: Option<&'t str>,
}

impl<'t> Telemetry<'t> {
    /// It went well.
    pub const GOOD: Self = Self { is_good: true, reason: None };

    /// It did not, for a reason that people read.
    #[must_use]
    pub const fn failure(reason: &'t str) -> Self {
        Self { is_good: false, reason: Some(reason) }
    }

    /// Writes it in JSON, for HTTP.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn write_json(&self, output: &mut dyn Output) -> Result<(), Error> {
        Writer::new(output).object(|object| {
            object.member("version")?.unsigned(1)?;
            object.member("status")?.boolean(self.is_good)?;
            if let Some(reason) = self.reason {
                object.member("reason")?.string(reason)?;
            }
            Ok(())
        })
    }

    /// Writes it in CBOR, with texts as keys, for CoAP (cBRSKI §6.5); says how many bytes it took.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn write_cbor(&self, buffer: &mut [u8]) -> Result<usize, Error> {
        let mut output = SliceOutput::new(buffer);
        let mut encoder = Encoder::new(&mut output);
        let mut map = encoder.map(2_usize.saturating_add(usize::from(self.reason.is_some())))?;
        // "version" is 7 letters long, "status" and "reason" 6: in the order that cBRSKI shows.
        map.entry()?.text("version")?.unsigned(1)?;
        map.entry()?.text("status")?.boolean(self.is_good)?;
        if let Some(reason) = self.reason {
            map.entry()?.text("reason")?.text(reason)?;
        }
        map.end()?;
        Ok(output.written().len())
    }
}
