use super::desk::Desk;
use super::escape;
use super::quiet::unexpected;
use super::words;
use crate::node::{Answer, CircleStatus, Failure, FailureKind, PartnerStatus, Request, StatusView};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use std::time::Duration;

/// Watch the running node: links, queues, circles.
///
/// Looks once a second. The arrows scroll, q or Esc ends. Where there is no terminal, one look is printed.
#[derive(clap::Args)]
pub(super) struct Top {
    /// Print one look as plain text
    #[arg(long)]
    once: bool,
}

/// How often the node is asked.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// The widest that a name stands in a column; longer ones are cut.
const NAME_WIDTH: usize = 24;
/// What stands between two columns.
const GAP: &str = "  ";

pub(super) fn run(desk: &mut Desk, args: Top) -> Result<(), Failure> {
    desk.reach_running("Start it first: `homeward run`; `homeward status` tells how things stand at rest.")?;
    if args.once || desk.out.is_json() || !desk.out.is_terminal() {
        let look = look_of(desk.ask(Request::Status)?)?;
        lines(&look, None).iter().for_each(|line| desk.out.line(line.to_string()));
        return Ok(());
    }
    let mut terminal = ratatui::try_init().map_err(|_| no_terminal())?;
    let went = watch(desk, &mut terminal);
    // If it cannot be put back there is nobody left to tell.
    let _ = ratatui::try_restore();
    went
}

/// What one look showed.
enum Look {
    Locked,
    Open(Box<StatusView>),
}

fn look_of(answer: Answer) -> Result<Look, Failure> {
    match answer {
        Answer::Status(status) => Ok(Look::Open(status)),
        Answer::Locked => Ok(Look::Locked),
        _ => Err(unexpected()),
    }
}

fn no_terminal() -> Failure {
    Failure {
        kind: FailureKind::BadInput,
        what: "this terminal cannot show a live view".into(),
        then: "Print one look with `homeward top --once`.".into(),
    }
}

/// Looks and draws until a key ends it.
fn watch(desk: &mut Desk, terminal: &mut DefaultTerminal) -> Result<(), Failure> {
    let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut before = None;
    let mut from = 0;
    loop {
        let look = look_of(desk.ask_quietly(Request::Status)?)?;
        let mut shown = lines(&look, before.as_ref());
        if !colour {
            shown.iter_mut().flat_map(|line| &mut line.spans).for_each(|span| span.style.fg = None);
        }
        before = match look {
            Look::Open(status) => Some((status.sent_bytes, status.received_bytes)),
            Look::Locked => None,
        };
        let most = u16::try_from(shown.len()).unwrap_or(u16::MAX).saturating_sub(1);
        loop {
            from = most.min(from);
            let page = Paragraph::new(shown.clone()).scroll((from, 0));
            terminal.draw(|frame| frame.render_widget(page, frame.area())).map_err(|_| no_terminal())?;
            if !event::poll(BETWEEN_LOOKS).map_err(|_| no_terminal())? {
                break;
            }
            match event::read().map_err(|_| no_terminal())? {
                Event::Key(key) if key.kind == KeyEventKind::Release => {}
                Event::Key(key) if ends(key) => return Ok(()),
                Event::Key(KeyEvent { code: KeyCode::Down | KeyCode::Char('j'), .. }) => from += 1,
                Event::Key(KeyEvent { code: KeyCode::Up | KeyCode::Char('k'), .. }) => {
                    from = from.saturating_sub(1);
                }
                _ => {}
            }
        }
    }
}

fn ends(key: KeyEvent) -> bool {
    match key.code {
        KeyCode::Esc | KeyCode::Char('q' | 'Q') => true,
        // The terminal hands it on as a key while the view is shown.
        KeyCode::Char('c') => key.modifiers.contains(KeyModifiers::CONTROL),
        _ => false,
    }
}

