//! `iotops voucher verify`.

use brski_voucher::roles::Pledge;
use brski_voucher::{Contents, Error};
use clap::Args;
use iotops_crypto::Verifier;
use iotops_crypto::x509::{Certificate, verifying_key};
use iotops_wire::Clock;

use super::document::{decode, scratch, word};
use crate::failure::Failure;
use crate::files;
use crate::key::KeyFile;
use crate::source::unhex;

#[derive(Debug, Args)]
#[command(
    after_help = "With --serial-number a voucher is checked as that device would: serial number, nonce, and
what is pinned.

Examples:
  iotops voucher verify --key masa.pem voucher.vch
  iotops voucher verify --certificate masa.der --serial-number JADA123456789 --nonce 23bfbbc9c2bcf213 voucher.vch"
)]
pub(crate) struct Arguments {
    /// The document, in CMS, JWS or COSE; - is standard input.
    file: String,
    /// The public key of the signer: PEM, DER, COSE_Key or raw. May be given several times.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// A certificate of the signer, in DER; only its key is used.
    #[arg(long = "certificate", value_name = "FILE")]
    certificates: Vec<String>,
    /// Check it as the device with this serial number.
    #[arg(long, value_name = "TEXT")]
    serial_number: Option<String>,
    /// The nonce that the device sent, in hexadecimal; without one, vouchers without are taken.
    #[arg(long, value_name = "HEX", requires = "serial_number", value_parser = bytes)]
    nonce: Option<Nonce>,
}

#[derive(Clone, Debug)]
struct Nonce(Vec<u8>);

fn bytes(text: &str) -> Result<Nonce, String> {
    unhex(text).map(Nonce).ok_or_else(|| "it must be hexadecimal".into())
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.keys.is_empty() && arguments.certificates.is_empty() {
        return Err(Failure::unusable("verify", "--key or --certificate must be given"));
    }
    let keys: Vec<KeyFile> =
        arguments.keys.iter().map(|name| KeyFile::load(name)).collect::<Result<_, _>>()?;
    let mut certified = Vec::new();
    for name in &arguments.certificates {
        let bytes = files::read(name)?;
        let key = Certificate::decode(&bytes).and_then(|one| verifying_key(one.public_key()));
        certified.push(key.map_err(|error| Failure::unusable(name, error))?);
    }
    let certified = certified.iter().map(|key| -> &dyn Verifier { key });
    let keys: Vec<&dyn Verifier> = keys.iter().map(KeyFile::verifier).chain(certified).collect();
    let bytes = files::read(&arguments.file)?;
    let mut space = scratch(&bytes);
    let verified = arguments.verify(&bytes, &mut space, &keys);
    let told =
        verified.map_err(|error| Failure::Rejected(format!("{}: {error}", arguments.file)))?;
    files::print(told.as_bytes())
}

impl Arguments {
    fn verify(
        &self,
        bytes: &[u8],
        space: &mut [u8],
        keys: &[&dyn Verifier],
    ) -> Result<String, Error> {
        let authenticated = decode(bytes, space, None)?.verify(keys)?;
        let contents: Contents<'_> = authenticated.contents();
        let Some(serial_number) = &self.serial_number else {
            return Ok(format!("signed: {}\n", word(contents.kind())));
        };
        let pledge = Pledge::new(serial_number, Clock::Unknown);
        let pledge = match &self.nonce {
            Some(nonce) => pledge.sent_nonce(&nonce.0),
            None => pledge.taking_nonceless(),
        };
        // The issuer is that of the voucher: the command has no certificate of the device.
        let issuer =
            authenticated.voucher()?.idevid_issuer().map(|one| one.to_vec()).transpose()?;
        let issuer = issuer.unwrap_or_default();
        let pledge = pledge.issued_by(&issuer, brski_voucher::roles::IssuerForm::Exact);
        let mut pin = vec![0; bytes.len()];
        let accepted = pledge.accept(&authenticated, &mut pin)?;
        Ok(format!("accepted by {serial_number}: {}\n", pinned(accepted.pin())))
    }
}

fn pinned(pin: &brski_voucher::roles::Pin<'_>) -> &'static str {
    use brski_voucher::roles::Pin;
    match pin {
        Pin::Certificate(_) => "a certificate is pinned",
        Pin::PublicKey(_) => "a public key is pinned",
        _ => "the digest of a public key is pinned",
    }
}
