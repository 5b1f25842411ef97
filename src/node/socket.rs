//! The control socket: how verbs reach a running node.
//!
//! A Unix socket of mode 0600 in a folder of mode 0700; whoever connects must be the same user. One connection, one
//! request: a line of JSON in, any number of `Row` and `Progress` lines out, then the answer that ends it.

use super::{Answer, Asked, Failure, FailureKind};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A request line, in bytes: a list of 16 MiB as JSON numbers, and some room.
const REQUEST_BYTES: usize = 80 * 1024 * 1024;
/// Bytes read at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// Where the socket of a home lies. Paths of sockets are short on every system: the name is too.
pub(super) fn path(home: &Path) -> PathBuf {
    home.join("node.sock")
}

/// A connection to the running node, if one answers.
pub(super) fn connect(home: &Path) -> Option<UnixStream> {
    UnixStream::connect(path(home)).ok()
}

/// Listens; takes the place of a socket that a killed node left behind. The caller holds the vault, so no other
/// node of this home runs.
pub(super) fn listen(home: &Path) -> std::io::Result<UnixListener> {
    let path = path(home);
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Whether the one at the other end is the same user.
fn same_user(stream: &UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid == rustix::process::getuid())
}

/// Asks the running node and hands on what it says.
pub(super) fn ask(stream: UnixStream, asked: &Asked, on: &mut dyn FnMut(Answer)) -> Result<Answer, Failure> {
    let gone = |_| Failure {
        kind: FailureKind::InUse,
        what: "the running node stopped before it answered".into(),
        then: "What it acknowledged is kept. Start it again with `homeward run`, or ask again.".into(),
    };
    let mut line = serde_json::to_vec(asked).map_err(|_| internal("a request could not be written"))?;
    line.push(b'\n');
    (&stream).write_all(&line).map_err(gone)?;
    let mut lines = BufReader::new(&stream);
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).map_err(gone)? == 0 {
            return Err(gone(std::io::ErrorKind::UnexpectedEof.into()));
        }
        match serde_json::from_str(&line) {
            Ok(Answer::Failed(failure)) => return Err(failure),
            Ok(answer @ (Answer::Row(_) | Answer::Progress { .. })) => on(answer),
            Ok(answer) => return Ok(answer),
            Err(_) => return Err(internal("the running node is of another version")),
        }
    }
}

/// Reads one request, has it handled, writes what is said.
pub(super) fn serve(
    stream: &UnixStream,
    handle: impl FnOnce(Asked, &mut dyn FnMut(Answer)) -> Result<Answer, Failure>,
) -> std::io::Result<()> {
    if !same_user(stream) {
        return Ok(());
    }
    let line = read_request(stream)?;
    let mut out = stream;
    let mut broken = None;
    let mut say = |answer: Answer| {
        if broken.is_none() {
            let mut line = serde_json::to_vec(&answer).unwrap_or_default();
            line.push(b'\n');
            broken = out.write_all(&line).err();
        }
    };
    let last = match serde_json::from_slice(&line) {
        Ok(asked) => handle(asked, &mut say).unwrap_or_else(Answer::Failed),
        Err(_) => Answer::Failed(internal("the request is of another version")),
    };
    say(last);
    broken.map_or(Ok(()), Err)
}

/// A request's line, wiped when dropped: it may hold a passphrase. Those that do are short, and so their bytes stand
/// in one place only.
fn read_request(mut stream: &UnixStream) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(CHUNK_BYTES));
    let mut chunk = Zeroizing::new([0; CHUNK_BYTES]);
    while line.last() != Some(&b'\n') && line.len() < REQUEST_BYTES {
        let read = stream.read(&mut chunk[..])?;
        if read == 0 {
            break;
        }
        line.extend_from_slice(chunk.get(..read).unwrap_or_default());
    }
    Ok(line)
}

pub(super) fn internal(what: &str) -> Failure {
    Failure {
        kind: FailureKind::Internal,
        what: what.into(),
        then: "Use the same version of homeward for all verbs of one home.".into(),
    }
}
