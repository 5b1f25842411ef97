//! The doors on a terminal: one file per verb.
//!
//! A verb is a struct of arguments, whose doc comments are its help text, and a `run` that asks the node and prints
//! the answer. Doors speak and decide nothing: every name is resolved, every rule judged by the node, so that all
//! doors agree. What a person reads goes through `out.rs`, which shows control and direction characters instead
//! of obeying them; `--json` prints the node's answers as they stand. Exit codes are the table in `exit.rs`.

mod backup;
mod bundle;
mod card;
mod case;
mod check;
mod circle;
mod completions;
mod demo;
mod desk;
mod escape;
mod evidence;
mod exit;
mod export;
mod files;
mod grant;
mod import;
mod init;
mod lock;
mod man;
mod node;
mod node_add;
mod open;
mod out;
mod passphrase;
mod passphrase_change;
mod pause;
mod phrase;
mod prompt;
mod quiet;
mod restore;
mod resume;
mod run;
mod status;
mod stop;
mod sync;
mod top;
mod unlock;
mod verify;
mod words;

use crate::node::DeskService;
use clap::{Parser, Subcommand};
use desk::Desk;
use std::path::PathBuf;
use std::process::ExitCode;

pub use quiet::silence_panics;

/// A secure, offline-first sync node for offices that bring separated children home.
///
/// Each office runs one on its own machine. Everyone writes at any time, offline too; what was written reaches the
/// partners of its circle over any link there is, and nobody else can read it.
#[derive(Parser)]
#[command(name = "homeward", version, after_help = exit::footer(), max_term_width = 110)]
struct Homeward {
    #[command(flatten)]
    always: Always,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb takes.
#[derive(clap::Args)]
#[command(next_help_heading = "For every verb")]
struct Always {
    /// The folder of this node [default: $HOMEWARD_HOME, else `homeward` in the user's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    home: Option<PathBuf>,
    /// Read the passphrase, or the recovery words, from the first line of this file; only its owner may read it
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Who sits at the machine: stands beside everything written [default: `operator` in config.toml]
    #[arg(long = "as", global = true, value_name = "NAME", default_value = "", hide_default_value = true)]
    operator: String,
    /// Print answers as JSON, one object a line
    #[arg(long, global = true)]
    json: bool,
    /// Tell on stderr what happens inside: error, warn, info, debug or trace (never names or case text)
    // Not `--log`: that is what `export` calls the list of exports.
    #[arg(long, global = true, value_name = "LEVEL", value_enum, hide_possible_values = true)]
    log_level: Option<quiet::Level>,
}

#[derive(Subcommand)]
enum Verb {
    Init(init::Init),
    Card(card::Card),
    Circle(circle::Circle),
    Case(case::Case),
    Import(import::Import),
    Export(export::Export),
    Run(run::Run),
    Open(open::Open),
    Sync(sync::Sync),
    Pause(pause::Pause),
    Resume(resume::Resume),
    Lock(lock::Lock),
    Unlock(unlock::Unlock),
    Status(status::Status),
    Top(top::Top),
    Node(node::Node),
    Grant(grant::Grant),
    Passphrase(passphrase_change::Passphrase),
    Evidence(evidence::Evidence),
    Verify(verify::Verify),
    Check(check::Check),
    Bundle(bundle::Bundle),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Stop(stop::Stop),
    Demo(demo::Demo),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Reads the command line, does what it says and tells how it went. `service` serves the desk's pages while a node runs.
pub fn main(service: DeskService) -> ExitCode {
    let parsed = match Homeward::try_parse() {
        Ok(parsed) => parsed,
        Err(told) => {
            // Help and version come this way too. That nobody reads them any more is no fault.
            let _ = told.print();
            return ExitCode::from(u8::try_from(told.exit_code()).unwrap_or(exit::BAD_INPUT));
        }
    };
    if let Some(level) = parsed.always.log_level {
        quiet::log_to_stderr(level);
    }
    let mut desk = Desk::new(parsed.always);
    let went = match parsed.verb {
        Verb::Init(args) => init::run(&mut desk, args),
        Verb::Card(args) => card::run(&mut desk, args),
        Verb::Circle(args) => circle::run(&mut desk, args),
        Verb::Case(args) => case::run(&mut desk, args),
        Verb::Import(args) => import::run(&mut desk, args),
        Verb::Export(args) => export::run(&mut desk, args),
        Verb::Run(args) => run::run(&mut desk, args, service),
        Verb::Open(args) => open::run(&mut desk, args),
        Verb::Sync(args) => sync::run(&mut desk, args),
        Verb::Pause(args) => pause::run(&mut desk, args),
        Verb::Resume(args) => resume::run(&mut desk, args),
        Verb::Lock(args) => lock::run(&mut desk, args),
        Verb::Unlock(args) => unlock::run(&mut desk, args),
        Verb::Status(args) => status::run(&mut desk, args),
        Verb::Top(args) => top::run(&mut desk, args),
        Verb::Node(args) => node::run(&mut desk, args),
        Verb::Grant(args) => grant::run(&mut desk, args),
        Verb::Passphrase(args) => passphrase_change::run(&mut desk, args),
        Verb::Evidence(args) => evidence::run(&mut desk, args),
        Verb::Verify(args) => verify::run(&mut desk, args),
        Verb::Check(args) => check::run(&mut desk, args),
        Verb::Bundle(args) => bundle::run(&mut desk, args),
        Verb::Backup(args) => backup::run(&mut desk, args),
        Verb::Restore(args) => restore::run(&mut desk, args),
        Verb::Stop(args) => stop::run(&mut desk, args),
        Verb::Demo(args) => demo::run(args),
        Verb::Completions(args) => completions::run(&mut desk, args),
        Verb::Man(args) => man::run(&mut desk, args),
    };
    ExitCode::from(desk.close(went))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Homeward::command().debug_assert();
    }

    #[test]
    fn every_verb_and_argument_has_a_help_text() {
        fn walk(command: &clap::Command, path: &str, bare: &mut Vec<String>) {
            if command.get_about().is_none() {
                bare.push(path.to_owned());
            }
            for argument in command.get_arguments() {
                if argument.get_help().is_none() && !matches!(argument.get_id().as_str(), "help" | "version")
                {
                    bare.push(format!("{path} {}", argument.get_id()));
                }
            }
            for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
                walk(verb, &format!("{path} {}", verb.get_name()), bare);
            }
        }
        let mut bare = Vec::new();
        walk(&Homeward::command(), "homeward", &mut bare);
        assert!(bare.is_empty(), "without a help text: {bare:?}");
    }

    #[test]
    fn no_argument_takes_a_passphrase_itself() {
        fn walk(command: &clap::Command, found: &mut Vec<String>) {
            found.extend(command.get_arguments().filter_map(|a| a.get_long()).map(str::to_owned));
            command.get_subcommands().for_each(|verb| walk(verb, found));
        }
        let mut found = Vec::new();
        walk(&Homeward::command(), &mut found);
        let secret = |name: &&String| name.contains("pass") && !name.ends_with("-file");
        assert_eq!(found.iter().find(secret), None);
    }
}
