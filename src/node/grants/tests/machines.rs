//! New machines ask, and are answered or not.

use super::*;

#[test]
fn a_second_machine_asks_for_what_was_written_before_and_gets_it_without_a_question() {
    let (kyiv, doha, circle) = pair();
    let case = said(&kyiv, &circle, "before it came");
    kyiv.hand_to(&doha, "doha");
    let own = said(&doha, &circle, "by its sister");
    doha.hand_to(&kyiv, "kyiv");
    let (doha, second) = second_machine(doha);
    import(&kyiv, card_text(&doha, None));
    import(&second, card_text(&kyiv, None));
    let introduced =
        Request::CardTrust { partner: "kyiv".into(), phrase: None, introduced_by: Some("doha".into()) };
    second.ask(introduced).unwrap();
    kyiv.hand_to(&second, "doha");
    let told = notices(&second);
    assert!(told.contains("kyiv left this machine out of a key in "), "{told}");
    assert!(held(&second, &circle) > 0);
    let asks = wishes(&second);
    assert_eq!(asks.len(), 2);
    assert_eq!(answered(&kyiv, asks.clone()), 2);
    // The same is never given twice; nor by whom it was given to.
    assert_eq!(answered(&kyiv, asks.clone()), 0);
    kyiv.hand_to(&second, "doha");
    assert_eq!(held(&second, &circle), 0);
    assert_eq!(second.sheet(circle.circle, case), kyiv_sees(&kyiv, &circle, case, &second));
    assert_eq!(second.sheet(circle.circle, own).claims.len(), 1);
    assert!(wishes(&second).is_empty());
    // A sister gives without a question too.
    assert_eq!(answered(&doha, asks), 2);
}

#[test]
fn total_loss_is_given_back_only_after_a_person_heard_the_words() {
    let (kyiv, doha, circle) = pair();
    let case = said(&kyiv, &circle, "told to doha");
    kyiv.hand_to(&doha, "doha");
    let own = said(&doha, &circle, "doha's own");
    doha.hand_to(&kyiv, "kyiv");
    let stick = tempfile::tempdir().unwrap();
    let key = stick.path().join("partner.age");
    std::fs::copy(place(&doha).partner_key(), &key).unwrap();
    drop(doha);

    let again = after_total_loss(&key, &card_text(&kyiv, Some("doha")));
    assert_eq!(name_of(&again), "doha");
    let card = again.node.shared.house().people.cards.values().next().unwrap().clone();
    assert_eq!((card.revision, card.nodes()[0].serial, card.nodes().len()), (2, 2, 1));
    import(&kyiv, card_text(&again, None));
    again.trust(&kyiv);
    kyiv.hand_to(&again, "doha");
    assert!(held(&again, &circle) > 0);
    let asks = wishes(&again);
    assert_eq!(answered(&kyiv, asks.clone()), 0, "nothing without a yes");
    assert_eq!(answered(&kyiv, asks.clone()), 0);
    let told = notices(&kyiv);
    assert!(
        told.contains("A new machine of doha asks") && told.contains("homeward grant allow doha"),
        "{told}"
    );
    // The wish outlives a restart of who must agree.
    let (kyiv, ()) = at_rest(kyiv, |_| ());
    let Answer::Grants(view) = kyiv.ask(Request::GrantList).unwrap() else { panic!() };
    assert_eq!(view.asked[0].node, node_of(&again));
    assert_eq!(view.asked[0].circles[0].1, 2);

    // The words of the partner's card are not the machine's; nor are another machine's.
    let partner = kyiv.node.shared.house().people.find("doha").unwrap();
    let others = [
        SafetyPhrase::of(&partner).words(),
        SafetyPhrase::of_node(&kyiv.node.shared.house().secret.public()).words(),
    ];
    for phrase in others {
        let refused = kyiv.refused(Request::GrantAllow { partner: "doha".into(), phrase });
        assert_eq!(refused.kind, FailureKind::NotAllowed);
    }
    kyiv.hand_to(&again, "doha");
    assert!(held(&again, &circle) > 0);

    let Answer::Grants(shown) = again.ask(Request::GrantList).unwrap() else { panic!() };
    let phrase = shown.numbers.join(" ");
    let allowed = kyiv.ask(Request::GrantAllow { partner: "doha".into(), phrase }).unwrap();
    assert!(matches!(allowed, Answer::Granted { given: 2 }), "{allowed:?}");
    assert!(!notices(&kyiv).contains("asks"));
    kyiv.hand_to(&again, "doha");
    assert_eq!(held(&again, &circle), 0);
    assert_eq!(again.sheet(circle.circle, case), kyiv_sees(&kyiv, &circle, case, &again));
    assert_eq!(again.sheet(circle.circle, own).claims.len(), 1);
}

