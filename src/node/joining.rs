//! New machines of an office: one more beside others, or the first after all were lost.
//!
//! One more: it makes keys and a request (`init_joining`); where the partner key is, a person compares the request's
//! words and certifies it (`add_node`); the new card is taken in on the new machine (`accept_card`), which is a node from
//! then on. After a total loss the partner key itself comes to the new machine (`init_again`), and its card replaces all
//! that the office had.

use super::chance::Chance;
use super::clock::Clock;
use super::failure::{bad_input, fail, internal, not_allowed};
use super::home::{self, Before, Home, Site, missing};
use super::house::House;
use super::{
    AskPassphrase, CardView, Failure, FailureKind, InitOptions, Initialised, NodeInfo, NodeRequestView,
};
use crate::id::InstanceId;
use crate::limit;
use crate::private::Private;
use crate::seal::{
    Card, CardAddress, KeyBundle, NodeRequest, RecoveryPhrase, VaultKey, card, card_from_text, card_to_text,
    certificate, is_demo_partner, node_request, request_from_text, request_to_text,
};
use crate::sign::Signed;
use crate::store::{Name, StoreFault, VAULT_FILE, Vault, files};
use std::path::{Path, PathBuf};

/// What a new machine made.
pub struct Joining {
    /// The request, as text for a file.
    pub request: String,
    /// Where it lies.
    pub file: PathBuf,
    /// What it says.
    pub view: NodeRequestView,
    /// The recovery phrase: to be printed once, for paper.
    pub recovery: Private<String>,
}

/// A machine that was certified.
pub struct Added {
    /// The new card.
    pub card: CardView,
    /// The same, as text for a file.
    pub text: String,
}

pub(super) fn awaits_card() -> Failure {
    fail(
        FailureKind::NotAllowed,
        "this machine is not a node of its office yet",
        "Where the partner key is: `homeward node add REQUEST` with the request.txt of this home. Then here: `homeward \
         node accept CARD`.",
    )
}

fn no_card(fault: crate::codec::Malformed) -> Failure {
    bad_input(format!("this is no card: {fault}"), "Let it be exported again; nothing was changed.")
}

fn view(request: &NodeRequest) -> NodeRequestView {
    let phrase = request.phrase();
    NodeRequestView {
        node: request.node,
        address: request.address.clone(),
        words: phrase.words().split(' ').map(str::to_owned).collect(),
        numbers: phrase.digits().split(' ').map(str::to_owned).collect(),
        time: request.time,
    }
}

/// Makes keys and a request on a new machine of an office that has others. `options.name` is not looked at.
///
/// # Errors
/// As for [`super::init`].
pub fn init_joining(options: &InitOptions) -> Result<Joining, Failure> {
    let mut chance = Chance::system()?;
    let bundle =
        KeyBundle { node: home::new_node(&mut chance), vault: VaultKey::from_chance(chance.bytes32()) };
    let address = options.address.as_deref().unwrap_or_default();
    let request = node_request(&bundle.node, address, Clock::new().now()).map_err(|fault| {
        bad_input(format!("the request cannot be made: {fault}"), "Name another address.")
    })?;
    let site = Site::prepare(options)?;
    let recovery = RecoveryPhrase::from_chance(chance.bytes16());
    let text = request_to_text(&request);
    let file = site.home.request_file();
    files::write_private(&file, text.as_bytes())?;
    // Last, as for any home.
    site.lock("node", &recovery.recipient(), &bundle.encode())?;
    Ok(Joining { request: text, file, view: view(&request), recovery: recovery.words() })
}

