//! Time is handed in: nothing here waits for a minute to pass.

use super::*;
use crate::node::{InitOptions, init};

const PASSPHRASE: &str = "seven quiet lanterns";
const MINUTE_MS: u64 = 60_000;

fn at(steady: u64, wall: u64) -> Moment {
    Moment { steady: Millis(steady), wall: Millis(wall) }
}

#[test]
fn a_desk_left_alone_is_over_when_its_minutes_are() {
    let mut idle = Idle::new(5 * MINUTE_MS, at(1_000, 1_000));
    assert!(!idle.is_over(at(1_000, 1_000)));
    assert!(!idle.is_over(at(5 * MINUTE_MS + 999, 5 * MINUTE_MS + 999)));
    assert!(idle.is_over(at(5 * MINUTE_MS + 1_000, 1_000)));
    // A machine that slept: its steady clock stood still.
    assert!(idle.is_over(at(2_000, 9 * MINUTE_MS)));
    // A clock that was set back keeps nothing open.
    assert!(idle.is_over(at(6 * MINUTE_MS, 0)));
    // Somebody asks, which takes longer than the minutes: it does not lock under their hands.
    idle.begin(at(2_000, 2_000));
    idle.begin(at(3_000, 3_000));
    idle.end(at(4_000, 4_000));
    assert!(!idle.is_over(at(20 * MINUTE_MS, 20 * MINUTE_MS)));
    idle.end(at(20 * MINUTE_MS, 20 * MINUTE_MS));
    assert!(!idle.is_over(at(25 * MINUTE_MS - 1, 25 * MINUTE_MS - 1)));
    assert!(idle.is_over(at(25 * MINUTE_MS, 25 * MINUTE_MS)));
}

#[test]
fn zero_minutes_are_for_ever() {
    let idle = Idle::new(0, at(0, 0));
    assert!(!idle.is_over(at(u64::MAX, u64::MAX)));
}

#[test]
fn what_scripts_ask_round_the_clock_keeps_nothing_open() {
    for request in [Request::Info, Request::Status, Request::Sync { partner: None, patience_s: 1 }] {
        assert!(!keeps_awake(&request), "{request:?}");
    }
    for request in [Request::CircleList, Request::ExportLog, Request::Check, Request::CardList] {
        assert!(keeps_awake(&request), "{request:?}");
    }
}

fn home(folder: &tempfile::TempDir, config: &str) -> (Home, Private<String>) {
    let place = folder.path().join("home");
    let made = init(InitOptions {
        home: place.clone(),
        name: "kyiv".into(),
        passphrase: PASSPHRASE.into(),
        scrypt_log_n: 15,
        listen: Some("127.0.0.1:0".into()),
        address: None,
        demo: None,
    })
    .unwrap();
    let path = place.join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    crate::store::files::write_private(&path, format!("{config}\n{text}").as_bytes()).unwrap();
    (Home(place), made.recovery)
}

fn ask(keeper: &Keeper, request: Request) -> Result<Answer, Failure> {
    keeper.answer(Asked { operator: "Desk 1".into(), request }, &mut |_| ())
}

fn unlock(keeper: &Keeper, passphrase: &Private<String>) -> Result<Answer, Failure> {
    ask(keeper, Request::Unlock { passphrase: passphrase.clone() })
}

/// Waits for the thread that locks. The deadline only decides when the test has failed.
fn is_locked_soon(keeper: &Keeper) -> bool {
    (0..2_000).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        keeper.node().is_none()
    })
}

#[test]
fn a_locked_node_says_that_it_is_locked_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (place, recovery) = home(&folder, "");
    let keeper = Keeper::open(place.clone(), Some(PASSPHRASE.into())).unwrap();
    ask(&keeper, Request::CircleNew { name: "families".into(), members: vec![], carriers: vec![] }).unwrap();
    let listening = keeper.info().unwrap().listening.unwrap();

    assert!(matches!(ask(&keeper, Request::Lock), Ok(Answer::Done)));
    // Nothing holds the vault or the port any more.
    let vault = crate::store::Vault::open(&place.0, place.unlock(&PASSPHRASE.into()).unwrap().vault.bytes());
    drop(vault.unwrap());
    drop(std::net::UdpSocket::bind(&listening).unwrap());
    assert!(matches!(ask(&keeper, Request::Status), Ok(Answer::Locked)));
    for request in [
        Request::Info,
        Request::CircleList,
        Request::CardList,
        Request::ExportLog,
        Request::Check,
        Request::CardExport { partner: None },
        Request::Sync { partner: None, patience_s: 1 },
    ] {
        assert_eq!(ask(&keeper, request).unwrap_err().kind, FailureKind::Locked);
    }
    // To lock it again changes nothing, and a wrong passphrase opens nothing.
    assert!(matches!(ask(&keeper, Request::Lock), Ok(Answer::Done)));
    assert_eq!(unlock(&keeper, &"seven quiet lantern".into()).unwrap_err().kind, FailureKind::Locked);
    assert!(matches!(ask(&keeper, Request::Status), Ok(Answer::Locked)));

    for opens in [PASSPHRASE.into(), recovery] {
        let Answer::Info(info) = unlock(&keeper, &opens).unwrap() else { panic!("info expected") };
        assert!(info.listening.is_some(), "links go on");
        let Answer::Circles { circles } = ask(&keeper, Request::CircleList).unwrap() else {
            panic!("circles expected")
        };
        assert_eq!(circles.len(), 1);
        let Answer::Status(status) = ask(&keeper, Request::Status).unwrap() else {
            panic!("status expected")
        };
        assert!(status.running);
        ask(&keeper, Request::Lock).unwrap();
    }
    keeper.end();
    assert!(keeper.stopping());
}

#[test]
fn a_node_left_alone_locks_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (place, _) = home(&folder, "lock_after_minutes = 5");
    let keeper = Keeper::open(place, Some(PASSPHRASE.into())).unwrap();
    let now = Moment::of(&keeper.clock);
    let later = |ms: u64| Moment { steady: now.steady.plus(ms), wall: now.wall };
    keeper.look_at(later(4 * MINUTE_MS));
    assert!(matches!(ask(&keeper, Request::Status), Ok(Answer::Status(_))));
    // A sync or a look at the status is no company, a list is.
    keeper.idle().last = now;
    ask(&keeper, Request::Status).unwrap();
    assert_eq!(keeper.idle().last.steady, now.steady);
    ask(&keeper, Request::CircleList).unwrap();
    assert!(keeper.idle().asking == 0 && keeper.idle().last.steady >= now.steady);
    keeper.look_at(later(6 * MINUTE_MS));
    assert!(is_locked_soon(&keeper));
    assert!(matches!(ask(&keeper, Request::Status), Ok(Answer::Locked)));
    unlock(&keeper, &PASSPHRASE.into()).unwrap();
    assert!(matches!(ask(&keeper, Request::Status), Ok(Answer::Status(_))));
    keeper.end();
}

#[test]
fn a_node_that_shall_not_lock_by_itself_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (place, _) = home(&folder, "lock_after_minutes = 0");
    let keeper = Keeper::open(place, Some(PASSPHRASE.into())).unwrap();
    let now = Moment::of(&keeper.clock);
    keeper.look_at(Moment { steady: now.steady.plus(1 << 40), wall: now.wall.plus(1 << 40) });
    assert!(keeper.node().is_some());
    keeper.end();
}