#[test]
fn the_stick_opens_with_the_recovery_words_too_and_only_for_its_own_card() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let made = crate::node::init(options(&home, "doha")).unwrap();
    let doha = Trial { node: open(&home), folder, operator: "Desk 1".into() };
    let card = card_text(&doha, None);
    let other = card_text(&Trial::new("kyiv"), None);
    let keys = place(&doha).keys();
    for file in ["partner.age", "partner.recovery.age"] {
        let at: PathBuf = keys.join(file);
        let into = tempfile::tempdir().unwrap();
        let key = PartnerKey { file: &at, passphrase: &made.recovery };
        let refused = init_again(options(&into.path().join("home"), ""), &key, &other).err().unwrap();
        assert_eq!(refused.kind, FailureKind::BadInput);
        init_again(options(&into.path().join("home"), ""), &key, &card).unwrap();
    }
    let wrong: Private<String> = "not it".into();
    let key = PartnerKey { file: &keys.join("partner.age"), passphrase: &wrong };
    let refused = init_again(options(&doha.folder.path().join("new"), ""), &key, &card).err().unwrap();
    assert_eq!(refused.kind, FailureKind::Locked);
    assert!(!doha.folder.path().join("new").exists());
}

#[test]
fn keys_go_to_members_open_machines_alone_and_never_out_of_their_circle() {
    let (kyiv, doha, circle) = pair();
    let tallinn = Trial::new("tallinn");
    for (one, other) in [(&kyiv, &tallinn), (&doha, &tallinn), (&tallinn, &kyiv), (&tallinn, &doha)] {
        one.trust(other);
    }
    let carried = Request::CircleNew {
        name: "carried".into(),
        members: vec!["doha".into()],
        carriers: vec!["tallinn".into()],
    };
    let Answer::Circles { circles } = kyiv.ask(carried).unwrap() else { panic!() };
    let with_carrier = circles.into_iter().next().unwrap();
    for circle in [&circle, &with_carrier] {
        said(&kyiv, circle, "one");
    }
    kyiv.hand_to(&doha, "doha");
    kyiv.hand_to(&tallinn, "tallinn");
    let epoch_of = |circle: &CircleView| {
        kyiv.node.shared.house().circle(&circle.circle).unwrap().own.epoch.as_ref().unwrap().secret.key.id()
    };
    let ask = |by: &Trial, circle: &CircleView, epoch: EpochId| {
        let house = by.node.shared.house();
        Ask { partner: house.people.own, node: house.life.node, circle: circle.circle, epoch }
    };
    let (plain, carried) = (epoch_of(&circle), epoch_of(&with_carrier));
    // A carrier is given nothing, and gives nothing.
    assert_eq!(answered(&kyiv, vec![ask(&tallinn, &with_carrier, carried)]), 0);
    assert_eq!(answered(&tallinn, vec![ask(&doha, &with_carrier, carried)]), 0);
    // The key of one circle is not to be had through another.
    assert_eq!(answered(&kyiv, vec![ask(&doha, &with_carrier, plain)]), 0);
    // A machine that no card names, and a member's that is closed.
    let mut strange = ask(&doha, &circle, plain);
    strange.node = NodeId([9; 32]);
    assert_eq!(answered(&kyiv, vec![strange]), 0);
    let closed = closure(&kyiv, &circle, &doha, &partner_key(&doha));
    let wish = ask(&doha, &circle, plain);
    assert_eq!(answered(&kyiv, vec![wish]), 1);
    let other = ask(&doha, &with_carrier, carried);
    hears_closure(&kyiv, &closed);
    let again = Ask { epoch: carried, ..wish };
    assert_eq!(answered(&kyiv, vec![wish, again]), 0);
    // In the circle in which it is not closed it still may read.
    assert_eq!(answered(&kyiv, vec![other]), 1);
    // Nothing waits for a person.
    assert!(!notices(&kyiv).contains("asks"));
}

