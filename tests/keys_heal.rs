//! A machine is taken with all its keys. From its closure on they open nothing new; what it could read before it still
//! reads, and Homeward says so plainly.
//!
//! Kyiv and doha write, over real links. Doha adds a second machine, which asks for what was written before it came and
//! gets it. Then the first machine is taken, and doha closes it with the partner key. All write on. Whoever has the taken
//! machine's keys (those of the node, and every epoch key in its vault) then tries each of them on every segment.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod figures;
mod offices;

use homeward::id::{CircleId, LogId};
use homeward::log::Kind;
use homeward::node::{
    Answer, Closing, InitOptions, Request, accept_card, add_node, init_joining, sign_closures,
};
use homeward::seal::{
    AgeEnvelope, Envelope as _, EpochBody, EpochSecret, Grant, KeyBundle, open_epoch, open_grant,
    unlock_with_passphrase,
};
use homeward::sign::Signed;
use homeward::store::circles::RecordKind;
use homeward::store::{Vault, circles, keys, logs};
use offices::{Office, PASSPHRASE, found, free_port, introduce, level, new_case, note, wait_for};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn bundle(home: &Path) -> KeyBundle {
    let locked = fs::read(home.join("keys/node.age")).unwrap();
    KeyBundle::decode(&unlock_with_passphrase(&PASSPHRASE.into(), &locked).unwrap()).unwrap()
}

fn vault(home: &Path) -> Vault {
    Vault::open(home, bundle(home).vault.bytes()).unwrap().vault
}

/// One more machine of doha, by the steps of the verbs.
fn second_machine(root: &Path, doha: &mut Office) -> Office {
    let port = free_port();
    let home = root.join("doha-second");
    let joining = init_joining(&InitOptions {
        home: home.clone(),
        name: String::new(),
        passphrase: PASSPHRASE.into(),
        scrypt_log_n: 15,
        listen: Some(format!("127.0.0.1:{port}")),
        address: None,
        demo: None,
    })
    .unwrap();
    doha.close();
    let mut ask = || Ok(PASSPHRASE.into());
    let added = add_node(&doha.home, &mut ask, None, &joining.request, &mut |view| {
        assert_eq!(view.words, joining.view.words);
        Ok(true)
    })
    .unwrap();
    accept_card(&home, &mut ask, &added.text).unwrap();
    Office::at(root, "doha", home, port)
}

fn has_notice(office: &mut Office, part: &str) -> bool {
    office.status().notices.iter().any(|notice| notice.contains(part))
}

/// Everything that opens epochs and is in a taken home: node keys, and the epoch keys in its vault.
struct Taken {
    keys: KeyBundle,
    epochs: Vec<EpochSecret>,
}

impl Taken {
    fn from(home: &Path, circle: &CircleId) -> Self {
        let vault = vault(home);
        let reader = vault.reader().unwrap();
        let epochs = keys::epoch_ids(&reader, circle).unwrap();
        let epochs = epochs.iter().map(|epoch| keys::epoch(&reader, epoch).unwrap().unwrap()).collect();
        Self { keys: bundle(home), epochs }
    }
}

