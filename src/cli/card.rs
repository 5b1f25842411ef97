use super::desk::{Desk, absolute};
use super::quiet::unexpected;
use super::{files, passphrase, phrase, words};
use crate::limit::RECORD_BYTES;
use crate::node::{self, Answer, CardChanges, CardView, Failure, Request, TrustView};
use std::path::PathBuf;

/// The longest card file, in bytes: a record in a text form.
const CARD_FILE_BYTES: usize = RECORD_BYTES * 2;

/// Cards: who the partners are and how far they are trusted.
///
/// A card is an office's signed public statement. It counts only once a person compared its safety phrase with the
/// other office, or a trusted partner introduced it.
#[derive(clap::Args)]
pub(super) struct Card {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Show a card, and the safety phrase to read out to its partner
    Show {
        /// Whose card; this office's own if none
        partner: Option<String>,
    },
    /// List all cards known here
    List,
    /// Print a card, to hand it over
    Export {
        /// Whose card; this office's own if none
        partner: Option<String>,
        /// Write it to this new file instead
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Take a card in; trusting it is a step of its own
    Import {
        /// The card file; `-` reads stdin
        file: PathBuf,
    },
    /// Sign a new revision of this office's card with the partner key
    Sign {
        /// The partner key's file, where it was moved to
        #[arg(long, value_name = "FILE")]
        partner_key: Option<PathBuf>,
        /// A new name
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// A new address where partners can dial this node
        #[arg(long, value_name = "HOST:PORT", value_parser = words::address)]
        address: Option<String>,
        /// Take the address off the card
        #[arg(long, conflicts_with = "address")]
        no_address: bool,
    },
    /// Trust a partner whose safety phrase was read out
    ///
    /// Call the other office on a line you know, let a person there read out the safety phrase of their own card
    /// (`homeward card show`), and type what you hear: all twelve words, or all twelve numbers.
    Trust {
        /// Whom
        partner: String,
        /// Take the phrase from this file instead; `-` reads stdin
        #[arg(long, value_name = "FILE", conflicts_with = "introduced_by")]
        phrase_file: Option<PathBuf>,
        /// Trust on the word of this partner, who is trusted already; it is shown for ever
        #[arg(long, value_name = "PARTNER")]
        introduced_by: Option<String>,
    },
    /// Take trust back: circles with this partner are held from now on
    Distrust {
        /// Whom
        partner: String,
    },
}

pub(super) fn run(desk: &mut Desk, args: Card) -> Result<(), Failure> {
    match args.verb {
        Verb::Show { partner } => {
            let card = one(desk.ask(Request::CardShow { partner })?)?;
            show(desk, &card);
            Ok(())
        }
        Verb::List => list(desk),
        Verb::Export { partner, to } => export(desk, partner, to),
        Verb::Import { file } => {
            let text = files::read_text(&file, CARD_FILE_BYTES, "card file")?;
            let card = one(desk.ask(Request::CardImport { text })?)?;
            let named = named_alone(desk, &card)?;
            let out = &mut desk.out;
            out.line(format!("The card of {} is here, revision {}.", card.name, card.revision));
            if named.is_none() {
                out.notable(format!(
                    "Another partner calls itself {} too: name each by the start of its id, this one as {}.",
                    card.name,
                    card.partner.short()
                ));
            }
            match card.trust {
                TrustView::NotYet { .. } => out.line(format!(
                    "It is not trusted yet: let {} read out its safety phrase, then `homeward card trust {}`.",
                    card.name,
                    named.unwrap_or_else(|| card.partner.short())
                )),
                ref trust => out.line(format!("  {}", words::trust(trust))),
            }
            Ok(())
        }
        Verb::Sign { partner_key, name, address, no_address } => {
            let address = if no_address { Some(String::new()) } else { address };
            sign(desk, partner_key, CardChanges { name, address })
        }
        Verb::Trust { partner, phrase_file, introduced_by } => {
            trust(desk, partner, phrase_file, introduced_by)
        }
        Verb::Distrust { partner } => {
            let card = one(desk.ask(Request::CardDistrust { partner })?)?;
            desk.out.line(format!("{} is not trusted any more.", card.name));
            desk.out.line("Circles with it are held: until it is trusted again their cases are not shown here, and nothing");
            desk.out.line("can be written in them. What it has received stays with it.");
            Ok(())
        }
    }
}

fn one(answer: Answer) -> Result<CardView, Failure> {
    match answer {
        Answer::Cards { cards } => cards.into_iter().next().ok_or_else(unexpected),
        _ => Err(unexpected()),
    }
}

/// The name of a partner as an argument, unless another goes by it too.
fn named_alone(desk: &mut Desk, card: &CardView) -> Result<Option<String>, Failure> {
    let Answer::Cards { cards } = desk.ask_quietly(Request::CardList)? else { return Err(unexpected()) };
    let name = card.name.to_lowercase();
    let shared = cards.iter().any(|other| other.partner != card.partner && other.name.to_lowercase() == name);
    Ok((!shared).then(|| words::argument(&card.name)))
}

fn list(desk: &mut Desk) -> Result<(), Failure> {
    let Answer::Cards { cards } = desk.ask(Request::CardList)? else { return Err(unexpected()) };
    for card in &cards {
        desk.out.line(format!("{:<20} {}  {}", card.name, card.partner.short(), words::trust(&card.trust)));
    }
    if cards.iter().all(|card| card.own) {
        desk.out.line("No partner's card is here yet: `homeward card import FILE`.");
    }
    Ok(())
}

fn show(desk: &mut Desk, card: &CardView) {
    let out = &mut desk.out;
    out.heading(&card.name);
    out.line(format!("  partner  {}", card.partner.hex()));
    out.line(format!("  revision {}", card.revision));
    out.line(format!("  trust    {}", words::trust(&card.trust)));
    for node in &card.nodes {
        let address = node.address.as_deref().unwrap_or("no address: it dials others");
        out.line(format!("  node     {}  {address}", node.node.short()));
    }
    out.gap();
    // The phrase of a card that is not trusted yet is to be heard from its office. On this screen it would be copied
    // from the very card that it should be compared with.
    if let TrustView::NotYet { .. } = card.trust {
        out.line(format!(
            "Let a person at {} read out the safety phrase of their own card, on a line you",
            card.name
        ));
        out.line(format!(
            "know, and type what you hear: `homeward card trust {}`.",
            words::argument(&card.name)
        ));
        return;
    }
    out.line(if card.own { "Safety phrase, to read out to partners:" } else { "Safety phrase:" });
    phrase::show(out, &card.words, &card.numbers);
}

fn export(desk: &mut Desk, partner: Option<String>, to: Option<PathBuf>) -> Result<(), Failure> {
    let Answer::CardFile { name, text } = desk.ask(Request::CardExport { partner })? else {
        return Err(unexpected());
    };
    match to {
        Some(path) => {
            let path = absolute(&path)?;
            files::write_new(&path, text.as_bytes())?;
            desk.out.line(format!("The card of {name} is in {}.", path.display()));
        }
        None => desk.out.raw(&text),
    }
    Ok(())
}

fn sign(desk: &mut Desk, partner_key: Option<PathBuf>, changes: CardChanges) -> Result<(), Failure> {
    let home = desk.standing_home()?;
    let partner_key = partner_key.map(|path| absolute(&path)).transpose()?;
    let file = desk.passphrase_file().map(PathBuf::from);
    let mut unlock = || passphrase::unlock(file.as_deref());
    let card = node::sign_card(&home, &mut unlock, partner_key.as_deref(), changes)?;
    desk.out.answer(&Answer::Cards { cards: vec![card.clone()] });
    desk.out.line(format!("Revision {} of this office's card is signed.", card.revision));
    desk.out.line("Partners get it with the next sync, or by hand: `homeward card export --to FILE`.");
    Ok(())
}

fn trust(
    desk: &mut Desk,
    partner: String,
    phrase_file: Option<PathBuf>,
    introduced_by: Option<String>,
) -> Result<(), Failure> {
    let remark = format!("Let a person at {partner} read out the safety phrase of their own card.");
    let phrase = match &introduced_by {
        Some(_) => None,
        None => Some(phrase::heard(&mut desk.out, phrase_file.as_deref(), &remark)?),
    };
    let card = one(desk.ask(Request::CardTrust { partner, phrase, introduced_by })?)?;
    desk.out.line(format!("{} is {}.", card.name, words::trust(&card.trust)));
    Ok(())
}