#[test]
fn a_new_machine_is_not_vouched_for_by_another_that_reads_only_what_came_later() {
    let (kyiv, doha, circle) = pair();
    said(&kyiv, &circle, "old");
    kyiv.hand_to(&doha, "doha");
    let key = place(&doha).partner_key();
    let thief = after_total_loss(&key, &card_text(&kyiv, Some("doha")));
    import(&kyiv, card_text(&thief, None));
    thief.trust(&kyiv);
    // Kyiv writes on: the new machine reads that, as the partner key says it may.
    said(&kyiv, &circle, "new");
    cut(&kyiv);
    let (thief, second) = second_machine(thief);
    import(&kyiv, card_text(&thief, None));
    import(&second, card_text(&kyiv, None));
    let introduced =
        Request::CardTrust { partner: "kyiv".into(), phrase: None, introduced_by: Some("doha".into()) };
    second.ask(introduced).unwrap();
    kyiv.hand_to(&second, "doha");
    let asks = wishes(&second);
    assert_eq!(asks.len(), 2);
    // Of the two keys it gets the later one, which its sister reads; the older one waits for a person.
    assert_eq!(answered(&kyiv, asks), 1);
    assert!(notices(&kyiv).contains("A new machine of doha asks"));
}

#[test]
fn a_grant_that_does_not_fit_is_as_good_as_none() {
    let (kyiv, doha, circle) = pair();
    said(&kyiv, &circle, "one");
    kyiv.hand_to(&doha, "doha");
    let (doha, second) = second_machine(doha);
    import(&kyiv, card_text(&doha, None));
    import(&second, card_text(&kyiv, None));
    let introduced =
        Request::CardTrust { partner: "kyiv".into(), phrase: None, introduced_by: Some("doha".into()) };
    second.ask(introduced).unwrap();
    kyiv.hand_to(&second, "doha");
    let [wish] = wishes(&second)[..] else { panic!("one key is lacking") };
    let (right, granter, to) = {
        let house = kyiv.node.shared.house();
        let secret = house.circle(&circle.circle).unwrap().own.epoch.as_ref().unwrap().secret.clone();
        let to = house.people.certificates(&wish.partner);
        (secret, Arc::clone(&house.secret), to.into_iter().find(|one| one.node == wish.node).unwrap())
    };
    let envelope = crate::seal::AgeEnvelope;
    let give = |secret: &EpochSecret| {
        make_grant(&envelope, &granter, circle.circle, secret, &to, Millis(1)).unwrap()
    };
    // The right key with a chain key that others were not given.
    let other_chain = EpochSecret { chain: Private::new([3; 32]), ..right.clone() };
    // Another key under the epoch's name.
    let other_key =
        EpochSecret { key: crate::seal::EpochKey(Private::new([4; 32])), chain: right.chain.clone() };
    let mut misnamed = give(&other_key).get().clone();
    misnamed.epoch = wish.epoch;
    let misnamed = Signed::sign(misnamed, &*granter).unwrap();
    for grant in [give(&other_chain), misnamed] {
        let mut house = second.node.shared.house();
        house.keep_grants(&[CircleRecord::Grant(grant)]).unwrap();
        house.retry_held = true;
        drop(house);
        second.node.catch_up().unwrap();
        assert!(held(&second, &circle) > 0);
        let house = second.node.shared.house();
        assert_eq!(house.vault.read(|reader| keys::epoch(reader, &wish.epoch)).unwrap(), None);
    }
    let mut house = second.node.shared.house();
    house.keep_grants(&[CircleRecord::Grant(give(&right))]).unwrap();
    house.retry_held = true;
    drop(house);
    second.node.catch_up().unwrap();
    assert_eq!(held(&second, &circle), 0);
}