/// Certifies a new machine, where the partner key is. `agree` shows the request's words to a person. The node of this
/// home must not run.
///
/// # Errors
/// [`Failure`]; nothing was signed then.
pub fn add_node(
    home: &Path,
    ask: AskPassphrase<'_>,
    partner_key: Option<&Path>,
    request: &str,
    agree: &mut dyn FnMut(&NodeRequestView) -> Result<bool, Failure>,
) -> Result<Added, Failure> {
    let home = Home(home.to_owned());
    if !home.exists() {
        return Err(missing(&home.0));
    }
    let request = request_from_text(request).map_err(|fault| {
        bad_input(
            format!("this is no request of a machine: {fault}"),
            "Copy request.txt from the new machine's home again; nothing was changed.",
        )
    })?;
    let passphrase = ask()?;
    let mut house = House::open(&home, home.unlock(&passphrase)?)?;
    let partner = home.unlock_partner(partner_key, &passphrase)?;
    if partner.partner_id() != house.people.own {
        return Err(bad_input(
            "the partner key is another partner's",
            "Name the file of this partner's key with --partner-key FILE.",
        ));
    }
    let before =
        house.people.cards.get(&house.people.own).cloned().ok_or_else(|| internal("own card missing"))?;
    let mut nodes = house.unretired(&before);
    let keys = request.keys();
    if nodes.iter().any(|one| one.keys() == keys) {
        // Asked again after the answer went astray: the same card serves.
        return Ok(Added { card: house.people.view(&before), text: card_to_text(&before) });
    }
    if nodes.iter().any(|one| one.node == keys.node || one.link == keys.link) {
        return Err(bad_input(
            "a machine with one of these keys, and others beside it, is on the card already",
            "Make the request anew: `homeward init --join` in an empty folder.",
        ));
    }
    if nodes.len() >= limit::PARTNER_NODES {
        return Err(not_allowed(
            format!("an office has at most {} machines", limit::PARTNER_NODES),
            "Close one that is no longer used: `homeward node close`.",
        ));
    }
    if !agree(&view(&request))? {
        return Err(not_allowed("the words were not confirmed; nothing was signed", ""));
    }
    let now = house.clock.now();
    let serial = before.nodes().iter().map(|one| one.serial).max().unwrap_or(0) + 1;
    nodes.push(certificate(&partner, &keys, serial, now).map_err(|fault| {
        bad_input(format!("the machine cannot be certified: {fault}"), "Make its request anew.")
    })?);
    let mut addresses = before.addresses.clone();
    addresses.retain(|known| nodes.iter().any(|one| one.node == known.node));
    if !request.address.is_empty() {
        addresses.push(CardAddress { node: request.node, address: request.address.clone() });
    }
    let card =
        card(&partner, &before.name, &nodes, addresses, before.revision + 1, now).map_err(|fault| {
            bad_input(format!("the card cannot be made: {fault}"), "Change the request's address.")
        })?;
    house.keep_card(&card, None)?;
    Ok(Added { card: house.people.view(&card), text: card_to_text(&card) })
}

/// Takes the office's card in on the machine that it newly names: from here on that is a node.
///
/// # Errors
/// A card that does not name this machine's keys; a machine that is a node already. Nothing was changed then.
pub fn accept_card(home: &Path, ask: AskPassphrase<'_>, card: &str) -> Result<NodeInfo, Failure> {
    let home = Home(home.to_owned());
    if !home.exists() {
        return Err(missing(&home.0));
    }
    let card = card_from_text(card).map_err(no_card)?;
    if !home.request_file().is_file() {
        return Err(not_allowed(
            "this machine is a node of its office already",
            "Take a newer card in with `homeward card import FILE`.",
        ));
    }
    let keys = home.unlock_node(&ask()?)?;
    let public = keys.node.public();
    let certificate = card.nodes().into_iter().find(|one| one.keys() == public).ok_or_else(|| {
        bad_input(
            "this card does not name this machine",
            "Take the card that `homeward node add` wrote for the request of this home.",
        )
    })?;
    if is_demo_partner(&card.partner) {
        return Err(not_allowed("this is the card of a demo partner: its keys are published", ""));
    }
    let instance = InstanceId(Chance::system()?.bytes16());
    // A crash between these steps leaves the request where it is, and the same verb goes on.
    let vault = if home.0.join(VAULT_FILE).exists() {
        Vault::open(&home.0, keys.vault.bytes())?.vault
    } else {
        Vault::create(&home.0, keys.vault.bytes())?
    };
    if vault.get(&Name::OwnLives)?.is_none() {
        House::found(&vault, &card, &certificate, instance, false)?;
    }
    drop(vault);
    std::fs::remove_file(home.request_file()).map_err(StoreFault::from)?;
    files::sync_folder(&home.0)?;
    Ok(House::open(&home, keys)?.info())
}

/// Where the partner key is, and how it opens.
pub struct PartnerKey<'a> {
    /// Its file.
    pub file: &'a Path,
    /// Its passphrase, or the recovery words.
    pub passphrase: &'a Private<String>,
}

/// Makes a home for an office that has lost all its machines. Its last card, which any partner has, tells which serials
/// and revisions were used; the new card names this machine alone. An empty name keeps the card's.
///
/// # Errors
/// A partner key that does not open or is not the card's; as for [`super::init`].
pub fn init_again(
    mut options: InitOptions,
    key: &PartnerKey<'_>,
    last_card: &str,
) -> Result<Initialised, Failure> {
    let last: Signed<Card> = card_from_text(last_card).map_err(no_card)?;
    // The key lies in no home yet.
    let partner = Home(PathBuf::new()).unlock_partner(Some(key.file), key.passphrase)?;
    if partner.partner_id() != last.partner {
        return Err(bad_input(
            "the card is another office's than the partner key",
            "Ask a partner for this office's card: `homeward card export NAME --to FILE`.",
        ));
    }
    if options.name.is_empty() {
        options.name = last.name.clone();
    }
    let mut chance = Chance::system()?;
    let node = home::new_node(&mut chance);
    let serial = last.nodes().iter().map(|one| one.serial).max().unwrap_or(0);
    home::init_with(&options, partner, node, Before { serial, revision: last.revision }, chance)
}
