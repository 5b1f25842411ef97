//! A home at work: the binary as a process, asked through its control socket.

use crate::offices::{PASSPHRASE, Place, ask};
use homeward::node::{Answer, Door, PartnerCircle, Request, StatusView};
use homeward::private::Private;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A guard against hanging, never a measure.
const PATIENCE: Duration = Duration::from_secs(600);

/// A running node. Ended when dropped.
pub(crate) struct Running {
    child: Child,
    door: Door,
    /// Where it listens.
    pub(crate) address: String,
}

impl Running {
    /// Starts it and waits until it listens.
    pub(crate) fn start(place: &Place) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_homeward"))
            .arg("--home")
            .arg(&place.home)
            .arg("--passphrase-file")
            .arg(&place.passphrase)
            .arg("run")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = String::new();
        for line in lines.by_ref() {
            let line = line.unwrap();
            if let Some(listens) = line.strip_prefix("It listens on ") {
                address = listens.trim_end_matches('.').to_owned();
            }
            if line.starts_with("Stop it with") {
                break;
            }
        }
        assert!(!address.is_empty(), "the node did not start");
        // The pipe stays open, so that its last word does not fail.
        thread::spawn(move || lines.for_each(drop));
        let locked = || unreachable!("a running node asks for no passphrase");
        let door = Door::open(&place.home, &mut || -> Result<Private<String>, _> { locked() }).unwrap();
        Self { child, door, address }
    }

    pub(crate) fn ask(&mut self, request: Request) -> Answer {
        ask(&mut self.door, request)
    }

    pub(crate) fn status(&mut self) -> StatusView {
        let Answer::Status(status) = self.ask(Request::Status) else { panic!("a status was asked") };
        *status
    }

    /// The word to dial.
    pub(crate) fn dial(&mut self) {
        self.ask(Request::Resume { partner: None });
    }

    /// No link any more.
    pub(crate) fn pause(&mut self) {
        self.ask(Request::Pause { partner: None });
        self.wait(Duration::from_millis(5), |status| status.partners.iter().all(|one| !one.reachable));
    }

    /// UDP payload of all its links since the start, both ways.
    pub(crate) fn carried_bytes(&mut self) -> u64 {
        let status = self.status();
        status.sent_bytes + status.received_bytes
    }

    /// Asks until the status is as it should be.
    pub(crate) fn wait(&mut self, pause: Duration, done: impl Fn(&StatusView) -> bool) -> StatusView {
        let begun = Instant::now();
        loop {
            let status = self.status();
            if done(&status) {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it hangs: {status:?}");
            thread::sleep(pause);
        }
    }

    /// The most memory that it has had, in bytes.
    pub(crate) fn peak_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Seconds of processor time so far.
    pub(crate) fn cpu_s(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after = stat.rsplit(')').next().unwrap();
        let ticks = after.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap());
        ticks.sum::<f64>() / 100.0
    }

    /// Ends it in good order.
    pub(crate) fn stop(mut self) {
        self.ask(Request::Stop);
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a partner confirmed of the one circle.
pub(crate) fn confirmed<'a>(status: &'a StatusView, partner: &str) -> Option<&'a PartnerCircle> {
    status.partners.iter().find(|one| one.partner == partner)?.circles.first()
}

/// Whether a partner's signed heads show all that is here, and nothing that is not.
pub(crate) fn agrees(status: &StatusView, partner: &str) -> bool {
    confirmed(status, partner).is_some_and(|circle| {
        circle.confirmed_at.is_some() && circle.lacks == 0 && circle.we_lack == 0 && circle.waiting_edits == 0
    })
}

/// Whether the one circle shows so many cases and edits, with nothing left to read.
pub(crate) fn shows(status: &StatusView, cases: u64, edits: u64) -> bool {
    status.circles.first().is_some_and(|circle| {
        circle.to_replay == 0 && circle.held == 0 && circle.cases == cases && circle.edits == edits
    })
}

/// How long it takes to unlock the keys of a home, which no measure of the node counts.
pub(crate) fn unlocking(place: &Place) -> Duration {
    let locked = fs::read(place.home.join("keys/node.age")).unwrap();
    let begun = Instant::now();
    homeward::seal::unlock_with_passphrase(&Private::from(PASSPHRASE), &locked).unwrap();
    begun.elapsed()
}
