use super::desk::{Desk, absolute};
use super::out::Out;
use super::{files, passphrase, phrase, prompt, words};
use crate::limit;
use crate::node::{self, Failure, FailureKind, InitOptions, Initialised, PartnerKey};
use crate::private::Private;
use std::path::{Path, PathBuf};

/// The work factor that a new home gets.
pub(super) const SCRYPT_LOG_N: u8 = 18;
/// Below this a passphrase is guessed too cheaply to pass without a word.
pub(super) const SCRYPT_LOG_N_ADVISED: u8 = 18;

/// Make a home: this office's keys, its card and an empty vault.
///
/// Asks for a passphrase twice and prints the recovery words once: write them on paper. Afterwards move the partner
/// key to a stick; it is needed only to sign cards and to close a lost machine.
///
/// With `--join` this machine becomes one more of an office that has others: it makes a request, which `homeward node
/// add` takes where the partner key is. With `--partner-key` and `--card` it is the first of an office that has lost all
/// its machines.
#[derive(clap::Args)]
pub(super) struct Init {
    /// What this office calls itself; asked for at a terminal
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Where to listen for partners, as `0.0.0.0:7373`; without it this node only dials
    #[arg(long, value_name = "IP:PORT")]
    listen: Option<std::net::SocketAddr>,
    /// Where partners can dial this node; stands on its card
    #[arg(long, value_name = "HOST:PORT", value_parser = words::address)]
    address: Option<String>,
    /// How hard the passphrase is to guess, as a power of two; 18 takes about a second
    #[arg(long, value_name = "N", default_value_t = SCRYPT_LOG_N, value_parser = clap::value_parser!(u8).range(15..=22))]
    scrypt_log_n: u8,
    /// One more machine of an office: make keys and a request for its partner key
    #[arg(long, conflicts_with_all = ["name", "partner_key", "card", "demo_partner"])]
    join: bool,
    /// All machines are lost: the file of the office's partner key, from its stick
    #[arg(long, value_name = "FILE", requires = "card", conflicts_with = "demo_partner")]
    partner_key: Option<PathBuf>,
    /// All machines are lost: this office's last card, as a partner exports it
    #[arg(long, value_name = "FILE", requires = "partner_key")]
    card: Option<PathBuf>,
    /// Read the partner key's passphrase, or its recovery words, from the first line of this file
    #[arg(long, value_name = "FILE", requires = "partner_key")]
    partner_passphrase_file: Option<PathBuf>,
    /// Take the published keys of a partner of the demo
    #[arg(long, value_name = "PARTNER", hide = true)]
    demo_partner: Option<String>,
}

pub(super) fn run(desk: &mut Desk, args: Init) -> Result<(), Failure> {
    let home = desk.home()?;
    if is_taken(&home) {
        return Err(Failure {
            kind: FailureKind::BadInput,
            what: format!("{} is not empty; nothing was done", home.display()),
            then: "A home that stands there stays as it is. Name another folder with --home.".into(),
        });
    }
    let name = match (args.name, &args.demo_partner) {
        (Some(name), _) => name,
        (None, Some(demo)) => demo.clone(),
        (None, None) if args.join || args.card.is_some() => String::new(),
        (None, None) if prompt::possible() => prompt::line("What does this office call itself?")?,
        (None, None) => String::new(),
    };
    if name.trim().is_empty() && !args.join && args.card.is_none() {
        return Err(Failure {
            kind: FailureKind::BadInput,
            what: "this office needs a name".into(),
            then: "Give one with --name: partners see it on the card.".into(),
        });
    }
    if args.scrypt_log_n < SCRYPT_LOG_N_ADVISED {
        desk.out.remark("Below 18 a passphrase is cheaper to guess for whoever takes this machine.");
    }
    let again = match (args.partner_key, args.card) {
        (Some(key), Some(card)) => {
            let card = files::read_text(&card, limit::CARD_TEXT_BYTES, "card file")?;
            let file = args.partner_passphrase_file.as_deref();
            Some((absolute(&key)?, card, passphrase::of_partner_key(file)?))
        }
        _ => None,
    };
    let passphrase = passphrase::choose(desk.passphrase_file(), "of this node's keys")?;
    if passphrase::is_short(&passphrase) {
        desk.out.remark(passphrase::SHORT);
    }
    let options = InitOptions {
        home,
        name,
        passphrase,
        scrypt_log_n: args.scrypt_log_n,
        listen: args.listen.map(|address| address.to_string()),
        address: args.address,
        demo: args.demo_partner,
    };
    match again {
        _ if args.join => join(desk, &options),
        Some((file, card, passphrase)) => {
            let key = PartnerKey { file: &file, passphrase: &passphrase };
            let made = node::init_again(options, &key, &card)?;
            tell(desk, &made, Some(&file));
            Ok(())
        }
        None => {
            let made = node::init(options)?;
            tell(desk, &made, None);
            Ok(())
        }
    }
}

