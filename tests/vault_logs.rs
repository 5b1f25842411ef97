//! The directory of the vault: what was stored comes back as it came, in order, in the same transaction as its list.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test that stumbles should say where

use ed25519_dalek::SigningKey;
use homeward::id::{CircleId, EpochId, Hash, InstanceId, Life, LogId, NodeId, PartnerId};
use homeward::log::{ChainEnd, Charter, Header, Kind, Segment, body_hash};
use homeward::private::Private;
use homeward::seal::{EpochKey, EpochSecret};
use homeward::sign::{Sign as _, Signed};
use homeward::store::circles::{CircleRecord, KnownCircle, RecordKind, Standing};
use homeward::store::logs::{EditSpan, Intake, Verdict};
use homeward::store::{StoreFault, Vault, branches, circles, keys, logs, waiting};
use homeward::time::Millis;

const CIRCLE: CircleId = CircleId([0xc1; 32]);

fn vault() -> (tempfile::TempDir, Vault) {
    let home = tempfile::tempdir().unwrap();
    let vault = Vault::create(home.path(), &Private::new([1; 32])).unwrap();
    (home, vault)
}

fn signer(node: u8) -> SigningKey {
    SigningKey::from_bytes(&[node; 32])
}

fn log(node: u8) -> LogId {
    let life = Life { node: NodeId(signer(node).public()), instance: InstanceId([node; 16]) };
    LogId { circle: CIRCLE, life }
}

/// Segments `from..=to` of a node's log, after `end`; `branch` makes their bodies differ.
fn chain(node: u8, end: ChainEnd, to: u64, branch: u8, body_bytes: usize) -> Vec<Segment> {
    let mut end = end;
    let mut segments = Vec::new();
    for number in end.number + 1..=to {
        let mut body = vec![branch; body_bytes];
        body.extend_from_slice(&number.to_be_bytes());
        let kind = if number == 1 { Kind::Epoch } else { Kind::Work };
        let header = Header {
            version: 1,
            kind,
            circle: CIRCLE,
            partner: PartnerId([7; 32]),
            node: NodeId(signer(node).public()),
            instance: InstanceId([node; 16]),
            number,
            previous: end.hash,
            epoch: EpochId([5; 32]),
            cut: Millis(number),
            length: body.len() as u32,
            body: body_hash(&body),
            plain: Hash([2; 32]),
            certificate: if number == 1 { vec![1; 300] } else { Vec::new() },
        };
        let header = Signed::sign(header, &signer(node)).unwrap();
        end = ChainEnd { number, hash: header.hash(), epoch: header.epoch };
        segments.push(Segment::new(header, body).unwrap());
    }
    segments
}

fn intakes(segments: &[Segment]) -> Vec<Intake<'_>> {
    segments
        .iter()
        .map(|segment| Intake { segment, first_seen: Millis(1000), verdict: Verdict::Stored, edits: None })
        .collect()
}

fn end_of(segments: &[Segment]) -> ChainEnd {
    let header = segments.last().unwrap().header();
    ChainEnd { number: header.number, hash: header.hash(), epoch: header.epoch }
}

#[test]
fn segments_come_back_as_they_came_and_the_directory_lists_them() {
    let (home, vault) = vault();
    let (one, two) = (chain(1, ChainEnd::EMPTY, 150, 0, 50), chain(2, ChainEnd::EMPTY, 3, 0, 50));
    let (first, rest) = one.split_at(70);
    let mixed = [intakes(first), intakes(&two)].concat();
    assert_eq!(vault.write(|w| logs::put_segments(w, &mixed)), Ok(73));
    assert_eq!(vault.write(|w| logs::put_segments(w, &intakes(rest))), Ok(80));
    assert_eq!(vault.write(|w| logs::put_segments(w, &intakes(&one))), Ok(0), "twice is once");
    drop(vault);
    let vault = Vault::open(home.path(), &Private::new([1; 32])).unwrap().vault;
    let reader = vault.reader().unwrap();
    let directory = logs::load(&reader, &CIRCLE).unwrap();
    assert_eq!(directory.len(), 2);
    let listed = &directory[&log(1).life];
    assert_eq!(listed.end, end_of(&one));
    assert_eq!(logs::ends(&reader, &CIRCLE).unwrap()[&log(2).life], end_of(&two));
    for (entry, segment) in listed.segments.iter().zip(&one) {
        assert_eq!(&entry.header, segment.header());
        let number = segment.header().number;
        assert_eq!(logs::segment(&reader, &log(1), number).unwrap().as_ref(), Some(segment));
        assert_eq!(logs::entry(&reader, &log(1), number).unwrap().as_ref(), Some(entry));
    }
    assert_eq!(listed.segments.len(), 150);
    assert_eq!(logs::segment(&reader, &log(1), 151), Ok(None));
    assert_eq!(logs::entry(&reader, &log(1), 0), Ok(None));
    let some = logs::segments_from(&reader, &log(1), 60, 58 * 10).unwrap();
    assert_eq!(some, one[59..69], "ten bodies of 58 bytes");
    assert_eq!(logs::segments_from(&reader, &log(1), 150, 0).unwrap().len(), 1, "never none if there is one");
    assert!(logs::segments_from(&reader, &log(1), 151, 1000).unwrap().is_empty());
}