/// A look as lines. `before`: bytes sent and received at the look a second ago.
fn lines(look: &Look, before: Option<&(u64, u64)>) -> Vec<Line<'static>> {
    let status = match look {
        Look::Open(status) => status,
        Look::Locked => {
            return vec![
                strong("The node runs and is locked: it holds no key and has no link."),
                Line::raw("Open it with `homeward unlock`."),
            ];
        }
    };
    let mut lines = head(status, before);
    if !status.partners.is_empty() {
        lines.push(Line::default());
        let names = ["PARTNER", "LINK", "LAST CONTACT", "TO SEND", "TO COME", "HELD THERE"];
        lines.extend(table(names, &status.partners.iter().map(partner).collect::<Vec<_>>()));
    }
    if !status.circles.is_empty() {
        lines.push(Line::default());
        let names = ["CIRCLE", "ROLE", "CASES", "EDITS", "SEGMENTS", "NOT CUT", "TO LOOK AT"];
        lines.extend(table(names, &status.circles.iter().map(circle).collect::<Vec<_>>()));
    }
    lines
}

fn head(status: &StatusView, before: Option<&(u64, u64)>) -> Vec<Line<'static>> {
    let mut first = vec![Span::styled(safe(&status.name), Modifier::BOLD), Span::raw(" runs")];
    if status.paused {
        first.push(Span::styled(", paused with everyone", Color::Yellow));
    }
    if let Some(address) = &status.listening {
        first.push(Span::raw(format!(", listens on {}", safe(address))));
    }
    let moved = |now: u64, then: Option<u64>| match then.map(|then| now.saturating_sub(then)) {
        Some(more) if more > 0 => format!("{} ({}/s)", words::size(now), words::size(more)),
        _ => words::size(now),
    };
    let sent = moved(status.sent_bytes, before.map(|(sent, _)| *sent));
    let received = moved(status.received_bytes, before.map(|(_, received)| *received));
    let mut lines = vec![Line::from(first), Line::raw(format!("sent {sent}, received {received}"))];
    let notices = status.notices.iter();
    lines.extend(notices.map(|notice| Line::styled(format!("! {}", safe(notice)), Color::Yellow)));
    lines
}

fn partner(partner: &PartnerStatus) -> [Span<'static>; 6] {
    let (link, colour) = match (partner.paused, partner.reachable) {
        (true, _) => ("paused", Color::Yellow),
        (false, true) => ("linked", Color::Green),
        (false, false) => ("no link", Color::Reset),
    };
    let sum = |of: fn(&crate::node::PartnerCircle) -> u64| partner.circles.iter().map(of).sum::<u64>();
    let (ours, held) = (sum(|circle| circle.ours), sum(|circle| circle.ours_held));
    let to_send = match sum(|circle| circle.waiting_edits) {
        0 => sum(|circle| circle.lacks).to_string(),
        edits => format!("{} + {}", sum(|circle| circle.lacks), words::count(edits, "edit", "edits")),
    };
    [
        Span::raw(name(&partner.partner)),
        Span::styled(link, colour),
        Span::raw(partner.last_contact.map_or_else(|| "none so far".to_owned(), words::moment_utc)),
        Span::raw(to_send),
        Span::raw(sum(|circle| circle.we_lack).to_string()),
        Span::raw(format!("{held} of {ours} of ours")),
    ]
}

fn circle(circle: &CircleStatus) -> [Span<'static>; 7] {
    let states = [
        (circle.to_replay, "to read"),
        (circle.held, "held"),
        (circle.refused, "refused"),
        (circle.forked, "forked"),
        (circle.disowned, "disowned"),
    ];
    let found = states.into_iter().filter(|(number, _)| *number > 0);
    let mut notable: Vec<String> = found.map(|(number, what)| format!("{number} {what}")).collect();
    if !circle.waits_for.is_empty() {
        notable.push(format!("waits for trust in {}", safe(&words::list(&circle.waits_for))));
    }
    [
        Span::raw(name(circle.circle_name.reveal())),
        Span::raw(safe(&circle.role)),
        Span::raw(circle.cases.to_string()),
        Span::raw(circle.edits.to_string()),
        Span::raw(circle.segments.to_string()),
        Span::raw(circle.waiting_edits.to_string()),
        Span::styled(notable.join(", "), Color::Yellow),
    ]
}

/// Rows under their names, each column as wide as its widest cell. The last one may be as long as it is.
fn table<const N: usize>(names: [&'static str; N], rows: &[[Span<'static>; N]]) -> Vec<Line<'static>> {
    let head = names.map(|name| Span::styled(name, Modifier::DIM));
    let all = || std::iter::once(&head).chain(rows);
    let mut widths = [0; N];
    for row in all() {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let line = |row: &[Span<'static>; N]| {
        let cells = row.iter().zip(widths).enumerate().flat_map(|(at, (cell, width))| {
            let gap = if at == 0 { "" } else { GAP };
            let rest = if at + 1 == N { 0 } else { width.saturating_sub(cell.width()) };
            [Span::raw(gap), cell.clone(), Span::raw(" ".repeat(rest))]
        });
        Line::from(cells.collect::<Vec<_>>())
    };
    all().map(line).collect()
}