#[test]
fn a_flood_of_wishes_leaves_little_behind() {
    let (kyiv, doha, circle) = pair();
    for text in 0..3 {
        said(&kyiv, &circle, &text.to_string());
        cut(&kyiv);
    }
    kyiv.hand_to(&doha, "doha");
    let key = place(&doha).partner_key();
    let again = after_total_loss(&key, &card_text(&kyiv, Some("doha")));
    import(&kyiv, card_text(&again, None));
    let (partner, node) = (partner_key(&again).partner_id(), node_of(&again));
    let invented = |n: u32| {
        let epoch = EpochId(crate::sign::hash(crate::sign::Domain::Chance, &[&n.to_be_bytes()]).0);
        Ask { partner, node, circle: circle.circle, epoch }
    };
    let mut asks = super::Asks::default();
    for n in 0..20_000 {
        asks.hear(Millis(1), invented(n));
    }
    let taken = asks.take();
    assert_eq!(taken.len(), limit::GRANT_ASKS_PER_HOUR);
    assert_eq!(answered(&kyiv, taken.into_iter().collect()), 0);
    assert!(kyiv.node.shared.house().waiting_asks().unwrap().is_empty(), "only keys that are held here wait");
}

#[test]
fn a_request_that_is_not_this_machines_or_not_confirmed_signs_nothing() {
    let doha = Trial::new("doha");
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let joining = init_joining(&options(&home, "")).unwrap();
    let not_yet = Home(home.clone()).unlock(&passphrase()).err().unwrap();
    assert!(not_yet.then.contains("homeward node add"), "{not_yet:?}");
    let before = card_text(&doha, None);
    let (doha, refused) = at_rest(doha, |at| {
        let no = add_node(at, &mut ask(), None, &joining.request, &mut |_| Ok(false));
        assert_eq!(no.err().unwrap().kind, FailureKind::NotAllowed);
        add_node(at, &mut ask(), None, "no request", &mut |_| Ok(true))
    });
    assert_eq!(refused.err().unwrap().kind, FailureKind::BadInput);
    assert_eq!(card_text(&doha, None), before);
    // A card that does not name the machine is not taken in, and the machine goes on waiting.
    let refused = accept_card(&home, &mut ask(), &before).err().unwrap();
    assert_eq!(refused.kind, FailureKind::BadInput);
    let (doha, text) = at_rest(doha, |at| {
        let added = add_node(at, &mut ask(), None, &joining.request, &mut |_| Ok(true)).unwrap();
        // Asked again, no other card is signed.
        let again = add_node(at, &mut ask(), None, &joining.request, &mut |_| panic!("asked again")).unwrap();
        assert_eq!(added.text, again.text);
        added.text
    });
    accept_card(&home, &mut ask(), &text).unwrap();
    let twice = accept_card(&home, &mut ask(), &text).err().unwrap();
    assert_eq!(twice.kind, FailureKind::NotAllowed);
    // A later card of the first machine keeps both.
    let (_doha, card) = at_rest(doha, |at| {
        sign_card(at, &mut ask(), None, CardChanges { name: None, address: Some("a:1".into()) }).unwrap()
    });
    assert_eq!((card.revision, card.nodes.len()), (3, 2));
}

#[test]
fn a_crash_while_a_card_is_taken_in_is_made_good_by_taking_it_in_again() {
    let doha = Trial::new("doha");
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let joining = init_joining(&options(&home, "")).unwrap();
    let (_doha, text) =
        at_rest(doha, |at| add_node(at, &mut ask(), None, &joining.request, &mut |_| Ok(true)).unwrap().text);
    let keys = Home(home.clone()).unlock_node(&passphrase()).unwrap();
    // The machine stops after the vault was made and before anything stands in it.
    drop(crate::store::Vault::create(&home, keys.vault.bytes()).unwrap());
    let info = accept_card(&home, &mut ask(), &text).unwrap();
    assert_eq!(info.node, joining.view.node);
    // And after all was written, before the request was taken away.
    crate::store::files::write_private(&home.join("request.txt"), joining.request.as_bytes()).unwrap();
    assert_eq!(accept_card(&home, &mut ask(), &text).unwrap().instance, info.instance);
    assert_eq!(keys.node.public(), keys.node.public());
    let _ = open(&home);
}

