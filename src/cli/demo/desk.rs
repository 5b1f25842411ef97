//! What the demo asks at one office's desk, with the answer it expects.

use super::offices::{Office, Who, failure};
use crate::case::SheetView;
use crate::id::EditRef;
use crate::node::{Answer, CaseRow, ConflictView, Failure, FailureKind, Request, StatusView, Written};
use crate::private::Private;

/// A circle of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Circle {
    /// What families told in confidence.
    Families,
    /// The lists that mediation runs on.
    List,
    /// The way home.
    Journey,
}

impl Circle {
    /// In the order in which the demo speaks of them.
    pub(super) const ALL: [Circle; 3] = [Circle::Families, Circle::List, Circle::Journey];

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Circle::Families => "families",
            Circle::List => "list",
            Circle::Journey => "journey",
        }
    }

    /// Who reads and writes. Kyiv founds all three.
    pub(super) fn members(self) -> &'static [Who] {
        match self {
            Circle::Families => &[Who::Kyiv, Who::Doha],
            Circle::List => &[Who::Kyiv, Who::Doha, Who::Moscow],
            Circle::Journey => &Who::ALL,
        }
    }

    /// Who holds and passes on.
    pub(super) fn carriers(self) -> &'static [Who] {
        match self {
            Circle::Families | Circle::List => &[Who::Tallinn],
            Circle::Journey => &[],
        }
    }

    /// Members and carriers.
    pub(super) fn partners(self) -> impl Iterator<Item = Who> {
        self.members().iter().chain(self.carriers()).copied()
    }
}

impl Office {
    /// Asks for something to be written.
    ///
    /// # Errors
    /// What the node fails with.
    pub(super) fn write(&self, request: Request) -> Result<Written, Failure> {
        match self.ask(request)? {
            Answer::Written(written) => Ok(written),
            _ => Err(unexpected()),
        }
    }

    /// Asks for something that is only done.
    ///
    /// # Errors
    /// What the node fails with.
    pub(super) fn done(&self, request: Request) -> Result<(), Failure> {
        self.ask(request).map(|_| ())
    }

    /// How everything stands there.
    ///
    /// # Errors
    /// What the node fails with.
    pub(super) fn status(&self) -> Result<StatusView, Failure> {
        match self.ask(Request::Status)? {
            Answer::Status(status) => Ok(*status),
            _ => Err(unexpected()),
        }
    }

    /// Its partners that a link is up with now, by name.
    ///
    /// # Errors
    /// What the node fails with.
    pub(super) fn reached(&self) -> Result<Vec<String>, Failure> {
        let mut names: Vec<String> =
            self.status()?.partners.into_iter().filter(|p| p.reachable).map(|p| p.partner).collect();
        names.sort();
        Ok(names)
    }

    /// The cases of one circle.
    ///
    /// # Errors
    /// What the node fails with: a circle that it cannot read, for one.
    pub(super) fn cases(&self, circle: Circle) -> Result<Vec<CaseRow>, Failure> {
        let circle = Some(circle.name().to_owned());
        match self.ask(Request::CaseList { circle, open_only: false, skip: 0, limit: 0 })? {
            Answer::CaseList { cases, .. } => Ok(cases),
            _ => Err(unexpected()),
        }
    }

    /// What a search finds in all that the office can read. It also finds names that only sound alike.
    ///
    /// # Errors
    /// What the node fails with.
    pub(super) fn find(&self, text: &str) -> Result<Vec<CaseRow>, Failure> {
        match self.ask(Request::CaseFind { text: Private::from(text), circle: None })? {
            Answer::CaseList { cases, .. } => Ok(cases),
            _ => Err(unexpected()),
        }
    }

    /// How many cases it finds whose name has exactly this word in it.
    ///
    /// # Errors
    /// What the node fails with.
    pub(super) fn finds(&self, word: &str) -> Result<usize, Failure> {
        let rows = self.find(word)?;
        Ok(rows.iter().filter(|row| row.names.iter().any(|name| name.reveal().contains(word))).count())
    }

    /// A sheet as the office shows it; `None` if it has none or the document is spoiled.
    ///
    /// # Errors
    /// What the node fails with.
    pub(super) fn sheet(&self, circle: Circle, case: &str) -> Result<Option<SheetView>, Failure> {
        let shown =
            self.ask(Request::CaseShow { case: case.to_owned(), circle: Some(circle.name().to_owned()) });
        match shown {
            Ok(Answer::Case(view)) => Ok(view.sheets.into_iter().next().and_then(|named| named.sheet)),
            Ok(_) => Err(unexpected()),
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Every edit of a sheet that the office has, as often as its history names it.
    ///
    /// # Errors
    /// What the node fails with.
    pub(super) fn history(&self, circle: Circle, case: &str) -> Result<Vec<EditRef>, Failure> {
        let asked =
            self.ask(Request::CaseHistory { case: case.to_owned(), circle: Some(circle.name().to_owned()) });
        match asked {
            Ok(Answer::History { sheets, .. }) => {
                Ok(sheets.into_iter().flat_map(|sheet| sheet.entries).map(|entry| entry.edit).collect())
            }
            Ok(_) => Err(unexpected()),
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(Vec::new()),
            Err(failure) => Err(failure),
        }
    }

    /// What offices differ on in one sheet.
    ///
    /// # Errors
    /// What the node fails with.
    pub(super) fn conflicts(&self, circle: Circle, case: &str) -> Result<Vec<ConflictView>, Failure> {
        let request =
            Request::CaseConflicts { circle: Some(circle.name().to_owned()), case: Some(case.to_owned()) };
        match self.ask(request)? {
            Answer::Conflicts { conflicts } => Ok(conflicts),
            _ => Err(unexpected()),
        }
    }
}

/// An answer of another kind than the request has: our own mistake.
pub(super) fn unexpected() -> Failure {
    failure(FailureKind::Internal, "A node gave an answer of another kind.", "This is a mistake in Homeward.")
}
