//! `iotops anchors create`.

use clap::Args;
use iotops_crypto::anchor::{Anchor, AnchorSet, encode_set};
use iotops_wire::cbor::Encoder;

use super::spec::{self, Spec};
use crate::failure::Failure;
use crate::files;

#[derive(Debug, Args)]
#[command(after_help = format!("{}

Examples:
  iotops anchors create --set product-7 --out product-7.anchors \\
    --anchor author.pem,purposes=suit-author,updates=suit-author \\
    --anchor vault.pem,purposes=recovery,recovers=suit-author", spec::HELP))]
pub(crate) struct Arguments {
    /// The identifier of the set, of 1 to 32 bytes: an update is for one set.
    #[arg(long)]
    set: String,
    /// An anchor.
    #[arg(long = "anchor", required = true)]
    anchors: Vec<String>,
    /// The file to write, which must not exist; - is standard output.
    #[arg(long)]
    out: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let failed = |error| Failure::unusable("set", error);
    let specs: Vec<Spec> =
        arguments.anchors.iter().map(|text| Spec::parse(text)).collect::<Result<_, _>>()?;
    let mut anchors: Vec<Anchor<'_>> = specs.iter().map(Spec::anchor).collect::<Result<_, _>>()?;
    let mut bytes = Vec::new();
    let encoder = &mut Encoder::new(&mut bytes);
    encode_set(arguments.set.as_bytes(), 0, &mut anchors, encoder).map_err(failed)?;
    // What goes out can be read.
    AnchorSet::decode(&bytes).map_err(failed)?;
    files::write_new(&arguments.out, &bytes, false)
}