#[test]
fn an_author_that_leaves_a_machine_out_is_named_and_another_member_gives_the_key() {
    let (kyiv, doha, moscow) = (Trial::new("kyiv"), Trial::new("doha"), Trial::new("moscow"));
    let all = [&kyiv, &doha, &moscow];
    for one in all {
        for other in all.into_iter().filter(|other| node_of(other) != node_of(one)) {
            one.trust(other);
        }
    }
    let circle = kyiv.circle("families", &["doha", "moscow"]);
    // Kyiv cheats from its first segment on: it seals as if doha had no machine.
    let partner = doha.node.shared.house().people.own;
    let empty = crate::seal::card(&partner_key(&doha), "doha", &[], Vec::new(), 9, Millis(1)).unwrap();
    let real = kyiv.node.shared.house().people.cards.insert(partner, empty).unwrap();
    // Moscow has sealed to doha's machine before it sees that.
    let charter = kyiv.node.shared.house().circle(&circle.circle).unwrap().known.charter.clone();
    moscow.node.driver().hand(crate::sync::Input::Carried {
        maker: node_of(&kyiv),
        items: vec![crate::sync::CarriedItem::Charter(charter.bytes().to_vec())],
    });
    said(&moscow, &circle, "by moscow");
    cut(&moscow);
    let case = said(&kyiv, &circle, "not for doha");
    cut(&kyiv);
    kyiv.node.shared.house().people.cards.insert(partner, real);
    kyiv.hand_to(&moscow, "moscow");
    kyiv.hand_to(&doha, "doha");
    let told = notices(&doha);
    assert!(told.contains("kyiv left this machine out of a key in "), "{told}");
    assert!(told.contains("kyiv has not yet sealed to this machine in "), "{told}");
    assert_eq!(answered(&moscow, wishes(&doha)), 1);
    moscow.hand_to(&doha, "doha");
    assert_eq!(held(&doha, &circle), 0);
    assert_eq!(doha.sheet(circle.circle, case).claims.len(), 1);
}

#[test]
fn what_waits_for_a_person_is_bounded_and_forgotten_when_nobody_asks_any_more() {
    let (kyiv, doha, circle) = pair();
    said(&kyiv, &circle, "one");
    kyiv.hand_to(&doha, "doha");
    let again = after_total_loss(&place(&doha).partner_key(), &card_text(&kyiv, Some("doha")));
    import(&kyiv, card_text(&again, None));
    let hands = stage_clock(&kyiv);
    // Kyiv holds more keys of the circle than one machine may wait for.
    let many: Vec<EpochSecret> = (0..limit::GRANTS_WAITING + 9)
        .map(|n| {
            let key = crate::sign::hash(crate::sign::Domain::Chance, &[&n.to_be_bytes()]).0;
            EpochSecret { key: crate::seal::EpochKey(Private::new(key)), chain: Private::new([1; 32]) }
        })
        .collect();
    let house = kyiv.node.shared.house();
    let keep = |writer: &mut crate::store::Writer<'_>| {
        many.iter().try_for_each(|secret| keys::put_epoch(writer, &circle.circle, secret).map(drop))
    };
    house.vault.write(keep).unwrap();
    drop(house);
    let (partner, node) = (partner_key(&again).partner_id(), node_of(&again));
    let wish = |secret: &EpochSecret| Ask { partner, node, circle: circle.circle, epoch: secret.key.id() };
    assert_eq!(answered(&kyiv, many.iter().map(wish).collect()), 0);
    let rows = |kyiv: &Trial| kyiv.node.shared.house().waiting_asks().unwrap();
    assert_eq!(rows(&kyiv)[0].epochs.len(), limit::GRANTS_WAITING);
    // Asked again within the week it goes on waiting; a week after it was last asked it is forgotten.
    hands.day.fetch_add(limit::GRANT_WAITING_MS - 1, Ordering::Relaxed);
    assert_eq!(answered(&kyiv, vec![wish(&many[0])]), 0);
    hands.day.fetch_add(limit::GRANT_WAITING_MS - 1, Ordering::Relaxed);
    assert_eq!(rows(&kyiv).len(), 1);
    hands.day.fetch_add(1, Ordering::Relaxed);
    assert!(rows(&kyiv).is_empty());
    // One partner's machines alone cannot fill the list.
    let one = |n: u8| Ask { node: NodeId([n; 32]), ..wish(&many[0]) };
    kyiv.node.shared.house().let_wait((0..200).map(one).collect()).unwrap();
    let stored = kyiv.node.shared.house().vault.read(|reader| super::super::waiting::read(reader)).unwrap();
    assert_eq!(stored.len(), limit::GRANT_ASKERS);
}
