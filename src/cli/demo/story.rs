//! The story: what the demo does, and what it asks of the nodes after each step. The later steps are in `ending.rs`,
//! the killed machine is in `crash.rs`.

use super::agree::{CircleIds, Standing};
use super::children::{self, Cases, NINE, ON_THE_LIST, SEVEN, SEVENTEEN, TWO};
use super::desk::{Circle, unexpected};
use super::offices::{Offices, Who};
use super::patience;
use super::told::Told;
use crate::id::EditRef;
use crate::node::{Answer, Failure, Request, TrustView, Written};
use crate::private::Private;
use std::collections::BTreeMap;

/// Each office's list: who takes it in, into which circle, the file and its map.
const LISTS: [(Who, Circle, &[u8], &str); 3] = [
    (Who::Kyiv, Circle::Families, include_bytes!("kyiv-list.csv"), include_str!("kyiv-list.toml")),
    (Who::Moscow, Circle::List, include_bytes!("moscow-reply.csv"), include_str!("moscow-reply.toml")),
    (Who::Doha, Circle::List, include_bytes!("doha-sheet.csv"), include_str!("doha-sheet.toml")),
];

/// An edit that a node acknowledged: from then on it must never be lost.
#[derive(Clone)]
pub(super) struct Acknowledged {
    pub(super) who: Who,
    pub(super) circle: Circle,
    pub(super) case: String,
    pub(super) edit: EditRef,
}

/// The story so far.
pub(super) struct Story<'a> {
    pub(super) told: &'a mut Told,
    pub(super) offices: &'a Offices,
    pub(super) ids: CircleIds,
    pub(super) cases: Cases,
    pub(super) ledger: Vec<Acknowledged>,
}

/// Tells it from the first step to the last.
///
/// # Errors
/// What a node, a process or the disk fails with: then the story could not be told to its end.
pub(super) fn tell(told: &mut Told, offices: &Offices) -> Result<(), Failure> {
    meet(told, offices)?;
    let ids = found_circles(told, offices)?;
    let mut story = Story { told, offices, ids, cases: Cases::default(), ledger: Vec::new() };
    story.bring_what_they_have()?;
    story.everyone_has_what_it_may_have()?;
    story.cut_the_links()?;
    story.work_apart()?;
    story.lose_power()?;
    story.carry_by_hand()?;
    story.bring_links_back()?;
    story.agree()?;
    story.look_at_tallinn()?;
    story.settle_one()?;
    story.close_the_day()
}

/// Cards are exchanged while the homes are at rest, words are compared, and the nodes start.
fn meet(told: &mut Told, offices: &Offices) -> Result<(), Failure> {
    told.step("Four offices meet.");
    told.say(
        "Each has a home of its own and hands the others its card. Someone reads twelve words aloud, someone \
         types them: from then on the two offices know each other.",
    );
    let mut cards = Vec::new();
    for office in offices.all() {
        let Answer::CardFile { text, .. } = office.ask(Request::CardExport { partner: None })? else {
            return Err(unexpected());
        };
        let Answer::Cards { cards: own } = office.ask(Request::CardShow { partner: None })? else {
            return Err(unexpected());
        };
        let words = own.first().map(|card| card.words.join(" ")).unwrap_or_default();
        cards.push((office.who(), text, words));
    }
    let mut by_phrase = 0;
    for office in offices.all() {
        for (who, text, words) in cards.iter().filter(|(who, ..)| *who != office.who()) {
            office.done(Request::CardImport { text: text.clone() })?;
            let partner = who.name().to_owned();
            office.done(Request::CardTrust { partner, phrase: Some(words.clone()), introduced_by: None })?;
        }
        let Answer::Cards { cards } = office.ask(Request::CardList)? else { return Err(unexpected()) };
        by_phrase += cards.iter().filter(|card| matches!(card.trust, TrustView::ByPhrase { .. })).count();
    }
    told.hold("Each of the four trusts the other three, by words that were compared.", by_phrase == 12);
    for office in offices.all() {
        // A door at rest holds the vault, which the process needs.
        office.close();
    }
    for who in Who::ALL {
        offices.start(who)?;
    }
    let mut running = 0;
    let mut where_they_are = Vec::new();
    for office in offices.all() {
        let Answer::Info(info) = office.ask(Request::Info)? else { return Err(unexpected()) };
        let right = info.name == office.who().name() && info.demo && info.listening.is_some();
        running += usize::from(right && office.process().is_some());
        where_they_are.push(format!(
            "{} (process {}, {})",
            office.who().title(),
            office.process().unwrap_or_default(),
            info.listening.unwrap_or_default()
        ));
    }
    told.say(&format!("{}.", where_they_are.join(", ")));
    told.hold("Four nodes run in four processes and answer by name.", running == 4);
    Ok(())
}

