use super::desk::Desk;
use super::{passphrase, prompt, words};
use crate::node::{self, Failure, FailureKind, InitOptions};
use std::path::PathBuf;

/// The work factor that a new home gets.
pub(super) const SCRYPT_LOG_N: u8 = 18;
/// Below this a passphrase is guessed too cheaply to pass without a word.
const SCRYPT_LOG_N_ADVISED: u8 = 18;

/// Make a home: this office's keys, its card and an empty vault.
///
/// Asks for a passphrase twice and prints the recovery words once: write them on paper. Afterwards move the partner
/// key to a stick; it is needed only to sign cards and to close a lost machine.
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
        (None, None) if prompt::possible() => prompt::line("What does this office call itself?")?,
        (None, None) => String::new(),
    };
    if name.trim().is_empty() {
        return Err(Failure {
            kind: FailureKind::BadInput,
            what: "this office needs a name".into(),
            then: "Give one with --name: partners see it on the card.".into(),
        });
    }
    if args.scrypt_log_n < SCRYPT_LOG_N_ADVISED {
        desk.out.remark("Below 18 a passphrase is cheaper to guess for whoever takes this machine.");
    }
    let passphrase = passphrase::choose(desk.passphrase_file(), "of this node's keys")?;
    if passphrase::is_short(&passphrase) {
        desk.out.remark("The passphrase is short. Five or six random words are easier to remember and far harder to guess.");
    }
    let made = node::init(InitOptions {
        home,
        name,
        passphrase,
        scrypt_log_n: args.scrypt_log_n,
        listen: args.listen.map(|address| address.to_string()),
        address: args.address,
        demo: args.demo_partner,
    })?;
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
    out.heading("Recovery words: they are shown this once");
    let words: Vec<&str> = made.recovery.reveal().split_whitespace().collect();
    for row in words.chunks(6) {
        out.line(format!("  {}", row.join(" ")));
    }
    out.line("Write them on paper and keep it away from this machine. If the passphrase is forgotten, type them in");
    out.line("its place: they open this home and copies of it. Whoever has them needs no passphrase.");
    out.gap();
    out.heading("Then");
    out.line(format!(
        "  1. Move the partner key to a stick that stays offline: {}",
        made.partner_key.display()
    ));
    out.line("  2. Hand your card to the partners: `homeward card export --to FILE`");
    out.line("  3. Take theirs in: `homeward card import FILE`, then `homeward card trust PARTNER`");
    Ok(())
}

/// Whether something stands there. What cannot be looked at is left to the node, which says why.
fn is_taken(home: &PathBuf) -> bool {
    match std::fs::read_dir(home) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => home.is_file(),
    }
}
