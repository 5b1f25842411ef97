//! The desk at which a verb works: which home, who sits there, where to print, and the way to the node.

use super::Always;
use super::exit;
use super::out::Out;
use super::passphrase;
use super::quiet::unexpected;
use crate::node::{Answer, AskPassphrase, Asked, Door, Failure, FailureKind, Request};
use crate::private::Private;
use std::path::{Path, PathBuf};

/// What a verb works with.
pub(super) struct Desk {
    home: Option<PathBuf>,
    passphrase_file: Option<PathBuf>,
    operator: Private<String>,
    door: Option<Door>,
    /// Where to print.
    pub(super) out: Out,
}

impl Desk {
    /// From the arguments that every verb takes.
    pub(super) fn new(always: Always) -> Self {
        Self {
            home: always.home,
            passphrase_file: always.passphrase_file,
            operator: Private::new(always.operator),
            door: None,
            out: Out::new(always.json),
        }
    }

    /// The home folder: `--home`, `$HOMEWARD_HOME`, else a folder in the user's data folder. Absolute.
    pub(super) fn home(&self) -> Result<PathBuf, Failure> {
        let named = self.home.clone().or_else(|| from_env("HOMEWARD_HOME"));
        let home = named.or_else(data_folder).ok_or_else(|| Failure {
            kind: FailureKind::BadInput,
            what: "there is no user's data folder here to look for a home in".into(),
            then: "Name the home's folder with --home.".into(),
        })?;
        absolute(&home)
    }

    /// The home folder, which must exist.
    pub(super) fn standing_home(&self) -> Result<PathBuf, Failure> {
        let home = self.home()?;
        if home.is_dir() {
            return Ok(home);
        }
        Err(Failure {
            kind: FailureKind::NotFound,
            what: format!("there is no home at {}", home.display()),
            then: "Make one with `homeward init`, or name another folder with --home.".into(),
        })
    }

    /// The file that holds the passphrase, if one was named.
    pub(super) fn passphrase_file(&self) -> Option<&Path> {
        self.passphrase_file.as_deref()
    }

    /// Asks; what comes before the last answer is left out. In JSON the answer is printed.
    pub(super) fn ask(&mut self, request: Request) -> Result<Answer, Failure> {
        let answer = self.ask_quietly(request)?;
        self.out.answer(&answer);
        Ok(answer)
    }

    /// Asks on the way to something else: prints nothing.
    pub(super) fn ask_quietly(&mut self, request: Request) -> Result<Answer, Failure> {
        self.converse(request, &mut |_, _| {})
    }

    /// Asks and shows what comes before the last answer: in JSON as lines, else through `on`.
    pub(super) fn ask_along(
        &mut self,
        request: Request,
        on: &mut dyn FnMut(&mut Out, Answer),
    ) -> Result<Answer, Failure> {
        let answer = self.converse(request, &mut |out, part| {
            out.answer(&part);
            on(out, part);
        })?;
        self.out.answer(&answer);
        Ok(answer)
    }

    /// Opens the way to a running node; if none runs, the vault stays closed, and `then` says what that means.
    pub(super) fn reach_running(&mut self, then: &str) -> Result<(), Failure> {
        // The passphrase is asked for only where no node answers.
        self.open(&mut || {
            Err(Failure {
                kind: FailureKind::NotFound,
                what: "no node runs with this home".into(),
                then: then.into(),
            })
        })
    }

    fn open(&mut self, unlock: AskPassphrase<'_>) -> Result<(), Failure> {
        let home = self.standing_home()?;
        self.door = Some(Door::open(&home, unlock)?);
        Ok(())
    }

    fn converse(
        &mut self,
        request: Request,
        on: &mut dyn FnMut(&mut Out, Answer),
    ) -> Result<Answer, Failure> {
        if self.door.is_none() {
            let file = self.passphrase_file.clone();
            self.open(&mut || passphrase::unlock(file.as_deref()))?;
        }
        let asked = Asked { operator: self.operator.clone(), request };
        let (Some(door), out) = (self.door.as_mut(), &mut self.out) else { return Err(unexpected()) };
        match door.ask(asked, &mut |part| on(out, part))? {
            Answer::Failed(failure) => Err(failure),
            answer => Ok(answer),
        }
    }

    /// Tells how it went: the exit code.
    pub(super) fn close(mut self, went: Result<(), Failure>) -> u8 {
        // The node goes before the last word, so that a script which reads it finds the vault free.
        self.door = None;
        let code = match went {
            Ok(()) => 0,
            Err(failure) => {
                self.out.failure(&failure);
                exit::code(failure.kind)
            }
        };
        if self.out.went_out() || code != 0 {
            return code;
        }
        self.out.remark("homeward: it was done, but the output could not be written to its end");
        self.out.remark("  Is the disk full? Ask again for what should have been printed.");
        exit::DISK
    }
}

/// The whole path of what a person named: the node may run in another folder.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|_| Failure {
        kind: FailureKind::BadInput,
        what: "the path of a file or folder is empty or cannot be read".into(),
        then: "Name it by its whole path.".into(),
    })
}

/// The same as text, which is what travels to the node.
pub(super) fn absolute_text(path: &Path) -> Result<String, Failure> {
    absolute(path)?.into_os_string().into_string().map_err(|_| Failure {
        kind: FailureKind::BadInput,
        what: "the name of a file or folder is not Unicode text".into(),
        then: "Use another name.".into(),
    })
}

fn from_env(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Where programs keep a user's data, and our folder in it.
fn data_folder() -> Option<PathBuf> {
    if cfg!(target_os = "macos") {
        return from_env("HOME").map(|home| home.join("Library/Application Support/homeward"));
    }
    // A relative XDG folder is to be ignored (XDG base directory specification).
    let shared = from_env("XDG_DATA_HOME").filter(|folder| folder.is_absolute());
    shared
        .or_else(|| from_env("HOME").map(|home| home.join(".local/share")))
        .map(|data| data.join("homeward"))
}
