//! The codes of the MUD element, which nobody has allocated.

use clap::Args;
use suit_manifest::Limits;
use suit_manifest::model::MudCodes;

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct MudArguments {
    /// The codes of the MUD element, its URL and its key thumbprint (draft-ietf-suit-mud), that
    /// author and device agreed on. Without them the element is refused.
    #[arg(long, value_name = "ELEMENT,URL,THUMBPRINT", value_parser = codes)]
    mud_codes: Option<MudCodes>,
}

impl MudArguments {
    pub(super) fn limits(self) -> Limits {
        let limits = Limits::default();
        self.mud_codes.map_or(limits, |codes| limits.with_mud(codes))
    }
}

fn codes(text: &str) -> Result<MudCodes, String> {
    let numbers: Option<Vec<i64>> = text.split(',').map(|one| one.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some([element, url, thumbprint]) => Ok(MudCodes::new(*element, *url, *thumbprint)),
        _ => Err("it must be three numbers with commas between them".into()),
    }
}
