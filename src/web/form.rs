//! Forms: what a page sends, read strictly and in bounds.

use super::fault::{self, Fault};
use super::page::Page;
use crate::limit;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use serde::de::DeserializeOwned;

/// A page's form with the page that sent it. What cannot be read is answered with a fault that says so.
pub(super) struct Sent<T>(pub(super) Page, pub(super) T);

impl<T: DeserializeOwned + Send> FromRequest<super::session::Desk> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, desk: &super::session::Desk) -> Result<Self, Response> {
        let (page, bytes) = read(request, desk, limit::DESK_FORM_BYTES).await?;
        match serde_html_form::from_bytes(&bytes).ok() {
            Some(form) => Ok(Self(page, form)),
            None => Err(fault::answer(&page, Fault::Form)),
        }
    }
}

/// A file that a page sends as it is, with the page.
pub(super) struct Dropped(pub(super) Page, pub(super) Bytes);

impl FromRequest<super::session::Desk> for Dropped {
    type Rejection = Response;

    async fn from_request(request: Request, desk: &super::session::Desk) -> Result<Self, Response> {
        let (page, bytes) = read(request, desk, limit::DESK_BODY_BYTES).await?;
        Ok(Self(page, bytes))
    }
}

async fn read(request: Request, desk: &super::session::Desk, most: usize) -> Result<(Page, Bytes), Response> {
    let (mut parts, body) = request.into_parts();
    let page = Page::from_request_parts(&mut parts, desk).await?;
    match to_bytes(body, most).await {
        Ok(bytes) => Ok((page, bytes)),
        // Too long, or it broke off.
        Err(_) => Err(fault::answer(&page, Fault::Form)),
    }
}
