//! What was measured, beside what it should be: printed, and kept as one JSON object for whoever compares runs.

use serde_json::{Map, Value, json};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

/// In what a figure is measured.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Seconds,
    Bytes,
    /// Times of what it is compared with.
    Times,
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Self::Seconds => format!("{value:.3} s"),
            Self::Bytes if value >= 1e6 => format!("{:.1} MB", value / 1e6),
            Self::Bytes => format!("{:.1} KB", value / 1e3),
            Self::Times => format!("{value:.2} times"),
        }
    }
}

/// The figures of one run.
pub(crate) struct Figures {
    kept: Map<String, Value>,
    lines: Vec<String>,
}

impl Figures {
    pub(crate) fn new(title: String) -> Self {
        println!("{title}");
        Self { kept: Map::new(), lines: vec![title] }
    }

    /// A line without a figure that is kept.
    pub(crate) fn note(&mut self, line: String) {
        println!("  {line}");
        self.lines.push(format!("  {line}"));
    }

    /// A figure with its goal.
    pub(crate) fn goal(&mut self, key: &str, what: &str, value: f64, unit: Unit, goal: f64) {
        let met = if value <= goal { "" } else { "  (not met)" };
        self.note(format!("{what:<62} {:>12}   goal {:>10}{met}", unit.show(value), unit.show(goal)));
        self.kept.insert(key.to_owned(), json!(value));
    }

    /// Writes the object, and appends what was printed to the file that holds all runs.
    pub(crate) fn keep(&self, target: &Path, name: &str) {
        let folder = target.join("bench");
        fs::create_dir_all(&folder).unwrap();
        let text = serde_json::to_string_pretty(&self.kept).unwrap();
        fs::write(folder.join(format!("{name}.json")), text + "\n").unwrap();
        let all = OpenOptions::new().create(true).append(true).open(target.join("figures.txt"));
        writeln!(all.unwrap(), "{}\n", self.lines.join("\n")).unwrap();
    }
}
