//! `iotops anchors update`.

use clap::Args;
use iotops_crypto::anchor::{AnchorSet, AnchorState, Change, sign_update};
use iotops_crypto::rules;
use iotops_wire::cbor::Encoder;

use super::spec::{self, Spec, unusable};
use super::{ROOM, decode, rejected};
use crate::failure::Failure;
use crate::{files, key};

#[derive(Debug, Args)]
#[command(after_help = format!("Changes are made in this order: revoke, limit, replace, add. The update is tried
on the set before it is written.

{}

Examples:
  iotops anchors update product-7.anchors --sign author.pem \\
    --add next.pem,purposes=suit-author,updates=suit-author \\
    --out 1.update --out-set product-7.1.anchors
  iotops anchors update product-7.1.anchors --sign next.pem --revoke 55e837f0 \\
    --out 2.update --out-set product-7.2.anchors", spec::HELP))]
pub(crate) struct Arguments {
    /// The set as it is.
    set: String,
    /// The private key of an anchor with the right to make these changes.
    #[arg(long)]
    sign: String,
    /// Take away the anchor with this identifier, or the only one that begins so.
    #[arg(long, value_name = "ID")]
    revoke: Vec<String>,
    /// Trust an anchor only for these sequence numbers.
    #[arg(long, value_name = "ID=FIRST..[LAST]")]
    limit: Vec<String>,
    /// Put an anchor in the place of another.
    #[arg(long, value_name = "ID=ANCHOR")]
    replace: Vec<String>,
    /// Add an anchor.
    #[arg(long, value_name = "ANCHOR")]
    add: Vec<String>,
    /// The file to write, which must not exist; - is standard output.
    #[arg(long)]
    out: String,
    /// A file for the set behind the update.
    #[arg(long)]
    out_set: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let failed = |error| Failure::unusable("update", error);
    let bytes = files::read(&arguments.set)?;
    let set = *decode(&arguments.set, &bytes)?.set();
    let specs = Specs::parse(arguments)?;
    let changes = specs.changes(&set, arguments)?;
    let mut signer = key::load(&arguments.sign)?.secret_key().map_err(failed)?;
    let (mut update, mut scratch) = (Vec::new(), vec![0; ROOM]);
    let encoder = &mut Encoder::new(&mut update);
    sign_update(&set, &changes, &mut signer, &mut scratch, encoder).map_err(failed)?;
    let mut room = vec![0; ROOM];
    let next = attempt(&arguments.out, &set, &update, &mut room)?;
    files::write_new(&arguments.out, &update, false)?;
    match &arguments.out_set {
        Some(name) => files::write_new(name, next.set().as_bytes(), false),
        None => Ok(()),
    }
}

/// What a device makes of it on which every anchor has verified something.
fn attempt<'b>(
    name: &str,
    set: &AnchorSet<'_>,
    update: &[u8],
    room: &'b mut [u8],
) -> Result<AnchorState<'b>, Failure> {
    let failed = |error| rejected(name, error);
    let fresh = AnchorState::new(*set);
    if let Err(error) = fresh.apply(update, room)
        && error.rule() == rules::anchor::UNCONFIRMED
    {
        eprintln!("note: a device takes it only once a successor has verified something there");
    }
    let mut seasoned = fresh;
    for anchor in set.anchors() {
        seasoned = seasoned.confirm(anchor.id()).map_err(failed)?;
    }
    let next = seasoned.apply(update, room).map_err(failed)?;
    AnchorState::decode(next).map_err(failed)
}

/// The anchors of the command line.
struct Specs {
    replace: Vec<(String, Spec)>,
    add: Vec<Spec>,
}

impl Specs {
    fn parse(arguments: &Arguments) -> Result<Self, Failure> {
        let replacement = |text: &String| {
            let (id, anchor) = pair(text)?;
            Ok((id.to_owned(), Spec::parse(anchor)?))
        };
        let replace = arguments.replace.iter().map(replacement).collect::<Result<_, _>>()?;
        let add = arguments.add.iter().map(|text| Spec::parse(text)).collect::<Result<_, _>>()?;
        Ok(Self { replace, add })
    }

    fn changes<'s>(
        &'s self,
        set: &AnchorSet<'_>,
        arguments: &Arguments,
    ) -> Result<Vec<Change<'s>>, Failure> {
        let revoke = arguments.revoke.iter().map(|id| Ok(Change::Revoke(spec::id(set, id)?)));
        let limit = arguments.limit.iter().map(|text| limit(set, text));
        let replace = self
            .replace
            .iter()
            .map(|(id, by)| Ok(Change::Replace { lost: spec::id(set, id)?, by: by.anchor()? }));
        let add = self.add.iter().map(|anchor| Ok(Change::Add(anchor.anchor()?)));
        revoke.chain(limit).chain(replace).chain(add).collect()
    }
}

fn pair(text: &str) -> Result<(&str, &str), Failure> {
    text.split_once('=').ok_or_else(|| unusable(text, "an identifier and = must come first"))
}

fn limit<'s>(set: &AnchorSet<'_>, text: &str) -> Result<Change<'s>, Failure> {
    let (digits, range) = pair(text)?;
    let id = spec::id(set, digits)?;
    let numbers = range.split_once("..").and_then(|(first, last)| {
        let last = if last.is_empty() { None } else { Some(last.parse().ok()?) };
        Some((first.parse().ok()?, last))
    });
    match numbers {
        Some((first, last)) => Ok(Change::Limit { id, first, last }),
        None => Err(unusable(range, "it must be FIRST..LAST or FIRST..")),
    }
}
