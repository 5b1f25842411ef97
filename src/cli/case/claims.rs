//! Claims as a person types them: `field=value`, with what is said of their source.

use super::parted;
use crate::cli::files;
use crate::limit::{CLAIM_TEXT_BYTES, EDIT_CLAIMS};
use crate::node::{ClaimIn, Failure, FailureKind};
use crate::private::Private;
use std::path::PathBuf;

/// The longest file of claims, in bytes.
const CLAIMS_BYTES: usize = CLAIM_TEXT_BYTES * EDIT_CLAIMS;

/// Claims and their source.
#[derive(clap::Args, Default)]
pub(super) struct Claims {
    /// What is claimed, as `name='Verba, Olena Petrivna'` or `birth_date=2014-05`
    ///
    /// Other users of this machine can see what is typed here; --claims takes them from a file.
    #[arg(value_name = "FIELD=VALUE")]
    claims: Vec<String>,
    /// Take more claims from this file, one `field=value` a line; `-` reads stdin
    #[arg(long = "claims", id = "claims_file", value_name = "FILE")]
    claims_file: Option<PathBuf>,
    /// Which relative, stay or document they speak of: a short code such as `1` or `mother`
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    group: String,
    /// Where they come from, in words: a document's number, a list's name
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    source: String,
    /// What kind of source: document, person, office or list_line
    #[arg(long, value_name = "KIND", default_value = "office", value_parser = ["document", "person", "office", "list_line"], hide_possible_values = true)]
    source_kind: String,
    /// Who gave them
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    given_by: String,
    /// How sure it is: confirmed, reported or inferred
    #[arg(long, value_name = "CODE", value_parser = ["confirmed", "reported", "inferred"], hide_possible_values = true)]
    confidence: Option<String>,
    /// From when they hold, as a date
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    from: String,
    /// Until when they hold, as a date
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    to: String,
    /// This office's own claim that the one given here replaces; may be given several times
    #[arg(long, value_name = "ITEM")]
    replaces: Vec<String>,
}

impl Claims {
    /// As the node takes them.
    pub(super) fn taken(self) -> Result<Vec<ClaimIn>, Failure> {
        let file = match &self.claims_file {
            Some(path) => files::read_text(path, CLAIMS_BYTES, "file of claims")?,
            None => String::new(),
        };
        let lines = file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let typed: Vec<&str> = self.claims.iter().map(String::as_str).chain(lines).collect();
        if typed.is_empty() {
            return Err(wrong("there is nothing to claim", "Give at least one, as in birth_date=2014-05."));
        }
        if typed.len() > EDIT_CLAIMS {
            return Err(wrong("more than 64 claims at once are too many", "Give them in several steps."));
        }
        if !self.replaces.is_empty() && typed.len() != 1 {
            return Err(wrong(
                "only a single claim can replace others",
                "Give the others in a step of their own.",
            ));
        }
        typed.into_iter().map(|claim| self.one(claim)).collect()
    }

    fn one(&self, typed: &str) -> Result<ClaimIn, Failure> {
        let (field, value) = parted(typed, "birth_date=2014-05")?;
        Ok(ClaimIn {
            field: field.to_owned(),
            group: self.group.clone(),
            value: value.into(),
            source_kind: self.source_kind.clone(),
            source: self.source.as_str().into(),
            given_by: self.given_by.as_str().into(),
            confidence: self.confidence.clone().unwrap_or_default(),
            from: self.from.clone(),
            to: self.to.clone(),
            replaces: self.replaces.clone(),
        })
    }
}

fn wrong(what: &str, then: &str) -> Failure {
    Failure { kind: FailureKind::BadInput, what: what.into(), then: then.into() }
}

/// The reason that an edit gives, which must not be empty.
pub(super) fn reason(text: String) -> Result<Private<String>, Failure> {
    match text.trim().is_empty() {
        true => Err(wrong("the reason is empty", "Say in a few words why: it stays with the case.")),
        false => Ok(Private::new(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(claims: &[&str]) -> Claims {
        Claims { claims: claims.iter().map(|c| (*c).to_owned()).collect(), ..Claims::default() }
    }

    #[test]
    fn the_first_equals_sign_parts_field_and_value() {
        let taken = typed(&[" remark = a=b ", "birth_date=2014"]).taken().unwrap();
        let said: Vec<(&str, &str)> =
            taken.iter().map(|c| (c.field.as_str(), c.value.reveal().as_str())).collect();
        assert_eq!(said, [("remark", "a=b"), ("birth_date", "2014")]);
    }

    #[test]
    fn what_is_no_claim_is_refused_and_not_repeated() {
        for claims in [&["Olena Verba"][..], &["=x"], &[]] {
            let failure = typed(claims).taken().unwrap_err();
            assert_eq!(failure.kind, FailureKind::BadInput);
            assert!(!failure.what.contains("Olena") && !failure.then.contains("Olena"));
        }
        let many = vec!["remark=x"; EDIT_CLAIMS + 1];
        assert!(typed(&many).taken().is_err());
        assert!(typed(&many[1..]).taken().is_ok());
        let two = Claims { replaces: vec!["abababab.1.0".into()], ..typed(&["a=1", "b=2"]) };
        assert!(two.taken().is_err());
    }
}
