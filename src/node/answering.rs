//! Requests, one by one: what the doors asked, sent to where it is done.

use super::failure::{bad_input, not_found};
use super::running::Node;
use super::{Answer, Asked, Failure, Request, bundles, cards, circle_verbs, syncing};

/// Answers a request. `on` sees each `Row` and `Progress`.
pub(super) fn answer(node: &Node, asked: Asked, on: &mut dyn FnMut(Answer)) -> Result<Answer, Failure> {
    node.ready_for(&asked.request)?;
    let operator = {
        let house = node.shared.house();
        if asked.operator.is_empty() {
            house.config.operator.clone().unwrap_or_default().into()
        } else {
            asked.operator
        }
    };
    // Edits are asked the same where they are made.
    if operator.is_empty() && asked.request.hands_out() {
        return Err(bad_input(
            "every export carries the name of who made it, and none was given",
            "Say who you are with --as NAME, or set `operator` in config.toml.",
        ));
    }
    match asked.request {
        Request::Info => Ok(Answer::Info(node.shared.house().info())),
        Request::CardList
        | Request::CardShow { .. }
        | Request::CardExport { .. }
        | Request::CardImport { .. }
        | Request::CardTrust { .. }
        | Request::CardDistrust { .. } => {
            let answer = cards::answer(node, asked.request)?;
            wrote(node);
            Ok(answer)
        }
        Request::CircleNew { .. }
        | Request::CircleList
        | Request::CircleShow { .. }
        | Request::CircleHide { .. } => {
            let answer = circle_verbs::answer(node, asked.request)?;
            wrote(node);
            Ok(answer)
        }
        Request::CaseNew { .. }
        | Request::CaseClaim { .. }
        | Request::CaseWithdraw { .. }
        | Request::CasePrefer { .. }
        | Request::CasePlan { .. }
        | Request::CaseNote { .. }
        | Request::CaseSettle { .. }
        | Request::CaseDisclose { .. }
        | Request::CaseSame { .. } => {
            let answer = super::case_write::answer(&mut node.shared.house(), asked.request, &operator)?;
            wrote(node);
            Ok(answer)
        }
        Request::CaseShow { .. }
        | Request::CaseList { .. }
        | Request::CaseFind { .. }
        | Request::CaseHistory { .. }
        | Request::CaseAt { .. }
        | Request::CaseConflicts { .. } => super::case_read::answer(&node.shared.house(), asked.request),
        Request::CaseFilter { filter, skip, limit } => {
            super::case_filter::answer(&mut node.shared.house(), &filter, skip, limit, &operator)
        }
        Request::OperatorList
        | Request::OperatorPut { .. }
        | Request::DeskRead { .. }
        | Request::DeskWrite { .. }
        | Request::DeskVisit { .. }
        | Request::DeskKeep => super::desk::answer(&mut node.shared.house(), asked.request, &operator),
        Request::Pulse { case } => {
            let links = node.shared.look(|watch| watch.version);
            let house = node.shared.house();
            let case = case.map(|case| house.find_case(&case, None)).transpose()?;
            let case = case.map_or(0, |case| house.index.changed(&case));
            Ok(Answer::Pulse { cases: house.index.revision(), case, links })
        }
        Request::ListLook { file, sheet } => super::list_look::answer(&file, &sheet),
        Request::Worklist { limit } => super::worklist::answer(&mut node.shared.house(), limit, &operator),
        Request::Overview => super::overview::answer(&node.shared.house()),
        Request::ExportTable { table, recipient, purpose } => {
            super::export::table(&mut node.shared.house(), &table, recipient, purpose, &operator)
        }
        Request::Import { circle, csv, map, dry_run } => {
            let answer = super::import::answer(node, &circle, &csv, &map, dry_run, &operator, on);
            wrote(node);
            answer
        }
        Request::ExportCase { .. } | Request::ExportAll { .. } | Request::ExportLog => {
            super::export::answer(&mut node.shared.house(), asked.request, &operator)
        }
        Request::Check => super::check::answer(node, on),
        Request::Sync { partner, patience_s } => syncing::sync(node, partner.as_deref(), patience_s, on),
        Request::Pause { partner } => syncing::pause(node, partner.as_deref(), true),
        Request::Resume { partner } => syncing::pause(node, partner.as_deref(), false),
        Request::Status => Ok(Answer::Status(Box::new(super::status::status(node)))),
        Request::BundleOut { partner, file, all } => bundles::write(node, &partner, &file, all, &operator),
        Request::BundleIn { file } => bundles::read(node, &file),
        Request::BundleMake { partner, all } => bundles::make(node, &partner, all, &operator),
        Request::BundleTake { bytes } => bundles::take(node, &bytes),
        Request::Backup { file, recipients } => super::backup::write(node, &file, &recipients, &operator),
        Request::SayLeft => {
            let answer = super::restoring::go(node);
            wrote(node);
            answer
        }
        Request::EvidenceList { .. } | Request::EvidenceExport { .. } => {
            super::evidence::answer(node, asked.request)
        }
        Request::NodeList | Request::CloseDraft { .. } | Request::CloseTake { .. } => {
            super::closing::answer(node, asked.request)
        }
        Request::GrantList | Request::GrantAllow { .. } => super::grants::answer(node, asked.request),
        // A running node's keeper answers these; here none runs.
        Request::Lock | Request::DeskLink | Request::Unlock { .. } => Err(not_found(
            "no node runs with this home",
            "Without one nothing is open: each verb asks for the passphrase and forgets it at its end.",
        )),
        Request::Stop => {
            node.shared.stop();
            Ok(Answer::Done)
        }
    }
}

/// Edits were written: the driver cuts them soon if there is somewhere to send them to.
pub(super) fn wrote(node: &Node) {
    if node.is_running() {
        node.driver().edits_written();
        node.nudge();
    }
    node.shared.ring();
}
