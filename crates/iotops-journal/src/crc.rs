//! CRC-32 (ISO 3309): it finds accidents, not attackers.

/// The remainders of the sixteen values of four bits: a sixteenth of the usual table.
const TABLE: [u32; 16] = table();

const fn table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut rest: &mut [u32] = &mut table;
    let mut value = 0_u32;
    while let Some((first, others)) = rest.split_first_mut() {
        let mut remainder = value;
        let mut bit = 0_u32;
        while bit < 4 {
            let is_odd = remainder & 1 == 1;
            remainder >>= 1_u32;
            if is_odd {
                remainder ^= 0xedb8_8320;
            }
            bit = bit.wrapping_add(1);
        }
        *first = remainder;
        rest = others;
        value = value.wrapping_add(1);
    }
    table
}

/// A checksum in the making.
#[derive(Clone, Copy)]
pub(crate) struct Crc(u32);

impl Crc {
    pub(crate) const NEW: Self = Self(u32::MAX);

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let mut state = self.0 ^ u32::from(*byte);
            for _ in 0..2 {
                let low = usize::try_from(state & 0xf).unwrap_or(0);
                state = (state >> 4_u32) ^ TABLE.get(low).copied().unwrap_or(0);
            }
            self.0 = state;
        }
    }

    pub(crate) const fn finish(self) -> u32 {
        !self.0
    }
}

/// The checksum of `bytes`.
pub(crate) fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::NEW;
    crc.update(bytes);
    crc.finish()
}

#[cfg(test)]
mod tests {
    use super::crc;

    #[test]
    fn the_check_value_of_the_catalogue() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc(b""), 0);
    }
}
