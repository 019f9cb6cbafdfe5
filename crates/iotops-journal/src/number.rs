//! Numbers as values: sequence numbers, counts of references, boots of a trial.

use embedded_storage::nor_flash::NorFlash;

use crate::{Error, Journal, rules};

const LENGTH: usize = 8;

impl Journal {
    /// Reads the number under `key`.
    ///
    /// # Errors
    /// [`rules::NUMBER`] if the value is none, and those of [`Journal::read`].
    pub fn read_number<F: NorFlash>(&self, flash: &mut F, key: u8) -> Result<Option<u64>, Error> {
        let mut buffer = [0; LENGTH];
        let value = match self.read(flash, key, &mut buffer) {
            Err(error) if error.rule() == iotops_wire::rules::OUT_OF_SPACE => {
                return Err(Error::new(rules::NUMBER, error.place().offset()));
            }
            value => value?,
        };
        let Some(value) = value else { return Ok(None) };
        match value.first_chunk::<LENGTH>() {
            Some(value) => Ok(Some(u64::from_le_bytes(*value))),
            None => Err(Error::new(rules::NUMBER, 0)),
        }
    }

    /// Appends `number` as the value of `key`.
    ///
    /// # Errors
    /// Those of [`Journal::append`].
    pub fn write_number<F: NorFlash>(
        &mut self,
        flash: &mut F,
        key: u8,
        number: u64,
    ) -> Result<(), Error> {
        self.append(flash, key, &number.to_le_bytes())
    }

    /// Raises the number under `key`; none is below every number. The same number costs nothing.
    ///
    /// # Errors
    /// [`rules::LOWERED`], and those of [`Journal::read_number`] and [`Journal::append`].
    pub fn raise_number<F: NorFlash>(
        &mut self,
        flash: &mut F,
        key: u8,
        number: u64,
    ) -> Result<(), Error> {
        match self.read_number(flash, key)? {
            Some(old) if old > number => Err(Error::new(rules::LOWERED, 0)),
            Some(old) if old == number => Ok(()),
            _ => self.write_number(flash, key, number),
        }
    }
}