#[test]
fn keys_of_a_taken_machine_open_nothing_that_is_written_after_its_closure() {
    let folder = tempfile::tempdir().unwrap();
    let (mut kyiv, mut doha) = (Office::new(folder.path(), "kyiv"), Office::new(folder.path(), "doha"));
    introduce(&mut [&mut kyiv, &mut doha]);
    let circle = found(&mut kyiv, "families", &["doha"], &[]);
    let case = new_case(&mut kyiv, "families", "Hrytsenko Taras").case;
    doha.dials(&kyiv);
    kyiv.start();
    doha.start();
    level(&mut [&mut kyiv, &mut doha], &circle);
    doha.ask(note("families", case, "called the aunt"));
    level(&mut [&mut kyiv, &mut doha], &circle);

    // A second machine reads what was written before it came: it asked, and was given keys without a question.
    doha.stop();
    let mut second = second_machine(folder.path(), &mut doha);
    let Answer::CardFile { text, .. } = kyiv.ask(Request::CardExport { partner: None }) else { panic!() };
    second.ask(Request::CardImport { text });
    let by_sister = Some("doha".to_owned());
    second.ask(Request::CardTrust { partner: "kyiv".into(), phrase: None, introduced_by: by_sister });
    second.dials(&kyiv);
    second.dials(&doha);
    second.close();
    doha.start();
    second.start();
    level(&mut [&mut kyiv, &mut doha, &mut second], &circle);
    second.ask(note("families", case, "she is on her way"));
    kyiv.ask(note("families", case, "good news"));
    level(&mut [&mut kyiv, &mut doha, &mut second], &circle);
    assert_eq!(second.all_sheets("families"), kyiv.all_sheets("families"));

    // The first machine is taken as it stands; doha closes it from the second.
    let taken_node = doha.info().node;
    doha.kill();
    let id = CircleId(*homeward::id::unhex(&circle).unwrap().first_chunk::<32>().unwrap());
    let taken = Taken::from(&doha.home, &id);
    let closing = Closing { retire: true, ..Closing::default() };
    let draft = Request::CloseDraft { node: taken_node.hex(), circle: None, closing };
    let Answer::CloseDraft(draft) = second.ask(draft) else { panic!() };
    let stick = doha.home.join("keys/partner.age");
    let mut ask = || Ok(PASSPHRASE.into());
    let signed = sign_closures(&second.home, &mut ask, Some(&stick), &draft).unwrap();
    second.ask(Request::CloseTake { closures: signed.into_iter().map(Into::into).collect() });
    let closed = "to a closed machine of doha";
    wait_for("kyiv hears of the closure", || has_notice(&mut kyiv, closed).then_some(()));
    assert!(has_notice(
        &mut second,
        "kyiv still seals what it writes in families to a closed machine of doha"
    ));

    // All write on; nobody seals to it any more.
    level(&mut [&mut kyiv, &mut second], &circle);
    let before: BTreeMap<_, _> = {
        kyiv.stop();
        let vault = vault(&kyiv.home);
        let ends = logs::ends(&vault.reader().unwrap(), &id).unwrap();
        ends.into_iter().map(|(life, end)| (life, end.number)).collect()
    };
    kyiv.start();
    kyiv.ask(note("families", case, "written after the closure"));
    second.ask(note("families", case, "and this too"));
    level(&mut [&mut kyiv, &mut second], &circle);
    let quiet = |office: &mut Office| (!has_notice(office, closed)).then_some(());
    wait_for("nobody seals to it at kyiv", || quiet(&mut kyiv));
    wait_for("nobody seals to it at doha", || quiet(&mut second));
    kyiv.stop();
    second.stop();

    let counts = try_all(&taken, &kyiv, &id, &before);
    let [old_open, old_closed, new_open, new_closed] = counts;
    assert_eq!(old_closed, 0, "what it could read it still reads: said plainly");
    assert_eq!(new_open, 0, "old keys opened something new");
    assert!(old_open >= 4 && new_closed >= 2, "{counts:?}");
    figures::note(&format!("segments after a closure that the taken keys were tried on: {new_closed}"));
}

/// Tries every taken key on every work segment at kyiv: opened and not, before the closure and after.
fn try_all(
    taken: &Taken,
    kyiv: &Office,
    circle: &CircleId,
    before: &BTreeMap<homeward::id::Life, u64>,
) -> [usize; 4] {
    let vault = vault(&kyiv.home);
    let reader = vault.reader().unwrap();
    let mut secrets = taken.epochs.clone();
    let node = &taken.keys.node;
    let partner = {
        let charter = &circles::list(&reader).unwrap()[0].charter;
        charter.members.iter().find(|member| **member != charter.founder).copied().unwrap()
    };
    for record in circles::records_of_kind(&reader, circle, RecordKind::Grant).unwrap() {
        let grant: Signed<Grant> = Signed::decode(&record.bytes).unwrap();
        secrets.extend(open_grant(&AgeEnvelope, node, &grant));
    }
    let directories = logs::load(&reader, circle).unwrap();
    let all = || {
        directories.iter().flat_map(|(life, log)| {
            let id = LogId { circle: *circle, life: *life };
            let numbers = log.segments.iter().map(|entry| entry.header.number);
            numbers.map(move |number| (id, number)).collect::<Vec<_>>()
        })
    };
    for (log, number) in all() {
        let segment = logs::segment(&reader, &log, number).unwrap().unwrap();
        if segment.header().kind == Kind::Epoch {
            let body = EpochBody::decode(segment.body()).unwrap();
            secrets.extend(open_epoch(&AgeEnvelope, node, &partner, &body));
        }
    }
    let mut counts = [0; 4];
    for (log, number) in all() {
        let segment = logs::segment(&reader, &log, number).unwrap().unwrap();
        let header = segment.header();
        if header.kind != Kind::Work {
            continue;
        }
        let new = number > before.get(&log.life).copied().unwrap_or(0);
        let opened = secrets.iter().any(|secret| AgeEnvelope.open_work(&secret.key, segment.body()).is_ok());
        counts[usize::from(new) * 2 + usize::from(!opened)] += 1;
        // Nor does an old chain key tell whether a guess at what was said is right: here the guess is the text itself.
        let right = keys::epoch(&reader, &header.epoch).unwrap().unwrap();
        let plain = AgeEnvelope.open_work(&right.key, segment.body()).unwrap();
        let previous = logs::entry(&reader, &log, number - 1).unwrap().unwrap().header.plain;
        let tells = |secret: &EpochSecret| secret.plain_next(&previous, plain.reveal()) == header.plain;
        assert!(tells(&right));
        assert_eq!(secrets.iter().any(tells), !new, "a chain key, segment {number}");
    }
    counts
}
