//! Epochs are founded anew when they should be, and sealed to whom they should.

use super::*;

#[test]
fn an_epoch_lasts_thirty_days_by_the_nodes_clock() {
    let (kyiv, _doha, circle) = pair();
    let hands = stage_clock(&kyiv);
    said(&kyiv, &circle, "one");
    cut(&kyiv);
    hands.day.fetch_add(limit::EPOCH_AGE_MS - 1, Ordering::Relaxed);
    said(&kyiv, &circle, "two");
    cut(&kyiv);
    assert_eq!(epochs(&kyiv, &circle).len(), 1);
    hands.day.fetch_add(1, Ordering::Relaxed);
    // Nothing to say: nothing is founded.
    cut(&kyiv);
    assert_eq!(epochs(&kyiv, &circle).len(), 1);
    said(&kyiv, &circle, "three");
    cut(&kyiv);
    let numbers: Vec<u64> = epochs(&kyiv, &circle).into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [1, 4]);
    // Also after the node was started again.
    let (kyiv, ()) = at_rest(kyiv, |_| ());
    let hands = stage_clock(&kyiv);
    hands.day.fetch_add(2 * limit::EPOCH_AGE_MS, Ordering::Relaxed);
    said(&kyiv, &circle, "four");
    cut(&kyiv);
    assert_eq!(epochs(&kyiv, &circle).len(), 3);
}

#[test]
fn an_epoch_has_at_most_a_thousand_segments() {
    let (kyiv, _doha, circle) = pair();
    said(&kyiv, &circle, "one");
    cut(&kyiv);
    {
        // Its epoch was founded a thousand segments ago, less one: so many writes would take a minute.
        let mut house = kyiv.node.shared.house();
        let own = &mut house.circle_mut(&circle.circle).unwrap().own;
        let founded = own.epoch.as_mut().unwrap();
        assert_eq!((own.end.number, founded.number), (2, 1));
        own.end.number += limit::EPOCH_SEGMENTS - 2;
    }
    let due = |kyiv: &Trial| {
        let house = kyiv.node.shared.house();
        let circle = house.circle(&circle.circle).unwrap();
        let readers = house.people.readers(circle.charter(), |_, _| false);
        let with = crate::node::cut::Cutting {
            circle: circle.id,
            charter: circle.charter(),
            name: None,
            readers: &readers,
            certificate: &house.certificate,
            signer: &*house.secret,
            envelope: &*house.envelope,
            now: house.now(),
            header_of: &|_, _| None,
        };
        let stamped = crate::register::Stamped {
            edit: crate::case::Edit {
                case: crate::id::CaseId([1; 16]),
                time: house.now(),
                operator: "Desk 1".into(),
                change: crate::case::Change::Withdraw {
                    items: vec![crate::id::ItemRef {
                        edit: crate::id::EditRef { life: house.life, number: 1 },
                        place: 0,
                    }],
                    reason: "told twice".into(),
                },
            },
            context: Arc::default(),
        };
        let (_, segments) =
            crate::node::cut::cut(circle.own.clone(), &with, &[stamped], &mut || [7; 32]).unwrap();
        segments.iter().filter(|segment| segment.header().kind == Kind::Epoch).count()
    };
    assert_eq!(due(&kyiv), 0, "its thousandth segment is of the same epoch");
    kyiv.node.shared.house().circle_mut(&circle.circle).unwrap().own.end.number += 1;
    assert_eq!(due(&kyiv), 1);
}

#[test]
fn a_machine_added_to_a_card_is_sealed_to_from_the_next_segment_on() {
    let (kyiv, doha, circle) = pair();
    said(&kyiv, &circle, "one");
    kyiv.hand_to(&doha, "doha");
    let (kyivs, dohas) = (node_of(&kyiv), node_of(&doha));
    let (doha, second) = second_machine(doha);
    import(&kyiv, card_text(&doha, None));
    said(&kyiv, &circle, "two");
    cut(&kyiv);
    let all = epochs(&kyiv, &circle);
    assert_eq!(all.last().unwrap().1, set(&[kyivs, dohas, node_of(&second)]));
    assert_eq!(all[0].1, set(&[kyivs, dohas]));
    // The first machine too seals to its sister, before it has met it.
    said(&doha, &circle, "three");
    cut(&doha);
    assert_eq!(epochs(&doha, &circle).last().unwrap().1, set(&[kyivs, dohas, node_of(&second)]));
}