#[test]
fn what_does_not_continue_its_log_is_refused_and_leaves_nothing() {
    let (_home, vault) = vault();
    let one = chain(1, ChainEnd::EMPTY, 5, 0, 10);
    vault.write(|w| logs::put_segments(w, &intakes(&one[..2]))).unwrap();
    let other = chain(1, end_of(&one[..1]), 5, 9, 10);
    for wrong in [vec![&one[3]], vec![&one[2], &one[4]], vec![&other[0]], vec![&one[2], &other[2]]] {
        let wrong: Vec<Segment> = wrong.into_iter().cloned().collect();
        let refused = vault.write(|w| logs::put_segments(w, &intakes(&wrong)));
        assert!(matches!(refused, Err(StoreFault::Rule(_))));
        let reader = vault.reader().unwrap();
        assert_eq!(logs::ends(&reader, &CIRCLE).unwrap()[&log(1).life], end_of(&one[..2]));
        assert_eq!(logs::segment(&reader, &log(1), 3), Ok(None));
    }
}

#[test]
fn verdicts_are_kept_beside_the_time_of_arrival() {
    let (_home, vault) = vault();
    let one = chain(1, ChainEnd::EMPTY, 70, 0, 10);
    vault.write(|w| logs::put_segments(w, &intakes(&one))).unwrap();
    let span = Some(EditSpan { first: 4, last: 9 });
    let verdicts = [(2, Verdict::Applied, span), (66, Verdict::Refused, None), (71, Verdict::Held, None)];
    vault.write(|w| logs::judge(w, &log(1), &verdicts)).unwrap();
    // a later verdict keeps what is known of the edits
    vault.write(|w| logs::judge(w, &log(1), &[(2, Verdict::Stored, None)])).unwrap();
    let directory = vault.read(|r| logs::load(r, &CIRCLE)).unwrap();
    let segments = &directory[&log(1).life].segments;
    assert_eq!((segments[1].verdict, segments[1].edits), (Verdict::Stored, span));
    assert_eq!((segments[65].verdict, segments[65].edits), (Verdict::Refused, None));
    assert_eq!(segments[2].verdict, Verdict::Stored);
    assert!(segments.iter().all(|entry| entry.first_seen == Millis(1000)));
}

#[test]
fn branches_stand_apart_and_a_closure_can_choose_one() {
    let (_home, vault) = vault();
    let one = chain(1, ChainEnd::EMPTY, 140, 0, 10);
    let other = chain(1, end_of(&one[..60]), 63, 9, 10);
    vault.write(|w| logs::put_segments(w, &intakes(&one))).unwrap();
    vault
        .write(|w| {
            for intake in intakes(&other) {
                assert!(branches::put_branch(w, &intake)?);
                assert!(!branches::put_branch(w, &intake)?, "twice is once");
            }
            Ok(())
        })
        .unwrap();
    let chosen: Vec<Hash> = other.iter().map(|segment| segment.header().hash()).collect();
    let check = |main: &[Segment], apart: &[Segment]| {
        let reader = vault.reader().unwrap();
        let directory = logs::load(&reader, &CIRCLE).unwrap();
        let listed = &directory[&log(1).life];
        assert_eq!(listed.end, end_of(main));
        assert_eq!(listed.branches, apart.len() as u64);
        let held = logs::segments_from(&reader, &log(1), 1, usize::MAX).unwrap();
        assert_eq!(held, main);
        assert_eq!(branches::branches(&reader, &log(1)).unwrap().len(), apart.len());
        for segment in apart {
            let hash = segment.header().hash();
            assert_eq!(branches::branch_segment(&reader, &log(1), &hash).unwrap().as_ref(), Some(segment));
        }
    };
    check(&one, &other);
    vault.write(|w| branches::switch(w, &log(1), &chosen)).unwrap();
    let switched = [&one[..60], &other].concat();
    check(&switched, &one[60..]);
    // and it goes on from there
    let more = chain(1, end_of(&switched), 130, 9, 10);
    vault.write(|w| logs::put_segments(w, &intakes(&more))).unwrap();
    check(&[&switched[..], &more].concat(), &one[60..]);
    // and back
    let back: Vec<Hash> = one[60..].iter().map(|segment| segment.header().hash()).collect();
    vault.write(|w| branches::switch(w, &log(1), &back)).unwrap();
    check(&one, &[&other[..], &more].concat());
    let unknown = vault.write(|w| branches::switch(w, &log(1), &[Hash([3; 32])]));
    assert!(matches!(unknown, Err(StoreFault::Rule(_))));
}

