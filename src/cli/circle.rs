use super::desk::Desk;
use super::quiet::unexpected;
use super::words;
use crate::node::{Answer, CircleView, Failure, Request};
use crate::private::Private;

/// Circles: who may read what.
///
/// A circle is a set of offices that never changes. Everything is written in one circle, so its author knows who will
/// read it. Other people, other circle.
#[derive(clap::Args)]
pub(super) struct Circle {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Found a circle; its members can never be changed
    New {
        /// Its name, which members alone can read
        name: String,
        /// The partners that read and write, besides this office
        #[arg(long, value_name = "PARTNER,...", value_delimiter = ',', required = true)]
        members: Vec<String>,
        /// Partners that hold and pass on, but cannot read
        #[arg(long, value_name = "PARTNER,...", value_delimiter = ',')]
        carriers: Vec<String>,
    },
    /// List all circles
    List {
        /// Hidden ones too
        #[arg(long)]
        all: bool,
    },
    /// Show who reads and who carries a circle
    Show {
        /// Which
        circle: String,
    },
    /// Leave a circle out of lists
    Hide {
        /// Which
        circle: String,
        /// Show it again
        #[arg(long)]
        show_again: bool,
    },
}

pub(super) fn run(desk: &mut Desk, args: Circle) -> Result<(), Failure> {
    match args.verb {
        Verb::New { name, members, carriers } => {
            let circle =
                one(desk.ask(Request::CircleNew { name: Private::new(name), members, carriers })?)?;
            desk.out.line(format!("The circle {} is founded.", name_of(&circle)));
            show(desk, &circle);
            if circle.members.len() > 1 {
                desk.out.line("The others learn of it with the next sync or bundle.");
            }
            Ok(())
        }
        Verb::List { all } => list(desk, all),
        Verb::Show { circle } => {
            let circle = one(desk.ask(Request::CircleShow { circle })?)?;
            desk.out.heading(format!("Circle {}", name_of(&circle)));
            show(desk, &circle);
            Ok(())
        }
        Verb::Hide { circle, show_again } => {
            let circle = one(desk.ask(Request::CircleHide { circle, hide: !show_again })?)?;
            desk.out.line(match circle.hidden {
                true => {
                    format!("The circle {} is left out of lists. Nothing of it is erased.", name_of(&circle))
                }
                false => format!("The circle {} is shown in lists.", name_of(&circle)),
            });
            Ok(())
        }
    }
}

fn one(answer: Answer) -> Result<CircleView, Failure> {
    match answer {
        Answer::Circles { circles } => circles.into_iter().next().ok_or_else(unexpected),
        _ => Err(unexpected()),
    }
}

/// Its name, or why none can be shown.
fn title(circle: &CircleView) -> String {
    match (circle.name.is_empty(), is_carried(circle)) {
        (false, _) => circle.name.reveal().clone(),
        (true, true) => "(carried, sealed)".to_owned(),
        (true, false) => "(not opened yet)".to_owned(),
    }
}

/// Its name, or the start of its id while the name could not be opened.
fn name_of(circle: &CircleView) -> String {
    match circle.name.is_empty() {
        true => circle.circle.short(),
        false => circle.name.reveal().clone(),
    }
}

fn list(desk: &mut Desk, all: bool) -> Result<(), Failure> {
    let Answer::Circles { circles } = desk.ask(Request::CircleList)? else { return Err(unexpected()) };
    let out = &mut desk.out;
    if circles.is_empty() {
        out.line("No circle is here yet: `homeward circle new NAME --members PARTNER,...`.");
    }
    let hidden = circles.iter().filter(|circle| circle.hidden).count();
    for circle in circles.iter().filter(|circle| all || !circle.hidden) {
        let cases = holds(circle);
        let mut line = format!(
            "{:<20} {}  {}, {cases}, read by {}",
            title(circle),
            circle.circle.short(),
            words::code(&circle.role),
            words::list(&circle.members)
        );
        if circle.hidden {
            line.push_str("  [hidden]");
        }
        out.line(line);
        waits(out, circle);
    }
    if hidden > 0 && !all {
        out.line(format!(
            "{} left out: `homeward circle list --all`.",
            words::count_of(hidden, "circle is", "circles are")
        ));
    }
    Ok(())
}

fn show(desk: &mut Desk, circle: &CircleView) {
    let out = &mut desk.out;
    out.line(format!("  id          {}", circle.circle.hex()));
    out.line(format!("  this office {}", words::code(&circle.role)));
    out.line(format!("  read by     {}", words::list(&circle.members)));
    out.line(format!("  carried by  {}", words::list(&circle.carriers)));
    out.line(format!("  founded     {} by {}", words::moment_utc(circle.founded), circle.founder));
    out.line(format!("  holds       {}", holds(circle)));
    let segments = words::count(circle.segments, "segment", "segments");
    out.line(format!("  stored      {segments}, {}", words::size(circle.bytes)));
    if circle.hidden {
        out.line("  hidden from lists");
    }
    waits(out, circle);
}

fn is_carried(circle: &CircleView) -> bool {
    words::code(&circle.role) == "carrier"
}

/// How many cases; a carrier cannot know.
fn holds(circle: &CircleView) -> String {
    match is_carried(circle) {
        true => "cases sealed".to_owned(),
        false => words::count_of(circle.cases, "case", "cases"),
    }
}

fn waits(out: &mut super::out::Out, circle: &CircleView) {
    if !circle.waits_for.is_empty() {
        let names = words::list(&circle.waits_for);
        out.notable(format!("  held until you trust {names}: `homeward card trust PARTNER`"));
    }
}
