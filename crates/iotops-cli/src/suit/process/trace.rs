//! What is printed of a run.

use suit_manifest::model::{Action, Condition, Section};
use suit_manifest::process::{Call, Failure, Position, Record};

use super::device::Device;
use super::store;

/// Prints how a command went.
pub(super) fn print(call: &Call<'_>, record: &Record) {
    let component = store::name(call.path());
    let result = match record.result {
        Ok(()) => "ok".to_owned(),
        Err(rule) => {
            let row = suit_manifest::rules::row(rule);
            row.map_or_else(|| format!("rule {}", rule.number()), |row| row.name.to_owned())
        }
    };
    let Position { section, command, .. } = record.position;
    println!(
        "{:<20} {:<26} {component:<20} {result}",
        self::section(section),
        self::command(command)
    );
}

/// Why a run ended, in a sentence.
pub(super) fn explain(file: &str, failure: &Failure, device: &Device<'_>) -> String {
    let cause = device.cause().map_or_else(String::new, |cause| format!(": {cause}"));
    let Some(position) = failure.position() else {
        return format!("{file}: {failure}{cause}");
    };
    format!(
        "{file}: {failure}, in {} of section {}, component {}{cause}",
        command(position.command),
        section(position.section),
        position.component
    )
}

fn section(code: u8) -> &'static str {
    let found = Section::from_code(i64::from(code));
    short(found.map_or("suit-shared-sequence", Section::name))
}

fn command(code: i64) -> String {
    let condition = Condition::from_code(code).map(Condition::name);
    let name = condition.or_else(|| Action::from_code(code).map(Action::name));
    name.map_or_else(|| format!("command {code}"), |name| short(name).to_owned())
}

/// Registered names without what all of them begin with.
fn short(name: &'static str) -> &'static str {
    let name = name.strip_prefix("suit-").unwrap_or(name);
    name.strip_prefix("condition-").or_else(|| name.strip_prefix("directive-")).unwrap_or(name)
}