#[test]
fn a_closed_machine_is_left_out_from_the_next_segment_on_and_stops_nobody() {
    let (kyiv, doha, circle) = pair();
    said(&kyiv, &circle, "one");
    kyiv.hand_to(&doha, "doha");
    assert!(!notices(&doha).contains("closed machine"));
    hears_closure(&kyiv, &closure(&kyiv, &circle, &doha, &partner_key(&doha)));
    said(&kyiv, &circle, "two");
    cut(&kyiv);
    // It was its office's only one: what is written now nobody there can read yet, and it is written.
    assert_eq!(epochs(&kyiv, &circle).last().unwrap().1, set(&[node_of(&kyiv)]));
    // A closure that a stranger to the machine signed closes nothing.
    let mut forged = closure(&kyiv, &circle, &kyiv, &partner_key(&kyiv)).get().clone();
    forged.partner = doha.node.shared.house().people.own;
    hears_closure(&kyiv, &Signed::sign(forged, &partner_key(&doha)).unwrap());
    said(&kyiv, &circle, "three");
    cut(&kyiv);
    assert_eq!(epochs(&kyiv, &circle).len(), 2);
    // The closed machine itself cuts nothing more, and says why.
    hears_closure(&doha, &closure(&kyiv, &circle, &doha, &partner_key(&doha)));
    said(&doha, &circle, "four");
    cut(&doha);
    let said = doha.node.shared.house().notices.join("\n");
    assert!(said.contains("this machine is closed"), "{said}");
}

#[test]
fn a_machine_that_is_closed_in_one_circle_is_sealed_to_in_none() {
    let (kyiv, doha, circle) = pair();
    said(&kyiv, &circle, "one");
    kyiv.hand_to(&doha, "doha");
    hears_closure(&kyiv, &closure(&kyiv, &circle, &doha, &partner_key(&doha)));
    // Founded after that, by one who may still hold the old card.
    let later = kyiv.circle("later", &["doha"]);
    said(&kyiv, &later, "two");
    cut(&kyiv);
    let sealed: Vec<BTreeSet<NodeId>> = epochs(&kyiv, &later).into_iter().map(|(_, nodes)| nodes).collect();
    assert_eq!(sealed, [set(&[node_of(&kyiv)])]);
}

#[test]
fn status_names_who_still_seals_to_a_closed_machine() {
    let (kyiv, doha, circle) = pair();
    let (doha, second) = second_machine(doha);
    import(&kyiv, card_text(&doha, None));
    said(&kyiv, &circle, "one");
    kyiv.hand_to(&doha, "doha");
    let closure = closure(&kyiv, &circle, &second, &partner_key(&doha));
    hears_closure(&doha, &closure);
    let told = notices(&doha);
    let wanted = format!(
        "kyiv still seals what it writes in families to a closed machine of doha ({})",
        node_of(&second).short()
    );
    assert!(told.contains(&wanted), "{told}");
    hears_closure(&kyiv, &closure);
    said(&kyiv, &circle, "two");
    kyiv.hand_to(&doha, "doha");
    assert!(!notices(&doha).contains("still seals"));
}

#[test]
fn a_key_that_is_no_key_founds_one_epoch_and_not_one_with_every_start() {
    let (kyiv, doha, circle) = pair();
    said(&kyiv, &circle, "one");
    cut(&kyiv);
    let mut broken = crate::seal::demo_node("other").public();
    broken.recipient.0 = vec![0xff; broken.recipient.0.len()];
    let partner = partner_key(&doha);
    let mut nodes = doha.node.shared.house().people.certificates(&partner.partner_id());
    nodes.push(certificate(&partner, &broken, 2, Millis(1)).unwrap());
    let card = crate::seal::card(&partner, "doha", &nodes, Vec::new(), 2, Millis(1)).unwrap();
    import(&kyiv, crate::seal::card_to_text(&card));
    let mut kyiv = kyiv;
    for text in ["two", "three"] {
        said(&kyiv, &circle, text);
        cut(&kyiv);
        kyiv = at_rest(kyiv, |_| ()).0;
    }
    assert_eq!(epochs(&kyiv, &circle).len(), 1);
    // A card without any machine stops nobody either.
    let card = crate::seal::card(&partner, "doha", &[], Vec::new(), 3, Millis(1)).unwrap();
    import(&kyiv, crate::seal::card_to_text(&card));
    said(&kyiv, &circle, "four");
    cut(&kyiv);
    assert_eq!(epochs(&kyiv, &circle).last().unwrap().1, set(&[node_of(&kyiv)]));
}