/// Says what was made. `again`: the partner key's file, if the office had machines before.
fn tell(desk: &mut Desk, made: &Initialised, again: Option<&Path>) {
    // The one answer that is not the node's: it holds a secret, which no request may bring out again.
    desk.out.json(&serde_json::json!({
        "answer": "initialised",
        "info": made.info,
        "card": made.card,
        "recovery": made.recovery,
        "partner_key": made.partner_key,
    }));
    let out = &mut desk.out;
    out.line(format!("A home for {} stands at {}.", made.info.name, made.info.home));
    if made.info.demo {
        out.notable("It is a demo home: its keys are published. Never put a real child's data in it.");
    }
    out.line(format!("  partner {}", made.info.partner.short()));
    out.line(format!("  node    {}", made.info.node.short()));
    out.gap();
    show_words(out, &made.recovery);
    out.gap();
    out.heading("Then");
    out.line(match again {
        Some(_) => {
            format!("  1. Remove the partner key from this machine again: {}", made.partner_key.display())
        }
        None => {
            format!("  1. Move the partner key to a stick that stays offline: {}", made.partner_key.display())
        }
    });
    out.line("  2. Hand your card to the partners: `homeward card export --to FILE`");
    out.line("  3. Take theirs in: `homeward card import FILE`, then `homeward card trust PARTNER`");
    if again.is_some() {
        out.line("  4. Let this machine meet them: `homeward sync`. It asks for what the lost ones could read; a person");
        out.line(
            "     at one partner must agree. Read this machine's words out to them: `homeward grant list`",
        );
        out.line("  5. Close the lost machines: `homeward node close`");
    }
}

/// The first step of a machine that joins others of its office.
fn join(desk: &mut Desk, options: &InitOptions) -> Result<(), Failure> {
    let made = node::init_joining(options)?;
    desk.out.json(&serde_json::json!({
        "answer": "joining",
        "request": made.view,
        "file": made.file,
        "recovery": made.recovery,
    }));
    let out = &mut desk.out;
    out.line(format!("Keys for one more machine stand at {}.", options.home.display()));
    out.line(format!("  node    {}", made.view.node.short()));
    out.gap();
    show_words(out, &made.recovery);
    out.gap();
    out.heading("Words of this machine");
    phrase::show(out, &made.view.words, &made.view.numbers);
    out.gap();
    out.heading("Then");
    out.line(format!("  1. Take {} to where the partner key is", made.file.display()));
    out.line(
        "  2. There: `homeward node add REQUEST --to CARD`, and compare the words that it shows with these",
    );
    out.line("  3. Here: `homeward node accept CARD`");
    Ok(())
}

/// Shows recovery words: the only time that they are seen.
pub(super) fn show_words(out: &mut Out, recovery: &Private<String>) {
    out.heading("Recovery words: they are shown this once");
    let words: Vec<&str> = recovery.reveal().split_whitespace().collect();
    for row in words.chunks(6) {
        out.line(format!("  {}", row.join(" ")));
    }
    out.line("Write them on paper and keep it away from this machine. If the passphrase is forgotten, type them in");
    out.line("its place: they open this home and copies of it. Whoever has them needs no passphrase.");
}

/// Whether something stands there. What cannot be looked at is left to the node, which says why.
fn is_taken(home: &PathBuf) -> bool {
    match std::fs::read_dir(home) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => home.is_file(),
    }
}
