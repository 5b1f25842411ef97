//! The bench of a sync: so far it writes the work and says what it is.

mod work;

use homeward::case::Change;
use homeward::id::{InstanceId, Life, NodeId};
use std::collections::BTreeSet;
use work::{Size, Work};

/// What the work is made from: printed with every figure.
const SEED: u64 = 1;

fn main() {
    let size = Size::FULL;
    let life = |node: usize| Life {
        node: NodeId([node as u8 + 1; 32]),
        instance: InstanceId([node as u8 + 101; 16]),
    };
    let mut work = Work::new(SEED, size, (0..size.nodes()).map(life).collect());
    let planned = work.counts();
    let mut next = vec![1; size.nodes()];
    let (mut edits, mut notes, mut plans, mut replacing, mut plain, mut packed) = (0, 0, 0, 0, 0, 0);
    while let Some(turn) = work.next_turn() {
        let number = next.get_mut(turn.node).expect("the node is one of them");
        assert_eq!(*number, turn.first_number, "seed {SEED}: a log has no gaps");
        *number += turn.edits.len() as u64;
        assert!(
            turn.seen <= turn.round && turn.seen + 1 >= turn.round,
            "seed {SEED}: nobody is far behind or ahead"
        );
        edits += turn.edits.len() as u64;
        let mut bytes = Vec::new();
        for edit in &turn.edits {
            match &edit.change {
                Change::Note(_) => notes += 1,
                Change::Plan(_) => plans += 1,
                Change::Claims(claims) => {
                    replacing += usize::from(claims.iter().any(|c| !c.replaces.is_empty()))
                }
                _ => {}
            }
            bytes.extend(homeward::codec::encode(edit));
        }
        plain += bytes.len();
        for segment in bytes.chunks(homeward::limit::SEGMENT_PLAIN_BYTES) {
            packed += zstd::bulk::compress(segment, 3).expect("bytes compress").len();
        }
    }
    assert_eq!(edits, planned.edits, "seed {SEED}: what was drawn is what was written");
    assert!(
        planned.beside * 20 >= planned.edits,
        "seed {SEED}: one edit in twenty stands beside a concurrent one"
    );
    let ids = |place, work: &mut Work| {
        work.touch(0, place, 2, 100).edits.iter().map(|e| e.case).collect::<BTreeSet<_>>()
    };
    let (here, there) = (ids(0, &mut work), ids(1, &mut work));
    assert!(
        here.len() == 100 && there.len() == 100 && here.is_disjoint(&there),
        "seed {SEED}: other cases on each side"
    );
    println!("seed {SEED}: {edits} edits of {} cases in {} turns", size.cases, planned.turns);
    println!("{:.1}% beside a concurrent one", planned.beside as f64 * 100.0 / edits as f64);
    println!("{notes} notes, {plans} plan values, {replacing} claims that replace others");
    println!("{plain} bytes as CBOR, {packed} compressed");
}
