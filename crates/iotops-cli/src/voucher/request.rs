//! `iotops voucher request`.

use brski_voucher::model::{Assertion, Profile};
use brski_voucher::{RequestBuilder, Role};
use clap::Args;
use iotops_wire::Random as _;

use crate::failure::Failure;
use crate::files;
use crate::key;
use crate::random::SystemRandom;

/// Bytes of the nonce that is drawn.
const NONCE: usize = 16;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops voucher request --serial-number JADA123456789 --registrar registrar.der --key idevid.pem --out request.vch")]
pub(crate) struct Arguments {
    /// The serial number of the device.
    #[arg(long, value_name = "TEXT")]
    serial_number: String,
    /// The certificate of the registrar that the device sees, in DER.
    #[arg(long, value_name = "FILE")]
    registrar: String,
    /// The private key of the device.
    #[arg(long, value_name = "KEY")]
    key: String,
    /// The file to write, in COSE, which must not exist; - is standard output.
    #[arg(short, long)]
    out: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let rejected = |error: brski_voucher::Error| Failure::Rejected(error.to_string());
    let mut signer = key::load(&arguments.key)?
        .secret_key()
        .map_err(|error| Failure::unusable(&arguments.key, error))?;
    let registrar = files::read(&arguments.registrar)?;
    let mut nonce = [0; NONCE];
    if SystemRandom.fill(&mut nonce).is_err() {
        return Err(Failure::unusable("nonce", "the system gives no random bytes"));
    }
    let draft = RequestBuilder::new(&arguments.serial_number)
        .assertion(Assertion::Proximity)
        .nonce(&nonce)
        .proximity_registrar_cert(&registrar)
        .build_for(Role::Pledge, Profile::Rfc8366bis)
        .map_err(rejected)?;
    let signed = draft.sign_cose(&mut signer).map_err(rejected)?;
    files::write_new(&arguments.out, &signed, false)
}
