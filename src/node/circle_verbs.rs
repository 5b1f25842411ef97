//! Circles: founding, listing, hiding.

use super::failure::{bad_input, internal, not_allowed};
use super::house::{Circle, House};
use super::running::Node;
use super::{Answer, CircleView, Failure, Request};
use crate::id::{CircleId, PartnerId};
use crate::limit;
use crate::log::{Charter, Role};
use crate::private::Private;
use crate::sign::Signed;
use crate::store::circles::{self, KnownCircle, Standing};
use crate::sync::Input;

pub(super) fn answer(node: &Node, request: Request) -> Result<Answer, Failure> {
    match request {
        Request::CircleNew { name, members, carriers } => {
            let mut driver = node.driver();
            let charter = node.shared.house().found_circle(&name, &members, &carriers)?;
            let id = charter.circle();
            driver.hand(Input::NewCircle { charter });
            // Its name is to be said.
            driver.edits_written();
            drop(driver);
            node.nudge();
            views(node, vec![id])
        }
        Request::CircleList => {
            let ids = node.shared.house().circles.keys().copied().collect();
            views(node, ids)
        }
        Request::CircleShow { circle } => {
            let id = node.shared.house().find_circle(&circle)?;
            views(node, vec![id])
        }
        Request::CircleHide { circle, hide } => {
            let mut house = node.shared.house();
            let id = house.find_circle(&circle)?;
            let mut known = house.circle(&id)?.known.clone();
            known.hidden = hide;
            house.vault.write(|writer| circles::put(writer, &known))?;
            house.circle_mut(&id)?.known = known;
            drop(house);
            views(node, vec![id])
        }
        _ => Err(internal("no request about circles")),
    }
}

fn views(node: &Node, ids: Vec<CircleId>) -> Result<Answer, Failure> {
    let house = node.shared.house();
    let mut circles: Vec<CircleView> =
        ids.iter().filter_map(|id| house.circles.get(id)).map(|circle| house.circle_view(circle)).collect();
    circles.sort_by(|a, b| (&a.name, a.founded, a.circle).cmp(&(&b.name, b.founded, b.circle)));
    Ok(Answer::Circles { circles })
}

impl House {
    fn circle_view(&self, circle: &Circle) -> CircleView {
        let charter = circle.charter();
        CircleView {
            circle: circle.id,
            name: circle.known.name.clone(),
            role: charter.role(&self.people.own).unwrap_or(Role::Carrier),
            members: self.people.names(&charter.members),
            carriers: self.people.names(&charter.carriers),
            founder: self.people.name(&charter.founder),
            founded: charter.time,
            hidden: circle.known.hidden,
            waits_for: if charter.is_member(&self.people.own) {
                self.people.names(&self.people.waited_for(charter))
            } else {
                Vec::new()
            },
            cases: self.index.count_of(&circle.id),
            segments: circle.logs.values().map(|log| log.end.number).sum(),
            bytes: circle
                .logs
                .values()
                .flat_map(|log| &log.segments)
                .map(|entry| u64::from(entry.header.length))
                .sum(),
        }
    }

    fn found_circle(
        &mut self,
        name: &Private<String>,
        members: &[String],
        carriers: &[String],
    ) -> Result<Signed<Charter>, Failure> {
        if name.is_empty()
            || name.len_bytes() > limit::CODE_BYTES
            || name.reveal().chars().any(crate::case::steers)
            || name.reveal().trim() != name.reveal()
        {
            return Err(bad_input(
                "a circle's name is up to 64 bytes long, without control characters or spaces around it",
                "Choose a short name, like `families`.",
            ));
        }
        if self.circles.values().any(|circle| circle.known.name == *name) {
            return Err(bad_input(
                "a circle of that name is here already; its members can never be changed",
                "Choose another name for another circle.",
            ));
        }
        if self.circles.len() >= limit::NODE_CIRCLES {
            return Err(not_allowed(
                format!("a node takes part in at most {} circles", limit::NODE_CIRCLES),
                "",
            ));
        }
        let find = |named: &[String]| -> Result<Vec<PartnerId>, Failure> {
            let mut found: Vec<PartnerId> =
                named.iter().map(|one| self.people.find(one)).collect::<Result<_, _>>()?;
            found.sort();
            found.dedup();
            Ok(found)
        };
        let mut members = find(members)?;
        if !members.contains(&self.people.own) {
            members.push(self.people.own);
            members.sort();
        }
        let carriers = find(carriers)?;
        if carriers.iter().any(|carrier| members.contains(carrier)) {
            return Err(bad_input(
                "one partner is named as member and as carrier",
                "Members read and write; carriers hold without reading. Name each partner once.",
            ));
        }
        let charter = Charter {
            version: 1,
            nonce: self.chance.bytes16(),
            members,
            carriers,
            rules: 1,
            time: self.now(),
            founder: self.people.own,
            node: self.life.node,
            certificate: self.certificate.bytes().to_vec(),
        };
        let charter = Signed::sign(charter, &*self.secret).map_err(|fault| {
            bad_input(format!("the circle cannot be founded: {fault}"), "Name other partners.")
        })?;
        let known = KnownCircle {
            charter: charter.clone(),
            name: name.clone(),
            hidden: false,
            standing: self.standing_of(&charter),
        };
        self.vault.write(|writer| circles::put(writer, &known))?;
        self.add_circle(charter.clone(), name.clone(), known.standing);
        Ok(charter)
    }

    fn standing_of(&self, charter: &Charter) -> Standing {
        if !charter.is_member(&self.people.own) {
            Standing::Carried
        } else if self.people.waited_for(charter).is_empty() {
            Standing::Accepted
        } else {
            Standing::Held
        }
    }

    /// After trust has changed: circles that are no longer held.
    pub(super) fn accept_circles(&mut self) -> Result<Vec<CircleId>, Failure> {
        let accepted: Vec<CircleId> = self
            .circles
            .values()
            .filter(|circle| circle.known.standing == Standing::Held)
            .filter(|circle| self.standing_of(circle.charter()) == Standing::Accepted)
            .map(|circle| circle.id)
            .collect();
        for id in &accepted {
            let mut known = self.circle(id)?.known.clone();
            known.standing = Standing::Accepted;
            self.vault.write(|writer| circles::put(writer, &known))?;
            self.circle_mut(id)?.known = known;
        }
        Ok(accepted)
    }
}

#[cfg(test)]
mod tests {
    use crate::node::trial::Trial;
    use crate::sync::Input;

    #[test]
    fn nothing_is_cut_in_a_circle_before_the_hub_knows_it() {
        let trial = Trial::new("kyiv");
        let (name, none) = ("families".into(), &[][..]);
        let charter = trial.node.shared.house().found_circle(&name, none, none).unwrap();
        let id = charter.circle();
        let cut = || {
            trial.node.driver().cut_unseen();
            let house = trial.node.shared.house();
            house.circle(&id).unwrap().own.end.number
        };
        assert_eq!(cut(), 0, "the hub would take no later segment of a log whose first it never saw");
        trial.node.driver().hand(Input::NewCircle { charter });
        assert_eq!(cut(), 2, "the epoch, and the circle's name");
        let status = trial.node.driver().status();
        assert_eq!(status.circles[0].logs[0].number, 2);
    }
}
