//! A case as a page to be printed, and a case handed to another tool: for that it is asked for whom and what for, which
//! goes into the journal first. What a browser prints of what it shows, no program can see.

use super::view::SheetPart;
use super::{Asked, HeadPart, InCase, Loaded, head_part};
use crate::node::{Answer, ExportedFile, Failure, FailureKind, Request};
use crate::private::Private;
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::page::{Frame, Here, May, Page, piece, show};
use crate::web::shown::{self, Html};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What an export says of itself.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Purpose {
    /// One circle's sheet alone; all if empty.
    circle: String,
    recipient: Private<String>,
    purpose: Private<String>,
}

#[derive(Template)]
#[template(path = "case_export.html")]
struct ExportPage<'a> {
    frame: Frame,
    page: &'a Page,
    id: String,
    sheets: Vec<SheetPart>,
    typed: Purpose,
    fault: Option<Failure>,
}

#[derive(Template)]
#[template(path = "case_print.html")]
struct PaperPage<'a> {
    frame: Frame,
    page: &'a Page,
    id: String,
    head: HeadPart<'a>,
    sheets: Vec<SheetPart>,
    now: String,
}

pub(super) async fn page(page: Page, Path(path): Path<InCase>, Query(typed): Query<Purpose>) -> Response {
    let shown = async {
        page.only(May::Export)?;
        export_page(&page, &path.id, typed, None).await
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn export_page(
    page: &Page,
    id: &str,
    typed: Purpose,
    fault: Option<Failure>,
) -> Result<Response, Fault> {
    let loaded = Loaded::load(page, id, &Asked::default()).await?;
    let making = loaded.making(page);
    let sheets = loaded.case.sheets.iter().map(|named| making.sheet(named)).collect();
    let mut frame = page.frame(Here::Cases, page.t.say("case-export-title")).await?;
    frame.case = loaded.id();
    show(&ExportPage { frame, page, id: loaded.id(), sheets, typed, fault })
}

pub(super) async fn take(Path(path): Path<InCase>, Sent(page, typed): Sent<Purpose>) -> Response {
    taken(&page, &path.id, typed).await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn taken(page: &Page, id: &str, typed: Purpose) -> Result<Response, Fault> {
    page.only(May::SeeCases)?;
    page.only(May::Export)?;
    let request = Request::ExportCase {
        case: id.to_owned(),
        circle: (!typed.circle.is_empty()).then(|| typed.circle.clone()),
        recipient: typed.recipient.clone(),
        purpose: typed.purpose.clone(),
    };
    match page.ask(request).await {
        Ok(Answer::Exported { files }) => download(&files).ok_or(Fault::Template),
        Ok(_) => Err(page.unexpected()),
        Err(Fault::Node(failure)) if failure.kind == FailureKind::BadInput => {
            let again = export_page(page, id, typed, Some(failure)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
        Err(fault) => Err(fault),
    }
}

/// The files as one to download. Its name says which case, by an id that means nothing elsewhere.
fn download(files: &[ExportedFile]) -> Option<Response> {
    let name = files.first().and_then(|file| file.name.split(['-', '.']).next()).unwrap_or("case");
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let head = [
        ("content-type", "application/zip".to_owned()),
        ("content-disposition", format!("attachment; filename=\"case-{plain}.zip\"")),
    ];
    Some((head, packed(files)?).into_response())
}

/// As they are, one behind the other: a copy of Automerge's own bytes is small already.
fn packed(files: &[ExportedFile]) -> Option<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for file in files {
        zip.start_file(file.name.as_str(), plain).ok()?;
        zip.write_all(file.bytes.reveal()).ok()?;
    }
    zip.finish().ok().map(Cursor::into_inner)
}

/// Everything that stands, with offices and dates, sheet by sheet.
pub(super) async fn paper(page: Page, Path(path): Path<InCase>, Query(asked): Query<Asked>) -> Response {
    let shown = async {
        let loaded = Loaded::load(&page, &path.id, &asked).await?;
        let making = loaded.making(&page);
        let one = |at: usize| asked.circle.is_empty() || at == loaded.chosen;
        let sheets = loaded.case.sheets.iter().enumerate().filter(|(at, _)| one(*at));
        let sheets = sheets.map(|(at, named)| SheetPart { mark: format!("cs{at}"), ..making.sheet(named) });
        let sheets = sheets.collect();
        let head = head_part(&page, &loaded);
        let mut frame = page.frame(Here::Cases, page.t.say("case-print")).await?;
        frame.case = loaded.id();
        show(&PaperPage { frame, page: &page, id: loaded.id(), head, sheets, now: page.moment(&page.now()) })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

impl ExportPage<'_> {
    fn typed_value(&self, text: &Private<String>) -> Html {
        shown::value(text)
    }
}

impl PaperPage<'_> {
    fn head_html(&self) -> Html {
        piece(&self.head).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_holds_every_file_as_it_is() {
        let file = |name: &str, bytes: &[u8]| ExportedFile {
            name: name.into(),
            bytes: Private::new(bytes.to_vec()),
        };
        let packed =
            packed(&[file("a-families.json", b"{}\n"), file("a-families.automerge", &[7; 99])]).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(packed)).unwrap();
        let mut all = Vec::new();
        for at in 0..zip.len() {
            let mut one = zip.by_index(at).unwrap();
            let mut bytes = Vec::new();
            std::io::copy(&mut one, &mut bytes).unwrap();
            all.push((one.name().unwrap().into_owned(), bytes));
        }
        let wanted = [("a-families.json", b"{}\n".to_vec()), ("a-families.automerge", vec![7; 99])];
        assert_eq!(all, wanted.map(|(name, bytes)| (name.to_owned(), bytes)));
    }
}
