//! The check: every segment verified, every cache rebuilt beside the old one and compared.

use super::failure::internal;
use super::running::Node;
use super::{Answer, Failure};

pub(super) fn answer(_node: &Node, _on: &mut dyn FnMut(Answer)) -> Result<Answer, Failure> {
    Err(internal("not built"))
}