/// Kyiv founds the three circles and the others hear of them.
fn found_circles(told: &mut Told, offices: &Offices) -> Result<CircleIds, Failure> {
    told.step("Three circles say who reads what.");
    told.say(
        "`families`: Kyiv and Doha read. `list`: Kyiv, Doha and Moscow read. Tallinn carries both and opens \
         neither. `journey`: all four read.",
    );
    let names = |list: &[Who]| {
        list.iter().filter(|who| **who != Who::Kyiv).map(|who| who.name().to_owned()).collect()
    };
    let mut ids = BTreeMap::new();
    for circle in Circle::ALL {
        let request = Request::CircleNew {
            name: Private::from(circle.name()),
            members: names(circle.members()),
            carriers: names(circle.carriers()),
        };
        let Answer::Circles { circles } = offices.at(Who::Kyiv).ask(request)? else {
            return Err(unexpected());
        };
        let founded = circles.first().ok_or_else(unexpected)?;
        ids.insert(circle, founded.circle);
    }
    let heard = patience::until(|| Ok::<_, Failure>(Standing::ask(offices, &ids)?.all_known()))?;
    told.hold("Every partner of a circle has heard of it over its link.", heard);
    let mut known = Vec::new();
    for office in offices.all() {
        let Answer::Circles { circles } = office.ask(Request::CircleList)? else { return Err(unexpected()) };
        known.push(circles.len());
    }
    told.hold(
        "Moscow knows of two circles: that `families` exists was never sent there.",
        known == [3, 3, 2, 3],
    );
    Ok(ids)
}