fn strong(text: &'static str) -> Line<'static> {
    Line::styled(text, Style::from(Modifier::BOLD))
}

/// Text from people: what would steer the screen is shown.
fn safe(text: &str) -> String {
    escape::line(text).into_owned()
}

/// A name in a column: a long one is cut, and shows that it is.
fn name(text: &str) -> String {
    let text = safe(text);
    if text.chars().count() <= NAME_WIDTH {
        return text;
    }
    text.chars().take(NAME_WIDTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::PartnerCircle;
    use crate::time::Millis;

    fn text(look: &Look, before: Option<&(u64, u64)>) -> Vec<String> {
        lines(look, before).iter().map(|line| line.to_string().trim_end().to_owned()).collect()
    }

    fn status() -> StatusView {
        let shared = PartnerCircle {
            ours: 12,
            ours_held: 10,
            lacks: 2,
            we_lack: 1,
            waiting_edits: 3,
            ..PartnerCircle::default()
        };
        StatusView {
            name: "kyiv".into(),
            running: true,
            listening: Some("127.0.0.1:7301".into()),
            sent_bytes: 4096,
            received_bytes: 512,
            partners: vec![
                PartnerStatus {
                    partner: "doha".into(),
                    reachable: true,
                    last_contact: Some(Millis(1_795_356_300_000)),
                    circles: vec![shared],
                    ..PartnerStatus::default()
                },
                PartnerStatus { partner: "tallinn".into(), paused: true, ..PartnerStatus::default() },
            ],
            circles: vec![CircleStatus {
                circle_name: "families".into(),
                role: "member".into(),
                cases: 7,
                edits: 40,
                segments: 19,
                refused: 1,
                waiting_edits: 3,
                waits_for: vec!["moscow".into()],
                ..CircleStatus::default()
            }],
            notices: vec!["The disk is full.".into()],
            ..StatusView::default()
        }
    }

    #[test]
    fn a_look_shows_links_and_queues() {
        assert_eq!(
            text(&Look::Open(Box::new(status())), None),
            [
                "kyiv runs, listens on 127.0.0.1:7301",
                "sent 4.0 KiB, received 512 bytes",
                "! The disk is full.",
                "",
                "PARTNER  LINK    LAST CONTACT          TO SEND      TO COME  HELD THERE",
                "doha     linked  2026-11-22 14:05 UTC  2 + 3 edits  1        10 of 12 of ours",
                "tallinn  paused  none so far           0            0        0 of 0 of ours",
                "",
                "CIRCLE    ROLE    CASES  EDITS  SEGMENTS  NOT CUT  TO LOOK AT",
                "families  member  7      40     19        3        1 refused, waits for trust in moscow",
            ]
        );
    }

    #[test]
    fn speed_is_told_from_one_look_to_the_next() {
        let look = Look::Open(Box::new(status()));
        assert_eq!(text(&look, Some(&(2048, 512)))[1], "sent 4.0 KiB (2.0 KiB/s), received 512 bytes");
        assert_eq!(text(&look, Some(&(9000, 0)))[1], "sent 4.0 KiB, received 512 bytes (512 bytes/s)");
    }

    #[test]
    fn names_steer_nothing_and_columns_stay_straight() {
        let mut shown = status();
        shown.partners[0].partner = "do\u{1b}[2Jha".into();
        shown.partners[1].partner = "長い名前".repeat(10);
        let lines = text(&Look::Open(Box::new(shown)), None);
        assert!(lines[5].starts_with("do\\u{1b}[2Jha"), "{}", lines[5]);
        let column = |line: &str, word: &str| Span::raw(line[..line.find(word).unwrap()].to_owned()).width();
        assert_eq!(column(&lines[5], "linked"), column(&lines[6], "paused"));
        assert!(lines[6].contains('…'));
    }

    #[test]
    fn a_locked_node_says_so() {
        assert!(text(&Look::Locked, None)[0].contains("locked"));
    }
}