#[test]
fn a_switch_to_another_first_segment_works_too() {
    let (_home, vault) = vault();
    let (one, other) = (chain(1, ChainEnd::EMPTY, 3, 0, 10), chain(1, ChainEnd::EMPTY, 2, 9, 10));
    vault.write(|w| logs::put_segments(w, &intakes(&one))).unwrap();
    vault.write(|w| intakes(&other).iter().try_for_each(|i| branches::put_branch(w, i).map(drop))).unwrap();
    let chosen: Vec<Hash> = other.iter().map(|segment| segment.header().hash()).collect();
    vault.write(|w| branches::switch(w, &log(1), &chosen)).unwrap();
    let held = vault.read(|r| logs::segments_from(r, &log(1), 1, usize::MAX)).unwrap();
    assert_eq!(held, other);
}

#[test]
fn edits_wait_in_order_and_leave_with_their_segment() {
    let (_home, vault) = vault();
    vault.write(|w| waiting::add(w, &CIRCLE, 7, b"seven")).unwrap();
    vault.write(|w| waiting::add_all(w, &CIRCLE, 8, &[&b"eight"[..], b"nine"])).unwrap();
    for wrong in [7, 9, 11] {
        let refused = vault.write(|w| waiting::add(w, &CIRCLE, wrong, b"x"));
        assert!(matches!(refused, Err(StoreFault::Rule(_))));
    }
    let numbers = |vault: &Vault| -> Vec<u64> {
        let list = vault.read(|r| waiting::list(r, &CIRCLE)).unwrap();
        list.iter().map(|edit| edit.number).collect()
    };
    assert_eq!(numbers(&vault), [7, 8, 9]);
    // if the segment cannot be stored, its edits wait on
    let one = chain(1, ChainEnd::EMPTY, 2, 0, 10);
    let refused = vault.write(|w| {
        waiting::take_through(w, &CIRCLE, 8)?;
        logs::put_segments(w, &intakes(&one[1..]))
    });
    assert!(refused.is_err());
    assert_eq!(numbers(&vault), [7, 8, 9]);
    assert_eq!(vault.write(|w| waiting::take_through(w, &CIRCLE, 8)), Ok(2));
    assert_eq!(vault.read(|r| waiting::count(r, &CIRCLE)), Ok(1));
    assert_eq!(vault.read(|r| waiting::list(r, &CIRCLE)).unwrap()[0].bytes, b"nine");
    assert_eq!(vault.write(|w| waiting::take_through(w, &CIRCLE, 3)), Ok(0));
    assert_eq!(vault.write(|w| waiting::take_through(w, &CIRCLE, u64::MAX)), Ok(1));
    assert!(numbers(&vault).is_empty());
    vault.write(|w| waiting::add(w, &CIRCLE, 1, b"a new life")).unwrap();
    assert_eq!(numbers(&vault), [1]);
}

#[test]
fn circles_their_records_and_their_keys_are_kept() {
    let (_home, vault) = vault();
    let charter = Charter {
        version: 1,
        nonce: [3; 16],
        members: vec![PartnerId([1; 32]), PartnerId([2; 32])],
        carriers: vec![],
        rules: 1,
        time: Millis(5),
        founder: PartnerId([1; 32]),
        node: NodeId(signer(1).public()),
        certificate: vec![],
    };
    let charter = Signed::sign(charter, &signer(1)).unwrap();
    let circle = charter.circle();
    let mut known =
        KnownCircle { charter, name: Private::from("north"), hidden: false, standing: Standing::Held };
    vault.write(|w| circles::put(w, &known)).unwrap();
    known.standing = Standing::Accepted;
    vault.write(|w| circles::put(w, &known)).unwrap();
    assert_eq!(vault.read(|r| circles::list(r)).unwrap(), [known]);

    let record = CircleRecord { kind: RecordKind::Grant, hash: Hash([4; 32]), bytes: vec![1, 2, 3] };
    assert_eq!(vault.write(|w| circles::put_record(w, &circle, &record)), Ok(true));
    assert_eq!(vault.write(|w| circles::put_record(w, &circle, &record)), Ok(false));
    assert_eq!(vault.read(|r| circles::records_of(r, &circle)).unwrap(), std::slice::from_ref(&record));
    assert_eq!(vault.write(|w| circles::remove_record(w, &circle, &record.hash)), Ok(true));
    assert!(vault.read(|r| circles::records_of(r, &circle)).unwrap().is_empty());

    let secret = EpochSecret { key: EpochKey(Private::new([8; 32])), chain: Private::new([9; 32]) };
    let epoch = secret.key.id();
    assert_eq!(vault.write(|w| keys::put_epoch(w, &circle, &secret)), Ok(true));
    assert_eq!(vault.write(|w| keys::put_epoch(w, &circle, &secret)), Ok(false));
    assert_eq!(vault.read(|r| keys::epoch(r, &epoch)).unwrap(), Some(secret));
    assert_eq!(vault.write(|w| keys::forget_epochs(w, &circle)), Ok(1));
    assert_eq!(vault.read(|r| keys::epoch(r, &epoch)), Ok(None));
}