impl Story<'_> {
    /// Asks for an edit and remembers that it was acknowledged.
    pub(super) fn write(&mut self, who: Who, circle: Circle, request: Request) -> Result<Written, Failure> {
        let written = self.offices.at(who).write(request)?;
        self.ledger.push(Acknowledged { who, circle, case: written.case.hex(), edit: written.edit });
        Ok(written)
    }

    /// Waits until all circles stand alike with all their partners; whether they did in time.
    pub(super) fn wait_for_level(&self) -> Result<bool, Failure> {
        patience::until(|| Ok(Standing::ask(self.offices, &self.ids)?.all_level()))
    }

    /// Kyiv opens four cases, then three lists come in.
    fn bring_what_they_have(&mut self) -> Result<(), Failure> {
        self.told.step("Each office brings what it has.");
        self.told.say("Kyiv opens the cases of four children whom no list names yet.");
        let [seven, two, nine, seventeen] = [SEVEN, TWO, NINE, SEVENTEEN].map(|child| {
            let request = Request::CaseNew {
                circle: Circle::List.name().to_owned(),
                case: None,
                claims: children::first_claims(child),
            };
            self.write(Who::Kyiv, Circle::List, request)
        });
        let (seven, nine) = (seven?, nine?);
        self.cases = Cases {
            seven: seven.case.hex(),
            two: two?.case.hex(),
            nine: nine.case.hex(),
            seventeen: seventeen?.case.hex(),
        };
        let confidence = Request::CaseNew {
            circle: Circle::Families.name().to_owned(),
            case: Some(self.cases.seven.clone()),
            claims: children::told_in_confidence(),
        };
        self.write(Who::Kyiv, Circle::Families, confidence)?;
        let told = self.tell_the_journey(&seven, "on the way home")?
            & self.tell_the_journey(&nine, "travels with them")?;
        self.told.hold(
            "Kyiv asks what `journey` would learn of the boys of 7 and 9: one line each, the name, with Tallinn among \
             the readers. Then it tells.",
            told,
        );
        // The name of a circle is sealed in its founder's first segment: now the others can name it.
        let level = self.wait_for_level()?;
        self.told.hold("The first words of each circle have reached all who take part in it.", level);
        let mut refused_rows = 0;
        for (who, circle, csv, map) in LISTS {
            let request = Request::Import {
                circle: circle.name().to_owned(),
                csv: csv.to_vec(),
                map: map.to_owned(),
                dry_run: false,
            };
            let Answer::Imported { new, changed, refused, .. } = self.offices.at(who).ask(request)? else {
                return Err(unexpected());
            };
            refused_rows += refused;
            self.told.say(&format!(
                "{} takes its list into `{}`: {new} new cases, {changed} changed, {refused} rows refused.",
                who.title(),
                circle.name()
            ));
        }
        self.told.hold("No row of the three lists was refused.", refused_rows == 0);
        Ok(())
    }

    /// Tells the circle of the journey one claim of a child, the name, after asking who would read it;
    /// whether the answer was that and no more.
    fn tell_the_journey(&mut self, written: &Written, reason: &str) -> Result<bool, Failure> {
        let name = written.items.first().map(|item| item.short()).into_iter().collect::<Vec<_>>();
        let request = |dry_run| Request::CaseDisclose {
            from: Circle::List.name().to_owned(),
            to: Circle::Journey.name().to_owned(),
            case: written.case.hex(),
            items: name.clone(),
            reason: Private::from(reason),
            dry_run,
        };
        let Answer::Disclosure { readers, lines, .. } = self.offices.at(Who::Kyiv).ask(request(true))? else {
            return Err(unexpected());
        };
        self.write(Who::Kyiv, Circle::Journey, request(false))?;
        Ok(lines.len() == 1 && readers.iter().any(|reader| reader == Who::Tallinn.name()))
    }

    /// All lists and children have arrived where they may be, and nowhere else.
    fn everyone_has_what_it_may_have(&mut self) -> Result<(), Failure> {
        self.told.step("Everyone has what it may have.");
        let level = self.wait_for_level()?;
        self.told.hold("All that was written has arrived and been read.", level);
        for circle in Circle::ALL {
            let mut counts = Vec::new();
            for who in circle.members() {
                counts.push(self.offices.at(*who).cases(circle)?.len());
            }
            let first = counts.first().copied().unwrap_or_default();
            let alike = first > 0 && counts.iter().all(|count| *count == first);
            let names: Vec<&str> = circle.members().iter().map(|who| who.title()).collect();
            self.told.hold(
                &format!("`{}`: {first} cases, the same at {}.", circle.name(), names.join(", ")),
                alike,
            );
        }
        let mut found = Vec::new();
        for office in self.offices.all() {
            found.push(office.finds(ON_THE_LIST)? > 0);
        }
        self.told.hold(
            "A child of Kyiv's list is found in Kyiv and Doha. Moscow and Tallinn, asked the same, do not know him.",
            found == [true, true, false, false],
        );
        Ok(())
    }

    /// No link is left.
    fn cut_the_links(&mut self) -> Result<(), Failure> {
        self.told.step("The links are cut.");
        for who in Who::ALL {
            self.pause_all(who)?;
        }
        let offices = self.offices;
        let cut = patience::until(|| {
            for office in offices.all() {
                if !office.reached()?.is_empty() {
                    return Ok::<_, Failure>(false);
                }
            }
            Ok(true)
        })?;
        self.told.hold("No office reaches any other.", cut);
        Ok(())
    }

    /// Pauses an office's links, partner by partner.
    pub(super) fn pause_all(&self, who: Who) -> Result<(), Failure> {
        for other in who.others() {
            self.offices.at(who).done(Request::Pause { partner: Some(other.name().to_owned()) })?;
        }
        Ok(())
    }

    /// All four go on, on the same children.
    fn work_apart(&mut self) -> Result<(), Failure> {
        self.told.step("Work goes on, for days as it were, and for the same children.");
        self.told.say(
            "A boy of 7 waits with his grandmother at the embassy; two papers give two years of birth. With him: \
             a boy of 2, a boy of 9 and a girl of 17.",
        );
        let before = self.ledger.len();
        let mut wanted = 0;
        for work in children::apart(&self.cases) {
            wanted += 1;
            self.write(work.who, work.circle, work.request)?;
        }
        let apart: Vec<Acknowledged> = self.ledger.iter().skip(before).cloned().collect();
        let by = |who: Who| apart.iter().filter(|entry| entry.who == who).count();
        self.told.hold(
            &format!(
                "{wanted} edits are written and durable: {} in Kyiv, {} in Doha, {} in Moscow, {} in Tallinn.",
                by(Who::Kyiv),
                by(Who::Doha),
                by(Who::Moscow),
                by(Who::Tallinn)
            ),
            apart.len() == wanted && Who::ALL.into_iter().all(|who| by(who) > 0),
        );
        let mut own = true;
        let mut others = false;
        for entry in &apart {
            for reader in entry.circle.members() {
                let has = self.offices.at(*reader).history(entry.circle, &entry.case)?.contains(&entry.edit);
                if *reader == entry.who {
                    own &= has;
                } else {
                    others |= has;
                }
            }
        }
        self.told.hold("Each office sees its own edits and none of the others'.", own && !others);
        Ok(())
    }
}
