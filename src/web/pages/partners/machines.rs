//! The machines of this office and the keys that machines ask for: to be looked at. What changes anything here needs the
//! partner key or a call, and is typed in a terminal.

use super::tabs;
use crate::node::{Answer, GrantsView, NodeView, Request};
use crate::web::fault;
use crate::web::page::{Frame, Here, May, Page, show};
use crate::web::texts::Dated;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "machines.html")]
struct MachinesPage<'a> {
    frame: Frame,
    page: &'a Page,
    tabs: Vec<super::Tab>,
    nodes: Vec<NodeView>,
    grants: GrantsView,
}

pub(in crate::web) async fn page(page: Page) -> Response {
    let made = async {
        page.only(May::Look)?;
        let Answer::Nodes { nodes } = page.ask(Request::NodeList).await? else {
            return Err(page.unexpected());
        };
        let Answer::Grants(grants) = page.ask(Request::GrantList).await? else {
            return Err(page.unexpected());
        };
        let frame = page.frame(Here::Partners, page.t.say("partners-tab-machines")).await?;
        let tabs = tabs(&page, "partners/machines");
        show(&MachinesPage { frame, page: &page, tabs, nodes, grants: *grants })
    };
    made.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

impl MachinesPage<'_> {
    /// What a machine is, in words.
    fn standing(&self, node: &NodeView) -> String {
        let t = self.page.t;
        let mut all = Vec::new();
        if node.this {
            all.push(t.say("partners-machine-this"));
        }
        if !node.on_card {
            all.push(t.say("partners-machine-off-card"));
        }
        if !node.this {
            all.push(match &node.contact {
                Some(at) => t.s("partners-contact", Dated(self.page.ago(at))),
                None => t.say("partners-contact-none"),
            });
        }
        all.join(&t.say("list-comma"))
    }

    fn segments(&self, circle: &crate::node::NodeCircle) -> String {
        self.page.t.n("partners-segments", circle.logs.iter().map(|log| log.segments).sum::<u64>())
    }

    /// The words of this machine's keys, with their numbers.
    fn phrase(&self) -> impl Iterator<Item = (&String, &String)> {
        self.grants.words.iter().zip(&self.grants.numbers)
    }

    fn has_fork(&self, circle: &crate::node::NodeCircle) -> bool {
        circle.logs.iter().any(|log| log.fork.is_some())
    }
}
