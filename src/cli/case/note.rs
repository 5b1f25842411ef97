use crate::cli::desk::Desk;
use crate::cli::files;
use crate::limit::CLAIM_TEXT_BYTES;
use crate::node::{Failure, FailureKind, Request};
use crate::private::Private;

/// Write in the shared note, which all members of the circle edit together.
///
/// Without --at the text goes to the end, on a line of its own.
#[derive(clap::Args)]
pub(super) struct Note {
    /// The case
    case: String,
    /// The text to put in; `-` reads stdin
    #[arg(default_value = "", hide_default_value = true)]
    text: String,
    /// The circle
    #[arg(long, short, value_name = "CIRCLE")]
    circle: String,
    /// Where, counted in characters from the start
    #[arg(long, value_name = "N")]
    at: Option<u64>,
    /// The text to take out there; if it is not there any more, nothing is taken out
    #[arg(long, value_name = "TEXT", requires = "at", default_value = "", hide_default_value = true)]
    remove: String,
}

pub(super) fn run(desk: &mut Desk, args: Note) -> Result<(), Failure> {
    let insert = match args.text.as_str() {
        "-" => files::read_text("-".as_ref(), CLAIM_TEXT_BYTES, "note")?.trim_end().to_owned(),
        _ => args.text,
    };
    if insert.is_empty() && args.remove.is_empty() {
        return Err(Failure {
            kind: FailureKind::BadInput,
            what: "there is nothing to write".into(),
            then: "Give the text, or `-` to read it from stdin.".into(),
        });
    }
    let request = Request::CaseNote {
        circle: args.circle.clone(),
        case: args.case,
        at: args.at,
        remove: Private::new(args.remove),
        insert: Private::new(insert),
    };
    super::write(desk, request, &args.circle, "Noted").map(|_| ())
}
