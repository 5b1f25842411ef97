//! The desk: pages for the people who work with cases, served by the node itself on this machine alone.
//!
//! Pages are made here, on the server: templates with every text from `texts/`, in the reader's language. Scripts in
//! the page only save keystrokes (`assets/desk.js`): they fetch parts of pages, keep them up to date, move the keyboard's
//! focus, and open a case in the page that stands there (`assets/open.js`). Nothing is fetched from anywhere else.
//!
//! Who may come in: a browser that was given a link with a one-time token (`session.rs`). Each request must name this
//! machine as its host, come from the desk's own pages, carry the session's cookie *and* stand under the session's
//! secret path (`guard.rs`); so neither a page from elsewhere, nor a name that was turned to this address, nor another
//! program that learned the cookie gets anything.
//!
//! Text that people wrote becomes HTML in one place (`shown.rs`); a template that forgets it prints `[private]`.

mod assets;
mod dates;
mod fault;
mod form;
mod guard;
mod handed;
mod news;
mod page;
mod pages;
mod routes;
mod session;
mod shown;
mod texts;

use crate::node::DeskWay;
use std::future::Future;
use std::net::TcpListener;
use std::pin::Pin;

/// Serves the desk until the node ends: a [`crate::node::DeskService`].
pub fn desk(way: DeskWay, socket: TcpListener) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let Ok(address) = socket.local_addr() else { return };
        let Ok(socket) = tokio::net::TcpListener::from_std(socket) else { return };
        let desk = session::Desk::new(way, address);
        // It ends with the runtime; a socket that fails is tried again by the server itself.
        let _ = axum::serve(socket, routes::all(desk)).await;
    })
}
