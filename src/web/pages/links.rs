//! How links stand, in the frame of every page: keeps itself up to date.

use crate::web::fault;
use crate::web::page::{Frame, Here, Page, show};
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "links_part.html")]
struct LinksPart {
    frame: Frame,
}

pub(in crate::web) async fn part(page: Page) -> Response {
    let shown = async {
        let frame = page.frame(Here::Nowhere, String::new()).await?;
        show(&LinksPart { frame })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}
